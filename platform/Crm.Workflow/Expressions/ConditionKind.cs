using System.Text.Json;
using System.Text.Json.Nodes;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Workflow;

/// <summary>
/// The platform's one condition tree, over a record that the workflow has in a variable:
/// <c>{"entity": "opportunity", "record": "Deal", "condition": {"field": "amount", "op": "gt", "value": 1000}}</c>.
/// The record has its own fields; what lies behind lookups and which records point to it is read when it is asked.
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
            ? new Holding(entity, record, condition.ToJsonString())
            : throw new WorkflowException("condition.json", "A condition names an entity, the variable that holds the record, and the condition.");
    }

    private sealed class Holding(string entityName, string variable, string condition) : Expression
    {
        /// <summary>What has values that are worked out means something else each time.</summary>
        private readonly bool _isFixed = !condition.Contains("\"expression\"", StringComparison.Ordinal);

        private Bound? _bound;

        public override object? Evaluate(ActivityContext context)
        {
            var surroundings = context.Run.Surroundings as DurableSurroundings ?? throw new WorkflowException("records.none", "Conditions over records hold for nothing where a workflow is only tried out.");
            var models = surroundings.Engine.Models;
            var entity = RecordMaps.Entity(models, entityName);
            var bound = _bound;
            if (bound is null || bound.Model != models.Current)
            {
                // The Model may have changed since the workflow was compiled.
                bound = new(models.Current, ConditionReader.Read(condition, entity, WorkflowConditions.ValuesIn(context)));
                _bound = _isFixed ? bound : null;
            }
            if (!context.TryVariable(variable, out var value) || value is not IDictionary<string, object?> map)
            {
                throw new WorkflowException("condition.record", $"The variable '{variable}' holds no record.") { Advice = "Read the record into it before." };
            }
            return WorkflowConditions.Holds(bound.Condition, RecordOf(entity, map), surroundings, context.Run.Cancellation);
        }

        private static Record RecordOf(Entity entity, IDictionary<string, object?> map)
        {
            var record = new Record(entity);
            using var document = JsonDocument.Parse(Values.ToJson(map));
            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (entity.Find(member.Name) is { IsStored: true } field && member.Value.ValueKind != JsonValueKind.Null)
                {
                    record[field] = field.Type.FromJson(member.Value).Value;
                }
            }
            return record;
        }

        private sealed record Bound(Model Model, Condition Condition);
    }
}
