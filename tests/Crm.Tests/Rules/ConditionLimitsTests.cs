using Crm.Rules;
using Crm.Tests.Metadata;
using Crm.Tests.Records;
using Shouldly;
using Xunit;

namespace Crm.Tests.Rules;

/// <summary>Whatever is accepted as a condition, the database can run; what it could not run is refused before.</summary>
public sealed class ConditionLimitsTests
{
    [Theory]
    [InlineData("price")]
    [InlineData("name")]
    [InlineData("size")]
    public async Task The_longest_list_of_values_is_answered(string field)
    {
        await using var store = await TestStore.OpenAsync("thing", """{"name": "name", "type": "text"}, {"name": "size", "type": "integer"}, {"name": "price", "type": "money"}""");
        await store.CreateAsync("thing", """{"name": "7", "size": 7, "price": 7}""");
        var values = string.Join(',', Enumerable.Range(0, ConditionReader.MaxValues).Select(i => field == "size" ? $"{i}" : $"\"{i}\""));

        (await store.NamesAsync("thing", $$"""{"field": "{{field}}", "op": "in", "value": [{{values}}]}""")).ShouldBe(["7"]);
        (await store.NamesAsync("thing", $$"""{"field": "{{field}}", "op": "notIn", "value": [{{values}}]}""")).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_widest_and_deepest_conditions_are_answered()
    {
        await using var store = await TestStore.OpenAsync("thing", """{"name": "name", "type": "text"}, {"name": "price", "type": "money"}""");
        await store.CreateAsync("thing", """{"name": "a", "price": 1}""");
        var wide = string.Join(',', Enumerable.Range(0, ConditionReader.MaxNodes - 2).Select(i => $$"""{"field": "price", "op": "between", "value": [{{i}}, {{i}}]}"""));
        var deep = string.Concat(Enumerable.Repeat("{\"not\": ", ConditionReader.MaxDepth)) + """{"field": "price", "op": "eq", "value": 1}""" + new string('}', ConditionReader.MaxDepth);

        (await store.NamesAsync("thing", $$"""{"any": [{{wide}}]}""")).ShouldBe(["a"]);
        (await store.NamesAsync("thing", "{\"not\": {\"any\": [" + wide + "]}}")).ShouldBeEmpty();
        (await store.NamesAsync("thing", deep)).ShouldBe(["a"]);
    }

    [Fact]
    public async Task Paths_into_more_records_than_the_database_joins_are_refused()
    {
        await using var store = await TestStore.OpenAsync(Shipped.Model);
        var steps = new[] { "owner", "manager", "created_by", "updated_by" };
        var paths = from a in steps from b in steps from c in steps from d in steps where a != "manager" select $"{a}.{b}.{c}.{d}.name";

        (await Refusal.OfAsync(() => store.QueryAsync("customer", fields: string.Join(',', paths.Take(120))))).ShouldBe(": path.tooMany");
        await store.QueryAsync("customer", fields: string.Join(',', paths.Take(30)));
    }
}
