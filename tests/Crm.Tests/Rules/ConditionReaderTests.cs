using System.Text;
using System.Text.Json;
using Crm.Metadata;
using Crm.Rules;
using Crm.Tests.Databases;
using Crm.Tests.Metadata;
using Shouldly;
using Xunit;

namespace Crm.Tests.Rules;

/// <summary>A condition that cannot be understood is refused with the place at which it goes wrong.</summary>
[NoDatabase]
public sealed class ConditionReaderTests
{
    private static readonly Entity Opportunity = Shipped.Model["opportunity"];

    [Theory]
    [InlineData("", "filter: condition.json")]
    [InlineData("{", "filter: condition.json")]
    [InlineData("""{"all": [], "all": []}""", "filter: condition.json")]
    [InlineData("[]", "filter: condition.object")]
    [InlineData("null", "filter: condition.object")]
    [InlineData("\"x\"", "filter: condition.object")]
    [InlineData("{}", "filter.field: condition.field")]
    [InlineData("""{"all": {}}""", "filter.all: condition.list")]
    [InlineData("""{"all": [1]}""", "filter.all[0]: condition.object")]
    [InlineData("""{"any": [{"all": []}, {"not": []}]}""", "filter.any[1].not: condition.object")]
    [InlineData("""{"all": [], "any": []}""", "filter.all: condition.member")]
    [InlineData("""{"field": "name", "op": "eq", "value": "x", "more": 1}""", "filter.more: condition.member")]
    [InlineData("""{"op": "eq", "value": 1}""", "filter.field: condition.field")]
    [InlineData("""{"field": 1, "op": "eq", "value": 1}""", "filter.field: condition.field")]
    [InlineData("""{"field": "nothing", "op": "eq", "value": 1}""", "filter.field: condition.field")]
    [InlineData("""{"field": "name.x", "op": "eq", "value": 1}""", "filter.field: condition.field")]
    [InlineData("""{"field": "customer.parent.parent.parent.parent.parent.name", "op": "eq", "value": "x"}""", "filter.field: condition.field")]
    [InlineData("""{"field": "", "op": "eq", "value": 1}""", "filter.field: condition.field")]
    [InlineData("""{"field": "name"}""", "filter.op: condition.operator")]
    [InlineData("""{"field": "name", "op": "EQ", "value": "x"}""", "filter.op: condition.operator")]
    [InlineData("""{"field": "name", "op": "like", "value": "x"}""", "filter.op: condition.operator")]
    [InlineData("""{"field": "amount", "op": "contains", "value": "x"}""", "filter.op: condition.operator")]
    [InlineData("""{"field": "stage", "op": "lt", "value": "won"}""", "filter.op: condition.operator")]
    [InlineData("""{"field": "name", "op": "eq"}""", "filter.value: condition.value")]
    [InlineData("""{"field": "name", "op": "eq", "value": 5}""", "filter.value: value.text")]
    [InlineData("""{"field": "name", "op": "eq", "value": "a\u0000"}""", "filter.value: value.controlCharacters")]
    [InlineData("""{"field": "stage", "op": "eq", "value": "\u0000"}""", "filter.value: value.controlCharacters")]
    [InlineData("""{"field": "amount", "op": "eq", "value": {"amount": 1, "currency": "\u0000"}}""", "filter.value: value.controlCharacters")]
    [InlineData("""{"field": "amount.currency", "op": "in", "value": ["EUR", "\u0000"]}""", "filter.value[1]: value.controlCharacters")]
    [InlineData("""{"field": "customer.billing_address.country", "op": "eq", "value": "\u0000"}""", "filter.value: value.controlCharacters")]
    [InlineData("""{"field": "amount", "op": "gt", "value": "much"}""", "filter.value: value.money")]
    [InlineData("""{"field": "close_date", "op": "eq", "value": "tomorrow"}""", "filter.value: value.date")]
    [InlineData("""{"field": "created_at", "op": "lt", "value": "2026-01-01"}""", "filter.value: value.dateTime")]
    [InlineData("""{"field": "customer", "op": "eq", "value": "Acme"}""", "filter.value: value.lookup")]
    [InlineData("""{"field": "stage", "op": "in", "value": "won"}""", "filter.value: condition.values")]
    [InlineData("""{"field": "stage", "op": "in", "value": ["won", 1]}""", "filter.value[1]: value.text")]
    [InlineData("""{"field": "amount", "op": "between", "value": [1]}""", "filter.value: condition.between")]
    [InlineData("""{"field": "amount", "op": "between", "value": 1}""", "filter.value: condition.between")]
    [InlineData("""{"field": "amount", "op": "between", "value": [1, "x"]}""", "filter.value[1]: value.money")]
    [InlineData("""{"field": "close_date", "op": "within", "value": "someday"}""", "filter.value: condition.span")]
    [InlineData("""{"field": "close_date", "op": "within"}""", "filter.value: condition.span")]
    [InlineData("""{"field": "owner", "op": "eq", "value": {"var": "you"}}""", "filter.value.var: condition.variable")]
    [InlineData("""{"field": "owner", "op": "eq", "value": {"var": 1}}""", "filter.value.var: condition.variable")]
    [InlineData("""{"field": "owner", "op": "eq", "value": {"var": "today"}}""", "filter.value.var: condition.variable")]
    [InlineData("""{"field": "name", "op": "eq", "value": {"var": "me"}}""", "filter.value.var: condition.variable")]
    [InlineData("""{"field": "name", "op": "eq", "value": {"field": "amount"}}""", "filter.value.field: condition.field")]
    [InlineData("""{"field": "name", "op": "eq", "value": {"field": "nothing"}}""", "filter.value.field: condition.field")]
    [InlineData("""{"field": "name", "op": "contains", "value": {"field": "stage"}}""", "filter.value.field: condition.field")]
    [InlineData("""{"field": "name", "op": "lt", "value": {"field": "stage"}}""", "filter.value.field: condition.field")]
    [InlineData("""{"field": "name", "op": "eq", "value": "\ud83d"}""", "filter: value.brokenUnicode")]
    [InlineData("""{"\udc00": 1}""", "filter: value.brokenUnicode")]
    [InlineData("""{"all": [{"field": "name", "op": "eq", "value": "x"}, {"not": {"field": "name", "op": "in", "value": ["a", false]}}]}""", "filter.all[1].not.value[1]: value.text")]
    [InlineData("""{"field": "owner", "op": "eq", "value": {"var": "myTeams"}}""", "filter.value.var: condition.variable")]
    [InlineData("""{"field": "name", "op": "in", "value": {"var": "mySubordinates"}}""", "filter.value.var: condition.variable")]
    [InlineData("""{"field": "close_date", "op": "between", "value": [{"var": "today"}, {"var": "me"}]}""", "filter.value[1].var: condition.variable")]
    [InlineData("""{"field": "close_date", "op": "within", "value": "last12hours"}""", "filter.value: condition.span")]
    [InlineData("""{"field": "lead", "op": "under", "value": "0190aaaa-bbbb-7ccc-8ddd-000000000001"}""", "filter.op: condition.operator")]
    [InlineData("""{"field": "customer", "op": "matches", "value": "x"}""", "filter.op: condition.operator")]
    public void A_broken_condition_is_refused_with_its_place(string json, string problem) =>
        Should.Throw<ProblemException>(() => ConditionReader.Read(json, Opportunity)).Message.ShouldBe(problem);

