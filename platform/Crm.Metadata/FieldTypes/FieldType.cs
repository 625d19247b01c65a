using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crm.Metadata;

/// <summary>Names a field type; the class's public properties are its options.</summary>
public sealed class FieldTypeAttribute(string name) : RegisteredAttribute(name);

/// <summary>
/// What a field's values are: how they are stored, converted, checked, compared and shown. One class a type, one instance a field:
/// its public properties are the options that the field's metadata sets, and they are fixed once the Model is compiled.
/// </summary>
public abstract class FieldType
{
    private static readonly ColumnPart[] NoParts = [];

    /// <summary>The columns that hold a value, the principal one first. Empty for values that are not stored with the record.</summary>
    [JsonIgnore]
    public virtual IReadOnlyList<ColumnPart> Parts => NoParts;

    /// <summary>The CLR type of a value that is not empty.</summary>
    [JsonIgnore]
    public abstract Type ValueType { get; }

    /// <summary>Which comparisons make sense, the most useful first.</summary>
    [JsonIgnore]
    public abstract IReadOnlyList<ConditionOperator> Operators { get; }

    /// <summary>Name of the component that edits a value; found by name among the editors.</summary>
    [JsonIgnore]
    public virtual string Editor => Name;

    /// <summary>Name of the component that shows a value in a list.</summary>
    [JsonIgnore]
    public virtual string Cell => Name;

    /// <summary>The registered name; set when the type is bound to a field.</summary>
    [JsonIgnore]
    public string Name { get; internal set; } = "";

    /// <summary>The column that ordering uses.</summary>
    [JsonIgnore]
    public virtual int SortPart => 0;

    /// <summary>The column that text operators (contains, startsWith, endsWith) look into; -1 if the type has no text.</summary>
    [JsonIgnore]
    public virtual int TextPart => -1;

    /// <summary>Whether sums and averages make sense.</summary>
    [JsonIgnore]
    public virtual bool IsNumeric => false;

    /// <summary>Whether a value of this type can be set at all from outside.</summary>
    [JsonIgnore]
    public virtual bool IsComputed => false;

    /// <summary>Whether an order of values makes sense.</summary>
    [JsonIgnore]
    public virtual bool IsSortable => true;

    /// <summary>Whether conditions may compare two fields of this type with each other.</summary>
    [JsonIgnore]
    public virtual bool ComparesWithFields => true;

    /// <summary>The column that grouping uses.</summary>
    [JsonIgnore]
    public virtual int GroupPart => 0;

    /// <summary>Whether records can be grouped by a value: whether that one column tells the values apart.</summary>
    [JsonIgnore]
    public virtual bool IsGroupable => true;

    /// <summary>Whether a value is just its one column that is read, so that nothing has to be put together.</summary>
    [JsonIgnore]
    public virtual bool ValueIsColumn => Parts.Count(p => p.Read) == 1;

    /// <summary>Whether the JSON of a value is just that of its one column that is read: a text, number, boolean, day, moment or id.</summary>
    [JsonIgnore]
    public virtual bool JsonIsColumn => ValueIsColumn;

    /// <summary>What paths can reach inside a value, such as the city of an address.</summary>
    [JsonIgnore]
    public virtual IReadOnlyList<FieldPart> FieldParts => [];

    /// <summary>The type as a field of this organisation has it; another one where the options ask for it.</summary>
    public virtual FieldType Bind(OrganisationDefinition organisation) => this;

    /// <summary>Faults of the options themselves, as sentences; called when the Model is compiled.</summary>
    public virtual IEnumerable<string> CheckOptions() => [];

    /// <summary>Reads a value as it arrives in the API; JSON null never comes here.</summary>
    public abstract Parsed FromJson(JsonElement json);

    /// <summary>Writes a value as the API shows it; an empty value never comes here.</summary>
    public abstract void WriteJson(Utf8JsonWriter writer, object value);

    /// <summary>Reads a value as people and files write it. Blank text never comes here.</summary>
    public abstract Parsed FromText(string text, TextFormat format);

    /// <summary>A value as a person reads it.</summary>
    public virtual string ToText(object value, CultureInfo culture) => Convert.ToString(value, culture) ?? "";

