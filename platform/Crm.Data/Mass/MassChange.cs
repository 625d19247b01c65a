using System.Text.Json;
using System.Text.Json.Nodes;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>What is to happen to many records: which ones, and the values to set or that they go.</summary>
/// <param name="Filter">JSON of a condition; null where <paramref name="Ids"/> says which.</param>
/// <param name="Set">Values in the form of the API; null where the records are deleted.</param>
public sealed record MassChange(Entity Entity, JsonElement? Filter, IReadOnlyList<Guid>? Ids, JsonElement? Set)
{
    /// <summary>Whether the records are taken out of the recycle bin, where they are then looked for.</summary>
    public bool Restores { get; init; }

    public bool Deletes => Set is null && !Restores;

    /// <summary>Words that the records must hold besides.</summary>
    public string? Search { get; init; }

    internal JsonObject ToJson(string language) => new()
    {
        ["entity"] = Entity.Name,
        ["filter"] = Filter is { } filter ? JsonNode.Parse(filter.GetRawText()) : null,
        ["ids"] = Ids is null ? null : new JsonArray([.. Ids.Select(id => (JsonNode)id)]),
        ["set"] = Set is { } set ? JsonNode.Parse(set.GetRawText()) : null,
        ["restores"] = Restores,
        ["search"] = Search,
        ["language"] = language,
    };

    /// <summary>The values to set, each as its field reads it.</summary>
    internal static List<FieldValue> ReadValues(JsonObject set, Entity entity) =>
    [
        .. set.Where(m => entity.Find(m.Key) is not null).Select(m => new FieldValue(entity[m.Key], m.Value is null ? null : entity[m.Key].Type.FromJson(m.Value.Deserialize<JsonElement>()).Value)),
    ];
}

/// <summary>Changes or deletes many records as a job.</summary>
public sealed class MassChanges(JobStore jobs)
{
    public const string JobKind = "mass";

    /// <exception cref="ProblemException">The actor may not.</exception>
    public Task<Job> StartAsync(MassChange change, Actor actor, CancellationToken cancellationToken = default)
    {
        Authority.Demand(actor, Operation.Read, change.Entity);
        Authority.Demand(actor, change.Deletes || change.Restores ? Operation.Delete : Operation.Update, change.Entity);
        if (change.Filter is { } filter)
        {
            Authority.DemandCondition(actor, ConditionReader.Read(filter, change.Entity));
        }
        return jobs.EnqueueAsync(JobKind, change.ToJson(System.Globalization.CultureInfo.CurrentUICulture.Name), actor.UserId!.Value, cancellationToken);
    }
}
