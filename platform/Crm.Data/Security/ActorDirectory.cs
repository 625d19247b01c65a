using System.Collections.Concurrent;
using Crm.Metadata;

namespace Crm.Data;

/// <summary>Turns a signed-in user's id into an <see cref="Actor"/>; kept until the user's record changes.</summary>
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
            foreach (var item in news.Where(n => n.Entity == "user"))
            {
                _actors.TryRemove(item.Id, out _);
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
        var actor = new Actor(userId, user.Title, user[SystemFields.Unit] as Guid?, roles, user["language"] as string, zone);
        return _actors.GetOrAdd(userId, actor);
    }

    public void Dispose() => _subscription.Dispose();
}
