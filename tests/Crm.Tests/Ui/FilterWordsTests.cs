using Crm.Rules;
using Crm.Ui.Filters;
using Shouldly;
using Xunit;

namespace Crm.Tests.Ui;

/// <summary>What a filter's chip says.</summary>
public sealed class FilterWordsTests
{
    [Theory]
    [InlineData("""{"field":"stage","op":"in","value":["won","lost"]}""", "Stage is Won, Lost", "销售阶段 是 赢单、输单")]
    [InlineData("""{"field":"stage","op":"isNull"}""", "Stage is empty", "销售阶段 为空")]
    [InlineData("""{"field":"amount","op":"ge","value":1500}""", "Amount is at least 1,500 USD", "金额 大于等于 1,500 USD")]
    [InlineData("""{"field":"close_date","op":"within","value":"thisMonth"}""", "Close date is this month", "结单日期 在 本月")]
    [InlineData("""{"field":"close_date","op":"within","value":"last45days"}""", "Close date is in the last 45 days", "结单日期 在 过去 45 天内")]
    [InlineData("""{"field":"owner","op":"eq","value":{"var":"me"}}""", "Owner is me", "负责人 是 我")]
    [InlineData("""{"field":"customer.city","op":"contains","value":"Lyon"}""", "Customer · City contains Lyon", "客户 · 城市 包含 Lyon")]
    [InlineData("""{"field":"amount","op":"between","value":[1,2]}""", "Amount is between 1 USD and 2 USD", "金额 介于 1 USD 至 2 USD")]
    [InlineData("""{"any":[{"field":"stage","op":"eq","value":"won"},{"field":"probability","op":"eq","value":100}]}""", "Stage is Won or Probability is 100 %", "销售阶段 是 赢单 或 赢单概率 等于 100 %")]
    [InlineData("""{"not":{"field":"stage","op":"eq","value":"won"}}""", "not (Stage is Won)", "非（销售阶段 是 赢单）")]
    public async Task A_condition_is_said_in_the_persons_language(string json, string english, string chinese)
    {
        await using var screen = await Screen.OpenAsync();
        var condition = ConditionReader.Read(json, screen["opportunity"]);

        Screen.Speak("en");
        (await screen.Service<FilterWords>().DescribeAsync(condition, TestContext.Current.CancellationToken)).ShouldBe(english);
        Screen.Speak("zh-CN");
        (await screen.Service<FilterWords>().DescribeAsync(condition, TestContext.Current.CancellationToken)).ShouldBe(chinese);
    }

    [Fact]
    public async Task A_record_is_called_by_its_title()
    {
        Screen.Speak("en");
        await using var screen = await Screen.OpenAsync();
        var customer = await screen.Data.CreateAsync("customer", """{"name":"Altamira Foods"}""");
        var condition = ConditionReader.Read($$"""{"field":"customer","op":"eq","value":"{{customer.Id}}"}""", screen["opportunity"]);

        (await screen.Service<FilterWords>().DescribeAsync(condition, TestContext.Current.CancellationToken)).ShouldBe("Customer is Altamira Foods");
    }

    [Theory]
    [InlineData("""{"field":"stage","op":"in","value":["won","lost"]}""")]
    [InlineData("""{"all":[{"field":"amount","op":"ge","value":{"amount":"1500.00","currency":"USD"}},{"not":{"field":"name","op":"contains","value":"内存 \"x\""}}]}""")]
    [InlineData("""{"any":[{"field":"owner","op":"eq","value":{"var":"me"}},{"field":"close_date","op":"within","value":"next30days"},{"field":"contact","op":"isNull"}]}""")]
    [InlineData("""{"field":"created_at","op":"le","value":{"field":"updated_at"}}""")]
    public async Task A_condition_survives_the_way_through_an_address(string json)
    {
        await using var screen = await Screen.OpenAsync();

        var written = ConditionWriter.Write(ConditionReader.Read(json, screen["opportunity"]));

        written.ShouldBe(json);
    }
}
