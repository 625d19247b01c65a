using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crm.Metadata;

/// <summary>The file <c>metadata/entities/&lt;name&gt;.json</c>: what an entity is called, what it holds and how it is shown first.</summary>
public sealed record EntityDefinition
{
    [JsonPropertyName("$schema")]
    public string? Schema { get; init; }

    [Description("Name in the API, in conditions and of the table: [a-z][a-z0-9_]*, at most 40 characters.")]
    public required string Name { get; init; }

    [Description("Earlier names: the table, its data and its history go over to the new name.")]
    [JsonConverter(typeof(NameListConverter))]
    public IReadOnlyList<string>? RenamedFrom { get; init; }

    public Label? Label { get; init; }

    public Label? PluralLabel { get; init; }

    [Description("Name of a Material symbol.")]
    public string? Icon { get; init; }

    public Label? Help { get; init; }

    public EntityTemplate Template { get; init; } = EntityTemplate.Standard;

    [Description("system: records of the platform itself, which only it writes; they can be listed, filtered and reported on.")]
    public EntityStorage Storage { get; init; }

    [Description("The field that stands for a record in lookups and headings; the first text field if absent.")]
    public string? TitleField { get; init; }

    [Description("Fields that text search looks into; paths through lookups are allowed.")]
    public IReadOnlyList<string> SearchFields { get; init; } = [];

    public bool Audit { get; init; } = true;

    public required IReadOnlyList<FieldDefinition> Fields { get; init; }

    [Description("Sets of fields whose values may not occur twice together; empty values do not count.")]
    public IReadOnlyList<IReadOnlyList<string>> Unique { get; init; } = [];

    public IReadOnlyList<IReadOnlyList<string>> Indexes { get; init; } = [];

    [Description("When two records are probably the same, and what that does to the one who enters the second.")]
    public IReadOnlyList<DuplicateRuleDefinition> Duplicates { get; init; } = [];

    public FormDefinition? Form { get; init; }

    public IReadOnlyList<ViewDefinition> Views { get; init; } = [];

    [Description("What a role may do with records of this entity; an entity without it is open to everyone who is signed in.")]
    public IReadOnlyDictionary<string, GrantDefinition>? Roles { get; init; }
}

/// <summary>Where the records of an entity lie.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EntityStorage>))]
public enum EntityStorage
{
    /// <summary>In a table of their own.</summary>
    [JsonStringEnumMemberName("table")] Table,
    /// <summary>In a table of the platform, shown as records that nobody writes through the record store.</summary>
    [JsonStringEnumMemberName("system")] System,
}

/// <summary>What the platform adds to an entity by itself.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EntityTemplate>))]
public enum EntityTemplate
{
    [JsonStringEnumMemberName("standard")] Standard,
    [JsonStringEnumMemberName("person")] Person,
    [JsonStringEnumMemberName("company")] Company,
    [JsonStringEnumMemberName("interaction")] Interaction,
    [JsonStringEnumMemberName("line")] Line,
    [JsonStringEnumMemberName("ledger")] Ledger,
}

/// <summary>One field of an entity. Members beyond these are the options of its field type.</summary>
public sealed record FieldDefinition
{
    public required string Name { get; init; }

    public required string Type { get; init; }

    [Description("Earlier names: the values and their history go over to the new name.")]
    [JsonConverter(typeof(NameListConverter))]
    public IReadOnlyList<string>? RenamedFrom { get; init; }

    public Label? Label { get; init; }

    public Label? Help { get; init; }

    public bool Required { get; init; }

    [Description("Shown, but only the platform itself writes it.")]
    public bool ReadOnly { get; init; }

    public bool Unique { get; init; }

    [Description("The value of a new record that does not say otherwise: a value, {\"var\": \"me\"} (me, myUnit, now, today), or {\"field\": \"customer.unit\"}, copied from there.")]
    public JsonElement? Default { get; init; }

    [Description("The field whose value decides what there is to choose from: of a choice, by the options' for; of a lookup, records whose field of the same name, or that points to the same entity, has the same value.")]
    public string? DependsOn { get; init; }

    [Description("A condition: the field is shown, and may be written by people, only where it holds. It follows lookups, looks into rows and links as they are typed, and at records that point to this one (entity.lookup).")]
    public JsonElement? VisibleWhen { get; init; }

    [Description("A condition: where it holds, the field must not be empty.")]
    public JsonElement? RequiredWhen { get; init; }

    [Description("A condition over the record, its rows and links as they were: where it holds, people may not change the field.")]
    public JsonElement? ReadOnlyWhen { get; init; }

    [Description("Other names under which files that are imported call this field.")]
    public IReadOnlyList<string> Aliases { get; init; } = [];

    public bool Audit { get; init; } = true;

    [Description("Personal or confidential: its values are left out of the journal of workflows and of what is noted about slow queries.")]
    public bool Sensitive { get; init; }

    /// <summary>The options of the field type, bound to the type's own properties when the Model is compiled.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement> Options { get; init; } = new Dictionary<string, JsonElement>();
}

/// <summary>The reach of each operation for one role.</summary>
public sealed record GrantDefinition
{
    public Reach Read { get; init; }

    public Reach Create { get; init; }

    public Reach Update { get; init; }

    public Reach Delete { get; init; }
}

/// <summary>Which records an operation reaches.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Reach>))]
public enum Reach
{
    [JsonStringEnumMemberName("none")] None,
    [JsonStringEnumMemberName("all")] All,
}
