using System.Text.Json;
using System.Text.Json.Nodes;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Workflow;

/// <summary>
/// The platform's one condition tree, over a record that the workflow has in a variable:
/// <c>{"entity": "opportunity", "record": "Deal", "condition": {"field": "amount", "op": "gt", "value": 1000}}</c>.
/// </summary>
[ExpressionKind("Condition", EditorLanguage = "json")]
internal sealed class ConditionKind : IExpressionKind
{
    public Expression Compile(JsonNode? value, Type type, WorkflowParts parts)
    {
        JsonNode? node;
        try
        {
            node = JsonShape.TextOf(value) is { } text ? JsonNode.Parse(text) : value;
        }
        catch (JsonException e)
        {
            throw new WorkflowException("condition.json", e.Message, e);
        }
        return node is JsonObject map && JsonShape.TextOf(map["entity"]) is { } entity && JsonShape.TextOf(map["record"]) is { } record && map["condition"] is { } condition
            ? new Holds(entity, record, condition.ToJsonString())
            : throw new WorkflowException("condition.json", "A condition names an entity, the variable that holds the record, and the condition.");
    }

    private sealed class Holds(string entityName, string record, string condition) : Expression
    {
        private (Model Model, Condition Condition)? _bound;

        public override object? Evaluate(ActivityContext context)
        {
            var engine = (context.Run.Surroundings as DurableSurroundings)?.Engine ?? throw new WorkflowException("records.none", "Conditions over records hold for nothing where a workflow is only tried out.");
            var entity = RecordMaps.Entity(engine.Models, entityName);
            var bound = _bound;
            if (bound is null || bound.Value.Model != engine.Models.Current)
            {
                // The Model may have changed since the workflow was compiled.
                _bound = bound = (engine.Models.Current, ConditionReader.Read(condition, entity));
            }
            if (!context.TryVariable(record, out var value) || value is not IDictionary<string, object?> map)
            {
                throw new WorkflowException("condition.record", $"The variable '{record}' holds no record.") { Advice = "Read the record into it before." };
            }
            return ConditionEvaluator.Holds(bound.Value.Condition, new Subject(entity, map), Actor.Platform.ScopeAt(engine.Now));
        }
    }

    /// <summary>A record that a variable holds. It has its own fields; what lies behind lookups is not in it.</summary>
    private sealed class Subject : IConditionSubject
    {
        private readonly Dictionary<string, object?> _values = new(StringComparer.Ordinal);

        public Subject(Entity entity, IDictionary<string, object?> map)
        {
            using var document = JsonDocument.Parse(Values.ToJson(map));
            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (entity.Find(member.Name) is { IsStored: true } field && member.Value.ValueKind != JsonValueKind.Null)
                {
                    _values[member.Name] = field.Type.FromJson(member.Value).Value;
                }
            }
        }

        public object? Read(FieldPath path) => path.IsDirect
            ? _values.GetValueOrDefault(path.Field.Name)
            : throw new WorkflowException("condition.path", $"'{path}' leads out of the record.") { Advice = "Find the record by this condition instead, with Find records." };

        public IEnumerable<IConditionSubject> Children(ChildPath path) => throw new WorkflowException("condition.path", "The condition leads out of the record.")
        {
            Advice = "Find the record by this condition instead, with Find records.",
        };
    }
}
