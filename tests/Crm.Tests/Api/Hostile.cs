using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Crm.Tests.Api;

/// <summary>Input that nobody sends by mistake, made from a seed: broken JSON, values of the wrong kind, texts that are meant to do harm.</summary>
internal sealed class Hostile(int seed)
{
    public static readonly string[] Texts =
    [
        "' OR 1=1 --", "\"; DROP TABLE \"customer\"; --", "x'); DELETE FROM _audit; --", "%", "_", "\\", "$1", "{0}", "{{}}", "<script>alert(1)</script>", "../../etc/passwd", "\0", "\u0001\u001f", "\r\nSet-Cookie: a=b", "\uFFFE", "\uFEFF",
        "\u202Eabc", "😀", "e\u0301\u0301\u0301", "ﷺ", "", " ", "null", "true", "NaN", "1e999", "-0", "0x1", "９", "2026-02-30", "9999-12-31T23:59:59.9999999+14:00", "0190aaaa-bbbb-7ccc-8ddd-000000000001", "customer.name", "parent.parent.parent.parent.parent.parent.name",
        "owner", "id", "created_at", ".", "..", ",", "-", "--name", "[]", "{}", new('a', 300), new('(', 200),
    ];

    private static readonly string[] Numbers = ["0", "-0", "-1", "1.5", "1e10", "1e308", "1e999", "-1e999", "123456789012345678901234567890", "0.00000000000000000000000000000001", "9223372036854775808", "1E-400"];

    private static readonly string[] Words =
    [
        "name", "status", "annual_revenue", "employees", "parent", "owner", "unit", "id", "version", "deleted_at", "website", "email", "phone", "description", "groupBy", "measures", "filter", "sort", "limit", "field", "op", "value", "fn", "as", "by", "all", "any", "not",
        "create", "update", "upsert", "delete", "key", "items", "atomic", "var", "amount", "currency", "eq", "in", "contains", "between", "within", "sum", "count", "month", "__proto__", "$type", "NAME", "name ",
    ];

    private readonly Random _dice = new(seed);

    public string Text() => _dice.Next(4) == 0 ? Word() : Texts[_dice.Next(Texts.Length)];

    public string Word() => Words[_dice.Next(Words.Length)];

    /// <summary>JSON of any shape, sometimes hardly JSON at all.</summary>
    public byte[] Body()
    {
        var json = Value(4);
        return _dice.Next(12) switch
        {
            0 => Encoding.UTF8.GetBytes(json)[..^1],
            1 => Encoding.UTF8.GetBytes(json + json),
            2 => [.. Encoding.UTF8.GetBytes(json), 0xC3, 0x28],
            3 => Encoding.Unicode.GetBytes(json),
            4 => Encoding.UTF8.GetBytes(new string('[', 70) + new string(']', 70)),
            5 => Encoding.UTF8.GetBytes("{\"all\":" + new string('[', 60) + new string(']', 60) + "}"),
            _ => Encoding.UTF8.GetBytes(json),
        };
    }

    /// <summary>An object that looks like the request, with something wrong somewhere.</summary>
    public string Like(string request)
    {
        if (_dice.Next(2) == 0)
        {
            return WithOtherValue(request);
        }
        var at = _dice.Next(request.Length);
        return _dice.Next(6) switch
        {
            0 => request.Remove(at, Math.Min(_dice.Next(1, 5), request.Length - at)),
            1 => request.Insert(at, Text()),
            2 => request.Insert(at, Value(2)),
            3 => request.Replace("\"" + Word() + "\"", Value(1), StringComparison.Ordinal),
            4 => request[..at] + request[_dice.Next(request.Length)..],
            _ => request.Insert(Math.Min(1, request.Length), $"\"{Word()}\": {Value(2)}, "),
        };
    }

    /// <summary>Sound JSON in which one value, anywhere, is another.</summary>
    private string WithOtherValue(string request)
    {
        const string Mark = "the value to be replaced";
        var root = JsonNode.Parse(request)!;
        var places = Places(root).ToList();
        places[_dice.Next(places.Count)](Mark);
        return root.ToJsonString().Replace($"\"{Mark}\"", Value(2), StringComparison.Ordinal);
    }

    private static IEnumerable<Action<string>> Places(JsonNode? node) => node switch
    {
        JsonObject members => members.ToList().SelectMany(m => Places(m.Value).Prepend(mark => members[m.Key] = mark)),
        JsonArray items => Enumerable.Range(0, items.Count).SelectMany(i => Places(items[i]).Prepend(mark => items[i] = mark)),
        _ => [],
    };

    public string Value(int depth) => _dice.Next(depth > 0 ? 9 : 6) switch
    {
        0 => Numbers[_dice.Next(Numbers.Length)],
        1 => _dice.Next(2) == 0 ? "true" : "null",
        2 => "\"\\ud800\"",
        3 => "\"\\u0000\"",
        4 or 5 => JsonSerializer.Serialize(Text()),
        6 => $"[{string.Join(',', Enumerable.Range(0, _dice.Next(4)).Select(_ => Value(depth - 1)))}]",
        _ => $"{{{string.Join(',', Enumerable.Range(0, _dice.Next(4)).Select(_ => $"{Name()}: {Value(depth - 1)}"))}}}",
    };

    private string Name() => _dice.Next(20) switch { 0 => "\"\\udc00\"", 1 => JsonSerializer.Serialize(Text()), _ => $"\"{Word()}\"" };
}
