namespace Crm.Workflow;

/// <summary>What scripts get from the server around the engine; a script that asks where there is none is told so.</summary>
public sealed class ScriptOutside
{
    /// <summary>Makes an address that raises an event.</summary>
    public Func<EventAddress, string>? EventUrl { get; set; }

    /// <summary>Gives the secret of a name; null where there is none.</summary>
    public Func<string, string?>? Secret { get; set; }
}

/// <summary>What an address stands for: whoever has it raises the event in the instance, up to a moment where one is said.</summary>
public sealed record EventAddress(string InstanceId, string EventName, DateTimeOffset? Until);
