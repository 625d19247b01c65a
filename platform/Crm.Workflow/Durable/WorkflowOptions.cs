namespace Crm.Workflow;

/// <summary>Settings of the durable engine.</summary>
public sealed class WorkflowOptions
{
    /// <summary>Where WriteLine writes.</summary>
    public Action<string> Output { get; set; } = _ => { };

    /// <summary>Told of work that could not be done and will be tried again.</summary>
    public Action<string, Exception>? Failed { get; set; }

    /// <summary>Activities that one burst may run.</summary>
    public int ActivityBudget { get; set; } = 100_000;

    /// <summary>Finished instances are forgotten after this time.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(90);

    /// <summary>An instance that says it is working and has not been heard of for so long was cut off.</summary>
    public TimeSpan CutOff { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>So many workflows may start each other one after the other.</summary>
    public int MaxChain { get; set; } = 12;
}
