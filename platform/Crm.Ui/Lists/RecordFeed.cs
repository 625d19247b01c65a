using Crm.Data;

namespace Crm.Ui.Lists;

/// <summary>The records of a list as far as somebody has scrolled: pages read one after the other, each beginning where the last ended.</summary>
public sealed class RecordFeed(RecordStore store, Actor actor, RecordQuery query)
{
    private readonly List<RecordPage> _pages = [];
    private Task? _loading;

    public RecordQuery Query { get; } = query;

    public IReadOnlyList<RecordPage> Pages => _pages;

    public bool IsLoaded => _pages.Count > 0;

    public bool IsEmpty => IsLoaded && _pages[0].Items.Count == 0;

    public bool HasMore => !IsLoaded || _pages[^1].Next is not null;

    public long? Count { get; private set; }

    public bool CountIsExact { get; private set; }

    /// <summary>Reads the next page; asked twice at once it reads it once.</summary>
    public Task LoadMoreAsync(CancellationToken cancellationToken) =>
        _loading is { IsCompleted: false } ? _loading : _loading = HasMore ? ReadAsync(cancellationToken) : Task.CompletedTask;

    public async Task CountExactlyAsync(CancellationToken cancellationToken)
    {
        var page = await store.QueryAsync(Query with { Limit = 1, Fields = [], After = null, Count = CountMode.Exact }, actor, cancellationToken);
        (Count, CountIsExact) = (page.Count, true);
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        var next = IsLoaded
            ? Query with { After = _pages[^1].Next, Count = CountMode.None }
            : Query with { Count = CountMode.Capped };
        var page = await store.QueryAsync(next, actor, cancellationToken);
        if (!IsLoaded)
        {
            (Count, CountIsExact) = (page.Count, page.CountIsExact);
        }
        _pages.Add(page);
    }
}