    [Fact]
    public void A_condition_that_is_too_deep_or_too_large_is_refused()
    {
        var leaf = """{"field": "name", "op": "isNull"}""";
        var deep = new StringBuilder().Insert(0, "{\"not\":", ConditionReader.MaxDepth + 1).Append(leaf).Append('}', ConditionReader.MaxDepth + 1).ToString();
        var wide = $$"""{"any": [{{string.Join(',', Enumerable.Repeat(leaf, ConditionReader.MaxNodes))}}]}""";
        var values = $$"""{"field": "name", "op": "in", "value": [{{string.Join(',', Enumerable.Range(0, ConditionReader.MaxValues / 2).Select(i => $"\"{i}\""))}}]}""";

        Code(deep).ShouldBe("condition.tooLarge");
        Code(wide).ShouldBe("condition.tooLarge");
        Code($$"""{"any": [{{values}}, {{values}}, {{values}}]}""").ShouldBe("condition.tooLarge");
        Should.NotThrow(() => ConditionReader.Read($$"""{"any": [{{values}}, {{values}}]}""", Opportunity));
    }

    [Theory]
    [InlineData("""{"field": "name", "op": "eq", "value": null}""", ConditionOperator.IsNull)]
    [InlineData("""{"field": "name", "op": "eq", "value": ""}""", ConditionOperator.IsNull)]
    [InlineData("""{"field": "name", "op": "ne", "value": null}""", ConditionOperator.NotNull)]
    [InlineData("""{"field": "name", "op": "contains", "value": ""}""", ConditionOperator.NotNull)]
    [InlineData("""{"field": "stage", "op": "eq", "value": ""}""", ConditionOperator.IsNull)]
    public void Nothing_to_compare_with_asks_for_emptiness(string json, ConditionOperator meaning) =>
        ConditionReader.Read(json, Opportunity).ShouldBeOfType<Comparison>().Operator.ShouldBe(meaning);

