using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crm.Metadata;

/// <summary>
/// Types whose value is a list. It is stored as JSON beside a folded column in which each member stands between separators that no member
/// can hold: membership is then a search for text, exact, the same on both databases, and open to an index over parts of texts.
/// </summary>
public abstract class ListFieldType : FieldType
{
    /// <summary>Stands before, between and after the members; no text that is stored can hold it.</summary>
    public const char Separator = '\u001f';

    private static readonly ColumnPart[] ListParts = [new("", ColumnKind.Text), ColumnPart.Folded()];

    [JsonIgnore]
    public override IReadOnlyList<ColumnPart> Parts => ListParts;

    [JsonIgnore]
    public override int SortPart => 1;

    [JsonIgnore]
    public override int TextPart => 1;

    [JsonIgnore]
    public override bool ValueIsColumn => false;

    [JsonIgnore]
    public override bool ComparesWithFields => false;

    /// <summary>Whether the operator compares with one member; otherwise it compares with a whole list.</summary>
    public virtual bool AsksForMember(ConditionOperator op) => op is ConditionOperator.In or ConditionOperator.NotIn;

    /// <summary>Whether the list holds what a condition names.</summary>
    public bool Holds(object value, object member) => SearchText(value).Contains(KeyOf(member), StringComparison.Ordinal);

    /// <summary>What stands for one member in the folded column, with its separators.</summary>
    public string KeyOf(object member) => Separator + KeyText((string)member) + Separator;

    public override string SearchText(object value) => Separator + string.Join(Separator, KeysOf(value)) + Separator;

    public override Parsed ReadOperand(ConditionOperator op, JsonElement json) =>
        op == ConditionOperator.Contains || AsksForMember(op) ? ReadText(json) : FromJson(json);

    public override string Needle(ConditionOperator op, string text) => op == ConditionOperator.Contains ? KeyOf(text) : KeyText(text);

    public override int Compare(object left, object right) => Folding.CompareByCodePoint(SearchText(left), SearchText(right));

    /// <summary>The form in which a member is sought.</summary>
    protected abstract string KeyText(string member);

    /// <summary>Every text by which a list is found.</summary>
    protected abstract IEnumerable<string> KeysOf(object value);
}

/// <summary>Texts of which each occurs once; the order in which they were given does not count.</summary>
public sealed class TextSet : IEquatable<TextSet>
{
    public TextSet(IEnumerable<string> items)
    {
        Items = [.. items.Distinct(StringComparer.Ordinal).Order(Comparer<string>.Create(Folding.CompareByCodePoint))];
    }

    /// <summary>By code point, so that equal sets have one form.</summary>
    public IReadOnlyList<string> Items { get; }

    public bool Contains(string item) => Items.Contains(item, StringComparer.Ordinal);

    public bool Equals(TextSet? other) => other is not null && Items.SequenceEqual(other.Items, StringComparer.Ordinal);

    public override bool Equals(object? obj) => Equals(obj as TextSet);

    public override int GetHashCode() => Items.Aggregate(17, (hash, item) => HashCode.Combine(hash, StringComparer.Ordinal.GetHashCode(item)));

    public override string ToString() => string.Join("; ", Items);
}

/// <summary>What choices of several values and tags have in common: a set of texts, in JSON a list.</summary>
public abstract class TextSetFieldType : ListFieldType
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly ConditionOperator[] SetOperators =
    [
        ConditionOperator.In, ConditionOperator.NotIn, ConditionOperator.Contains, ConditionOperator.Eq, ConditionOperator.Ne, ConditionOperator.IsNull, ConditionOperator.NotNull,
    ];

    /// <summary>Most values of one field.</summary>
    public int MaxItems { get; init; } = 50;

    [JsonIgnore]
    public override Type ValueType => typeof(TextSet);

    [JsonIgnore]
    public override IReadOnlyList<ConditionOperator> Operators => SetOperators;

    public override IEnumerable<string> CheckOptions()
    {
        if (MaxItems is < 1 or > 1_000)
        {
            yield return "maxItems must lie between 1 and 1,000.";
        }
    }

    public override Parsed FromJson(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.String)
        {
            return Read([json.GetString()!]);
        }
        return json.ValueKind == JsonValueKind.Array && json.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? Read([.. json.EnumerateArray().Select(item => item.GetString()!)])
            : Parsed.Bad("value.list");
    }

    public override void WriteJson(Utf8JsonWriter writer, object value)
    {
        writer.WriteStartArray();
        foreach (var item in ((TextSet)value).Items)
        {
            writer.WriteStringValue(item);
        }
        writer.WriteEndArray();
    }

    public override void ToColumns(object? value, Span<object?> columns)
    {
        columns[0] = value is TextSet set ? JsonSerializer.Serialize(set.Items, Readable) : null;
        columns[1] = value is null ? null : SearchText(value);
    }

    public override object? FromColumns(ReadOnlySpan<object?> columns) => FromGroup(columns[0]);

    public override object? FromGroup(object? column) => column is string json ? new TextSet(JsonSerializer.Deserialize<string[]>(json)!) : null;

    public override Fault? Validate(object value) => ((TextSet)value).Items.Count > MaxItems ? new("value.tooMany", MaxItems, ((TextSet)value).Items.Count) : null;

    protected override IEnumerable<string> KeysOf(object value) => ((TextSet)value).Items.Select(KeyText);

    /// <summary>Brings the texts into their stored form; none at all is no value.</summary>
    protected abstract Parsed Read(IReadOnlyList<string> items);
}

