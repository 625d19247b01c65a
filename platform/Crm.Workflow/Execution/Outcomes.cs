namespace Crm.Workflow;

/// <summary>By which ports an activity is left.</summary>
public sealed class Outcomes
{
    /// <summary>How an activity ends that says nothing: a connection from "Done", or from no port in particular, follows.</summary>
    public static readonly Outcomes Default = new([null, "Done"]);

    /// <summary>Nothing follows: the activity was skipped or cancelled.</summary>
    public static readonly Outcomes None = new([]);

    private readonly string?[] _names;

    private Outcomes(string?[] names) => _names = names;

    public IReadOnlyList<string?> Names => _names;

    public static Outcomes Of(params string[] names) => new([.. names]);

    public bool Has(string? port) => Array.IndexOf(_names, port) >= 0;

    public override string ToString() => string.Join(", ", _names.Where(n => n is not null));
}