    [Theory]
    [InlineData("""{"field": "name", "op": "eq", "value": {"expression": "\"a\""}}""", "a")]
    [InlineData("""{"field": "name", "op": "in", "value": ["b", {"expression": "\"a\""}]}""", "b,a")]
    [InlineData("""{"field": "name", "op": "in", "value": {"expression": "[\"a\", \"b\"]"}}""", "a,b")]
    public void A_value_may_be_worked_out(string json, string values) =>
        string.Join(',', ConditionReader.Read(json, Opportunity, source => JsonElement.Parse(source)).ShouldBeOfType<Comparison>().Operand.ShouldBeOfType<Constants>().Values).ShouldBe(values);

    [Theory]
    [InlineData("""{"field": "name", "op": "eq", "value": {"expression": "{\"field\": \"stage\"}"}}""", "filter.value: value.text")]
    [InlineData("""{"field": "owner", "op": "in", "value": {"expression": "{\"var\": \"myTeams\"}"}}""", "filter.value: condition.values")]
    [InlineData("""{"field": "name", "op": "in", "value": [{"expression": "{\"expression\": \"1\"}"}]}""", "filter.value[0]: value.text")]
    public void In_what_is_worked_out_no_name_means_anything(string json, string problem) =>
        Should.Throw<ProblemException>(() => ConditionReader.Read(json, Opportunity, source => JsonElement.Parse(source))).Message.ShouldBe(problem);

    [Fact]
    public void Where_nothing_is_worked_out_an_expression_is_no_value() =>
        Should.Throw<ProblemException>(() => ConditionReader.Read("""{"field": "name", "op": "eq", "value": {"expression": "1"}}""", Opportunity)).Message.ShouldBe("filter.value: value.text");

    private static string Code(string json) => Should.Throw<ProblemException>(() => ConditionReader.Read(json, Opportunity)).Problems[0].Code;

    [Fact, NoDatabase]
    public void Every_operator_that_compares_has_a_description_and_the_reader_asks_for_what_it_says()
    {
        var compared = Enum.GetValues<ConditionOperator>().Except([ConditionOperator.Exists, ConditionOperator.NotExists]).ToList();

        compared.ShouldAllBe(op => Operators.Of(op) != null);
        Enum.GetValues<ConditionOperator>().Where(op => !Operators.TryFind(Operators.NameOf(op), out _)).ShouldBeEmpty();
        compared.Where(op => Operators.Of(op).Form == OperandForm.None).ShouldBe([ConditionOperator.IsNull, ConditionOperator.NotNull]);
    }
}
