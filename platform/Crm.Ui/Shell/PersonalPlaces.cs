using System.Globalization;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;

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
    private Task? _loading;

    /// <summary>Told when what is kept has changed.</summary>
    public event EventHandler? Changed;

    public async Task<(IReadOnlyList<Place> Pinned, IReadOnlyList<Place> Recent)> ReadAsync(CancellationToken cancellationToken = default)
    {
        await LoadAsync(cancellationToken);
        var titles = new Dictionary<Guid, string>();
        foreach (var kept in _pinned!.Concat(_recent!).Distinct().GroupBy(k => k.Entity, StringComparer.Ordinal))
        {
            if (models.Current.Find(kept.Key) is { } entity && Authority.May(current.Actor, Operation.Read, entity))
            {
                await AddTitlesAsync(titles, entity, [.. kept.Select(k => (object?)k.Id)], cancellationToken);
            }
        }
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

    /// <summary>Titles of those that are there still: what lies in the recycle bin is no place to go.</summary>
    private async Task AddTitlesAsync(Dictionary<Guid, string> titles, Entity entity, IReadOnlyList<object?> ids, CancellationToken cancellationToken)
    {
        var query = new RecordQuery(entity)
        {
            Filter = new Comparison(new([entity.Fields[Entity.IdOrdinal]]), ConditionOperator.In, new Constants(ids)),
            Fields = entity.TitleField is { } title ? [new([title])] : [],
            Limit = ids.Count,
        };
        foreach (var row in (await store.QueryAsync(query, current.Actor, cancellationToken)).Items)
        {
            titles[row.Id] = entity.TitleField is { } field && row[0] is { } value ? field.Type.ToText(value, CultureInfo.CurrentCulture) : "";
        }
    }

    /// <summary>Read once for all who ask meanwhile: a second reading would overwrite what was noted after the first.</summary>
    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (_loading is null or { IsCanceled: true } or { IsFaulted: true })
        {
            _loading = LoadOnceAsync();
        }
        await _loading.WaitAsync(cancellationToken);
    }

    private async Task LoadOnceAsync()
    {
        var pinned = await settings.ReadAsync<List<Kept>>(current.Actor, PinnedKey);
        var recent = await settings.ReadAsync<List<Kept>>(current.Actor, RecentKey);
        (_pinned, _recent) = (pinned ?? [], recent ?? []);
    }

    private List<Place> Named(IEnumerable<Kept> kept, Dictionary<Guid, string> titles) =>
        [.. kept.Where(k => titles.ContainsKey(k.Id)).Select(k => new Place(models.Current.Find(k.Entity)!, k.Id, titles[k.Id])).Take(MostPinned)];

    private sealed record Kept(string Entity, Guid Id);
}
