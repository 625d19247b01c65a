using System.ComponentModel;
using System.Globalization;
using System.Text.Json.Serialization;

namespace Crm.Metadata;

/// <summary>
/// Formatted text. What is stored has passed a whitelist, whoever wrote it, so that it can be shown as it is; search and files see its words.
/// </summary>
[FieldType("richText")]
public sealed class RichTextFieldType : TextualFieldType
{
    private static readonly ConditionOperator[] RichOperators = [ConditionOperator.Contains, ConditionOperator.IsNull, ConditionOperator.NotNull];

    public RichTextFieldType() => MaxLength = 100_000;

    [JsonIgnore]
    public override IReadOnlyList<ConditionOperator> Operators => RichOperators;

    [JsonIgnore]
    protected override bool MultiLine => true;

    public override string SearchText(object value) => Folding.Fold(RichText.ToPlainText((string)value));

    public override Parsed FromText(string text, TextFormat format)
    {
        var trimmed = text.Trim();
        return trimmed.StartsWith('<') && trimmed.EndsWith('>') ? base.FromText(text, format) : base.FromText(RichText.FromPlainText(trimmed), format);
    }

    public override string ToText(object value, CultureInfo culture) => RichText.ToPlainText((string)value);

    protected override Parsed Normalize(string text)
    {
        // Reading markup costs more than its length says, so what cannot be stored anyway is not read.
        if (text.Length > MaxLength * 2)
        {
            return Parsed.Bad("value.tooLong", MaxLength, text.Length);
        }
        var clean = RichText.Clean(text);
        return clean.Length == 0 ? Parsed.Ok(null) : Parsed.Ok(clean);
    }
}

/// <summary>Text in Markdown, stored as written; markup inside it is shown as text.</summary>
[FieldType("markdown")]
public sealed class MarkdownFieldType : TextualFieldType
{
    public MarkdownFieldType() => MaxLength = 50_000;

    [Description("Lines that the editor shows.")]
    public int Rows { get; init; } = 8;

    [JsonIgnore]
    protected override bool MultiLine => true;

    public override IEnumerable<string> CheckOptions() => Rows is >= 2 and <= 60 ? base.CheckOptions() : ["rows must lie between 2 and 60."];
}
