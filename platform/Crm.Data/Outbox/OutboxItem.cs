using System.Text.Json.Nodes;

namespace Crm.Data;

/// <summary>Where an item of the outbox stands.</summary>
public enum OutboxState
{
    Pending, Done, Dead,
}

/// <summary>Something that follows from a change and happens after its commit.</summary>
/// <param name="Kind">Name of the handler that it is for.</param>
/// <param name="Key">The same for each attempt and for nothing else: whoever receives the effect can tell by it that it came before.</param>
/// <param name="Subject">The record that it is about; items of one kind about one record are handled in order.</param>
/// <param name="DueAt">When it is tried next; while an attempt is under way, when that is given up for lost.</param>
/// <param name="Attempts">Attempts so far, the present one included.</param>
/// <param name="LastError">What the last attempt ran into.</param>
public sealed record OutboxItem(
    Guid Id, string Kind, string Key, Guid? Subject, JsonObject Payload, OutboxState State, DateTimeOffset? DueAt, int Attempts, string? LastError, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt);

/// <summary>An effect to be carried out after the commit.</summary>
/// <param name="Kind">Name of the handler.</param>
/// <param name="Payload">What it needs to know. Administrators read it; what they must not see stands under <see cref="Secrets"/>.</param>
public sealed record OutboxEffect(string Kind, JsonObject Payload)
{
    /// <summary>The member of a payload whose members are kept encrypted; the handler finds them among the others.</summary>
    public const string Secrets = "secrets";

    /// <summary>An effect whose key was enqueued before is not enqueued again; without one, every effect is new.</summary>
    public string? Key { get; init; }

    /// <summary>The record that it is about: effects of one kind about one record are carried out in order, so one that waits holds up those behind it.</summary>
    public Guid? Subject { get; init; }

    /// <summary>Not before this moment; at once if null.</summary>
    public DateTimeOffset? NotBefore { get; init; }
}
