namespace Crm.Workflow;

/// <summary>An input of an activity of a compiled workflow: a constant, or an expression whose value is kept while the activity runs.</summary>
public abstract class Input
{
    /// <summary>Name in the definition.</summary>
    public string Name { get; internal set; } = "";

    /// <summary>Null for a constant and for what the definition leaves out.</summary>
    public Expression? Expression { get; internal set; }

    public bool IsSensitive { get; internal set; }

    /// <summary>Whether the definition, or the activity by a default, says anything.</summary>
    public bool IsGiven { get; internal set; }

    public abstract Type Type { get; }

    internal int Slot { get; set; }

    internal abstract void SetConstant(object? value);

    internal abstract object? Read(ActivityContext context);
}

/// <inheritdoc/>
public sealed class Input<T> : Input
{
    private T? _constant;

    public override Type Type => typeof(T);

    /// <summary>The value in <paramref name="context"/>, which must be the activity's own.</summary>
    /// <exception cref="WorkflowException">The expression fails or gives something else.</exception>
    public T? Get(ActivityContext context) => Expression is null ? _constant : (T?)context.Value(this);

    /// <summary>The value by the expression as things are now, whatever it was before.</summary>
    /// <exception cref="WorkflowException">The expression fails or gives something else.</exception>
    public T? Again(ActivityContext context) => Expression is null ? _constant : (T?)context.Evaluate(this);

    /// <summary>The value, which must be there.</summary>
    /// <exception cref="WorkflowException">There is none.</exception>
    public T Required(ActivityContext context) => Get(context) is { } value && value is not ""
        ? value
        : throw new WorkflowException("input.missing", $"'{Name}' is empty.") { Advice = "Give the activity a value for it in the designer." };

    internal override void SetConstant(object? value) => _constant = (T?)Values.To(typeof(T), value);

    internal override object? Read(ActivityContext context) => Get(context);
}

/// <summary>An output of an activity: what it is called and where the definition wants it.</summary>
public sealed class Output
{
    public string Name { get; internal set; } = "";

    /// <summary>Id of a variable, or name of a workflow's output, that takes the value; null if none does.</summary>
    public string? Target { get; internal set; }
}

/// <summary>Names a variable, as SetVariable does.</summary>
public sealed record VariableReference(string? Id, string? Name);

/// <summary>A branch with a condition, as of a switch.</summary>
public sealed record SwitchCase(string Label, Input<bool> Condition, ActivityNode? Activity);
