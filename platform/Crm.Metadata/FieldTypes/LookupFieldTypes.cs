using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crm.Metadata;

/// <summary>What happens to a record when the one it points to is deleted.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OnDelete>))]
public enum OnDelete
{
    [JsonStringEnumMemberName("restrict")] Restrict,
    [JsonStringEnumMemberName("clear")] Clear,
    [JsonStringEnumMemberName("cascade")] Cascade,
}

/// <summary>Points to one record, of one entity or of several.</summary>
public abstract class ReferenceFieldType : FieldType
{
    private static readonly ConditionOperator[] ReferenceOperators =
    [
        ConditionOperator.Eq, ConditionOperator.Ne, ConditionOperator.In, ConditionOperator.NotIn, ConditionOperator.IsNull, ConditionOperator.NotNull,
        ConditionOperator.Under,
    ];

    [Description("What happens to the record when the one it points to is deleted.")]
    public OnDelete OnDelete { get; init; }

    [JsonIgnore]
    public override IReadOnlyList<ConditionOperator> Operators => ReferenceOperators;
}

/// <summary>A reference to one record of another entity; the value is its id.</summary>
[FieldType("lookup")]
public class LookupFieldType : ReferenceFieldType
{
    private static readonly ColumnPart[] LookupParts = [new("", ColumnKind.Uuid)];

    [Description("Name of the entity that is pointed to.")]
    public virtual string Target { get; init; } = "";

    [Description("A condition over the target that its records must fulfil; {\"field\": name} in it is a field of the record that points, and an empty one does not narrow.")]
    public JsonElement? Filter { get; init; }

    [JsonIgnore]
    public override IReadOnlyList<ColumnPart> Parts => LookupParts;

    [JsonIgnore]
    public override Type ValueType => typeof(Guid);

    public override IEnumerable<string> CheckOptions()
    {
        if (Target.Length == 0)
        {
            yield return "a lookup needs a target.";
        }
    }

    public override Parsed FromJson(JsonElement json)
    {
        var text = json.ValueKind switch
        {
            JsonValueKind.String => json.GetString(),
            // The shape in which the API shows a lookup that was asked for by path is also accepted back.
            JsonValueKind.Object when json.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String => id.GetString(),
            _ => null,
        };
        return text is null ? Parsed.Bad("value.lookup") : text.Length == 0 ? Parsed.Ok(null) : FromText(text, TextFormat.Invariant);
    }

    public override void WriteJson(Utf8JsonWriter writer, object value) => writer.WriteStringValue((Guid)value);

    public override Parsed FromText(string text, TextFormat format) =>
        Guid.TryParseExact(text.Trim(), "D", out var id) ? Parsed.Ok(id) : Parsed.Bad("value.lookup");

    public override string ToText(object value, CultureInfo culture) => ((Guid)value).ToString("D", CultureInfo.InvariantCulture);
}

/// <summary>People who work together across units.</summary>
[FieldType("team")]
public sealed class TeamFieldType : LookupFieldType
{
    [JsonIgnore]
    public override string Target { get => "team"; init { } }
}

/// <summary>A person who works with the product, or a team where that is allowed.</summary>
[FieldType("user")]
public sealed class UserFieldType : LookupFieldType
{
    [Description("Whether a team may stand in the place of a person; what paths read of a person they then read of the team, where it has a field of that name.")]
    public bool Teams { get; init; }

    [JsonIgnore]
    public override string Target { get => "user"; init { } }

    public override IEnumerable<string> CheckOptions() =>
        base.CheckOptions().Concat(Teams && Filter is not null ? ["a filter asks for fields of people; it cannot narrow a field that takes teams as well."] : []);
}
