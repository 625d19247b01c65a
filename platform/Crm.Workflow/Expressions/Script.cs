namespace Crm.Workflow;

/// <summary>A script that has been read and found to be one.</summary>
public sealed class Script
{
    internal Script(string function, bool completes, IReadOnlyList<string> accessors, IReadOnlyList<string> variables, IReadOnlyList<string>? reads) =>
        (Function, Completes, Accessors, Variables, Reads) = (function, completes, accessors, variables, reads);

    internal string Function { get; }

    /// <summary>Whether what its last statement gives is what it gives.</summary>
    internal bool Completes { get; }

    /// <summary>Names such as <c>getScore</c> that the script calls and that its workflow may give a meaning.</summary>
    internal IReadOnlyList<string> Accessors { get; }

    /// <summary>Names that the script writes as <c>variables.Score</c>.</summary>
    internal IReadOnlyList<string> Variables { get; }

    /// <summary>Whether what it gives may be a secret.</summary>
    internal bool AsksForSecrets => Accessors.Contains(Scripts.GetSecret);

    /// <summary>Variables that it may read; null where it asks by names that only show when it runs.</summary>
    internal IReadOnlyList<string>? Reads { get; }
}
