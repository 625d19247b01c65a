using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crm.Metadata;

/// <summary>One way of several to reach somebody.</summary>
/// <param name="Value">Address or number, in its stored form.</param>
/// <param name="Kind">What it is for: work, mobile, ...</param>
/// <param name="Primary">The one that is used unless something speaks for another.</param>
/// <param name="OptedOut">The person does not want to be reached this way.</param>
/// <param name="Invalid">It was tried and does not work.</param>
public sealed record Contact(string Value, string? Kind = null, bool Primary = false, bool OptedOut = false, bool Invalid = false);

/// <summary>Ways to reach somebody, the primary one first; there is always exactly one.</summary>
public sealed class ContactList : IEquatable<ContactList>
{
    public ContactList(IEnumerable<Contact> items)
    {
        // The same address twice is one; whichever said more stays.
        var distinct = items.GroupBy(c => c.Value, StringComparer.Ordinal).Select(g => g.First() with
        {
            Kind = g.Select(c => c.Kind).FirstOrDefault(k => k is not null),
            Primary = g.Any(c => c.Primary),
            OptedOut = g.Any(c => c.OptedOut),
            Invalid = g.Any(c => c.Invalid),
        }).ToList();
        var primary = distinct.Find(c => c.Primary) ?? distinct[0];
        Items = [primary with { Primary = true }, .. distinct.Where(c => c != primary).Select(c => c with { Primary = false })];
    }

    public IReadOnlyList<Contact> Items { get; }

    public Contact Primary => Items[0];

    public bool Equals(ContactList? other) => other is not null && Items.SequenceEqual(other.Items);

    public override bool Equals(object? obj) => Equals(obj as ContactList);

    public override int GetHashCode() => Items.Aggregate(17, HashCode.Combine);

    public override string ToString() => string.Join("; ", Items.Select(i => i.Value));
}

/// <summary>Several e-mail addresses, telephone numbers or web addresses; what a field of <paramref name="item"/>'s type with <c>multiple</c> holds.</summary>
public sealed class ContactListFieldType(ContactFieldType item) : ListFieldType
{
    private const int MaxItems = 20, MaxKind = 40;

