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
    private Task _turn = Task.CompletedTask;

    /// <summary>Told when what is kept has changed.</summary>
    public event EventHandler? Changed;

    public async Task<(IReadOnlyList<Place> Pinned, IReadOnlyList<Place> Recent)> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (_pinned is null || _recent is null)
        {
            await InTurnAsync(LoadAsync, cancellationToken);
        }
        var titles = new Dictionary<Kept, string>();
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
    public Task VisitAsync(Entity entity, Guid id, CancellationToken cancellationToken = default) => InTurnAsync(
        async () =>
        {
            var visited = new Kept(entity.Name, id);
            _recent = await KeptAsync(RecentKey);
            if (_recent.FirstOrDefault() != visited)
            {
                _recent = [visited, .. _recent.Where(r => r != visited).Take(MostRecent + MostPinned - 1)];
                await settings.WriteAsync(current.Actor, RecentKey, _recent);
                Changed?.Invoke(this, EventArgs.Empty);
            }
        },
        cancellationToken);

    /// <summary>Keeps a record at hand, or no longer.</summary>
    public Task PinAsync(Entity entity, Guid id, bool pinned, CancellationToken cancellationToken = default) => InTurnAsync(
        async () =>
        {
            var kept = new Kept(entity.Name, id);
            _pinned = await KeptAsync(PinnedKey);
            _pinned.Remove(kept);
            if (pinned && _pinned.Count < MostPinned)
            {
                _pinned.Add(kept);
            }
            await settings.WriteAsync(current.Actor, PinnedKey, _pinned);
            Changed?.Invoke(this, EventArgs.Empty);
        },
        cancellationToken);

    /// <summary>Titles of those that are there still: what lies in the recycle bin is no place to go.</summary>
    private async Task AddTitlesAsync(Dictionary<Kept, string> titles, Entity entity, IReadOnlyList<object?> ids, CancellationToken cancellationToken)
    {
        var query = new RecordQuery(entity)
        {
            Filter = new Comparison(new([entity.Fields[Entity.IdOrdinal]]), ConditionOperator.In, new Constants(ids)),
            Fields = entity.TitleField is { } title ? [new([title])] : [],
            Limit = ids.Count,
        };
        foreach (var row in (await store.QueryAsync(query, current.Actor, cancellationToken)).Items)
        {
            titles[new(entity.Name, row.Id)] = entity.TitleField is { } field && row[0] is { } value ? field.Type.ToText(value, CultureInfo.CurrentCulture) : "";
        }
    }

    private async Task LoadAsync() => (_pinned, _recent) = (_pinned ?? await KeptAsync(PinnedKey), _recent ?? await KeptAsync(RecentKey));

    private async Task<List<Kept>> KeptAsync(string key) => await settings.ReadAsync<List<Kept>>(current.Actor, key) ?? [];

    /// <summary>One after the other, so that none overwrites what another has noted. A change begins with what is stored, because the person may have changed it in another tab.</summary>
    private Task InTurnAsync(Func<Task> work, CancellationToken cancellationToken)
    {
        _turn = AfterAsync(_turn, work);
        return _turn.WaitAsync(cancellationToken);
    }

    private static async Task AfterAsync(Task earlier, Func<Task> work)
    {
        // Whoever waits for the earlier one hears of its failure.
        await earlier.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        await work();
    }

    private List<Place> Named(IEnumerable<Kept> kept, Dictionary<Kept, string> titles) =>
        [.. kept.Where(titles.ContainsKey).Select(k => new Place(models.Current.Find(k.Entity)!, k.Id, titles[k])).Take(MostPinned)];

    private sealed record Kept(string Entity, Guid Id);
}
