using System.Text.Json;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Host.Api;

/// <summary>Reads an aggregate request and writes its rows.</summary>
internal static class AggregateJson
{
    private const int MaxTerms = 12, MaxName = 200;

    /// <exception cref="ProblemException">The request cannot be understood.</exception>
    public static AggregateQuery Read(JsonElement json, Entity entity)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new ProblemException(Problem.Of(ProblemKind.Invalid, "json.object"));
        }
        List<GroupTerm> groups = [];
        List<Measure> measures = [];
        var query = new AggregateQuery(entity, groups, measures);
        foreach (var member in json.EnumerateObject())
        {
            switch (member.Name)
            {
                case "groupBy":
                    groups.AddRange(List(member).Select((item, i) => ReadGroup(item, entity, $"groupBy[{i}]")));
                    break;
                case "measures":
                    measures.AddRange(List(member).Select((item, i) => ReadMeasure(item, entity, $"measures[{i}]")));
                    break;
                case "filter":
                    query = query with { Filter = member.Value is { ValueKind: JsonValueKind.Object } filter && !filter.EnumerateObject().Any() ? Condition.Always : ConditionReader.Read(member.Value, entity) };
                    break;
                case "sort":
                    query = query with { Sort = member.Value.ValueKind is JsonValueKind.String ? member.Value.GetString() : throw Bad(member, "value.text") };
                    break;
                case "limit":
                    query = query with { Limit = member.Value.ValueKind is JsonValueKind.Number && member.Value.TryGetInt32(out var limit) && limit is >= 1 and <= AggregateQuery.MaxLimit ? limit : throw Bad(member, "limit", AggregateQuery.MaxLimit) };
                    break;
                case "titles":
                    query = query with { WithTitles = member.Value.ValueKind is JsonValueKind.True or JsonValueKind.False ? member.Value.GetBoolean() : throw Bad(member, "value.boolean") };
                    break;
                default:
                    throw new ProblemException(Problem.At(member.Name, ProblemKind.Invalid, "parameter.unknown", member.Name));
            }
        }
        if (measures.Count == 0)
        {
            measures.Add(new(MeasureFunction.Count, null, "count"));
        }
        var names = groups.Select(g => g.Path.ToString()).Concat(measures.Select(m => m.Name)).ToList();
        return names.Count != names.Distinct(StringComparer.Ordinal).Count()
            ? throw new ProblemException(Problem.At("measures", ProblemKind.Invalid, "aggregate.names"))
            : query;
    }

    public static void Write(Utf8JsonWriter json, AggregateResult result)
    {
        var (groups, measures) = (result.Query.GroupBy, result.Query.Measures);
        json.WriteStartObject();
        json.WriteStartArray("rows");
        foreach (var row in result.Rows)
        {
            json.WriteStartObject();
            for (var i = 0; i < groups.Count; i++)
            {
                json.WritePropertyName(groups[i].Path.ToString());
                if (groups[i].By is null)
                {
                    WriteFigure(json, groups[i].Path.Field.Type, row[i]);
                }
                else
                {
                    json.WriteStringValue((string?)row[i]);
                }
            }
            for (var i = 0; i < measures.Count; i++)
            {
                json.WritePropertyName(measures[i].Name);
                // How many there are is a number, whatever is counted.
                var isCount = measures[i].Function is MeasureFunction.Count or MeasureFunction.CountDistinct;
                WriteFigure(json, isCount ? null : measures[i].Path?.Field.Type, row[groups.Count + i]);
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteBoolean("more", result.HasMore);
        if (result.Query.WithTitles)
        {
            WriteTitles(json, result.Titles);
        }
        json.WriteEndObject();
    }

    private static void WriteTitles(Utf8JsonWriter json, IReadOnlyDictionary<string, IReadOnlyDictionary<object, string>> titles)
    {
        json.WriteStartObject("titles");
        foreach (var (path, ofPath) in titles)
        {
            json.WriteStartObject(path);
            foreach (var (value, title) in ofPath)
            {
                json.WriteString(value.ToString()!, title);
            }
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    /// <param name="json">Where to write.</param>
    /// <param name="type">Of which type the figure is; null for a plain number.</param>
    /// <param name="figure">The figure.</param>
    private static void WriteFigure(Utf8JsonWriter json, FieldType? type, object? figure)
    {
        switch (figure)
        {
            case null: json.WriteNullValue(); break;
            case not null when type is not null: type.WriteFigure(json, figure); break;
            case decimal number: json.WriteNumberValue(ExactDecimal.Trim(number)); break;
            case long number: json.WriteNumberValue(number); break;
        }
    }

    private static ProblemException Bad(JsonProperty member, string code, params object[] arguments) => new(Problem.At(member.Name, ProblemKind.Invalid, code, arguments));

    private static IEnumerable<JsonElement> List(JsonProperty member) =>
        member.Value.ValueKind == JsonValueKind.Array && member.Value.GetArrayLength() <= MaxTerms
            ? member.Value.EnumerateArray()
            : throw new ProblemException(Problem.At(member.Name, ProblemKind.Invalid, "aggregate.list", MaxTerms));

    private static GroupTerm ReadGroup(JsonElement json, Entity entity, string at)
    {
        if (json.ValueKind == JsonValueKind.String)
        {
            return new(PathOf(json, entity, at), null);
        }
        var members = Members(json, at, "field", "by");
        var path = PathOf(members.GetValueOrDefault("field"), entity, at + ".field");
        var by = members.TryGetValue("by", out var bucket) ? bucket.ToString() : null;
        return by is null || (GroupTerm.Buckets.Contains(by) && path.Field.Type is TemporalFieldType)
            ? new(path, by)
            : throw new ProblemException(Problem.At(at + ".by", ProblemKind.Invalid, "aggregate.by", by, string.Join(", ", GroupTerm.Buckets)));
    }

    private static Measure ReadMeasure(JsonElement json, Entity entity, string at)
    {
        var members = Members(json, at, "fn", "field", "filter", "from", "to", "as");
        var definition = new MeasureDefinition
        {
            Fn = members.GetValueOrDefault("fn").ToString(),
            Field = Text("field"),
            Filter = members.TryGetValue("filter", out var filter) ? filter : null,
            From = Text("from"),
            To = Text("to"),
        };
        return Measure.Of(definition, entity, at, members.TryGetValue("as", out var name) ? ReadName(name, at + ".as") : null);

        string? Text(string member) => !members.TryGetValue(member, out var value) ? null
            : value.ValueKind == JsonValueKind.String ? value.GetString()
            : throw new ProblemException(Problem.At($"{at}.{member}", ProblemKind.Invalid, "value.text"));
    }

    private static string ReadName(JsonElement json, string at)
    {
        var name = json.ValueKind == JsonValueKind.String ? json.GetString()! : throw new ProblemException(Problem.At(at, ProblemKind.Invalid, "value.text"));
        return name.Length is 0 or > MaxName ? throw new ProblemException(Problem.At(at, ProblemKind.Invalid, "value.tooLong", MaxName, name.Length))
            : name.Any(char.IsControl) ? throw new ProblemException(Problem.At(at, ProblemKind.Invalid, "value.controlCharacters"))
            : name;
    }

    private static Dictionary<string, JsonElement> Members(JsonElement json, string at, params string[] known)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new ProblemException(Problem.At(at, ProblemKind.Invalid, "json.object"));
        }
        var members = json.EnumerateObject().ToDictionary(m => m.Name, m => m.Value, StringComparer.Ordinal);
        return members.Keys.FirstOrDefault(k => !known.Contains(k)) is { } unknown
            ? throw new ProblemException(Problem.At($"{at}.{unknown}", ProblemKind.Invalid, "parameter.unknown", unknown))
            : members;
    }

    private static FieldPath PathOf(JsonElement json, Entity entity, string at)
    {
        var path = json.ValueKind == JsonValueKind.String && entity.Resolve(json.GetString()!) is { Field.IsStored: true } found
            ? found
            : throw new ProblemException(Problem.At(at, ProblemKind.Invalid, "field.unknown", json.ToString(), entity.Label));
        return path.Field.Type.IsGroupable ? path : throw new ProblemException(Problem.At(at, ProblemKind.Invalid, "aggregate.groupBy", path.Field.Label));
    }
}