    private static readonly JsonSerializerOptions Stored = new(JsonSerializerDefaults.Web)
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    };

    private static readonly ConditionOperator[] ContactOperators =
    [
        ConditionOperator.Contains, ConditionOperator.Eq, ConditionOperator.Ne, ConditionOperator.In, ConditionOperator.NotIn, ConditionOperator.IsNull, ConditionOperator.NotNull,
    ];

    /// <summary>What each of them is.</summary>
    public ContactFieldType Item { get; } = item;

    public IReadOnlyList<string> Kinds => Item.Kinds ?? Item.UsualKinds;

    public override Type ValueType => typeof(ContactList);

    public override IReadOnlyList<ConditionOperator> Operators => ContactOperators;

    public override string Editor => "contacts";

    public override string Cell => "contacts";

    public override bool AsksForMember(ConditionOperator op) => op is ConditionOperator.Eq or ConditionOperator.Ne or ConditionOperator.In or ConditionOperator.NotIn;

    public override Parsed ReadOperand(ConditionOperator op, JsonElement json) => Item.ReadOperand(op, json);

    public override string Needle(ConditionOperator op, string text) => Item.Needle(op, text);

    public override IEnumerable<string> CheckOptions() =>
        Item.CheckOptions().Concat(Item.Kinds is { } kinds && (kinds.Count == 0 || kinds.Any(k => k.Length is 0 or > MaxKind)) ? [$"kinds are names of at most {MaxKind} characters."] : []);

    public override Parsed FromJson(JsonElement json)
    {
        var contacts = new List<Contact>();
        foreach (var entry in json.ValueKind == JsonValueKind.Array ? json.EnumerateArray().ToArray() : [json])
        {
            var parsed = Read(entry);
            if (parsed.Fault is not null)
            {
                return parsed;
            }
            if (parsed.Value is Contact contact)
            {
                contacts.Add(contact);
            }
        }
        return Parsed.Ok(contacts.Count == 0 ? null : new ContactList(contacts));
    }

    public override void WriteJson(Utf8JsonWriter writer, object value)
    {
        writer.WriteStartArray();
        foreach (var contact in ((ContactList)value).Items)
        {
            writer.WriteStartObject();
            writer.WriteString("value", contact.Value);
            if (contact.Kind is not null)
            {
                writer.WriteString("kind", contact.Kind);
            }
            writer.WriteBoolean("primary", contact.Primary);
            writer.WriteBoolean("optedOut", contact.OptedOut);
            writer.WriteBoolean("invalid", contact.Invalid);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    public override Parsed FromText(string text, TextFormat format)
    {
        var contacts = new List<Contact>();
        // A web address may hold a comma; nothing else that is split here can.
        foreach (var part in text.Split(Item is UrlFieldType ? [';', '\n', ' '] : [';', ',', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var parsed = Item.FromText(part, format);
            if (parsed.Fault is not null)
            {
                return parsed;
            }
            if (parsed.Value is string value)
            {
                contacts.Add(new(value));
            }
        }
        return Parsed.Ok(contacts.Count == 0 ? null : new ContactList(contacts));
    }

    public override string ToText(object value, CultureInfo culture) => string.Join("; ", ((ContactList)value).Items.Select(c => Item.ToText(c.Value, culture)));

    public override Fault? Validate(object value)
    {
        var items = ((ContactList)value).Items;
        return items.Count > MaxItems ? new("value.tooMany", MaxItems, items.Count)
            : items.FirstOrDefault(c => c.Kind is { } kind && !Kinds.Contains(kind)) is { } stray ? new("value.contact.kind", stray.Kind!, string.Join(", ", Kinds))
            : items.Select(c => Item.Validate(c.Value)).FirstOrDefault(f => f is not null);
    }

    public override void ToColumns(object? value, Span<object?> columns)
    {
        columns[0] = value is ContactList list ? JsonSerializer.Serialize(list.Items, Stored) : null;
        columns[1] = value is null ? null : SearchText(value);
    }

    public override object? FromColumns(ReadOnlySpan<object?> columns) => FromGroup(columns[0]);

    public override object? FromGroup(object? column) => column is string json ? new ContactList(JsonSerializer.Deserialize<Contact[]>(json, Stored)!) : null;

    protected override string KeyText(string member) => Item.SearchText(member);

    protected override IEnumerable<string> KeysOf(object value) => ((ContactList)value).Items.Select(c => Item.SearchText(c.Value));

    private Parsed Read(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.String)
        {
            var bare = Item.FromJson(json);
            return bare.Value is string value ? Parsed.Ok(new Contact(value)) : bare;
        }
        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("value", out var text))
        {
            return Parsed.Bad("value.contact");
        }
        var parsed = Item.FromJson(text);
        if (parsed.Value is not string stored)
        {
            return parsed;
        }
        var contact = new Contact(stored);
        foreach (var member in json.EnumerateObject())
        {
            switch (member.Name, member.Value.ValueKind)
            {
                case ("value", _): break;
                case ("kind", JsonValueKind.Null): break;
                case ("kind", JsonValueKind.String): contact = contact with { Kind = member.Value.GetString() is { Length: > 0 } kind ? kind : null }; break;
                case ("primary", JsonValueKind.True or JsonValueKind.False): contact = contact with { Primary = member.Value.GetBoolean() }; break;
                case ("optedOut", JsonValueKind.True or JsonValueKind.False): contact = contact with { OptedOut = member.Value.GetBoolean() }; break;
                case ("invalid", JsonValueKind.True or JsonValueKind.False): contact = contact with { Invalid = member.Value.GetBoolean() }; break;
                default: return Parsed.Bad("value.contact");
            }
        }
        return Parsed.Ok(contact);
    }
}
