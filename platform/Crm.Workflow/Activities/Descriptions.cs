using Crm.Metadata;

namespace Crm.Workflow;

/// <summary>What an activity is to the engine and to a designer's toolbox.</summary>
public enum ActivityKind
{
    Action, Trigger, Job, Task,
}

/// <summary>Names an activity as definitions do, and describes it for designers.</summary>
public sealed class ActivityAttribute(string name, string category, string description) : RegisteredAttribute(name)
{
    public string Category { get; } = category;

    public string Description { get; } = description;

    public string? DisplayName { get; init; }

    public ActivityKind Kind { get; init; }

    public bool IsBrowsable { get; init; } = true;

    public bool IsContainer { get; init; }

    public bool IsStart { get; init; }

    /// <summary>After it, the flowchart or sequence that it stands in is over.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>Places for activities that only a program can fill: definitions do not have them, designers are told of them; comma-separated.</summary>
    public string CodePorts { get; init; } = "";

    /// <summary>Outcomes that a designer shows as ports; comma-separated.</summary>
    public string Outcomes { get; init; } = "";
}

/// <summary>An input: a property of type <see cref="Input{T}"/>, or a plain one that is read as it stands.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class InputAttribute(string description = "") : Attribute
{
    public string Description { get; } = description;

    public string? DisplayName { get; init; }

    /// <summary>The name of its type as Elsa's designers know it, where that is a type of Elsa's own.</summary>
    public string? TypeName { get; init; }

    public string? Category { get; init; }

    /// <summary>The editor that a designer offers.</summary>
    public string UiHint { get; init; } = "singleline";

    /// <summary>The value where a definition says nothing, in the form that a definition would use.</summary>
    public object? Default { get; init; }

    public string? DefaultSyntax { get; init; }

    /// <summary>Values to choose from, for drop-downs.</summary>
    public string Options { get; init; } = "";

    /// <summary>Not evaluated before the activity runs: the activity does it when it needs to.</summary>
    public bool IsLazy { get; init; }

    /// <summary>Left out of records and logs.</summary>
    public bool IsSensitive { get; init; }
}

/// <summary>An output: a property of type <see cref="Output"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OutputAttribute(string description = "", Type? type = null) : Attribute
{
    public string Description { get; } = description;

    public Type Type { get; } = type ?? typeof(object);
}

/// <summary>A place for other activities: a property of type <see cref="ActivityNode"/> or a list of them.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PortAttribute : Attribute
{
    /// <summary>Its name in definitions, where the property has another.</summary>
    public string? Name { get; init; }
}
