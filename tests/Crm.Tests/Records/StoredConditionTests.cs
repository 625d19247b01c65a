using Crm.Data;
using Crm.Rules;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>Records that hold a condition: which other records belong to them.</summary>
public sealed class StoredConditionTests
{
    [Theory]
    [InlineData("""{"name": "a", "over": "shop", "who": {"field": "size", "op": "gt", "value": 3}}""", null)]
    [InlineData("""{"name": "a", "over": "person", "who": {"field": "shop.size", "op": "gt", "value": 3}}""", null)]
    [InlineData("""{"name": "a", "over": "person", "who": {"field": "size", "op": "gt", "value": 3}}""", "condition.field")]
    [InlineData("""{"name": "a", "over": "shop", "who": {"field": "size", "op": "like", "value": 3}}""", "condition.operator")]
    [InlineData("""{"name": "a", "who": {"field": "size", "op": "gt", "value": 3}}""", "condition.over")]
    [InlineData("""{"name": "a", "large": {"field": "name", "op": "gt"}}""", "condition.value")]
    public async Task A_condition_must_be_one_over_the_entity_that_it_is_meant_for(string json, string? refusal)
    {
        await using var store = await OpenAsync();

        if (refusal is null)
        {
            (await store.CreateAsync("list", json)).Version.ShouldBe(1);
            return;
        }
        var problem = (await Should.ThrowAsync<ProblemException>(() => store.CreateAsync("list", json))).Problems.ShouldHaveSingleItem();
        problem.Code.ShouldBe(refusal);
        problem.Field.ShouldBe(json.Contains("large", StringComparison.Ordinal) ? "large" : "who");
    }

    [Fact]
    public async Task A_condition_does_not_stay_when_the_record_turns_to_another_entity()
    {
        await using var store = await OpenAsync();
        var list = await store.CreateAsync("list", """{"name": "a", "over": "shop", "who": {"field": "size", "op": "gt", "value": 3}}""");

        var refused = await Should.ThrowAsync<ProblemException>(() => store.UpdateAsync(list, """{"over": "person"}"""));

        refused.Problems.ShouldHaveSingleItem().Code.ShouldBe("condition.field");
        (await store.UpdateAsync(list, """{"over": "person", "who": {"field": "name", "op": "eq", "value": "x"}}""")).Version.ShouldBe(2);
    }

    [Fact]
    public async Task A_stored_condition_finds_the_records_that_belong()
    {
        await using var store = await OpenAsync();
        var list = await store.CreateAsync("list", """{"name": "a", "over": "shop", "who": {"field": "size", "op": "gt", "value": 3}}""");
        await store.CreateAsync("shop", """{"name": "small", "size": 3}""");
        await store.CreateAsync("shop", """{"name": "large", "size": 4}""");

        var over = StoredConditions.EntityOf(store["list"]["who"], list, store.Model)!;
        var members = await store.QueryAsync(new RecordQuery(over) { Filter = StoredConditions.Read((Crm.Metadata.JsonContent)list["who"]!, over), Fields = [over.Resolve("name")!] });

        over.Name.ShouldBe("shop");
        members.Items.ShouldHaveSingleItem()[0].ShouldBe("large");
    }

    private static Task<TestStore> OpenAsync() => TestStore.OpenAsync(folder => folder
        .WithEntity("shop", """{"name": "name", "type": "text"}, {"name": "size", "type": "integer"}""")
        .WithEntity("person", """{"name": "name", "type": "text"}, {"name": "shop", "type": "lookup", "target": "shop", "onDelete": "clear"}""")
        .WithEntity("list", """
            {"name": "name", "type": "text"}, {"name": "over", "type": "choice", "options": [{"value": "shop"}, {"value": "person"}]},
            {"name": "who", "type": "json", "conditionOverField": "over"}, {"name": "large", "type": "json", "conditionOver": "shop"}
            """));
}
