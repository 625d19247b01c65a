using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Crm.Metadata;

namespace Crm.Rules;

/// <summary>
/// Which records a lookup may point to: its <c>filter</c>, a condition over the target in which <c>{"field": name}</c> names a field of the record
/// that points, and what its <c>dependsOn</c> says. While such a field is empty, its comparison does not narrow: a contact can be chosen before its customer is.
/// </summary>
public static class LookupFilter
{
    private const string Anything = """{"all":[]}""", Nothing = """{"any":[]}""";

    private static readonly ConditionalWeakTable<Field, Narrowing> Kept = [];

    /// <summary>Whether the lookup may not point to every record of its target.</summary>
    public static bool Narrows(Field lookup) => lookup is { Type: LookupFieldType type, Target: not null } && (type.Filter is not null || lookup.Definition.DependsOn is not null);

    /// <summary>The condition for a record as it stands, as JSON; null if the lookup has none.</summary>
    public static string? TextFor(Field lookup, Record? record) => Narrows(lookup)
        ? Kept.GetValue(lookup, static field => new(field)).TextFor(record)
        : null;

    /// <summary>The same, bound to the target.</summary>
    public static Condition? For(Field lookup, Record? record) => TextFor(lookup, record) is { } text ? ConditionReader.Read(text, lookup.Target!) : null;

    /// <summary>What is wrong with the filter of a lookup, each with its place.</summary>
    private static IEnumerable<(string Path, Problem Problem)> FaultsOf(Field lookup)
    {
        var filter = ((LookupFieldType)lookup.Type).Filter!.Value;
        var found = FaultsIn(filter, "filter", lookup).ToList();
        if (found.Count == 0)
        {
            try
            {
                ConditionReader.Read(Bind(JsonNode.Parse(filter.GetRawText()), lookup, record: null)?.ToJsonString() ?? Anything, lookup.Target!);
            }
            catch (ProblemException refusal)
            {
                found.AddRange(refusal.Problems.Select(p => (p.Field ?? "filter", p)));
            }
        }
        return found;
    }

    /// <summary>Comparisons with the record that points, which reading the condition leaves out.</summary>
    private static IEnumerable<(string Path, Problem Problem)> FaultsIn(JsonElement node, string path, Field lookup)
    {
        if (node.ValueKind != JsonValueKind.Object)
        {
            yield break;
        }
        foreach (var member in node.EnumerateObject())
        {
            var inner = member switch
            {
                { Name: "all" or "any", Value.ValueKind: JsonValueKind.Array } => member.Value.EnumerateArray().SelectMany((part, i) => FaultsIn(part, $"{path}.{member.Name}[{i}]", lookup)),
                { Name: "not" } => FaultsIn(member.Value, path + ".not", lookup),
                _ => [],
            };
            foreach (var fault in inner)
            {
                yield return fault;
            }
        }
        if (node.TryGetProperty("value", out var value) && OwnField(value, lookup.Entity) is { } own)
        {
            var name = node.TryGetProperty("field", out var given) && given.ValueKind == JsonValueKind.String ? given.GetString()! : "";
            if (lookup.Target!.Resolve(name) is not { Field.IsStored: true } compared)
            {
                yield return (path + ".field", Problem.Of(ProblemKind.Invalid, "condition.field", name, lookup.Target.Name));
            }
            else if (compared.Field.Type.Operators.All(o => !node.TryGetProperty("op", out var op) || op.ValueKind != JsonValueKind.String || Operators.NameOf(o) != op.GetString()))
            {
                yield return (path + ".op", Problem.Of(ProblemKind.Invalid, "condition.operator", node.TryGetProperty("op", out var op) ? op.ToString() : "", string.Join(", ", compared.Field.Type.Operators.Select(Operators.NameOf))));
            }
            else if (!own.IsStored || own.Type.ValueType != compared.Field.Type.ValueType || PointedTo(own) != PointedTo(compared.Field))
            {
                yield return (path + ".value.field", Problem.Of(ProblemKind.Invalid, "lookup.filterField", own.Name, compared.ToString()));
            }
        }
    }

    /// <summary>The entity whose ids a field holds; a record's own id is one of its entity.</summary>
    private static Entity? PointedTo(Field field) => field.IsSystem && field.Ordinal == Entity.IdOrdinal ? field.Entity : field.Target;

