using System.Reflection;
using System.Text.Json.Nodes;
using Crm.Metadata;

namespace Crm.Workflow;

/// <summary>A value that an activity is given, in the form in which it is evaluated.</summary>
public abstract class Expression
{
    /// <summary>Whether it is the same for every instance, so that it is evaluated once, at compile time.</summary>
    public virtual bool IsConstant => false;

    /// <summary>Variables on which the value depends; null where it is not known, or where evaluating costs nothing.</summary>
    public virtual IReadOnlyList<string>? Reads => null;

    /// <summary>Whether its value is left out of records and logs.</summary>
    public virtual bool IsSensitive => false;

    /// <exception cref="WorkflowException">It fails.</exception>
    public abstract object? Evaluate(ActivityContext context);
}

/// <summary>Names a language in which definitions write expressions.</summary>
public sealed class ExpressionKindAttribute(string name) : RegisteredAttribute(name)
{
    public string DisplayName { get; init; } = name;

    /// <summary>The editor's language, for designers.</summary>
    public string? EditorLanguage { get; init; }

    public bool IsBrowsable { get; init; } = true;
}

/// <summary>A language in which definitions write expressions.</summary>
public interface IExpressionKind
{
    /// <summary>Compiles the <c>value</c> of an expression for an input of <paramref name="type"/>.</summary>
    /// <exception cref="WorkflowException">It cannot be; publishing is refused with this reason.</exception>
    Expression Compile(JsonNode? value, Type type, WorkflowParts parts);
}

/// <summary>The languages by name.</summary>
public sealed class ExpressionKinds
{
    private readonly Dictionary<string, IExpressionKind> _kinds;

    internal ExpressionKinds(Registry<ExpressionKindAttribute, IExpressionKind> registry)
    {
        _kinds = registry.Names.ToDictionary(n => n, n => (IExpressionKind)Activator.CreateInstance(registry.Find(n)!)!, StringComparer.Ordinal);
        All = [.. registry.Names.Select(n => registry.Find(n)!.GetCustomAttribute<ExpressionKindAttribute>()!)];
    }

    /// <summary>The languages as designers know them.</summary>
    public IReadOnlyList<ExpressionKindAttribute> All { get; }

    public IExpressionKind? Find(string name) => _kinds.GetValueOrDefault(name);
}

/// <summary>The same value for every instance.</summary>
public sealed class ConstantExpression(object? value) : Expression
{
    public override bool IsConstant => true;

    public override object? Evaluate(ActivityContext context) => value;
}

/// <summary>A list or map that each evaluation gets a copy of, because whoever gets it may change it.</summary>
internal sealed class CopyExpression(object? value) : Expression
{
    public override object? Evaluate(ActivityContext context) => Values.Copy(value);
}

/// <summary>Stands for what could not be compiled: it fails where it is needed and nowhere else.</summary>
internal sealed class BrokenExpression(WorkflowException fault) : Expression
{
    public override object? Evaluate(ActivityContext context) => throw fault;
}
