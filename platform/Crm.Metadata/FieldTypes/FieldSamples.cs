using System.Text.Json;

namespace Crm.Metadata;

/// <summary>A field as it could stand in an entity, with values as the API takes them, edges included.</summary>
/// <param name="Type">The field type.</param>
/// <param name="Options">Further members of the field's definition, each with a comma before it.</param>
/// <param name="Values">JSON values; none for types whose values only the platform gives.</param>
public sealed record FieldSample(string Type, string Options, IReadOnlyList<string> Values)
{
    /// <summary>The definition of a field of the given name.</summary>
    public string Definition(string name) => $$"""{"name": "{{name}}", "type": "{{Type}}"{{Options}}}""";
}

/// <summary>What each field type is tried and shown with. Lookups point to the records <see cref="TargetId"/> of an entity "other", users and teams to such ids of theirs.</summary>
public static class FieldSamples
{
    private const string Dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

    private static readonly Dictionary<string, FieldSample> ByName = new(StringComparer.Ordinal)
    {
        ["text"] = Of("text", "", Text("Acme"), Text("acme"), Text("ÄÖÜ ß ﬁ"), Text("客户管理"), Text("😀 ok"), Text("a'b\"c;--%_\\"), Text("Ångström"), Text(new string('x', 255)), Text("tab\tin")),
        ["longText"] = Of("longText", "", Text("one\ntwo\r\nthree"), Text("  indented"), Text(new string('长', 20_000)), Text("x")),
        ["richText"] = Of("richText", "", Text("<p>Hello <b>world</b></p>"), Text("<h2>客户</h2><ul><li>one</li><li>two &amp; three</li></ul>"), Text("<p><a href=\"https://example.com/?a=1&amp;b=2\">link</a></p>"), Text("plain words")),
        ["markdown"] = Of("markdown", "", Text("# Title\n\n- one\n- two"), Text("**bold** and `code`"), Text("| a | b |\n|---|---|\n| 1 | 2 |"), Text("<b>not markup</b>")),
        ["email"] = Of("email", "", Text("a@b.co"), Text("Jürgen.Müller@example.com"), Text("name+tag@sub.example.org")),
        ["email:multiple"] = Of("email", ", \"multiple\": true", """["a@b.co"]""", """[{"value": "a@b.co", "kind": "work"}, {"value": "Ada@example.com", "kind": "private", "primary": true, "optedOut": true}]""", """[{"value": "bad@example.org", "invalid": true}]"""),
        ["phone"] = Of("phone", ", \"region\": \"US\"", Text("+49 30 1234567"), Text("(555) 010-9999 ext 5"), Text("110"), Text("+86 138 0013 8000")),
        ["phone:multiple"] = Of("phone", ", \"multiple\": true, \"region\": \"DE\"", """["030 1234567"]""", """[{"value": "+1 213 373 4253", "kind": "mobile"}, {"value": "110", "kind": "work"}]"""),
        ["url"] = Of("url", "", Text("https://example.com"), Text("http://example.com/a?b=c#d"), Text("https://例子.测试/路径")),
        ["url:multiple"] = Of("url", ", \"multiple\": true", """["https://example.com", {"value": "https://social.example/ada", "kind": "social"}]""", """["https://a.example/x,y"]"""),
        ["autonumber"] = Of("autonumber", ", \"pattern\": \"N-{0000}\""),
        ["barcode"] = Of("barcode", "", Text("ABC-123"), Text("~!@#$%"), Text("0")),
        ["barcode:ean13"] = Of("barcode", ", \"kind\": \"ean13\"", Text("4006381333931"), Text("590123412345")),
        ["barcode:qr"] = Of("barcode", ", \"kind\": \"qr\", \"maxLength\": 300", Text("https://example.com/客户"), Text("WIFI:S:guest;;")),
        ["integer"] = Of("integer", "", "0", "-1", "42", "9223372036854775807", "-9223372036854775808"),
        ["decimal"] = Of("decimal", ", \"scale\": 9", "0", "-0.000000001", "12.5", "9223372036", "-9223372035.999999999"),
        ["percent"] = Of("percent", "", "0", "33.3333", "100", "-5.5"),
        ["rating"] = Of("rating", "", "1", "3", "5"),
        ["money"] = Of("money", "", Amount("0"), Amount("12.5"), Amount("-1.2345"), Amount("922337203685477"), Amount("0.1"), Amount("12.5", "EUR"), Amount("100000", "JPY"), Amount("1.234", "KWD")),
        ["boolean"] = Of("boolean", "", "true", "false"),
        ["date"] = Of("date", "", Text("0001-01-01"), Text("1969-12-31"), Text("2024-02-29"), Text("9999-12-31")),
        ["dateTime"] = Of("dateTime", "", Text("0001-01-01T00:00:00Z"), Text("1969-12-31T23:59:59.999999Z"), Text("2026-03-29T02:30:00+01:00"), Text("9999-12-31T23:59:59.999999Z")),
        ["time"] = Of("time", "", Text("00:00:00"), Text("09:30"), Text("23:59:59")),
        ["duration"] = Of("duration", "", Text("PT0S"), Text("PT1H30M"), Text("PT45S"), Text("P3DT4H")),
        ["choice"] = Of("choice", ", \"options\": [{\"value\": \"a\"}, {\"value\": \"B\"}, {\"value\": \"ä c\"}]", Text("a"), Text("B"), Text("ä c")),
        ["multiChoice"] = Of("multiChoice", ", \"options\": [{\"value\": \"a\", \"label\": \"Small a\"}, {\"value\": \"A\", \"label\": \"Large A\"}, {\"value\": \"ä, c\", \"color\": \"#2756c5\"}]", """["a"]""", """["ä, c", "a"]""", """["A", "a"]"""),
        ["tags"] = Of("tags", "", """["vip"]""", """["VIP", "München"]""", """["munchen", "中国", "a b"]"""),
        ["color"] = Of("color", "", Text("#2756c5"), Text("#FFF"), Text("#000000")),
        ["lookup"] = Of("lookup", ", \"target\": \"other\"", Text(Target(1)), Text(Target(2))),
        ["file"] = Of("file", "", File(1)),
        ["files"] = Of("files", "", $"[{File(1)}]", $"[{File(2)}, {File(1)}]"),
        ["image"] = Of("image", "", File(3)),
        ["images"] = Of("images", "", $"[{File(3)}, {File(4)}]"),
        ["user"] = Of("user", "", Text(Target(1)), Text(Target(2))),
        ["team"] = Of("team", "", Text(Target(1)), Text(Target(2))),
        ["anyLookup"] = Of("anyLookup", ", \"targets\": [\"other\", \"user\"]", Pointer("other", 1), Pointer("other", 2), Pointer("user", 2)),
        ["address"] = Of("address", "", """{"street": "Hauptstr. 1\nHinterhaus", "postalCode": "10115", "city": "Berlin", "country": "DE"}""", """{"street": "1 Main St", "postalCode": "62701", "city": "Springfield", "region": "IL", "country": "US"}""", """{"postalCode": "100031", "city": "北京", "country": "CN"}""", """{"city": "Zürich"}"""),
        ["geo"] = Of("geo", "", """{"lat": 52.52, "lon": 13.405}""", """{"lat": -33.865143, "lon": 151.2099}""", """{"lat": 0, "lon": 0}"""),
        ["signature"] = Of("signature", "", $$"""{"image": "data:image/png;base64,{{Dot}}", "name": "Ada Lovelace", "at": "2026-03-18T14:30:00Z"}"""),
        ["json"] = Of("json", "", """{"b": [1, 2.50, {"x": null}], "a": "ä"}""", "[]", "\"text\"", "12345678901234567890", "true"),
        ["secret"] = Of("secret", "", Text("correct horse"), Text("密码 battery staple")),
    };