    private static Field? OwnField(JsonElement value, Entity entity) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty("field", out var name) && name.ValueKind == JsonValueKind.String ? entity.Find(name.GetString()!) : null;

    private static JsonNode? Bind(JsonNode? node, Field lookup, Record? record)
    {
        if (node is not JsonObject condition)
        {
            return node?.DeepClone();
        }
        var bound = new JsonObject();
        foreach (var (name, value) in condition)
        {
            switch (name, value)
            {
                case ("all" or "any", JsonArray parts):
                    bound[name] = new JsonArray([.. parts.Select(p => p is null ? null : Bind(p, lookup, record) ?? JsonNode.Parse(name == "all" ? Anything : Nothing))]);
                    break;
                case ("not", not null):
                    if (Bind(value, lookup, record) is not { } inner)
                    {
                        return null;
                    }
                    bound[name] = inner;
                    break;
                case ("value", JsonObject reference) when reference["field"] is JsonValue text && text.TryGetValue(out string? other) && lookup.Entity.Find(other) is { } own:
                    if (record?[own] is not { } known)
                    {
                        return null;
                    }
                    if (!Holds(condition, lookup.Target!, JsonOf(own, known)))
                    {
                        return JsonNode.Parse(Nothing);
                    }
                    bound[name] = JsonOf(own, known);
                    break;
                default:
                    bound[name] = value?.DeepClone();
                    break;
            }
        }
        return bound;
    }

    /// <summary>Whether the compared field can have the value at all: a choice of the one need not be a choice of the other.</summary>
    private static bool Holds(JsonObject leaf, Entity target, JsonNode? value) =>
        leaf["field"] is JsonValue name && target.Resolve(name.GetValue<string>()) is { } path && path.Field.Type.FromJson(value.Deserialize<JsonElement>()).Fault is null;

    private static JsonNode? JsonOf(Field field, object value)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            field.Type.WriteJson(json, value);
        }
        return JsonNode.Parse(stream.ToArray());
    }

    /// <summary>The filter of one lookup; one that cannot be understood is as if there were none.</summary>
    private sealed class Narrowing
    {
        private readonly Field _lookup;
        private readonly string? _text;
        private readonly bool _isFixed;

        public Narrowing(Field lookup)
        {
            _lookup = lookup;
            var filter = ((LookupFieldType)lookup.Type).Filter is { } given && !FaultsOf(lookup).Any() ? given : (JsonElement?)null;
            _text = (filter?.GetRawText(), LookupDependency.Of(lookup)) switch
            {
                ({ } own, var (master, counterpart)) => $$"""{"all":[{{own}},{{Same(master, counterpart)}}]}""",
                (null, var (master, counterpart)) => Same(master, counterpart),
                (var own, null) => own,
            };
            _isFixed = LookupDependency.Of(lookup) is null && (filter is not { } condition || !Refers(condition));
        }

        public string? TextFor(Record? record) => _text is null || _isFixed ? _text : Bind(JsonNode.Parse(_text), _lookup, record)?.ToJsonString() ?? Anything;

        private static string Same(Field master, Field counterpart) => $$$"""{"field":"{{{counterpart.Name}}}","op":"eq","value":{"field":"{{{master.Name}}}"}}""";

        private bool Refers(JsonElement node) => node.ValueKind switch
        {
            JsonValueKind.Object => node.EnumerateObject().Any(m => (m.Name == "value" && OwnField(m.Value, _lookup.Entity) is not null) || Refers(m.Value)),
            JsonValueKind.Array => node.EnumerateArray().Any(Refers),
            _ => false,
        };
    }

    /// <summary>Reports filters that are no condition over what their lookup points to.</summary>
    public sealed class Check : IModelCheck
    {
        IEnumerable<MetadataProblem> IModelCheck.Check(Model model)
        {
            foreach (var field in model.Entities.Values.OrderBy(e => e.Name, StringComparer.Ordinal).SelectMany(e => e.OwnFields).Where(f => f.Target is not null && f.Type is LookupFieldType { Filter: not null }))
            {
                foreach (var (path, problem) in FaultsOf(field))
                {
                    yield return new(model.FileOf(field.Entity), $"{field.DefinedAt}.{path}", problem.Message(model.Texts));
                }
            }
        }
    }
}
