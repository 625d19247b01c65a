using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>A record that is probably the same as another, and the rules that say so.</summary>
public sealed record DuplicateCandidate(Guid Id, string Title, IReadOnlyList<string> Rules);

/// <summary>The records that are most probably the same, those that most rules found first.</summary>
/// <param name="HasMore">Whether there are more than are listed.</param>
public sealed record DuplicateCandidates(IReadOnlyList<DuplicateCandidate> Items, bool HasMore);

/// <summary>Lists the records that are probably the same as a given one.</summary>
public sealed class DuplicateFinder(Database database, RecordStore store)
{
    private const int MaxListed = 100;

    /// <exception cref="ProblemException">There is no such record, or the actor may not see it.</exception>
    public async Task<DuplicateCandidates> FindAsync(Entity entity, Guid id, Actor actor, CancellationToken cancellationToken = default)
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
        List<Guid> likeliest = [.. rules.Keys.OrderByDescending(other => rules[other].Count).ThenBy(other => other).Take(MaxListed)];
        var records = await EntityTable.Of(entity).LoadAsync(session, likeliest, cancellationToken);
        return new([.. likeliest.Where(records.ContainsKey).Select(other => new DuplicateCandidate(other, records[other].Title, rules[other]))], rules.Count > likeliest.Count);
    }
}
