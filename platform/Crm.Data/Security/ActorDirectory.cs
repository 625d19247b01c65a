using System.Collections.Concurrent;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>
/// Turns a signed-in user's id into an <see cref="Actor"/>; kept until a user, a team or a role changes, and not for long, because other nodes
/// change them too.
/// </summary>
public sealed class ActorDirectory : IDisposable
{
    /// <summary>The field of teams and roles that links their users.</summary>
    private const string Members = "members";

    /// <summary>What an actor is made of, with the links that hold its members.</summary>
    private static readonly HashSet<string> Sources = ["user", "team", "role", "team." + Members, "role." + Members];

    /// <summary>How long an actor is believed without asking the database again.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<Guid, (Actor Actor, int Generation, DateTimeOffset Until)> _actors = new();
    private readonly ModelSource _models;
    private readonly RecordStore _store;
    private readonly TimeProvider _time;
    private readonly IDisposable _subscription;

    /// <summary>Counts the changes: an actor that was read before one is not believed after it.</summary>
    private volatile int _generation;

    public ActorDirectory(ModelSource models, RecordStore store, ChangeFeed feed, TimeProvider time)
    {
        (_models, _store, _time) = (models, store, time);
        _subscription = feed.Subscribe(news =>
        {
            // A change of one person's manager changes who is below others.
            if (news.Any(n => Sources.Contains(n.Entity)))
            {
                Interlocked.Increment(ref _generation);
            }
        });
    }

    /// <summary>The actor, or null if there is no such user or the user is no longer active.</summary>
    public async ValueTask<Actor?> FindAsync(Guid userId, CancellationToken cancellationToken = default)
    {
        var (generation, now) = (_generation, _time.GetUtcNow());
        if (_actors.TryGetValue(userId, out var known) && known.Generation == generation && known.Until > now)
        {
            return known.Actor;
        }
        var model = _models.Current;
        if (await _store.FindAsync(model["user"], userId, Actor.Platform, cancellationToken) is not { } user || user["active"] is false)
        {
            return null;
        }
        var zone = ZoneOf(user.Entity.Find("time_zone") is { } field ? user[field] as string : null) ?? ZoneOf(model.Organisation.TimeZone) ?? TimeZoneInfo.Utc;
        var actor = new Actor(userId, user.Title, user[SystemFields.Unit] as Guid?, await RolesAsync(model, user, cancellationToken), user["language"] as string, zone)
        {
            Teams = await TeamsAsync(model, userId, cancellationToken),
            Subordinates = await SubordinatesAsync(model["user"], userId, cancellationToken),
        };
        _actors[userId] = (actor, generation, now + Remembered);
        return actor;
    }

    private static TimeZoneInfo? ZoneOf(string? name) => name is { Length: > 0 } && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : null;

    private async Task<IReadOnlyList<string>> RolesAsync(Model model, Record user, CancellationToken cancellationToken)
    {
        var roles = new List<string> { Actor.Everyone };
        if (user["administrator"] is true)
        {
            roles.Add(Actor.Administrator);
        }
        if (model.Find("role") is { } role && role.Find("name") is { } name && Having(role, user.Id) is { } having)
        {
            roles.AddRange((await AllAsync(new(role) { Filter = having, Fields = [new([name])] }, cancellationToken)).Select(r => (string)r[0]!));
        }
        return [.. roles.Distinct(StringComparer.Ordinal)];
    }

    private async Task<IReadOnlyList<Guid>> TeamsAsync(Model model, Guid userId, CancellationToken cancellationToken) =>
        model.Find("team") is { } team && Having(team, userId) is { } having
            ? [.. (await AllAsync(new(team) { Filter = having, Fields = [] }, cancellationToken)).Select(r => r.Id)]
            : [];

    /// <summary>The condition that a record has the user among its members; null where its entity has no members.</summary>
    private static ChildExists? Having(Entity entity, Guid userId) =>
        entity.Find(Members)?.Type is LinksFieldType { Key: { Target.Name: "user" } user } links
            ? new(new(null, links.Child, links.Parent), new Comparison(new([user]), ConditionOperator.Eq, new Constants([userId])))
            : null;

    private async Task<IReadOnlyList<Guid>> SubordinatesAsync(Entity user, Guid userId, CancellationToken cancellationToken)
    {
        if (user.TreeField is null)
        {
            return [];
        }
        var below = new Comparison(new([user.Fields[Entity.IdOrdinal]]), ConditionOperator.Under, new Constants([userId]));
        return [.. (await AllAsync(new(user) { Filter = below, Fields = [] }, cancellationToken)).Select(r => r.Id).Where(id => id != userId)];
    }

    private async Task<List<RecordRow>> AllAsync(RecordQuery query, CancellationToken cancellationToken)
    {
        var rows = new List<RecordRow>();
        query = query with { Limit = RecordQuery.MaxLimit };
        do
        {
            var page = await _store.QueryAsync(query, Actor.Platform, cancellationToken);
            rows.AddRange(page.Items);
            query = query with { After = page.Next };
        }
        while (query.After is not null && rows.Count < ConditionReader.MaxValues);
        return rows;
    }

    public void Dispose() => _subscription.Dispose();
}
