using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crm.Metadata;

/// <summary>Something that is kept and not shown. Outside the store it is only known that it is there.</summary>
public sealed class Secret
{
    private Secret(string? plain, string? cipher) => (Plain, Cipher) = (plain, cipher);

    /// <summary>That there is one, without saying which; written back, it changes nothing.</summary>
    public static Secret Mark { get; } = new(null, null);

    /// <summary>What somebody has just entered, until it is encrypted.</summary>
    public string? Plain { get; }

    /// <summary>As it is stored.</summary>
    public string? Cipher { get; }

    public static Secret Entered(string plain) => new(plain, null);

    public static Secret Stored(string cipher) => new(null, cipher);

    /// <summary>Never the content: a secret ends up in a log sooner than one thinks.</summary>
    public override string ToString() => "***";
}

/// <summary>A password or key for another system: encrypted where it is stored, JSON <c>{"set": true}</c>, revealed by an explicit call only.</summary>
[FieldType("secret")]
public sealed class SecretFieldType : FieldType
{
    private const string Hidden = "••••••••";

    private static readonly ColumnPart[] SecretParts = [new("", ColumnKind.Text)];

    private static readonly ConditionOperator[] SecretOperators = [ConditionOperator.IsNull, ConditionOperator.NotNull];

    [Description("Longest secret, in characters.")]
    public int MaxLength { get; init; } = 1_000;

    [JsonIgnore]
    public override IReadOnlyList<ColumnPart> Parts => SecretParts;

    [JsonIgnore]
    public override Type ValueType => typeof(Secret);

    [JsonIgnore]
    public override IReadOnlyList<ConditionOperator> Operators => SecretOperators;

    [JsonIgnore]
    public override bool IsSortable => false;

    [JsonIgnore]
    public override bool ComparesWithFields => false;

    [JsonIgnore]
    public override bool ValueIsColumn => false;

    public override IEnumerable<string> CheckOptions() => MaxLength is >= 1 and <= 10_000 ? [] : ["maxLength must lie between 1 and 10,000."];

    /// <summary>No file holds a secret, nor a sign that an import would take for one.</summary>
    public override string ToFileText(object value) => "";

    public override Parsed FromJson(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => FromText(json.GetString()!, TextFormat.Invariant),
        JsonValueKind.Object when json.EnumerateObject().ToList() is [{ Name: "set", Value.ValueKind: JsonValueKind.True }] => Parsed.Ok(Secret.Mark),
        _ => Parsed.Bad("value.text"),
    };

    public override void WriteJson(Utf8JsonWriter writer, object value)
    {
        writer.WriteStartObject();
        writer.WriteBoolean("set", true);
        writer.WriteEndObject();
    }

    public override Parsed FromText(string text, TextFormat format) =>
        text.Length == 0 ? Parsed.Ok(null) : text == Hidden ? Parsed.Ok(Secret.Mark) : text.Contains('\0', StringComparison.Ordinal) ? Parsed.Bad("value.controlCharacters") : Parsed.Ok(Secret.Entered(text));

    public override string ToText(object value, CultureInfo culture) => Hidden;

    public override Fault? Validate(object value) => ((Secret)value).Plain is { } plain && plain.Length > MaxLength ? new("value.tooLong", MaxLength, plain.Length) : null;

    /// <exception cref="InvalidOperationException">It is not encrypted; what is not is not stored.</exception>
    public override void ToColumns(object? value, Span<object?> columns) =>
        columns[0] = value is Secret secret ? secret.Cipher ?? throw new InvalidOperationException("A secret came to the database without being encrypted.") : null;

    public override object? FromColumns(ReadOnlySpan<object?> columns) => FromGroup(columns[0]);

    public override object? FromGroup(object? column) => column is string cipher ? Secret.Stored(cipher) : null;

    public override bool AreEqual(object? left, object? right) =>
        (left, right) switch
        {
            (null, null) => true,
            (Secret l, Secret r) => ReferenceEquals(l, r) || (l.Cipher is not null && l.Cipher == r.Cipher),
            _ => false,
        };
}
