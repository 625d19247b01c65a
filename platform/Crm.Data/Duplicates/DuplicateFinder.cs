using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>A record that is probably the same as another, and the rules that say so.</summary>
public sealed record DuplicateCandidate(Guid Id, string Title, IReadOnlyList<string> Rules);

/// <summary>Lists the records that are probably the same as a given one.</summary>
public sealed class DuplicateFinder(Database database, RecordStore store)
{
    private const int MaxListed = 100;

    /// <exception cref="ProblemException">There is no such record, or the actor may not see it.</exception>
    public async Task<IReadOnlyList<DuplicateCandidate>> FindAsync(Entity entity, Guid id, Actor actor, CancellationToken cancellationToken = default)
    {
        var record = await store.GetAsync(entity, id, actor, cancellationToken);
        await using var session = await database.ReadAsync(cancellationToken);
        var rules = new Dictionary<Guid, List<string>>();
        foreach (var rule in DuplicateRule.Of(entity))
        {
            if (rule.FormOf(record) is { } form)
            {
                foreach (var other in (await MatchIndex.FindAsync(session, rule, [form], cancellationToken))[form].Where(o => o != id))
                {
                    (rules.TryGetValue(other, out var known) ? known : rules[other] = []).Add(rule.Definition.Name);
                }
            }
        }
        var records = await EntityTable.Of(entity).LoadAsync(session, [.. rules.Keys.Take(MaxListed)], cancellationToken);
        return [.. records.Values.OrderByDescending(r => rules[r.Id].Count).ThenBy(r => r.Id).Select(r => new DuplicateCandidate(r.Id, r.Title, rules[r.Id]))];
    }
}
