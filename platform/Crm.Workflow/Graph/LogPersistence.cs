using System.Text.Json.Nodes;

namespace Crm.Workflow;

/// <summary>
/// What of an activity's inputs and outputs the journal keeps, as the definition says for the workflow, the activity and each of them; in the form
/// of today (<c>logPersistenceConfig</c>) and in that of before (<c>logPersistenceMode</c>).
/// </summary>
internal sealed class LogPersistence
{
    private readonly Rule _workflow, _activity;
    private readonly Dictionary<string, Rule> _inputs, _outputs;

    private LogPersistence(Rule workflow, Rule activity, Dictionary<string, Rule> inputs, Dictionary<string, Rule> outputs) => (_workflow, _activity, _inputs, _outputs) = (workflow, activity, inputs, outputs);

    /// <summary>Null where everything is kept, as almost always.</summary>
    public static LogPersistence? Read(JsonObject? ofWorkflow, JsonObject? ofActivity, WorkflowParts parts)
    {
        var read = new LogPersistence(Default(ofWorkflow, parts), Default(ofActivity, parts), Each(ofActivity, "inputs", parts), Each(ofActivity, "outputs", parts));
        return read._workflow == Rule.Inherit && read._activity == Rule.Inherit && read._inputs.Count == 0 && read._outputs.Count == 0 ? null : read;
    }

    public bool KeepsInput(string name, ActivityContext context) => Keeps(_inputs, name, context);

    public bool KeepsOutput(string name, ActivityContext context) => Keeps(_outputs, name, context);

    private bool Keeps(Dictionary<string, Rule> rules, string name, ActivityContext context) =>
        (rules.TryGetValue(name, out var rule) ? rule.Says(context) : null) ?? _activity.Says(context) ?? _workflow.Says(context) ?? true;

    private static Rule Default(JsonObject? custom, WorkflowParts parts) => custom is null ? Rule.Inherit
        : (custom["logPersistenceConfig"] as JsonObject)?["default"] is { } config ? Rule.Read(config, parts)
        : Rule.Read((custom["logPersistenceMode"] as JsonObject)?["default"], parts);

    private static Dictionary<string, Rule> Each(JsonObject? custom, string section, WorkflowParts parts)
    {
        var rules = new Dictionary<string, Rule>(StringComparer.OrdinalIgnoreCase);
        foreach (var form in (string[])["logPersistenceMode", "logPersistenceConfig"])
        {
            foreach (var (name, json) in (custom?[form] as JsonObject)?[section] as JsonObject ?? [])
            {
                if (Rule.Read(json, parts) is var rule && rule != Rule.Inherit)
                {
                    rules[name] = rule;
                }
            }
        }
        return rules;
    }

    private sealed record Rule(bool? Keeps, Expression? Expression)
    {
        public static readonly Rule Inherit = new(null, null);

        public static Rule Read(JsonNode? json, WorkflowParts parts)
        {
            if (json is not JsonObject config)
            {
                return Of(JsonShape.TextOf(json));
            }
            if (string.Equals(JsonShape.TextOf(JsonShape.Member(config, "evaluationMode")), "Expression", StringComparison.OrdinalIgnoreCase))
            {
                return JsonShape.Member(config, "expression") is JsonObject expression && parts.Expressions.Find(JsonShape.TextOf(expression["type"]) ?? "") is { } kind && TryCompile(kind, expression["value"], parts) is { } compiled
                    ? new(null, compiled)
                    : Inherit;
            }
            var strategy = JsonShape.TextOf(JsonShape.Member(config, "strategyType"))?.Split(',')[0];
            return Of(strategy?[(strategy.LastIndexOf('.') + 1)..]);
        }

        public bool? Says(ActivityContext context)
        {
            if (Expression is null)
            {
                return Keeps;
            }
            try
            {
                return Of(Values.ToText(Expression.Evaluate(context))).Keeps;
            }
            catch (WorkflowException)
            {
                // An expression that fails decides nothing; the journal must not fail the workflow.
                return null;
            }
        }

        /// <summary>A number is what older files have: Inherit, Include, Exclude.</summary>
        private static Rule Of(string? mode) => mode?.ToUpperInvariant() switch
        {
            "INCLUDE" or "1" => new(true, null),
            "EXCLUDE" or "2" => new(false, null),
            _ => Inherit,
        };

        private static Expression? TryCompile(IExpressionKind kind, JsonNode? value, WorkflowParts parts)
        {
            try
            {
                return kind.Compile(value, typeof(string), parts);
            }
            catch (WorkflowException)
            {
                return null;
            }
        }
    }
}
