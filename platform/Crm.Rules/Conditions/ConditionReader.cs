using System.Text.Json;
using Crm.Metadata;

namespace Crm.Rules;

/// <summary>Reads the JSON of a condition and binds it to an entity; what is wrong is reported with its JSON path.</summary>
public sealed class ConditionReader
{
    /// <summary>Deeper or larger than this is a mistake or an attack.</summary>
    public const int MaxDepth = 20, MaxNodes = 500, MaxValues = 5_000;

    private readonly Func<string, JsonElement>? _evaluate;
    private int _nodes, _values;

    private ConditionReader(Func<string, JsonElement>? evaluate) => _evaluate = evaluate;

    /// <param name="json">The condition.</param>
    /// <param name="entity">Over whose records it is.</param>
    /// <param name="evaluate">What a value <c>{"expression": "..."}</c> gives; null where there are no such values.</param>
    /// <exception cref="ProblemException">The JSON is no condition over <paramref name="entity"/>.</exception>
    public static Condition Read(JsonElement json, Entity entity, Func<string, JsonElement>? evaluate = null) =>
        JsonText.IsWellFormed(json) ? new ConditionReader(evaluate).ReadNode(json, entity, "", 0) : throw Bad("", "value.brokenUnicode");

    /// <inheritdoc cref="Read(JsonElement, Entity, Func{string, JsonElement})"/>
    /// <exception cref="ProblemException">The text is no JSON, or no condition over <paramref name="entity"/>.</exception>
    public static Condition Read(string json, Entity entity, Func<string, JsonElement>? evaluate = null)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return Read(document.RootElement, entity, evaluate);
        }
        catch (JsonException)
        {
            throw Bad("", "condition.json");
        }
        catch (InvalidOperationException)
        {
            // Names are compared while parsing, and half a surrogate pair cannot be.
            throw Bad("", "value.brokenUnicode");
        }
    }

    private Condition ReadNode(JsonElement json, Entity entity, string path, int depth)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw Bad(path, "condition.object");
        }
        if (depth > MaxDepth || ++_nodes > MaxNodes)
        {
            throw Bad(path, "condition.tooLarge", MaxNodes, MaxDepth);
        }
        var members = json.EnumerateObject().ToList();
        if (members.Count == 1)
        {
            var only = members[0];
            switch (only.Name)
            {
                case "all": return new AllOf(ReadParts(only.Value, entity, path + "all", depth));
                case "any": return new AnyOf(ReadParts(only.Value, entity, path + "any", depth));
                case "not": return new Not(ReadNode(only.Value, entity, path + "not.", depth + 1));
            }
        }
        return ReadLeaf(members, entity, path, depth);
    }

    private List<Condition> ReadParts(JsonElement json, Entity entity, string path, int depth) => json.ValueKind != JsonValueKind.Array
        ? throw Bad(path, "condition.list")
        : [.. json.EnumerateArray().Select((part, i) => ReadNode(part, entity, $"{path}[{i}].", depth + 1))];

    private Condition ReadLeaf(List<JsonProperty> members, Entity entity, string path, int depth)
    {
        JsonElement? fieldJson = null, opJson = null, valueJson = null;
        foreach (var member in members)
        {
            switch (member.Name)
            {
                case "field": fieldJson = member.Value; break;
                case "op": opJson = member.Value; break;
                case "value": valueJson = member.Value; break;
                default: throw Bad(path + member.Name, "condition.member", member.Name);
            }
        }
        if (fieldJson is not { ValueKind: JsonValueKind.String } name)
        {
            throw Bad(path + "field", "condition.field", fieldJson?.ToString() ?? "", entity.Name);
        }
        return ReadLeaf(name.GetString()!, opJson, valueJson, entity, path, depth);
    }

    private Condition ReadLeaf(string name, JsonElement? opJson, JsonElement? valueJson, Entity entity, string path, int depth)
    {
        if (entity.Resolve(name) is not { Field.IsStored: true } fieldPath)
        {
            return ChildPath.Resolve(entity, name, out var rest) is { } child
                ? ReadChild(child, rest, opJson, valueJson, path, depth)
                : throw Bad(path + "field", "condition.field", name, entity.Name);
        }
        if (opJson is not { ValueKind: JsonValueKind.String } || !Operators.TryFind(opJson.Value.GetString()!, out var op))
        {
            throw Bad(path + "op", "condition.operator", opJson?.ToString() ?? "", string.Join(", ", fieldPath.Field.Type.Operators.Select(Operators.NameOf)));
        }
        if (!fieldPath.Field.Type.Operators.Contains(op) || !Operators.Of(op).FitsField(fieldPath.Field))
        {
            throw Bad(path + "op", "condition.operator", Operators.NameOf(op), string.Join(", ", fieldPath.Field.Type.Operators.Select(Operators.NameOf)));
        }
        return Operators.Of(op).Normalize(new(fieldPath, op, ReadOperand(valueJson, entity, fieldPath.Field, op, path + "value")));
    }

    /// <summary>Over a collection: whether there is an entry, one that meets a condition of its own, or one whose field compares.</summary>
    private Condition ReadChild(ChildPath child, string rest, JsonElement? opJson, JsonElement? valueJson, string path, int depth)
    {
        if (depth >= MaxDepth || ++_nodes > MaxNodes)
        {
            throw Bad(path, "condition.tooLarge", MaxNodes, MaxDepth);
        }
        if (rest.Length > 0)
        {
            return new ChildExists(child, ReadLeaf(rest, opJson, valueJson, child.Child, path, depth + 1));
        }
        var op = opJson is { ValueKind: JsonValueKind.String } given && Operators.TryFind(given.GetString()!, out var known) ? known : (ConditionOperator?)null;
        switch (op)
        {
            case ConditionOperator.NotNull: return new ChildExists(child, Condition.Always);
            case ConditionOperator.IsNull: return new Not(new ChildExists(child, Condition.Always));
            case ConditionOperator.Exists or ConditionOperator.NotExists:
                var exists = new ChildExists(child, valueJson is { } nested ? ReadNode(nested, child.Child, path + "value.", depth + 1) : Condition.Always);
                return op == ConditionOperator.Exists ? exists : new Not(exists);
            default:
                throw Bad(path + "op", "condition.operator", opJson?.ToString() ?? "", "exists, notExists, isNull, notNull");
        }
    }

    private Operand ReadOperand(JsonElement? given, Entity entity, Field field, ConditionOperator op, string path)
    {
        var (json, isData) = Evaluated(given);
        var rule = Operators.Of(op);
        switch (rule.Form)
        {
            case OperandForm.None:
                return new Constants([]);
            case OperandForm.Span:
                return json is { ValueKind: JsonValueKind.String } span && RelativeTimes.IsKnown(span.GetString()!, forMoments: field.Type is not DateFieldType)
                    ? new RelativeTime(span.GetString()!)
                    : throw Bad(path, "condition.span", json?.ToString() ?? "", string.Join(", ", RelativeTimes.Suggested));
            case OperandForm.List or OperandForm.OneOrList when !isData && json is { ValueKind: JsonValueKind.Object } && VariableOf(json.Value) is { } set:
                return new Constants([ReadVariable(set, field, path, inList: true)]);
            case OperandForm.OneOrList when json is { ValueKind: not JsonValueKind.Array } root:
                return new Constants([ReadValue(root, field, op, path)]);
            case OperandForm.List or OperandForm.OneOrList or OperandForm.Pair:
                return ReadList(json, isData, field, op, rule.Form == OperandForm.Pair, path);
        }
        if (json is not { } value)
        {
            throw Bad(path, "condition.value");
        }
        if (value.ValueKind == JsonValueKind.Object && !isData)
        {
            if (VariableOf(value) is { } variable)
            {
                return ReadVariable(variable, field, path, inList: false);
            }
            if (value.TryGetProperty("field", out var other))
            {
                return other.ValueKind == JsonValueKind.String && entity.Resolve(other.GetString()!) is { Field.IsStored: true } otherPath && Fits(field.Type, otherPath.Field.Type, rule)
                    ? new OtherField(otherPath)
                    : throw Bad(path + ".field", "condition.field", other.ToString(), entity.Name);
            }
        }
        return new Constants([ReadValue(value, field, op, path)]);
    }

    /// <summary>What stands there, or what the expression gives that stands there: that is data, in which no name means anything.</summary>
    private (JsonElement? Json, bool IsData) Evaluated(JsonElement? json) =>
        _evaluate is not null && json is { ValueKind: JsonValueKind.Object } given && given.TryGetProperty("expression", out var source) && source.ValueKind == JsonValueKind.String
            ? (_evaluate(source.GetString()!), true)
            : (json, false);

    private static JsonElement? VariableOf(JsonElement json) => json.ValueKind == JsonValueKind.Object && json.TryGetProperty("var", out var variable) ? variable : null;

    private static Variable ReadVariable(JsonElement json, Field field, string path, bool inList)
    {
        var variable = new Variable(json.ValueKind == JsonValueKind.String ? json.GetString()! : "");
        return Variable.Fits(variable.Name, field.Type) && (inList || !variable.IsSet) ? variable : throw Bad(path + ".var", "condition.variable", variable.Name);
    }

    private Constants ReadList(JsonElement? json, bool isData, Field field, ConditionOperator op, bool isPair, string path)
    {
        if (json is not { ValueKind: JsonValueKind.Array } list || list.GetArrayLength() > MaxValues || (isPair && list.GetArrayLength() != 2))
        {
            throw Bad(path, isPair ? "condition.between" : "condition.values");
        }
        // Each value is a parameter, of which a statement cannot have any number.
        if ((_values += list.GetArrayLength()) > MaxValues)
        {
            throw Bad(path, "condition.tooLarge", MaxNodes, MaxDepth);
        }
        return new([.. list.EnumerateArray().Select((item, i) => isData ? ReadValue(item, field, op, $"{path}[{i}]") : ReadItem(item, field, op, isPair, $"{path}[{i}]"))]);
    }

    private object? ReadItem(JsonElement item, Field field, ConditionOperator op, bool isPair, string path)
    {
        var (json, isData) = Evaluated(item);
        return !isData && VariableOf(item) is { } variable ? ReadVariable(variable, field, path, inList: !isPair) : ReadValue(json!.Value, field, op, path);
    }

    private static bool Fits(FieldType left, FieldType right, ComparisonRule rule) => left.ValueType == right.ValueType && left.ComparesWithFields && rule.FitsOther(left, right);

    private static object? ReadValue(JsonElement json, Field field, ConditionOperator op, string path)
    {
        if (json.ValueKind == JsonValueKind.Null)
        {
            return null;
        }
        var parsed = field.Type.ReadOperand(op, json);
        return parsed.Fault is { } fault ? throw Bad(path, fault.Code, fault.Arguments) : parsed.Value;
    }

    private static ProblemException Bad(string path, string code, params object[] arguments) =>
        new(Problem.At(path.TrimEnd('.') is { Length: > 0 } at ? "filter." + at : "filter", ProblemKind.Invalid, code, arguments));
}
