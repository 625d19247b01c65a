using Crm.Metadata;

namespace Crm.Data;

/// <summary>What records of several entities are called: one statement for each entity, and nothing of those that the actor may not read.</summary>
internal static class ReferenceTitles
{
    public static async ValueTask<IReadOnlyDictionary<Guid, string>> ReadAsync(Session session, IEnumerable<(Entity Entity, Guid Id)> references, Actor actor, CancellationToken cancellationToken)
    {
        var titles = new Dictionary<Guid, string>();
        foreach (var group in references.Distinct().GroupBy(r => r.Entity).ToList())
        {
            if (group.Key.TitleField is { IsStored: true } && Authority.May(actor, Operation.Read, group.Key))
            {
                await EntityTable.Of(group.Key).ReadTitlesAsync(session, [.. group.Select(r => r.Id)], titles, cancellationToken);
            }
        }
        return titles;
    }
}
