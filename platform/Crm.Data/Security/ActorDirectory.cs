using System.Collections.Concurrent;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Turns a signed-in user's id into an <see cref="Actor"/>; kept until a user's record changes.</summary>
public sealed class ActorDirectory : IDisposable
{
    private readonly ConcurrentDictionary<Guid, Actor> _actors = new();
    private readonly ModelSource _models;
    private readonly RecordStore _store;
    private readonly IDisposable _subscription;

    public ActorDirectory(ModelSource models, RecordStore store, ChangeFeed feed)
    {
        (_models, _store) = (models, store);
        _subscription = feed.Subscribe(news =>
        {
            // A change of one person's manager changes who is below others.
            if (news.Any(n => n.Entity == "user"))
            {
                _actors.Clear();
            }
        });
    }

    /// <summary>The actor, or null if there is no such user or the user is no longer active.</summary>
    public async ValueTask<Actor?> FindAsync(Guid userId, CancellationToken cancellationToken = default)
    {
        if (_actors.TryGetValue(userId, out var known))
        {
            return known;
        }
        var model = _models.Current;
        if (await _store.FindAsync(model["user"], userId, Actor.Platform, cancellationToken) is not { } user || user["active"] is false)
        {
            return null;
        }
        string[] roles = user["administrator"] is true ? [Actor.Everyone, Actor.Administrator] : [Actor.Everyone];
        var zone = TimeZoneInfo.TryFindSystemTimeZoneById(model.Organisation.TimeZone, out var found) ? found : TimeZoneInfo.Utc;
        var actor = new Actor(userId, user.Title, user[SystemFields.Unit] as Guid?, roles, user["language"] as string, zone)
        {
            Subordinates = await SubordinatesAsync(model["user"], userId, cancellationToken),
        };
        return _actors.GetOrAdd(userId, actor);
    }

    private async Task<IReadOnlyList<Guid>> SubordinatesAsync(Entity user, Guid userId, CancellationToken cancellationToken)
    {
        if (user.TreeField is null)
        {
            return [];
        }
        var below = new Comparison(new([user.Fields[Entity.IdOrdinal]]), ConditionOperator.Under, new Constants([userId]));
        var ids = new List<Guid>();
        var query = new RecordQuery(user) { Filter = below, Fields = [], Limit = RecordQuery.MaxLimit };
        do
        {
            var page = await _store.QueryAsync(query, Actor.Platform, cancellationToken);
            ids.AddRange(page.Items.Select(i => i.Id).Where(id => id != userId));
            query = query with { After = page.Next };
        }
        while (query.After is not null && ids.Count < ConditionReader.MaxValues);
        return ids;
    }

    public void Dispose() => _subscription.Dispose();
}
