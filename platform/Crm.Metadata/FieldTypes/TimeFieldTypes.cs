using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crm.Metadata;

/// <summary>What days and moments have in common: they also compare with spans relative to today.</summary>
public abstract class TemporalFieldType : OrderedFieldType
{
    private static readonly ConditionOperator[] TemporalOperators =
    [
        ConditionOperator.Within, ConditionOperator.Eq, ConditionOperator.Ne, ConditionOperator.Ge, ConditionOperator.Le, ConditionOperator.Gt, ConditionOperator.Lt,
        ConditionOperator.Between, ConditionOperator.In, ConditionOperator.NotIn, ConditionOperator.IsNull, ConditionOperator.NotNull,
    ];

    [JsonIgnore]
    public override IReadOnlyList<ConditionOperator> Operators => TemporalOperators;
}

/// <summary>A calendar day, without a time zone.</summary>
[FieldType("date")]
public sealed class DateFieldType : TemporalFieldType
{
    private static readonly ColumnPart[] DateParts = [new("", ColumnKind.Date)];

    private static readonly string[] FileFormats = ["yyyy/M/d", "yyyy.M.d", "d.M.yyyy"];

    [JsonIgnore]
    public override IReadOnlyList<ColumnPart> Parts => DateParts;

    [JsonIgnore]
    public override Type ValueType => typeof(DateOnly);

    public override Parsed FromJson(JsonElement json) =>
        json.ValueKind == JsonValueKind.String && DateOnly.TryParseExact(json.GetString(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? Parsed.Ok(day)
            : Parsed.Bad("value.date");

    public override void WriteJson(Utf8JsonWriter writer, object value) =>
        writer.WriteStringValue(((DateOnly)value).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));

    public override Parsed FromText(string text, TextFormat format)
    {
        var trimmed = text.Trim();
        if (format.DateFormat is { } wanted)
        {
            return DateTime.TryParseExact(trimmed, wanted, format.Culture, DateTimeStyles.AllowWhiteSpaces, out var exact)
                ? Parsed.Ok(DateOnly.FromDateTime(exact))
                : Parsed.Bad("value.dateFormat", wanted);
        }
        // Most files have it this way, and one format is quicker than several.
        if (DateOnly.TryParseExact(trimmed, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var iso))
        {
            return Parsed.Ok(iso);
        }
        if (DateOnly.TryParseExact(trimmed, FileFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ||
            DateOnly.TryParse(trimmed, format.Culture, DateTimeStyles.None, out day))
        {
            return Parsed.Ok(day);
        }
        return DateTime.TryParse(trimmed, format.Culture, DateTimeStyles.None, out var moment) ? Parsed.Ok(DateOnly.FromDateTime(moment)) : Parsed.Bad("value.date");
    }

    public override string ToText(object value, CultureInfo culture) => ((DateOnly)value).ToString("d", culture);
}

/// <summary>A moment, stored in UTC to the microsecond; JSON is ISO 8601 with an offset.</summary>
[FieldType("dateTime")]
public sealed class DateTimeFieldType : TemporalFieldType
{
    private static readonly ColumnPart[] TimestampParts = [new("", ColumnKind.Timestamp)];

    [JsonIgnore]
    public override IReadOnlyList<ColumnPart> Parts => TimestampParts;

    [JsonIgnore]
    public override Type ValueType => typeof(DateTimeOffset);

    public override Parsed FromJson(JsonElement json) =>
        json.ValueKind == JsonValueKind.String && Iso8601.TryParse(json.GetString()!, out var moment) ? Parsed.Ok(moment) : Parsed.Bad("value.dateTime");

    public override void WriteJson(Utf8JsonWriter writer, object value) => Iso8601.WriteJson(writer, (DateTimeOffset)value);

    public override Parsed FromText(string text, TextFormat format)
    {
        var trimmed = text.Trim();
        if (format.DateFormat is null && Iso8601.TryParse(trimmed, out var iso))
        {
            return Parsed.Ok(iso);
        }
        var read = format.DateFormat is { } wanted
            ? DateTime.TryParseExact(trimmed, wanted, format.Culture, DateTimeStyles.AllowWhiteSpaces, out var local)
            : DateTime.TryParse(trimmed, format.Culture, DateTimeStyles.None, out local);
        if (!read)
        {
            return format.DateFormat is null ? Parsed.Bad("value.dateTime") : Parsed.Bad("value.dateFormat", format.DateFormat);
        }
        var zone = format.TimeZone ?? TimeZoneInfo.Utc;
        var unspecified = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
        // On the first and the last day that there is, the moment can lie on one that there is not.
        var ticks = unspecified.Ticks - zone.GetUtcOffset(unspecified).Ticks;
        return zone.IsInvalidTime(unspecified) || ticks < 0 || ticks > DateTime.MaxValue.Ticks ? Parsed.Bad("value.dateTime") : Parsed.Ok(Iso8601.ToMicroseconds(new(ticks, TimeSpan.Zero)));
    }

    public override string ToText(object value, CultureInfo culture) => ((DateTimeOffset)value).ToString("g", culture);
}

/// <summary>Moments as the API writes them.</summary>
public static class Iso8601
{
    private static readonly string[] Formats =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mmK",
    ];

    /// <summary>Reads a moment that names its offset; one without an offset is refused, because it could be any of 38 moments.</summary>
    public static bool TryParse(string text, out DateTimeOffset moment)
    {
        moment = default;
        if (text.Length < 17 || !(text[^1] == 'Z' || text[^6] is '+' or '-') ||
            !DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed))
        {
            return false;
        }
        moment = ToMicroseconds(parsed);
        return true;
    }

    /// <summary>In UTC, cut to the microsecond that both databases keep.</summary>
    public static DateTimeOffset ToMicroseconds(DateTimeOffset moment) => new(moment.UtcTicks - (moment.UtcTicks % 10), TimeSpan.Zero);

    /// <summary>Writes a moment with as many digits of the second as it has.</summary>
    public static void WriteJson(Utf8JsonWriter json, DateTimeOffset moment)
    {
        Span<byte> text = stackalloc byte[32];
        if (!moment.UtcDateTime.TryFormat(text, out var length, "yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture))
        {
            throw new InvalidOperationException("A moment did not fit.");
        }
        json.WriteStringValue(text[..length]);
    }

    public static string ToText(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);
}
