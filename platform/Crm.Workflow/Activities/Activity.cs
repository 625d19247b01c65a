using System.Text.Json;
using Crm.Rules;

namespace Crm.Workflow;

/// <summary>
/// What an activity does. One object serves one place of a compiled workflow for all its instances, so it holds nothing but its inputs,
/// outputs and ports; whatever belongs to one run is in the <see cref="ActivityContext"/>.
/// </summary>
public abstract class Activity
{
    /// <summary>Its place in the workflow.</summary>
    public ActivityNode Node { get; internal set; } = null!;

    protected internal virtual bool CanExecute(ActivityContext context) => true;

    /// <summary>Does the work. An activity that neither completes nor waits for a child or a bookmark keeps its workflow suspended.</summary>
    protected internal abstract ValueTask ExecuteAsync(ActivityContext context);

    /// <summary>What it waited for has come.</summary>
    protected internal virtual ValueTask ResumeAsync(ActivityContext context, Bookmark bookmark)
    {
        context.Complete();
        return ValueTask.CompletedTask;
    }

    /// <summary>An activity that this one scheduled is complete.</summary>
    protected internal virtual void ChildCompleted(ActivityContext context, ActivityContext child, Outcomes outcomes) => context.Complete();

    /// <summary>An activity that this one scheduled was cancelled by something else.</summary>
    protected internal virtual void ChildCancelled(ActivityContext context, ActivityContext child)
    {
    }

    /// <summary>A Break below asks for the end of the loop; true if this is the loop that is meant.</summary>
    protected internal virtual bool TakesBreak(ActivityContext context) => false;

    /// <summary>What is wrong with the definition, said at publish.</summary>
    protected internal virtual IEnumerable<Problem> Validate() => [];

    /// <summary>
    /// What starts a workflow at this activity: the values that are hashed, or null if this activity starts none. It is asked when a version
    /// is published, where no instance exists, so inputs must be constants or read nothing but what is always there.
    /// </summary>
    protected internal virtual Stimulus? Trigger(ActivityContext context) => null;

    /// <summary>The same for activities that several things start.</summary>
    protected internal virtual IEnumerable<Stimulus> Triggers(ActivityContext context) => Trigger(context) is { } stimulus ? [stimulus] : [];

    /// <summary>State of a run as JSON; activities that keep state of their own override both.</summary>
    internal virtual void WriteState(Utf8JsonWriter json, object state) => throw new NotSupportedException($"{GetType().Name} keeps no state.");

    internal virtual object? ReadState(JsonElement json) => null;

    /// <summary>Ports and connections, once all activities of the workflow are there.</summary>
    internal virtual void Bind(NodeBinder binder)
    {
    }
}

/// <summary>An activity that keeps state from turn to turn; the state is written with the instance.</summary>
public abstract class StatefulActivity<TState> : Activity where TState : class, new()
{
    protected static TState StateOf(ActivityContext context) => (TState)(context.State ??= new TState());

    internal override void WriteState(Utf8JsonWriter json, object state) => JsonSerializer.Serialize(json, (TState)state, StateJson.Options);

    internal override object? ReadState(JsonElement json) => json.Deserialize<TState>(StateJson.Options);
}

internal static class StateJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { IncludeFields = true };
}

/// <summary>An activity that does its work at once and is complete unless it waits for something.</summary>
public abstract class CodeActivity : Activity
{
    protected internal override ValueTask ExecuteAsync(ActivityContext context)
    {
        Execute(context);
        if (!context.HasBookmarks)
        {
            context.Complete();
        }
        return ValueTask.CompletedTask;
    }

    protected abstract void Execute(ActivityContext context);
}

/// <summary>What wakes somebody up: a name and the values that must agree.</summary>
/// <param name="Name">Usually the type of the activity that waits.</param>
/// <param name="Payload">What is hashed and kept.</param>
/// <param name="HashPayload">What is hashed instead, where the payload carries more than must agree.</param>
/// <param name="DueAt">When it comes by itself.</param>
public sealed record Stimulus(string Name, IReadOnlyDictionary<string, object?> Payload, IReadOnlyDictionary<string, object?>? HashPayload = null, DateTimeOffset? DueAt = null)
{
    public string Hash(string? activityInstanceId = null) => StimulusHash.Of(Name, HashPayload ?? Payload, activityInstanceId);

    public static Stimulus Of(string name, params (string Key, object? Value)[] payload) => new(name, payload.ToDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal));
}