/// <summary>Several values out of a list.</summary>
[FieldType("multiChoice")]
public sealed class MultiChoiceFieldType : TextSetFieldType, IHasOptions
{
    private readonly ChoiceFieldType _choice = new();

    public IReadOnlyList<ChoiceOption> Options
    {
        get => _choice.Options;
        init => _choice = new() { Options = value };
    }

    public ChoiceOption? Find(string value) => _choice.Find(value);

    public override IEnumerable<string> CheckOptions() => base.CheckOptions().Concat(_choice.CheckOptions());

    public override Parsed FromText(string text, TextFormat format)
    {
        var whole = _choice.FromText(text, format);
        if (whole.Fault is null)
        {
            return Parsed.Ok(new TextSet([(string)whole.Value!]));
        }
        var items = new List<string>();
        foreach (var part in text.Split(text.Contains(';', StringComparison.Ordinal) ? ';' : ',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var parsed = _choice.FromText(part, format);
            if (parsed.Fault is not null)
            {
                return parsed;
            }
            items.Add((string)parsed.Value!);
        }
        return Read(items);
    }

    /// <summary>In the order in which the options are offered.</summary>
    public override string ToText(object value, System.Globalization.CultureInfo culture) =>
        string.Join("; ", InOrder((TextSet)value).Select(item => _choice.ToText(item, culture)));

    /// <summary>The values in the order of the options; those that are no longer offered come last.</summary>
    public IEnumerable<string> InOrder(TextSet set) =>
        Options.Select(o => o.Value).Where(set.Contains).Concat(set.Items.Where(item => Find(item) is null));

    public override Fault? Validate(object value) =>
        ((TextSet)value).Items.Select(item => _choice.Validate(item)).FirstOrDefault(fault => fault is not null) ?? base.Validate(value);

    protected override Parsed Read(IReadOnlyList<string> items) =>
        items.Any(IsUnstorable) ? Parsed.Bad("value.controlCharacters")
        : items.Any(i => i.Length > 0) ? Parsed.Ok(new TextSet(items.Where(i => i.Length > 0)))
        : Parsed.Ok(null);

    protected override string KeyText(string member) => member;
}

/// <summary>Words that people put on a record freely; what was used before is suggested.</summary>
[FieldType("tags")]
public sealed class TagsFieldType : TextSetFieldType
{
    /// <summary>Longest tag, in characters.</summary>
    public int MaxLength { get; init; } = 60;

    public override Parsed FromText(string text, TextFormat format) => Read(text.Split([';', ',', '，', '；', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    public override string ToText(object value, System.Globalization.CultureInfo culture) => value.ToString()!;

    public override Fault? Validate(object value) =>
        ((TextSet)value).Items.FirstOrDefault(item => item.Length > MaxLength) is { } tooLong ? new("value.tooLong", MaxLength, tooLong.Length) : base.Validate(value);

    /// <summary>One tag does not occur in two spellings; the first stays.</summary>
    protected override Parsed Read(IReadOnlyList<string> items)
    {
        var tags = items.Select(i => i.Trim()).Where(i => i.Length > 0).ToList();
        if (tags.Exists(t => t.Any(char.IsControl) || t.AsSpan().ContainsAny(";,；，")))
        {
            return Parsed.Bad("value.tag");
        }
        return tags.Count == 0 ? Parsed.Ok(null) : Parsed.Ok(new TextSet(tags.DistinctBy(Folding.Fold)));
    }

    protected override string KeyText(string member) => Folding.Fold(member);
}
