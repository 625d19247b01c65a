using System.Text.Json;
using Crm.Data;
using Crm.Tests.Records;

namespace Crm.Tests.Rules;

/// <summary>Random records with everything that databases and .NET like to see differently.</summary>
internal static class ConditionRows
{
    public static readonly string[] Snippets = ["\"a\"", "\"E\"", "\"\"", "\"\u0301\"", "\"ss\"", "\"s\"", "\"%\"", "\"_\"", "\"客\"", "\"\\ud83d\\ude00\"", "\"'\"", "\"fi\"", "\" \""];

    private static readonly string[] Texts =
    [
        "Acme", "acme", "ACMÉ", "acme\u0301", "Ångström", "angstrom", "Straße", "STRASSE", "ẞ", "ﬁne", "fine", "İstanbul", "istanbul", "ılık", "Σίσυφος", "σισυφοσ", "客户", "客户管理", "😀", "😀😁", "\uE000", "\uFFFD", "\u0301",
        "%", "a_b", "a'b\"c", "z z", "Z", "한국", "ＡＢＣ", "abc", "ǅ", "\u00AD", "e\u0301e",
    ];

    private static readonly string[] Integers = ["-9223372036854775808", "9223372036854775807", "9007199254740993", "-1", "0", "1", "2", "3", "100"];

    private static readonly string[] Decimals = ["-1", "-0.01", "0", "0.01", "0.1", "0.10", "1", "1.5", "2", "100", "99.99", "33.33"];

    private static readonly string[] Days = ["1969-12-31", "2024-02-29", "2025-12-31", "2026-01-01", "2026-02-28", "2026-03-11", "2026-03-16", "2026-03-17", "2026-03-18", "2026-03-19", "2026-03-22", "2026-03-31", "2026-04-01", "9999-12-31"];

    private static readonly string[] Moments =
    [
        "1969-12-31T23:59:59.999999Z", "2026-01-01T00:00:00Z", "2026-03-17T15:59:59.999999Z", "2026-03-17T16:00:00Z", "2026-03-18T03:59:59Z", "2026-03-18T04:00:00Z", "2026-03-18T14:30:00Z", "2026-03-18T14:30:00.000001Z",
        "2026-03-18T22:30:00+08:00", "2026-03-19T00:00:00Z", "2026-03-29T01:30:00+01:00", "2025-03-18T14:30:00Z",
    ];

    public static IReadOnlyList<Guid> People { get; } = [FieldTypeSamples.TargetId(1), FieldTypeSamples.TargetId(2), FieldTypeSamples.TargetId(3)];

    /// <summary>A person and a unit of the same id are different things.</summary>
    private static string[] Pointers => [.. People.SelectMany(id => new[] { Pointer("user", id), Pointer("unit", id) })];

    public static string Fields => """
        {"name": "name", "type": "text"}, {"name": "notes", "type": "longText"}, {"name": "mail", "type": "email"},
        {"name": "stage", "type": "choice", "options": [{"value": "open"}, {"value": "Won"}, {"value": "lost"}]},
        {"name": "size", "type": "integer"}, {"name": "rate", "type": "decimal", "scale": 2}, {"name": "share", "type": "percent"}, {"name": "fine", "type": "decimal", "scale": 9},
        {"name": "price", "type": "money"}, {"name": "active", "type": "boolean"}, {"name": "day", "type": "date"}, {"name": "until", "type": "date"}, {"name": "moment", "type": "dateTime"},
        {"name": "parent", "type": "lookup", "target": "thing", "onDelete": "clear"}, {"name": "about", "type": "anyLookup", "targets": ["user", "unit"]}, {"name": "other", "type": "anyLookup"}
        """;

    /// <summary>What conditions compare a kind of field with: what records hold, and a little that they cannot hold.</summary>
    public static IEnumerable<string> Pool(string kind) => kind switch
    {
        "text" => Texts.Append("nobody@example.com").Append("").Select(t => JsonSerializer.Serialize(t)),
        "choice" => ["\"open\"", "\"Won\"", "\"won\"", "\"lost\""],
        "integer" => Integers,
        "decimal" => Decimals.Append("0.001").Append("0.015").Append("1e20").Append("-1e25").Append("0.0000000001"),
        "money" => Decimals.Append("0.00001").Append("922337203685478"),
        "boolean" => ["true", "false"],
        "date" => Days.Select(d => $"\"{d}\""),
        "moment" => Moments.Select(m => $"\"{m}\""),
        "any" => Pointers.Append(Pointer("user", SequentialIds.Unknown)),
        _ => People.Select(p => $"\"{p}\"").Append($"\"{SequentialIds.Unknown}\""),
    };

    public static async Task<(TestStore Store, List<Record> Records)> FillAsync(int seed, int count)
    {
        var store = await TestStore.OpenAsync("thing", Fields);
        await store.WriteAsync(atomic: true, [.. People.Select((id, i) => store.Creation("unit", $$"""{"name": "Unit {{i}}"}""", id))]);
        await store.WriteAsync(atomic: true, [.. People.Select((id, i) => store.Creation("user", $$"""{"name": "{{new[] { "Ada", "ada", "Łukasz" }[i]}}", "unit": "{{People[2 - i]}}"}""", id))]);
        var dice = new Random(seed);
        var changes = new List<RecordChange>();
        for (var i = 0; i < count; i++)
        {
            var json = new List<string>();
            Add("name", Texts);
            Add("notes", Texts);
            Add("mail", ["a@example.com", "A@example.com", "b@example.org", "nobody@example.com"]);
            Add("stage", ["open", "Won", "lost"]);
            Add("size", Integers, quoted: false);
            Add("rate", Decimals, quoted: false);
            Add("share", Decimals, quoted: false);
            Add("fine", Decimals, quoted: false);
            Add("price", Decimals, quoted: false);
            Add("active", ["true", "false"], quoted: false);
            Add("day", Days);
            Add("until", Days);
            Add("moment", Moments);
            Add("owner", [.. People.Select(p => p.ToString())]);
            Add("unit", [.. People.Select(p => p.ToString())]);
            Add("parent", [.. changes.Select(c => c.Id.ToString())]);
            Add("about", Pointers, quoted: false);
            Add("other", [.. Pointers, .. changes.Take(3).Select(c => Pointer("thing", c.Id))], quoted: false);
            changes.Add(store.Creation("thing", $"{{{string.Join(", ", json)}}}", store.Ids.Next()));

            void Add(string field, string[] pool, bool quoted = true)
            {
                if (pool.Length > 0 && dice.Next(4) > 0)
                {
                    var value = pool[dice.Next(pool.Length)];
                    json.Add($"\"{field}\": {(quoted ? JsonSerializer.Serialize(value) : value)}");
                }
            }
        }
        await store.WriteAsync(atomic: true, [.. changes]);
        return (store, [.. changes.Select(c => c.After!)]);
    }

    private static string Pointer(string entity, Guid id) => $$"""{"entity": "{{entity}}", "id": "{{id}}"}""";
}
