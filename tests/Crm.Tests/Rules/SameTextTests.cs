using Crm.Data;
using Crm.Rules;
using Crm.Tests.Records;
using Shouldly;
using Xunit;

namespace Crm.Tests.Rules;

/// <summary>Texts that are the same but for case and accents, in memory and in the database.</summary>
public sealed class SameTextTests
{
    private const string Fields = """{"name": "name", "type": "text"}, {"name": "code", "type": "autonumber", "pattern": "N-{000}"}""";

    [Theory]
    [InlineData("name", new[] { "müller", "SMITH" }, new[] { "Muller", "MÜLLER", "smith" })]
    [InlineData("name", new[] { "mull" }, new string[0])]
    [InlineData("name", new string[0], new string[0])]
    [InlineData("code", new[] { "n-002", "N-9" }, new[] { "MÜLLER" })]
    public async Task A_text_is_one_of_several_but_for_case_and_accents(string field, string[] among, string[] expected)
    {
        await using var store = await TestStore.OpenAsync("item", Fields);
        foreach (var name in new[] { "\"Muller\"", "\"MÜLLER\"", "\"smith\"", "\"Mullers\"", "null" })
        {
            await store.CreateAsync("item", $$"""{"name": {{name}}}""");
        }
        var condition = new SameText(new([store["item"][field]]), among);

        (await NamesAsync(condition)).ShouldBe(expected, ignoreOrder: true);
        (await NamesAsync(new Not(condition))).Length.ShouldBe(5 - expected.Length);
        foreach (var row in (await store.QueryAsync(new RecordQuery(store["item"]) { Fields = [store["item"].Resolve("name")!, store["item"].Resolve("code")!] })).Items)
        {
            ConditionEvaluator.Holds(condition, path => path.Field.Name == "name" ? row[0] : row[1], Actor.Platform.ScopeAt(store.Clock.GetUtcNow())).ShouldBe(row[0] is string name && expected.Contains(name));
        }

        async Task<string[]> NamesAsync(Condition filter) => [.. (await store.QueryAsync(new RecordQuery(store["item"]) { Filter = filter, Fields = [store["item"].Resolve("name")!] })).Items.Select(r => (string?)r[0] ?? "")];
    }
}
