using Crm.Data;
using Crm.Metadata;

namespace Crm.Ui.Shell;

/// <summary>A record that somebody was at or keeps at hand, as it is called now.</summary>
public sealed record Place(Entity Entity, Guid Id, string Title)
{
    public string Address => Addresses.Record(Entity, Id);
}

/// <summary>
/// The records that a person keeps at hand and those that were opened last. They follow the person to any screen; titles are read anew each
/// time, so that nothing is shown that may no longer be read.
/// </summary>
public sealed class PersonalPlaces(PersonalSettings settings, RecordStore store, CurrentActor current, ModelSource models)
{
    public const int MostRecent = 8, MostPinned = 20;

    private const string RecentKey = "shell.recent", PinnedKey = "shell.pinned";

    private List<Kept>? _recent, _pinned;

    /// <summary>Told when what is kept has changed.</summary>
    public event EventHandler? Changed;

    public async Task<(IReadOnlyList<Place> Pinned, IReadOnlyList<Place> Recent)> ReadAsync(CancellationToken cancellationToken = default)
    {
        await LoadAsync(cancellationToken);
        var known = _pinned!.Concat(_recent!).Select(k => (Entity: models.Current.Find(k.Entity), k.Id)).Where(k => k.Entity is not null && Authority.May(current.Actor, Operation.Read, k.Entity)).Select(k => (k.Entity!, k.Id)).Distinct().ToList();
        var titles = known.Count == 0 ? new Dictionary<Guid, string>() : await store.TitlesAsync(known, current.Actor, cancellationToken);
        return (Named(_pinned!, titles), Named(_recent!.Where(r => !_pinned!.Contains(r)), titles));
    }

    /// <summary>Notes that the person has opened a record.</summary>
    public async Task VisitAsync(Entity entity, Guid id, CancellationToken cancellationToken = default)
    {
        await LoadAsync(cancellationToken);
        var visited = new Kept(entity.Name, id);
        var recent = _recent!;
        if (recent.FirstOrDefault() != visited)
        {
            recent.Remove(visited);
            recent.Insert(0, visited);
            recent.RemoveRange(Math.Min(recent.Count, MostRecent + MostPinned), Math.Max(0, recent.Count - MostRecent - MostPinned));
            await settings.WriteAsync(current.Actor, RecentKey, recent, cancellationToken);
            Changed?.Invoke(this, EventArgs.Empty);
        }
    }

    /// <summary>Keeps a record at hand, or no longer.</summary>
    public async Task PinAsync(Entity entity, Guid id, bool pinned, CancellationToken cancellationToken = default)
    {
        await LoadAsync(cancellationToken);
        var kept = new Kept(entity.Name, id);
        var all = _pinned!;
        all.Remove(kept);
        if (pinned && all.Count < MostPinned)
        {
            all.Add(kept);
        }
        await settings.WriteAsync(current.Actor, PinnedKey, all, cancellationToken);
        Changed?.Invoke(this, EventArgs.Empty);
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        _pinned ??= await settings.ReadAsync<List<Kept>>(current.Actor, PinnedKey, cancellationToken) ?? [];
        _recent ??= await settings.ReadAsync<List<Kept>>(current.Actor, RecentKey, cancellationToken) ?? [];
    }

    private List<Place> Named(IEnumerable<Kept> kept, IReadOnlyDictionary<Guid, string> titles) =>
        [.. kept.Where(k => titles.ContainsKey(k.Id)).Select(k => new Place(models.Current.Find(k.Entity)!, k.Id, titles[k.Id])).Take(MostPinned)];

    private sealed record Kept(string Entity, Guid Id);
}
