using System.Text.Json.Nodes;

namespace Crm.Workflow;

/// <summary>JavaScript.</summary>
[ExpressionKind("JavaScript", EditorLanguage = "javascript")]
internal sealed class JavaScriptKind : IExpressionKind
{
    public Expression Compile(JsonNode? value, Type type, WorkflowParts parts)
    {
        var source = JsonShape.TextOf(value) ?? "";
        return source.Trim().Length == 0 ? new ConstantExpression(Values.To(type, null)) : new JavaScriptExpression(parts.Scripts, parts.Scripts.Compile(source));
    }
}

internal sealed class JavaScriptExpression(Scripts scripts, Script script) : Expression
{
    public override IReadOnlyList<string>? Reads => script.Reads;

    public override bool IsSensitive => script.AsksForSecrets;

    public override object? Evaluate(ActivityContext context) => scripts.Evaluate(script, context);
}
