using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crm.Metadata;

/// <summary>Types whose values are text; the text is stored with its folded form, which searching and sorting use.</summary>
public abstract class TextualFieldType : FieldType
{
    private static readonly ColumnPart[] TextParts = [new("", ColumnKind.Text), ColumnPart.Folded()];

    private static readonly ConditionOperator[] TextOperators =
    [
        ConditionOperator.Contains, ConditionOperator.Eq, ConditionOperator.Ne, ConditionOperator.StartsWith, ConditionOperator.EndsWith,
        ConditionOperator.In, ConditionOperator.NotIn, ConditionOperator.IsNull, ConditionOperator.NotNull,
        ConditionOperator.Lt, ConditionOperator.Le, ConditionOperator.Gt, ConditionOperator.Ge, ConditionOperator.Between,
        ConditionOperator.Matches,
    ];

    [Description("Longest value, in characters.")]
    public int MaxLength { get; init; } = 255;

    [JsonIgnore]
    public override IReadOnlyList<ColumnPart> Parts => TextParts;

    [JsonIgnore]
    public override Type ValueType => typeof(string);

    [JsonIgnore]
    public override IReadOnlyList<ConditionOperator> Operators => TextOperators;

    [JsonIgnore]
    public override int SortPart => 1;

    [JsonIgnore]
    public override int TextPart => 1;

    /// <summary>Whether line breaks belong to the value.</summary>
    [JsonIgnore]
    protected virtual bool MultiLine => false;

    public override IEnumerable<string> CheckOptions()
    {
        if (MaxLength is < 1 or > 1_000_000)
        {
            yield return "maxLength must lie between 1 and 1,000,000.";
        }
    }

    public override Parsed FromJson(JsonElement json) =>
        json.ValueKind == JsonValueKind.String ? Read(json.GetString()!) : Parsed.Bad("value.text");

    public override Parsed FromText(string text, TextFormat format) => Read(text);

    public override void WriteJson(Utf8JsonWriter writer, object value) => writer.WriteStringValue((string)value);

    public override Fault? Validate(object value) =>
        ((string)value).Length > MaxLength ? new("value.tooLong", MaxLength, ((string)value).Length) : null;

    public override void ToColumns(object? value, Span<object?> columns)
    {
        columns[0] = value;
        columns[1] = value is null ? null : SearchText(value);
    }

    public override int Compare(object left, object right) =>
        Folding.CompareByCodePoint(SearchText(left), SearchText(right));

    public override Parsed ReadOperand(ConditionOperator op, JsonElement json) => ReadText(json);

    /// <summary>Brings a text into its stored form; an empty one is no value.</summary>
    protected virtual Parsed Normalize(string text) => Parsed.Ok(text);

    private Parsed Read(string text)
    {
        foreach (var c in text)
        {
            if (c == '\0' || (char.IsControl(c) && c is not ('\t' or '\n' or '\r')) || (!MultiLine && c is '\n' or '\r'))
            {
                return Parsed.Bad("value.controlCharacters");
            }
        }
        var trimmed = MultiLine ? text.TrimEnd() : text.Trim();
        return trimmed.Length == 0 ? Parsed.Ok(null) : IsWellFormed(trimmed) ? Normalize(trimmed) : Parsed.Bad("value.brokenUnicode");
    }

    private static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                return false;
            }
        }
        return true;
    }
}

/// <summary>A single line of text.</summary>
[FieldType("text")]
public sealed class TextFieldType : TextualFieldType;

/// <summary>Text of several lines.</summary>
[FieldType("longText")]
public sealed class LongTextFieldType : TextualFieldType
{
    public LongTextFieldType() => MaxLength = 20_000;

    [JsonIgnore]
    protected override bool MultiLine => true;
}

/// <summary>A number that the platform gives each new record, without gaps, in the order in which records are saved.</summary>
[FieldType("autonumber")]
public sealed class AutonumberFieldType : TextualFieldType
{
    public AutonumberFieldType() => MaxLength = 60;

    [Description("Text with {yyyy}, {MM}, {dd} and one run of zeros, {0000}, which is the counter and its least width.")]
    public string Pattern { get; init; } = "{00000}";

    [JsonIgnore]
    public override bool IsComputed => true;

    /// <summary>The pattern, parsed.</summary>
    [JsonIgnore]
    public AutonumberPattern Counter => field ??= AutonumberPattern.TryParse(Pattern, out var parsed) ? parsed! : throw new InvalidOperationException($"Bad pattern '{Pattern}'.");

    public override IEnumerable<string> CheckOptions()
    {
        if (!AutonumberPattern.TryParse(Pattern, out _))
        {
            yield return $"pattern '{Pattern}' must hold exactly one counter such as {{0000}}; besides it only {{yyyy}}, {{MM}} and {{dd}}.";
        }
    }
}

/// <summary>A parsed <see cref="AutonumberFieldType.Pattern"/>.</summary>
public sealed record AutonumberPattern(string Before, int Width, string After)
{
    public static bool TryParse(string pattern, out AutonumberPattern? parsed)
    {
        parsed = null;
        var counters = System.Text.RegularExpressions.Regex.Matches(pattern, @"\{(?<zeros>0+)\}", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1));
        if (counters.Count != 1)
        {
            return false;
        }
        var (before, after) = (pattern[..counters[0].Index], pattern[(counters[0].Index + counters[0].Length)..]);
        var rest = (before + after).Replace("{yyyy}", "", StringComparison.Ordinal).Replace("{MM}", "", StringComparison.Ordinal).Replace("{dd}", "", StringComparison.Ordinal);
        if (rest.AsSpan().ContainsAny('{', '}'))
        {
            return false;
        }
        parsed = new(before, counters[0].Groups["zeros"].Length, after);
        return true;
    }

    /// <summary>The series that a counter belongs to: the pattern with the date filled in, so that {yyyy} begins anew each year.</summary>
    public string Series(DateTimeOffset now) => Fill(Before, now) + "#" + Fill(After, now);

    public string Format(long number, DateTimeOffset now) =>
        Fill(Before, now) + number.ToString(CultureInfo.InvariantCulture).PadLeft(Width, '0') + Fill(After, now);

    private static string Fill(string text, DateTimeOffset now) => text
        .Replace("{yyyy}", now.ToString("yyyy", CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("{MM}", now.ToString("MM", CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("{dd}", now.ToString("dd", CultureInfo.InvariantCulture), StringComparison.Ordinal);
}
