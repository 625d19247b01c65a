using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Crm.Metadata;

/// <summary>A length of time in whole seconds: JSON is ISO 8601 (<c>PT1H30M</c>), people read 1:30 and may also type "1h 30m" or "90".</summary>
[FieldType("duration")]
public sealed partial class DurationFieldType : OrderedFieldType
{
    private static readonly ColumnPart[] DurationParts = [new("", ColumnKind.Integer)];

    /// <summary>More than any limit of a field allows; what is larger is not even looked at.</summary>
    private const decimal MostSeconds = 4_000_000_000m;

    /// <summary>A hundred years; longer is a mistake.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(36_525);

    /// <summary>ISO 8601; no duration is negative unless this allows it.</summary>
    public string Min { get; init; } = "PT0S";

    public string? Max { get; init; }

    [JsonIgnore]
    public override IReadOnlyList<ColumnPart> Parts => DurationParts;

    [JsonIgnore]
    public override Type ValueType => typeof(TimeSpan);

    [JsonIgnore]
    public override bool IsNumeric => true;

    [JsonIgnore]
    public override bool ValueIsColumn => false;

    public override IEnumerable<string> CheckOptions()
    {
        if (ReadIso(Min) is null || (Max is not null && ReadIso(Max) is null))
        {
            yield return "min and max are durations such as PT30M.";
        }
    }

    public override Parsed FromJson(JsonElement json) =>
        json.ValueKind == JsonValueKind.String && ReadIso(json.GetString()!) is { } duration ? Parsed.Ok(duration) : Parsed.Bad("value.duration");

    public override void WriteJson(Utf8JsonWriter writer, object value) => writer.WriteStringValue(ToIso((long)((TimeSpan)value).TotalSeconds));

    public static string ToIso(long seconds)
    {
        var span = TimeSpan.FromSeconds(Math.Abs((decimal)seconds) > (decimal)TimeSpan.MaxValue.TotalSeconds ? long.MaxValue / TimeSpan.TicksPerSecond : Math.Abs(seconds));
        var hours = (long)span.TotalHours;
        var text = $"PT{(hours > 0 ? $"{hours}H" : "")}{(span.Minutes > 0 ? $"{span.Minutes}M" : "")}{(span.Seconds > 0 ? $"{span.Seconds}S" : "")}";
        return (seconds < 0 ? "-" : "") + (text == "PT" ? "PT0S" : text);
    }

    public override Parsed FromText(string text, TextFormat format)
    {
        var trimmed = text.Trim();
        if (ReadIso(trimmed) is { } iso)
        {
            return Parsed.Ok(iso);
        }
        var clock = Clock().Match(trimmed);
        if (clock.Success)
        {
            return Sum(clock, ("h", 3600), ("m", 60), ("s", 1));
        }
        if (decimal.TryParse(trimmed, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, format.Culture, out var minutes))
        {
            return Math.Abs(minutes) <= MostSeconds ? Of(minutes * 60) : Parsed.Bad("value.duration");
        }
        var words = Words().Match(trimmed.ToLowerInvariant());
        return words.Success && words.Groups.Values.Skip(1).Any(g => g.Name is not "sign" && g.Success) ? Sum(words, ("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)) : Parsed.Bad("value.duration");
    }

    /// <summary>Hours and minutes as on a clock; seconds only where there are some.</summary>
    public override string ToText(object value, CultureInfo culture)
    {
        var span = (TimeSpan)value;
        var text = string.Create(CultureInfo.InvariantCulture, $"{Math.Abs((long)span.TotalHours)}:{Math.Abs(span.Minutes):00}");
        return (span < TimeSpan.Zero ? "-" : "") + text + (span.Seconds != 0 ? string.Create(CultureInfo.InvariantCulture, $":{Math.Abs(span.Seconds):00}") : "");
    }

    public override Fault? Validate(object value)
    {
        var span = (TimeSpan)value;
        var (min, max) = (ReadIso(Min)!.Value, Max is null ? Longest : ReadIso(Max)!.Value);
        return span < min ? new("value.tooSmall", ToText(min, CultureInfo.CurrentCulture))
            : span > max ? new("value.tooLarge", ToText(max, CultureInfo.CurrentCulture))
            : null;
    }

    public override void ToColumns(object? value, Span<object?> columns) => columns[0] = value is TimeSpan span ? (long)span.TotalSeconds : null;

    public override object? FromColumns(ReadOnlySpan<object?> columns) => FromGroup(columns[0]);

    public override object? FromGroup(object? column) => column is long seconds ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>Sums, averages and medians come in seconds.</summary>
    public override void WriteFigure(Utf8JsonWriter writer, object figure) =>
        writer.WriteStringValue(ToIso(figure is TimeSpan span ? (long)span.TotalSeconds : (long)decimal.Round(Convert.ToDecimal(figure, CultureInfo.InvariantCulture))));

    private static TimeSpan? ReadIso(string text)
    {
        var match = Iso().Match(text);
        return match.Success && match.Groups.Values.Skip(1).Any(g => g.Name is not "sign" && g.Success)
            ? Sum(match, ("w", 604_800), ("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)).Value as TimeSpan?
            : null;
    }

    private static Parsed Sum(Match match, params (string Group, int Seconds)[] units)
    {
        var seconds = 0m;
        foreach (var (group, worth) in units)
        {
            if (match.Groups[group] is { Success: true } found)
            {
                seconds += decimal.Parse(found.ValueSpan.ToString().Replace(',', '.'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) * worth;
            }
        }
        return Of(match.Groups["sign"].ValueSpan is "-" ? -seconds : seconds);
    }

    private static Parsed Of(decimal seconds) =>
        Math.Abs(seconds) <= MostSeconds && seconds == decimal.Truncate(seconds) ? Parsed.Ok(TimeSpan.FromSeconds((long)seconds)) : Parsed.Bad("value.duration");

    [GeneratedRegex(@"^(?<sign>[-+])?P(?:(?<w>\d{1,6})W)?(?:(?<d>\d{1,6})D)?(?:T(?=\d)(?:(?<h>\d{1,9})H)?(?:(?<m>\d{1,9})M)?(?:(?<s>\d{1,10})(?:\.0+)?S)?)?$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Iso();

    [GeneratedRegex(@"^(?<sign>-)?(?<h>\d{1,7}):(?<m>[0-5]?\d)(?::(?<s>[0-5]?\d))?$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Clock();

    [GeneratedRegex(@"^(?<sign>-)?\s*(?:(?<d>\d{1,6}(?:[.,]\d{1,4})?)\s*(?:d|days?|天))?\s*(?:(?<h>\d{1,7}(?:[.,]\d{1,4})?)\s*(?:h|hrs?|hours?|std|小时|时))?\s*(?:(?<m>\d{1,9}(?:[.,]\d{1,4})?)\s*(?:m|mins?|minutes?|分钟|分))?\s*(?:(?<s>\d{1,10})\s*(?:s|secs?|seconds?|秒))?$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Words();
}
