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
        "IŞIK", "ışık", "Işik", "ıI", "ﬀ", "ａｂｃ ＤＥＦ", "ｶﾞ", "ガ", "\U0001F469\u200D\U0001F4BB", "\U00010400", "\U00010428", "Đặng", "o\u0308\u0323", "o\u0323\u0308", "ПРИВЕТ", "привет", "ﷺ", "\u3000wide\u3000blank", "two words", "words two",
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

    /// <summary>Who owns a record may be a team as well.</summary>
    public static IReadOnlyList<Guid> Teams { get; } = [FieldTypeSamples.TargetId(4), FieldTypeSamples.TargetId(5)];

    /// <summary>A person and a unit of the same id are different things.</summary>
    private static string[] Pointers => [.. People.SelectMany(id => new[] { Pointer("user", id), Pointer("unit", id) })];

    /// <summary>The ids that records get, in order.</summary>
    public static IReadOnlyList<Guid> Things { get; } = [.. Enumerable.Range(1_000, 2_000).Select(FieldTypeSamples.TargetId)];

    private static readonly string[] Tags = ["vip", "VIP", "vip lounge", "München", "munchen", "中国"];

    private static readonly string[] Areas = ["a", "A", "ab", "b"];

    private static readonly string[] Phones = ["+49 30 1234567", "+12133734253", "110", "030 1234567", "+49301234568"];

    private static readonly string[] Mails = ["a@example.com", "A@example.com", "b@example.org", "ä@example.org"];

    private static readonly string[] Times = ["00:00:00", "09:30:00", "09:30:01", "23:59:59"];

    private static readonly string[] Durations = ["PT0S", "PT1S", "PT1H30M", "P1DT1H", "PT90M"];

    private static readonly string[] Cities = ["Berlin", "berlin", "Ärzen", "北京", "Bern"];

    private static readonly string[] Sums = ["1", "1.5", "0", "-1", "99.99"];

    public static string Fields => """
        {"name": "name", "type": "text"}, {"name": "notes", "type": "longText"}, {"name": "mail", "type": "email"},
        {"name": "stage", "type": "choice", "options": [{"value": "open"}, {"value": "Won"}, {"value": "lost"}]},
        {"name": "size", "type": "integer"}, {"name": "rate", "type": "decimal", "scale": 2}, {"name": "share", "type": "percent"}, {"name": "fine", "type": "decimal", "scale": 9},
        {"name": "price", "type": "money"}, {"name": "active", "type": "boolean"}, {"name": "day", "type": "date"}, {"name": "until", "type": "date"}, {"name": "moment", "type": "dateTime"},
        {"name": "tags", "type": "tags"}, {"name": "areas", "type": "multiChoice", "options": [{"value": "a"}, {"value": "A"}, {"value": "ab"}, {"value": "b"}]},
        {"name": "mails", "type": "email", "multiple": true}, {"name": "phone", "type": "phone", "region": "DE"}, {"name": "phones", "type": "phone", "multiple": true, "region": "DE"},
        {"name": "at", "type": "time"}, {"name": "spent", "type": "duration"}, {"name": "stars", "type": "rating"}, {"name": "ink", "type": "color"}, {"name": "code", "type": "barcode"},
        {"name": "home", "type": "address"}, {"name": "place", "type": "geo"}, {"name": "fee", "type": "money"}, {"name": "body", "type": "richText"}, {"name": "text", "type": "markdown"}, {"name": "data", "type": "json"},
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
        "tags" => Tags.Select(t => $"[\"{t}\"]").Append("""["vip", "München"]"""),
        "areas" => Areas.Select(t => $"[\"{t}\"]").Append("""["b", "a"]"""),
        "tags member" => Tags.Append("v").Select(t => JsonSerializer.Serialize(t)),
        "areas member" => Areas.Append("x").Select(t => JsonSerializer.Serialize(t)),
        "mails member" => Mails.Append("example").Append("@").Select(t => JsonSerializer.Serialize(t)),
        "phone" or "phones member" => Phones.Concat(["30", "+49", "030 12", "5", "(", "4567"]).Select(t => JsonSerializer.Serialize(t)),
        "time" => Times.Select(t => $"\"{t}\""),
        "duration" => Durations.Select(t => $"\"{t}\""),
        "rating" => ["1", "2", "5", "9"],
        "color" => ["\"#2756c5\"", "\"#2756C5\"", "\"#fff\""],
        "city" => Cities.Append("ber").Select(t => JsonSerializer.Serialize(t)),
        "country" or "currency" => ["\"DE\"", "\"de\"", "\"CN\"", "\"EUR\"", "\"USD\""],
        "fee" => Sums.Append("2.2").SelectMany(s => new[] { s, $$"""{"amount": "{{s}}", "currency": "EUR"}""" }),
        "fee order" => Sums.Append("1.1").Append("1.65").Append("0.00001"),
        "json" => ["[]", """{"b": 1, "a": 2}""", """{"a": 2, "b": 1}""", "1"],
        "date" => Days.Select(d => $"\"{d}\""),
        "moment" => Moments.Select(m => $"\"{m}\""),
        "any" => Pointers.Append(Pointer("user", SequentialIds.Unknown)),
        "owner" => Pool("user").Concat(Teams.Select(t => $"\"{t}\"")),
        "parent" => Things.Take(40).Append(SequentialIds.Unknown).Select(p => $"\"{p}\""),
        _ => People.Select(p => $"\"{p}\"").Append($"\"{SequentialIds.Unknown}\""),
    };

    public static async Task<(TestStore Store, List<Record> Records)> FillAsync(int seed, int count)
    {
        var store = await TestStore.OpenAsync(folder => folder.WithSurroundings().WithEntity("team", """{"name": "name", "type": "text"}""").WithEntity("thing", Fields));
        await store.CreateAsync("exchange_rate", """{"currency": "EUR", "date": "2000-01-01", "rate": 1.1}""");
        await store.WriteAsync(atomic: true, [.. People.Select((id, i) => store.Creation("unit", $$"""{"name": "Unit {{i}}"}""", id))]);
        await store.WriteAsync(atomic: true, [.. People.Select((id, i) => store.Creation("user", $$"""{"name": "{{new[] { "Ada", "ada", "Łukasz" }[i]}}", "unit": "{{People[2 - i]}}"}""", id))]);
        await store.WriteAsync(atomic: true, [.. Teams.Select((id, i) => store.Creation("team", $$"""{"name": "{{new[] { "Acme", "ADA" }[i]}}", "owner": "{{People[i]}}", "unit": "{{People[i]}}"}""", id))]);
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
            Add("owner", [.. People.Concat(Teams).Select(p => p.ToString())]);
            Add("unit", [.. People.Select(p => p.ToString())]);
            Add("tags", [.. Pool("tags")], quoted: false);
            Add("areas", [.. Pool("areas")], quoted: false);
            Add("mails", [.. Mails.Select(m => $"[\"{m}\", \"{Mails[dice.Next(Mails.Length)]}\"]")], quoted: false);
            Add("phone", Phones);
            Add("phones", [.. Phones.Select(p => $"[\"{p}\", \"{Phones[dice.Next(Phones.Length)]}\"]")], quoted: false);
            Add("at", Times);
            Add("spent", Durations);
            Add("stars", ["1", "2", "5"], quoted: false);
            Add("ink", ["#2756c5", "#FFF"]);
            Add("code", ["A-1", "a-1", "%"]);
            Add("home", [.. Cities.Select(c => $$"""{"city": "{{c}}", "country": "{{(dice.Next(2) == 0 ? "DE" : "CN")}}"}"""), """{"street": "Hauptstr. 1"}"""], quoted: false);
            Add("place", ["""{"lat": 52.5, "lon": 13.4}""", """{"lat": 0, "lon": -1.5}"""], quoted: false);
            Add("fee", [.. Sums.SelectMany(s => new[] { s, $$"""{"amount": "{{s}}", "currency": "EUR"}""" })], quoted: false);
            Add("body", ["<p>Acme <b>E</b></p>", "<p>ss</p>"]);
            Add("text", ["# Acme", "a_b"]);
            Add("data", [.. Pool("json")], quoted: false);
            Add("parent", [.. changes.Select(c => c.Id.ToString())]);
            Add("about", Pointers, quoted: false);
            Add("other", [.. Pointers, .. changes.Take(3).Select(c => Pointer("thing", c.Id))], quoted: false);
            changes.Add(store.Creation("thing", $"{{{string.Join(", ", json)}}}", Things[i]));

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