    /// <summary>The name of every sample: the type's, and for its further shapes the type's with a colon.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. ByName.Keys.Order(StringComparer.Ordinal)];

    /// <exception cref="KeyNotFoundException">There is none: a type is tried by having samples.</exception>
    public static FieldSample Find(string name) =>
        ByName.TryGetValue(name, out var sample) ? sample : throw new KeyNotFoundException($"The field type '{name}' has no samples: add some to {nameof(FieldSamples)}.");

    /// <summary>Lookups of the samples point to these records.</summary>
    public static Guid TargetId(int number) => Guid.Parse(Target(number));

    /// <summary>Files of the samples: texts, and from the third on pictures.</summary>
    public static Guid FileId(int number) => TargetId(100 + number);

    private static string File(int number) =>
        $$"""{"id": "{{FileId(number):D}}", "name": "{{(number > 2 ? $"picture {number}.png" : $"文件 {number}.txt")}}", "type": "{{(number > 2 ? "image/png" : "text/plain")}}", "size": {{number}}}""";

    private static FieldSample Of(string type, string options, params string[] values) => new(type, options, values);

    private static string Target(int number) => $"0190aaaa-bbbb-7ccc-8ddd-{number:x12}";

    private static string Pointer(string entity, int number) => $$"""{"entity": "{{entity}}", "id": "{{Target(number)}}"}""";

    private static string Text(string text) => JsonSerializer.Serialize(text);

    private static string Amount(string amount, string currency = "USD") => $$"""{"amount": "{{amount}}", "currency": "{{currency}}"}""";
}
