using Crm.Metadata;

namespace Crm.Rules;

/// <summary>What kind of refusal it is; each door shows it in its own way, HTTP as a status.</summary>
public enum ProblemKind
{
    /// <summary>The input cannot be understood: broken JSON, unknown fields, wrong types, values too long. HTTP 400.</summary>
    Invalid,
    /// <summary>Understood, but a rule says no: required, unique, range, gate. HTTP 422.</summary>
    Refused,
    /// <summary>Not there, or not for this person. HTTP 404.</summary>
    NotFound,
    /// <summary>There, but this person may not do that. HTTP 403.</summary>
    Forbidden,
    /// <summary>Somebody else changed the same fields meanwhile. HTTP 412.</summary>
    VersionConflict,
    /// <summary>The state of things does not allow it now. HTTP 409.</summary>
    Conflict,
    /// <summary>The request must say which version it means. HTTP 428.</summary>
    VersionMissing,
}

/// <summary>One thing that is wrong: which field, a code for programs, and a sentence for people.</summary>
/// <param name="Field">Field or JSON path that it concerns; null if it concerns the whole.</param>
/// <param name="Code">Key of the text that says it, e.g. <c>value.tooLong</c>.</param>
/// <param name="Arguments">What goes into the text's places.</param>
/// <param name="Rule">The rule that said so, if one did.</param>
/// <param name="Kind">Which of the refusals it is.</param>
public sealed record Problem(string? Field, string Code, IReadOnlyList<object> Arguments, ProblemKind Kind, string? Rule = null)
{
    /// <summary>Other records that it speaks of, such as the one that took this one's place.</summary>
    public IReadOnlyList<Guid> Records { get; init; } = [];

    public static Problem Of(ProblemKind kind, string code, params object[] arguments) => new(null, code, arguments, kind);

    public static Problem At(string field, ProblemKind kind, string code, params object[] arguments) => new(field, code, arguments, kind);

    /// <summary>The sentence in the current user interface culture.</summary>
    public string Message(Texts texts) => texts["problem." + Code, [.. Arguments.Select(a => a is Label label ? label.ToString() : a)]];
}

/// <summary>A refusal. Every door catches it once, at its edge; nothing has been written.</summary>
public sealed class ProblemException(IReadOnlyList<Problem> problems) : Exception(string.Join("; ", problems.Select(p => $"{p.Field}: {p.Code}")))
{
    public ProblemException(Problem problem) : this([problem])
    {
    }

    public IReadOnlyList<Problem> Problems { get; } = problems;

    /// <summary>The gravest kind: what cannot be understood comes before what a rule refuses.</summary>
    public ProblemKind Kind => Problems.Min(p => p.Kind);

    /// <summary>Field by field what each side has, where <see cref="Kind"/> is a version conflict.</summary>
    public IReadOnlyList<FieldConflict> Conflicts { get; init; } = [];
}

/// <summary>A field that two people changed: what it was, what is wanted, what it has become.</summary>
public sealed record FieldConflict(Field Field, object? Base, object? Yours, object? Current);
