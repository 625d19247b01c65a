using System.Text.Json;
using Crm.Metadata;

namespace Crm.Tests.Records;

/// <summary>
/// What each field type is tried with: the options that its field gets and values as the API takes them, edges included. A type that is
/// missing here fails the battery, so that a new one is tested by existing.
/// </summary>
internal static class FieldTypeSamples
{
    private static readonly string Long = new('x', 255);

    private static readonly Dictionary<string, (string Options, string[] Values)> ByType = new(StringComparer.Ordinal)
    {
        ["text"] = ("", [Text("Acme"), Text("acme"), Text("ÄÖÜ ß ﬁ"), Text("客户管理"), Text("😀 ok"), Text("a'b\"c;--%_\\"), Text("Ångström"), Text(Long), Text("tab\tin")]),
        ["longText"] = ("", [Text("one\ntwo\r\nthree"), Text("  indented"), Text(new string('长', 20_000)), Text("x")]),
        ["email"] = ("", [Text("a@b.co"), Text("Jürgen.Müller@example.com"), Text("name+tag@sub.example.org")]),
        ["phone"] = ("", [Text("+49 30 123456"), Text("(555) 010-9999 ext 5"), Text("110")]),
        ["url"] = ("", [Text("https://example.com"), Text("http://example.com/a?b=c#d"), Text("https://例子.测试/路径")]),
        ["autonumber"] = (", \"pattern\": \"N-{0000}\"", []),
        ["integer"] = ("", ["0", "-1", "42", "9223372036854775807", "-9223372036854775808"]),
        ["decimal"] = (", \"scale\": 9", ["0", "-0.000000001", "12.5", "9223372036", "-9223372035.999999999"]),
        ["percent"] = ("", ["0", "33.3333", "100", "-5.5"]),
        ["money"] = ("", [Amount("0"), Amount("12.5"), Amount("-1.2345"), Amount("922337203685477"), Amount("0.1")]),
        ["boolean"] = ("", ["true", "false"]),
        ["date"] = ("", [Text("0001-01-01"), Text("1969-12-31"), Text("2024-02-29"), Text("9999-12-31")]),
        ["dateTime"] = ("", [Text("0001-01-01T00:00:00Z"), Text("1969-12-31T23:59:59.999999Z"), Text("2026-03-29T02:30:00+01:00"), Text("9999-12-31T23:59:59.999999Z")]),
        ["choice"] = (", \"options\": [{\"value\": \"a\"}, {\"value\": \"B\"}, {\"value\": \"ä c\"}]", [Text("a"), Text("B"), Text("ä c")]),
        ["lookup"] = (", \"target\": \"other\"", [Text(Target(1)), Text(Target(2))]),
        ["file"] = ("", [File(1)]),
        ["files"] = ("", [$"[{File(1)}]", $"[{File(2)}, {File(1)}]"]),
        ["image"] = ("", [File(3)]),
        ["images"] = ("", [$"[{File(3)}, {File(4)}]"]),
        ["user"] = ("", [Text(Target(1)), Text(Target(2))]),
    };

    public static string OptionsOf(string type) => ByType.TryGetValue(type, out var sample)
        ? sample.Options
        : throw new KeyNotFoundException($"The field type '{type}' has no samples: add some to {nameof(FieldTypeSamples)}.");

    public static IReadOnlyList<JsonElement> ValuesOf(string type)
    {
        OptionsOf(type);
        return [.. ByType[type].Values.Select(v => JsonElement.Parse(v))];
    }

    /// <summary>The definition of a field called <c>value</c>.</summary>
    public static string Field(string type) => $$"""{"name": "value", "type": "{{type}}"{{OptionsOf(type)}}}""";

    /// <summary>Lookups of the samples point to these records.</summary>
    public static Guid TargetId(int number) => Guid.Parse(Target(number));

    public static object? Parse(Field field, JsonElement json)
    {
        var parsed = field.Type.FromJson(json);
        return parsed.Fault is { } fault ? throw new ArgumentException($"{field}: {json} is refused as {fault.Code}") : parsed.Value;
    }

    private static string Target(int number) => $"0190aaaa-bbbb-7ccc-8ddd-{number:x12}";

    /// <summary>Files of the samples; the battery puts them there.</summary>
    public static Crm.Data.StoredFile StoredFile(int number) => new(
        Guid.Parse(Target(100 + number)), number > 2 ? $"picture {number}.png" : $"文件 {number}.txt", number > 2 ? "image/png" : "text/plain", number, new('0', 64), null, null, ManualTimeProvider.Start, null, ManualTimeProvider.Start);

    private static string File(int number) => StoredFile(number) is var file ? JsonSerializer.Serialize(new { id = file.Id, name = file.Name, type = file.Type, size = file.Size }) : "";

    private static string Text(string text) => JsonSerializer.Serialize(text);

    private static string Amount(string amount) => $$"""{"amount": "{{amount}}", "currency": "USD"}""";
}
