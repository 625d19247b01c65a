using System.Text.Json.Nodes;

namespace Crm.Workflow;

/// <summary>What a designer needs to know of a kind of activity, in the shape in which Elsa Studio asks for it.</summary>
public sealed record ActivityDescriptor
{
    public required string TypeName { get; init; }

    public required string Namespace { get; init; }

    public required string Name { get; init; }

    public int Version { get; init; } = 1;

    public required string Category { get; init; }

    public required string DisplayName { get; init; }

    public string? Description { get; init; }

    public required string Kind { get; init; }

    public IReadOnlyList<InputDescriptor> Inputs { get; init; } = [];

    public IReadOnlyList<OutputDescriptor> Outputs { get; init; } = [];

    public IReadOnlyList<PortDescriptor> Ports { get; init; } = [];

    public JsonObject CustomProperties { get; init; } = [];

    public JsonObject ConstructionProperties { get; init; } = [];

    public bool IsContainer { get; init; }

    public bool IsBrowsable { get; init; } = true;

    public bool IsStart { get; init; }

    public bool IsTerminal { get; init; }
}

/// <summary>An input as a designer shows it.</summary>
public sealed record InputDescriptor
{
    public required string Name { get; init; }

    public required string TypeName { get; init; }

    public required string DisplayName { get; init; }

    public string? Description { get; init; }

    public float Order { get; init; }

    public bool IsBrowsable { get; init; } = true;

    public bool IsSerializable { get; init; } = true;

    /// <summary>Made from a declaration of a workflow rather than from a property of a class.</summary>
    public bool IsSynthetic { get; init; }

    /// <summary>Whether it is given as an expression.</summary>
    public bool IsWrapped { get; init; } = true;

    public required string UiHint { get; init; }

    public string? Category { get; init; }

    public object? DefaultValue { get; init; }

    public string? DefaultSyntax { get; init; }

    public bool IsReadOnly { get; init; }

    public bool IsSensitive { get; init; }

    public bool AutoEvaluate { get; init; } = true;

    public string? StorageDriverType { get; init; }

    public JsonObject UiSpecifications { get; init; } = [];
}

/// <summary>An output as a designer shows it.</summary>
public sealed record OutputDescriptor(string Name, string TypeName, string DisplayName, string? Description, bool IsSynthetic = false)
{
    public float Order { get; }

    public bool IsBrowsable { get; } = true;

    public bool IsSerializable { get; } = true;
}

/// <summary>A place for another activity, or an outcome from which a connection leads on.</summary>
/// <param name="Type">Embedded or Flow.</param>
public sealed record PortDescriptor(string Name, string DisplayName, string Type, bool IsBrowsable = true);
