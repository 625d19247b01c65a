using System.Text.Json;
using Crm.Data;
using Crm.Metadata;
using Crm.Tests.Records;

namespace Crm.Tests.Rules;

/// <summary>Things in a tree with lines, friends and lines that are about them: records that belong together in every way there is.</summary>
internal static class CollectionScenario
{
    private const int Things = 40;

    public static readonly string[] Names = ["Acme", "acme", "ACMÉ", "Straße", "客户", "a_b", ""];

    public static readonly string[] Days = ["2026-03-17", "2026-03-18", "2026-04-01"];

    public static Guid Thing(int number) => FieldTypeSamples.TargetId(1_000 + number);

    /// <summary>A store with forty things, their lines and friends; some of each lie in the recycle bin.</summary>
    public static async Task<(TestStore Store, List<Record> Live)> FillAsync(int seed)
    {
        var store = await TestStore.OpenAsync(folder => folder
            .WithEntity("thing", """
                {"name": "name", "type": "text"}, {"name": "size", "type": "integer"}, {"name": "parent", "type": "lookup", "target": "thing", "onDelete": "clear"},
                {"name": "lines", "type": "rows", "target": "line", "via": "thing"}, {"name": "friends", "type": "links", "target": "thing", "columns": [{"name": "role", "type": "text"}]}
                """)
            .WithEntity("line", """
                {"name": "thing", "type": "lookup", "target": "thing", "onDelete": "cascade"}, {"name": "name", "type": "text"}, {"name": "size", "type": "integer"}, {"name": "day", "type": "date"},
                {"name": "about", "type": "anyLookup", "targets": ["thing", "user"], "onDelete": "clear"}
                """));
        var dice = new Random(seed);
        var changes = new List<RecordChange>();
        for (var i = 0; i < Things; i++)
        {
            changes.Add(store.Creation("thing", Json(("name", Text()), ("size", Size()), ("parent", i == 0 || dice.Next(4) == 0 ? "null" : $"\"{Thing(dice.Next(i))}\"")), Thing(i)));
        }
        await store.WriteAsync(atomic: true, [.. changes]);
        var more = new List<RecordChange>();
        for (var i = 0; i < Things * 2; i++)
        {
            var about = dice.Next(2) == 0 ? "null" : $$"""{"entity": "thing", "id": "{{Thing(dice.Next(Things))}}"}""";
            more.Add(store.Creation("line", Json(("thing", $"\"{Thing(dice.Next(Things))}\""), ("name", Text()), ("size", Size()), ("day", $"\"{Days[dice.Next(Days.Length)]}\""), ("about", about))));
        }
        foreach (var change in changes)
        {
            var friends = Enumerable.Range(0, dice.Next(3)).Select(_ => dice.Next(Things)).Distinct().Select(n => $$"""{"id": "{{Thing(n)}}", "role": {{Text()}}}""");
            more.Add(RecordChange.Update(store["thing"], change.Id, store.Values("thing", $$"""{"friends": [{{string.Join(", ", friends)}}]}"""), null));
        }
        await store.WriteAsync(atomic: true, [.. more]);
        await store.WriteAsync(atomic: true, [.. changes.Where(c => dice.Next(10) == 0).Concat(more.Where(c => c.Kind == ChangeKind.Create && dice.Next(8) == 0)).Select(c => RecordChange.Delete(c.Entity, c.Id))]);
        var live = new List<Record>();
        foreach (var entity in new[] { store["thing"], store["line"], ((CollectionFieldType)store["thing"]["friends"].Type).Child })
        {
            foreach (var item in (await store.QueryAsync(new(entity) { Fields = [], Limit = 1000 })).Items)
            {
                live.Add(await store.Store.GetAsync(entity, item.Id, Actor.Platform));
            }
        }
        return (store, live);

        string Text() => dice.Next(4) == 0 ? "null" : JsonSerializer.Serialize(Names[dice.Next(Names.Length)]);

        string Size() => dice.Next(4) == 0 ? "null" : dice.Next(-1, 4).ToString(System.Globalization.CultureInfo.InvariantCulture);

        static string Json(params (string Name, string Value)[] members) => $"{{{string.Join(", ", members.Select(m => $"\"{m.Name}\": {m.Value}"))}}}";
    }
}
