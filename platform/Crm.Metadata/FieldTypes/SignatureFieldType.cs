using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crm.Metadata;

/// <summary>A signature that somebody drew.</summary>
/// <param name="Image">A PNG picture as a data address.</param>
/// <param name="Name">Who signed; empty while saving has not filled it in.</param>
/// <param name="At">When it was signed; the platform's clock says so when it is saved.</param>
public sealed record Signature(string Image, string Name, DateTimeOffset? At);

/// <summary>A drawn signature with the name and the moment of signing.</summary>
[FieldType("signature")]
public sealed class SignatureFieldType : FieldType
{
    private const string Png = "data:image/png;base64,";

    private const int MaxName = 120;

    private static readonly ColumnPart[] SignatureParts = [new("", ColumnKind.Text), new("$name", ColumnKind.Text), new("$at", ColumnKind.Timestamp)];

    private static readonly ConditionOperator[] SignatureOperators = [ConditionOperator.IsNull, ConditionOperator.NotNull];

    private static readonly byte[] PngBegins = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    [Description("Largest picture, in bytes.")]
    public int MaxBytes { get; init; } = 100_000;

    [JsonIgnore]
    public override IReadOnlyList<ColumnPart> Parts => SignatureParts;

    [JsonIgnore]
    public override Type ValueType => typeof(Signature);

    [JsonIgnore]
    public override IReadOnlyList<ConditionOperator> Operators => SignatureOperators;

    [JsonIgnore]
    public override bool IsSortable => false;

    [JsonIgnore]
    public override bool ComparesWithFields => false;

    [JsonIgnore]
    public override IReadOnlyList<FieldPart> FieldParts => field ??=
    [
        new("name", Label.Of("Signed by", "签名人"), new CurrencyCodeFieldType { Name = "text" }, 1, value => ((Signature)value).Name),
        new("at", Label.Of("Signed at", "签名时间"), new DateTimeFieldType { Name = "dateTime" }, 2, value => ((Signature)value).At),
    ];

    public override IEnumerable<string> CheckOptions() => MaxBytes is >= 1_000 and <= 1_000_000 ? [] : ["maxBytes must lie between 1,000 and 1,000,000."];

    public override Parsed FromJson(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.String)
        {
            return Read(json.GetString()!, "", null);
        }
        if (json.ValueKind != JsonValueKind.Object)
        {
            return Parsed.Bad("value.signature");
        }
        var (image, name, at) = ("", "", (DateTimeOffset?)null);
        foreach (var member in json.EnumerateObject())
        {
            switch (member.Name, member.Value.ValueKind)
            {
                case ("image", JsonValueKind.String): image = member.Value.GetString()!; break;
                case ("name", JsonValueKind.String): name = member.Value.GetString()!; break;
                case ("name" or "at", JsonValueKind.Null): break;
                case ("at", JsonValueKind.String) when Iso8601.TryParse(member.Value.GetString()!, out var moment): at = moment; break;
                default: return Parsed.Bad("value.signature");
            }
        }
        return Read(image, name, at);
    }

    public override void WriteJson(Utf8JsonWriter writer, object value)
    {
        var signature = (Signature)value;
        writer.WriteStartObject();
        writer.WriteString("image", signature.Image);
        writer.WriteString("name", signature.Name);
        if (signature.At is { } at)
        {
            writer.WritePropertyName("at");
            Iso8601.WriteJson(writer, at);
        }
        writer.WriteEndObject();
    }

    /// <summary>Files hold the picture, so that what is exported can be imported again.</summary>
    public override Parsed FromText(string text, TextFormat format)
    {
        var parts = text.Trim().Split('|', 3);
        return Read(parts[^1], parts.Length == 3 ? parts[0] : "", parts.Length == 3 && Iso8601.TryParse(parts[1], out var at) ? at : null);
    }

    public override string ToText(object value, CultureInfo culture)
    {
        var signature = (Signature)value;
        return $"{signature.Name}|{(signature.At is { } at ? Iso8601.ToText(at) : "")}|{signature.Image}";
    }

    public override Fault? Validate(object value)
    {
        var bytes = (((Signature)value).Image.Length - Png.Length) * 3 / 4;
        return bytes > MaxBytes ? new("value.signature.tooLarge", MaxBytes / 1_000) : null;
    }

    public override void ToColumns(object? value, Span<object?> columns)
    {
        var signature = value as Signature;
        (columns[0], columns[1], columns[2]) = (signature?.Image, signature?.Name, signature?.At);
    }

    public override object? FromColumns(ReadOnlySpan<object?> columns) =>
        columns[0] is string image ? new Signature(image, columns[1] as string ?? "", columns[2] as DateTimeOffset?) : null;

    private static Parsed Read(string image, string name, DateTimeOffset? at)
    {
        if (image.Length == 0)
        {
            return Parsed.Ok(null);
        }
        name = name.Trim();
        if (name.Length > MaxName || name.Any(c => char.IsControl(c) || c == '|'))
        {
            return Parsed.Bad("value.signature.name", MaxName);
        }
        var bytes = new byte[image.Length];
        return image.StartsWith(Png, StringComparison.Ordinal) && Convert.TryFromBase64Chars(image.AsSpan(Png.Length), bytes, out var length) && length > 8 && bytes.AsSpan(0, 8).SequenceEqual(PngBegins)
            ? Parsed.Ok(new Signature(image, name, at))
            : Parsed.Bad("value.signature");
    }
}