    /// <summary>Reads a value out of a file: as people write it, or, where a value has parts, as the API does.</summary>
    public Parsed FromFileText(string text, TextFormat format)
    {
        if (ValueType != typeof(string) && text.AsSpan().TrimStart() is ['{' or '[', ..])
        {
            try
            {
                using var json = JsonDocument.Parse(text, new() { MaxDepth = 16, AllowDuplicateProperties = false });
                if (FromJson(json.RootElement) is { Fault: null } parsed)
                {
                    return parsed;
                }
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                // A text that only begins like JSON is read like any other.
            }
        }
        return FromText(text, format);
    }

    /// <summary>Whether files give each of the value's parts a column of its own.</summary>
    [JsonIgnore]
    public virtual bool SpreadsInFiles => false;

    /// <summary>Puts a value together from texts of a file: those of its parts, and one for the whole under an empty name.</summary>
    /// <param name="texts">What is there; blank texts are not among them.</param>
    /// <param name="format">How texts are to be read.</param>
    public virtual Parsed FromParts(IReadOnlyDictionary<string, string> texts, TextFormat format) =>
        texts.TryGetValue("", out var whole) ? FromFileText(whole, format) : Parsed.Ok(null);

    /// <summary>A value in files: as text that <see cref="FromFileText"/> with <see cref="TextFormat.Invariant"/> reads back to the same value.</summary>
    public virtual string ToFileText(object value) => value switch
    {
        string text => text,
        long number => number.ToString(CultureInfo.InvariantCulture),
        decimal number => ExactDecimal.Trim(number).ToString(CultureInfo.InvariantCulture),
        bool truth => truth ? "true" : "false",
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTimeOffset moment => Iso8601.ToText(moment),
        Guid id => id.ToString("D"),
        _ => JsonFileText(value),
    };

    /// <summary>Rules that depend on the options: length, range, choice. The value has passed conversion.</summary>
    public virtual Fault? Validate(object value) => null;

    /// <summary>Spreads a value over its columns; <paramref name="columns"/> has one place for each of <see cref="Parts"/>.</summary>
    public virtual void ToColumns(object? value, Span<object?> columns) => columns[0] = value;

    /// <summary>Puts a value together from its columns.</summary>
    public virtual object? FromColumns(ReadOnlySpan<object?> columns) => columns[0];

    /// <summary>A group's value from the one column that grouping uses.</summary>
    public virtual object? FromGroup(object? column) => column;

    /// <summary>Writes a figure over values as the API shows it: the value that a group has in common, or a sum, an average, a median, the least or the largest.</summary>
    public virtual void WriteFigure(Utf8JsonWriter writer, object figure)
    {
        switch (figure)
        {
            // The text form of a value that has more to it, such as an address.
            case string text: writer.WriteStringValue(text); break;
            case decimal number: writer.WriteNumberValue(ExactDecimal.Trim(number)); break;
            case long number: writer.WriteNumberValue(number); break;
            default: WriteJson(writer, figure); break;
        }
    }

    /// <summary>Reads what a condition compares with; JSON null never comes here.</summary>
    public virtual Parsed ReadOperand(ConditionOperator op, JsonElement json) =>
        op is ConditionOperator.Contains or ConditionOperator.StartsWith or ConditionOperator.EndsWith or ConditionOperator.Matches ? ReadText(json) : FromJson(json);

    /// <summary>Writes what a condition compares with, so that <see cref="ReadOperand"/> reads it again.</summary>
    public virtual void WriteOperand(Utf8JsonWriter writer, ConditionOperator op, object value)
    {
        if (value is string text)
        {
            writer.WriteStringValue(text);
        }
        else
        {
            WriteJson(writer, value);
        }
    }

    /// <summary>What the column of <see cref="TextPart"/> holds for a value: the text that text operators look into, folded.</summary>
    public virtual string SearchText(object value) => Folding.Fold((string)value);

    /// <summary>What text operators look for there.</summary>
    public virtual string Needle(ConditionOperator op, string text) => Folding.Fold(text);

    /// <summary>Text that a condition names, as it stands: part of an e-mail address is no e-mail address.</summary>
    protected static Parsed ReadText(JsonElement json) =>
        json.ValueKind != JsonValueKind.String ? Parsed.Bad("value.text")
        : json.GetString() is var text && IsUnstorable(text!) ? Parsed.Bad("value.controlCharacters")
        : text!.Length == 0 ? Parsed.Ok(null)
        : Parsed.Ok(text);

