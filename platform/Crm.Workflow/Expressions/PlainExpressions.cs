using System.Text.Json.Nodes;

namespace Crm.Workflow;

/// <summary>A value as it stands, converted to what the input wants.</summary>
[ExpressionKind("Literal", IsBrowsable = false)]
internal sealed class LiteralKind : IExpressionKind
{
    public Expression Compile(JsonNode? value, Type type, WorkflowParts parts)
    {
        var given = Values.FromJson(value);
        return given is List<object?> or IDictionary<string, object?> ? new CopyExpression(Values.To(type, given)) : Constant(given, type);
    }

    internal static Expression Constant(object? given, Type type)
    {
        // Empty text is no number and no moment; designers leave it behind.
        var value = given is string { Length: 0 } && type.IsValueType ? Values.To(type, null) : Values.To(type, given);
        return value is List<object?> or IDictionary<string, object?> or List<string> ? new CopyExpression(value) : new ConstantExpression(value);
    }
}

/// <summary>JSON text, read as what the input wants.</summary>
[ExpressionKind("Object", EditorLanguage = "json")]
internal sealed class ObjectKind : IExpressionKind
{
    public Expression Compile(JsonNode? value, Type type, WorkflowParts parts)
    {
        var given = Values.FromJson(value) is string text
            ? text.Trim().Length == 0 ? null : type == typeof(string) ? text : BeginsLikeJson(text) && type != typeof(object) ? Values.ParseJson(text) : Values.Parse(text)
            : Values.FromJson(value);
        return given is List<object?> or IDictionary<string, object?> ? new CopyExpression(Values.To(type, given)) : LiteralKind.Constant(given, type);
    }

    /// <summary>What begins so and is none is a mistake, and not the only item of a list.</summary>
    private static bool BeginsLikeJson(string text) => text.AsSpan().TrimStart() is ['[' or '{', ..];
}

/// <summary>The older name of <c>Object</c>.</summary>
[ExpressionKind("Json", EditorLanguage = "json", IsBrowsable = false)]
internal sealed class JsonKind : IExpressionKind
{
    public Expression Compile(JsonNode? value, Type type, WorkflowParts parts) => new ObjectKind().Compile(value, type, parts);
}

internal static class PlainExpressions
{
    /// <summary>A variable or input as definitions name it: its model, the model as a text, or its name.</summary>
    public static JsonNode? Model(JsonNode? value)
    {
        if (JsonShape.TextOf(value) is not { } text || !text.TrimStart().StartsWith('{'))
        {
            return value;
        }
        try
        {
            return JsonNode.Parse(text);
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }
}

/// <summary>The value of a variable.</summary>
[ExpressionKind("Variable")]
internal sealed class VariableKind : IExpressionKind
{
    public Expression Compile(JsonNode? value, Type type, WorkflowParts parts)
    {
        var node = PlainExpressions.Model(value);
        var reference = node is JsonObject map
            ? new VariableReference(JsonShape.TextOf(JsonShape.Member(map, "id")), JsonShape.TextOf(JsonShape.Member(map, "name")))
            : JsonShape.TextOf(node) is { Length: > 0 } name ? new VariableReference(name, name) : null;
        return reference is null ? new ConstantExpression(Values.To(type, null)) : new Read(reference);
    }

    private sealed class Read(VariableReference reference) : Expression
    {
        public override object? Evaluate(ActivityContext context) => context.TryVariable(reference, out var value)
            ? value
            : throw new WorkflowException("variable.missing", $"There is no variable '{reference.Name ?? reference.Id}' here.") { Advice = "Choose another variable in the designer, or declare it again." };
    }
}

/// <summary>An input of the workflow, or of the workflow used as an activity that this stands in.</summary>
[ExpressionKind("Input")]
internal sealed class InputKind : IExpressionKind
{
    public Expression Compile(JsonNode? value, Type type, WorkflowParts parts)
    {
        var node = PlainExpressions.Model(value);
        var name = node is JsonObject map ? JsonShape.TextOf(JsonShape.Member(map, "name")) : JsonShape.TextOf(node);
        return name is null ? new ConstantExpression(Values.To(type, null)) : new Read(name);
    }

    private sealed class Read(string name) : Expression
    {
        public override object? Evaluate(ActivityContext context) => WorkflowInputs.Of(context, name, out var value) ? value : null;
    }
}

/// <summary>A language that definitions may carry and this installation does not run.</summary>
internal abstract class RefusedKind(string language) : IExpressionKind
{
    public Expression Compile(JsonNode? value, Type type, WorkflowParts parts) =>
        throw new WorkflowException("expression.refused", $"{language} expressions are not run here.") { Advice = "Write the expression in JavaScript." };
}

[ExpressionKind("CSharp", IsBrowsable = false)]
internal sealed class CSharpKind() : RefusedKind("C#");

[ExpressionKind("Python", IsBrowsable = false)]
internal sealed class PythonKind() : RefusedKind("Python");

[ExpressionKind("Liquid", IsBrowsable = false)]
internal sealed class LiquidKind() : RefusedKind("Liquid");

/// <summary>Who sees which inputs: inside a workflow used as an activity only that one's own.</summary>
internal static class WorkflowInputs
{
    public static bool Of(ActivityContext context, string name, out object? value)
    {
        if (context.Composite() is { } composite)
        {
            var index = composite.Node.IndexOfName(name);
            value = index >= 0 ? composite.Variables![index] : null;
            return index >= 0;
        }
        var run = context.Run;
        if (run.StartInput.TryGetValue(name, out value) || run.Input.TryGetValue(name, out value))
        {
            return true;
        }
        foreach (var input in run.Graph.Definition.Inputs)
        {
            if (input.Name == name)
            {
                value = null;
                return true;
            }
        }
        return false;
    }
}
