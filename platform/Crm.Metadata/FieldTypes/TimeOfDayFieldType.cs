using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crm.Metadata;

/// <summary>A time of day as a clock on the wall shows it, without day or zone, to the second.</summary>
[FieldType("time")]
public sealed class TimeOfDayFieldType : OrderedFieldType
{
    private const string Stored = "HH:mm:ss";

    private static readonly ColumnPart[] TimeParts = [new("", ColumnKind.Text)];

    private static readonly string[] Formats = ["HH:mm:ss", "HH:mm", "H:mm", "H:mm:ss", "h:mm tt", "h:mm:ss tt", "h tt"];

    public string? Min { get; init; }

    public string? Max { get; init; }

    [JsonIgnore]
    public override IReadOnlyList<ColumnPart> Parts => TimeParts;

    [JsonIgnore]
    public override Type ValueType => typeof(TimeOnly);

    [JsonIgnore]
    public override bool ValueIsColumn => false;

    [JsonIgnore]
    public override bool JsonIsColumn => true;

    public override IEnumerable<string> CheckOptions()
    {
        if ((Min is not null && Read(Min) is null) || (Max is not null && Read(Max) is null))
        {
            yield return "min and max are times such as 08:30.";
        }
    }

    public override Parsed FromJson(JsonElement json) =>
        json.ValueKind == JsonValueKind.String && Read(json.GetString()!) is { } time ? Parsed.Ok(time) : Parsed.Bad("value.time");

    public override void WriteJson(Utf8JsonWriter writer, object value) => writer.WriteStringValue(TextOf((TimeOnly)value));

    public override Parsed FromText(string text, TextFormat format) =>
        TimeOnly.TryParseExact(text.Trim(), Formats, CultureInfo.InvariantCulture, DateTimeStyles.AllowWhiteSpaces, out var time) ||
        TimeOnly.TryParse(text.Trim(), format.Culture, DateTimeStyles.AllowWhiteSpaces, out time)
            ? Parsed.Ok(ToSecond(time))
            : Parsed.Bad("value.time");

    public override string ToText(object value, CultureInfo culture) => ((TimeOnly)value).ToString(((TimeOnly)value).Second == 0 ? "t" : "T", culture);

    public override Fault? Validate(object value) => Range.Check((TimeOnly)value, Min is null ? null : Read(Min), Max is null ? null : Read(Max));

    public override void ToColumns(object? value, Span<object?> columns) => columns[0] = value is TimeOnly time ? TextOf(time) : null;

    public override object? FromColumns(ReadOnlySpan<object?> columns) => FromGroup(columns[0]);

    public override object? FromGroup(object? column) => column is string text ? Read(text) : null;

    private static string TextOf(TimeOnly time) => time.ToString(Stored, CultureInfo.InvariantCulture);

    private static TimeOnly? Read(string text) =>
        TimeOnly.TryParseExact(text, ["HH:mm:ss", "HH:mm", "HH:mm:ss.FFFFFFF"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? ToSecond(time) : null;

    private static TimeOnly ToSecond(TimeOnly time) => new(time.Hour, time.Minute, time.Second);
}