    /// <summary>Whether a text holds what no stored text does: PostgreSQL takes no U+0000, and U+001F separates the members of lists.</summary>
    protected static bool IsUnstorable(string text) => text.AsSpan().ContainsAny('\0', '\u001f');

    /// <summary>Equality as conditions and change detection mean it: exact.</summary>
    public virtual bool AreEqual(object? left, object? right) => Equals(left, right);

    private string JsonFileText(object value)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            WriteJson(json, value);
        }
        return buffer.WrittenSpan is [(byte)'"', ..] ? JsonSerializer.Deserialize<string>(buffer.WrittenSpan)! : System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Order of two values that are not empty.</summary>
    public virtual int Compare(object left, object right) => Comparer<object>.Default.Compare(left, right);
}

/// <summary>One column of a field: the field's name plus <paramref name="Suffix"/>.</summary>
/// <param name="Suffix">Empty, or begins with <c>$</c>, which no field name may hold.</param>
/// <param name="Kind">What the column stores.</param>
/// <param name="Scale">Decimals: digits kept after the point.</param>
public sealed record ColumnPart(string Suffix, ColumnKind Kind, int Scale = 0)
{
    /// <summary>Whether the column is read back; folded forms are not, they follow from what is.</summary>
    public bool Read { get; init; } = true;

    /// <summary>Whether two values that differ in this column are different values.</summary>
    public bool Compared { get; init; } = true;

    /// <summary>A folded form of a text: written, sought and sorted by, never read back.</summary>
    public static ColumnPart Folded(string suffix = "") => new(suffix + "$fold", ColumnKind.Text) { Read = false, Compared = false };
}

/// <summary>Something inside a value that a path can reach: <c>billing_address.city</c>.</summary>
/// <param name="Name">Its name in paths.</param>
/// <param name="Label">Its name for people.</param>
/// <param name="Type">What it is.</param>
/// <param name="Column">The place of its first column among those of the value.</param>
/// <param name="Of">Takes it out of a value.</param>
public sealed record FieldPart(string Name, Label Label, FieldType Type, int Column, Func<object, object?> Of);

/// <summary>What a column stores; each database maps a kind to a type of its own.</summary>
public enum ColumnKind
{
    /// <summary>UTF-16 text, compared by code point.</summary>
    Text,
    /// <summary>64-bit integer.</summary>
    Integer,
    /// <summary>Exact decimal with a fixed number of digits after the point.</summary>
    Decimal,
    /// <summary>True or false.</summary>
    Boolean,
    /// <summary>A calendar day.</summary>
    Date,
    /// <summary>A moment, to the microsecond, in UTC.</summary>
    Timestamp,
    /// <summary>A 128-bit identifier.</summary>
    Uuid,
}

/// <summary>Why a value was refused: the key of a text and what goes into its places.</summary>
public sealed record Fault(string Code, params object[] Arguments)
{
    /// <summary>Where inside the value, such as <c>[2].quantity</c>; empty for the value as a whole.</summary>
    public string Place { get; init; } = "";
}

/// <summary>A converted value, or why there is none.</summary>
public readonly record struct Parsed(object? Value, Fault? Fault)
{
    public static Parsed Ok(object? value) => new(value, null);

    public static Parsed Bad(string code, params object[] arguments) => new(null, new(code, arguments));
}

/// <summary>How text from a person or a file is to be read.</summary>
public sealed record TextFormat(CultureInfo Culture, string? DateFormat = null, TimeZoneInfo? TimeZone = null)
{
    /// <summary>ISO 4217 code of amounts that name no currency; the field's own if absent.</summary>
    public string? Currency { get; init; }

    /// <summary>The form in which the product itself writes files.</summary>
    public static TextFormat Invariant { get; } = new(CultureInfo.InvariantCulture);
}

/// <summary>The comparisons of the condition tree.</summary>
public enum ConditionOperator
{
    Eq, Ne, Lt, Le, Gt, Ge, Between, In, NotIn, Contains, StartsWith, EndsWith, IsNull, NotNull, Within, Exists, NotExists, Matches, Under,
}
