using System.Text.Json.Nodes;

namespace Crm.Data;

/// <summary>What subscribers hear of a change. It is small on purpose: values are in the record and, as they were, in its history.</summary>
/// <param name="EventId">The same at each attempt.</param>
/// <param name="Version">Of the record after the change.</param>
/// <param name="Fields">Names of the fields that changed; of a new record, those that have a value.</param>
/// <param name="By">Null for the platform itself.</param>
/// <param name="Cause">What led to the change, as its request said.</param>
public sealed record RecordEvent(
    Guid EventId, string Entity, Guid RecordId, ChangeKind Kind, long Version, Guid ChangeSet, IReadOnlyList<string> Fields, Guid? By, Door Door, string? Cause, DateTimeOffset At)
{
    internal static JsonObject Payload(RecordChange change, WriteBatch batch) => new()
    {
        ["entity"] = change.Entity.Name,
        ["kind"] = Names.Of(change.Kind),
        ["version"] = change.After!.Version,
        ["changeSet"] = batch.ChangeSet,
        ["fields"] = new JsonArray([.. change.ChangedFields().Select(f => (JsonNode)f.Name)]),
        ["by"] = batch.Request.Actor.UserId,
        ["door"] = Names.Of(batch.Request.Door),
        ["cause"] = batch.Request.Cause,
    };

    internal static RecordEvent Of(OutboxItem item) => new(
        item.Id,
        item.Payload["entity"]!.GetValue<string>(),
        item.Subject!.Value,
        Names.Parse<ChangeKind>(item.Payload["kind"]!.GetValue<string>()),
        item.Payload["version"]!.GetValue<long>(),
        item.Payload["changeSet"]!.GetValue<Guid>(),
        [.. item.Payload["fields"]!.AsArray().Select(f => f!.GetValue<string>())],
        item.Payload["by"]?.GetValue<Guid>(),
        Names.Parse<Door>(item.Payload["door"]!.GetValue<string>()),
        item.Payload["cause"]?.GetValue<string>(),
        item.CreatedAt);
}
