using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace Crm.Metadata;

/// <summary>A saved way to look at the records of an entity: which columns, which records, in which order.</summary>
public record ViewDefinition
{
    public required string Name { get; init; }

    public Label? Label { get; init; }

    [Description("How the records are shown.")]
    [AllowedValues(ViewKinds.List, ViewKinds.Kanban, ViewKinds.Calendar, ViewKinds.Gantt, ViewKinds.Chart, ViewKinds.Funnel)]
    public string Kind { get; init; } = ViewKinds.List;

    public bool Default { get; init; }

    [Description("What is shown of each record, in order: a field, or a path through lookups such as customer.name.")]
    public IReadOnlyList<ViewColumn> Columns { get; init; } = [];

    [Description("A condition; absent means all records.")]
    public JsonElement? Filter { get; init; }

    [Description("Comma-separated fields, a minus before one sorts it downwards.")]
    public string? Sort { get; init; }

    [Description("The field whose values become the groups of a list, the columns of a kanban, the bars of a chart or the stages of a funnel.")]
    public string? GroupBy { get; init; }

    [Description("The number or amount that is summed beside the count.")]
    public string? Measure { get; init; }

    [Description("Kanban: the percent by which the measure is weighted in the second sum.")]
    public string? Weight { get; init; }

    [Description("Calendar and gantt: the day or moment at which a record begins.")]
    public string? Start { get; init; }

    [Description("Calendar and gantt: the day or moment at which it ends.")]
    public string? End { get; init; }

    [Description("Calendar: the yes/no field that says that it lasts all day.")]
    public string? AllDay { get; init; }

    [Description("Calendar, gantt and kanban: the choice whose colour a record takes.")]
    public string? Color { get; init; }

    [Description("Gantt: the percent that is done.")]
    public string? Progress { get; init; }

    [Description("Gantt: the lookup to the same entity that puts one record under another.")]
    public string? Parent { get; init; }

    [Description("Gantt: the lookup to the same entity that names the record which has to be over before this one begins.")]
    public string? DependsOn { get; init; }
}

/// <summary>One column of a list: in JSON a field path, or an object with its width.</summary>
[System.Text.Json.Serialization.JsonConverter(typeof(ViewColumnConverter))]
public sealed record ViewColumn(string Field, int? Width = null);

internal sealed class ViewColumnConverter : System.Text.Json.Serialization.JsonConverter<ViewColumn>
{
    public override ViewColumn Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return new(reader.GetString()!);
        }
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("A column is a field or {\"field\": ..., \"width\": ...}.");
        }
        string? field = null;
        int? width = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var member = reader.GetString();
            reader.Read();
            switch (member)
            {
                case "field": field = reader.GetString(); break;
                case "width": width = reader.GetInt32(); break;
                default: throw new JsonException($"A column has no member '{member}'.");
            }
        }
        return new(field ?? throw new JsonException("A column needs a field."), width);
    }

    public override void Write(Utf8JsonWriter writer, ViewColumn value, JsonSerializerOptions options)
    {
        if (value.Width is null)
        {
            writer.WriteStringValue(value.Field);
            return;
        }
        writer.WriteStartObject();
        writer.WriteString("field", value.Field);
        writer.WriteNumber("width", value.Width.Value);
        writer.WriteEndObject();
    }
}

/// <summary>The layout of a form: tabs of sections of fields. An entity without one gets all its fields in one section.</summary>
public sealed record FormDefinition
{
    [Description("Fields shown large in the header of a record.")]
    public IReadOnlyList<string> Highlights { get; init; } = [];

    public IReadOnlyList<FormSection> Sections { get; init; } = [];

    [Description("The choice field whose options are the stages of a record: they stand as a bar under its header.")]
    public string? Stages { get; init; }

    [Description("Fields of the short form, for what is entered in passing; the required ones and those of the first section if absent.")]
    public IReadOnlyList<string> Quick { get; init; } = [];

    [Description("Lists of records that point here: entity.lookup field, e.g. opportunity.customer.")]
    public IReadOnlyList<string> Related { get; init; } = [];
}

/// <summary>A titled group of fields in one or two columns.</summary>
public sealed record FormSection
{
    public required string Name { get; init; }

    public Label? Label { get; init; }

    [Description("Name of the tab that the section lies on, for long forms; sections of one name share it.")]
    public Label? Tab { get; init; }

    public int Columns { get; init; } = 2;

    public bool Collapsed { get; init; }

    public required IReadOnlyList<string> Fields { get; init; }
}

/// <summary>The file <c>metadata/menus/&lt;name&gt;.json</c>: the groups of the navigation in order.</summary>
public sealed record MenuDefinition
{
    [System.Text.Json.Serialization.JsonPropertyName("$schema")]
    public string? Schema { get; init; }

    public required string Name { get; init; }

    public required IReadOnlyList<MenuGroup> Groups { get; init; }
}

/// <summary>A heading of the navigation with its entries.</summary>
public sealed record MenuGroup
{
    public required string Name { get; init; }

    public Label? Label { get; init; }

    public string? Icon { get; init; }

    public required IReadOnlyList<MenuItem> Items { get; init; }
}

/// <summary>One entry: an entity's list, or a page of the product by its address.</summary>
public sealed record MenuItem
{
    public string? Entity { get; init; }

    public string? View { get; init; }

    public string? Page { get; init; }

    public Label? Label { get; init; }

    public string? Icon { get; init; }

    [Description("Only for people with this role.")]
    public string? Role { get; init; }
}
