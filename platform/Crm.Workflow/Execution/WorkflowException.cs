namespace Crm.Workflow;

/// <summary>What makes an activity fail: a code for programs, a sentence that says what is wrong, and where it helps, what to do.</summary>
public class WorkflowException : Exception
{
    public WorkflowException(string code, string message, Exception? inner = null) : base(message, inner) => Code = code;

    public string Code { get; }

    /// <summary>Kind of fault as the Fault activity names it.</summary>
    public string? Category { get; init; }

    public string? FaultType { get; init; }

    /// <summary>What somebody can do about it.</summary>
    public string? Advice { get; init; }
}
