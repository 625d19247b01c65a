using Crm.Data;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Ui.Lists;

/// <summary>One page of a long list: its records while they are near what is seen, and always what is needed to read them again.</summary>
public sealed class WindowPage(int index, string? after)
{
    public int Index { get; } = index;

    /// <summary>The key behind which it begins.</summary>
    public string? After { get; } = after;

    /// <summary>Null while it is far from what is seen.</summary>
    public RecordPage? Content { get; internal set; }

    public int Rows { get; internal set; }

    /// <summary>How tall it was drawn, so that its place can be kept; 0 while unknown.</summary>
    public double Height { get; set; }

    /// <summary>Grows whenever it has to be drawn anew.</summary>
    public int Revision { get; private set; }

    /// <summary>Kept for the page behind it, which has to know in which group it goes on.</summary>
    public RecordRow? Last { get; internal set; }

    public bool Holds(Guid id) => Content?.Items.Any(r => r.Id == id) == true;

    public void Redraw() => Revision++;
}

/// <summary>
/// The records of a list around what is seen. Pages are read one after the other by key; those far away leave memory and are read again, by the same
/// key, when somebody comes back.
/// </summary>
public sealed class RecordWindow(RecordStore store, Actor actor, RecordQuery query)
{
    /// <summary>Pages kept beyond each end of what is seen.</summary>
    private const int Kept = 3;

    private readonly List<WindowPage> _pages = [];
    private Task? _loading;
    private (int First, int Last)? _wanted;
    private bool _showing;

    /// <summary>A window over what is known to hold nothing, so that there is nothing to read.</summary>
    public static RecordWindow OfNothing(RecordStore store, Actor actor, RecordQuery query)
    {
        var window = new RecordWindow(store, actor, query) { HasMore = false, Count = 0, CountIsExact = true };
        var page = new WindowPage(0, after: null);
        Set(page, new(query.Entity, [], [], Next: null, Count: 0, CountIsExact: true));
        window._pages.Add(page);
        return window;
    }

    public RecordQuery Query { get; } = query;

    public IReadOnlyList<WindowPage> Pages => _pages;

    public bool IsEmpty => _pages.Count > 0 && _pages.All(p => p.Rows == 0);

    public bool HasMore { get; private set; } = true;

    public long? Count { get; private set; }

    public bool CountIsExact { get; private set; }

    public IEnumerable<RecordRow> Rows => _pages.SelectMany(p => p.Content?.Items ?? []);

    private string? Next { get; set; }

    public (RecordPage Page, RecordRow Row)? Find(Guid id)
    {
        foreach (var page in _pages)
        {
            if (page.Content?.Items.FirstOrDefault(r => r.Id == id) is { } row)
            {
                return (page.Content, row);
            }
        }
        return null;
    }

    /// <summary>Reads the next page; asked twice at once it reads it once.</summary>
    public Task LoadMoreAsync(CancellationToken cancellationToken) =>
        _loading is { IsCompleted: false } ? _loading : _loading = HasMore ? ReadNextAsync(cancellationToken) : Task.CompletedTask;

    /// <summary>What is seen are the pages from <paramref name="first"/> to <paramref name="last"/>: reads those around them that are missing and lets go of the rest.</summary>
    /// <returns>Whether anything changed.</returns>
    public async Task<bool> ShowAsync(int first, int last, CancellationToken cancellationToken)
    {
        _wanted = (first, last);
        if (_showing)
        {
            return false;
        }
        (_showing, var changed) = (true, false);
        try
        {
            while (_wanted is { } wanted)
            {
                _wanted = null;
                foreach (var page in _pages.Where(p => p.Content is null && p.Index >= wanted.First - 1 && p.Index <= wanted.Last + 1).ToList())
                {
                    Set(page, await store.QueryAsync(Query with { After = page.After, Count = CountMode.None }, actor, cancellationToken));
                    changed = true;
                }
                foreach (var page in _pages.Where(p => p.Content is not null && (p.Index < wanted.First - Kept || p.Index > wanted.Last + Kept)))
                {
                    page.Content = null;
                    page.Redraw();
                    changed = true;
                }
            }
            return changed;
        }
        finally
        {
            _showing = false;
        }
    }

    /// <summary>Reads some of the records anew; those that no longer belong here go.</summary>
    public async Task<bool> RefreshAsync(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        var held = Rows.Select(r => r.Id).Where(ids.Contains).ToList();
        if (held.Count == 0)
        {
            return false;
        }
        var (byId, titles) = (new Dictionary<Guid, RecordRow>(), new Dictionary<Guid, string>());
        foreach (var some in held.Chunk(RecordQuery.MaxLimit))
        {
            var fresh = await store.QueryAsync(Only(some), actor, cancellationToken);
            fresh.Items.ToList().ForEach(r => byId[r.Id] = r);
            fresh.Titles.ToList().ForEach(t => titles[t.Key] = t.Value);
        }
        foreach (var page in _pages.Where(p => p.Content?.Items.Any(r => ids.Contains(r.Id)) == true))
        {
            var content = page.Content!;
            Set(page, content with
            {
                Items = [.. content.Items.Select(r => ids.Contains(r.Id) ? byId.GetValueOrDefault(r.Id) : r).OfType<RecordRow>()],
                Titles = content.Titles.Concat(titles).GroupBy(t => t.Key).ToDictionary(t => t.Key, t => t.Last().Value),
            });
        }
        return true;
    }

    /// <summary>Reads what is held anew after a change of which only the store knows whom it brings here and whom it takes away.</summary>
    /// <returns>How many have come to belong here; 0 where there are too many to count.</returns>
    public async Task<int> RecheckAsync(Guid? except, CancellationToken cancellationToken)
    {
        var (count, held) = (Count, Rows.Count());
        await RefreshAsync([.. Rows.Select(r => r.Id).Where(id => id != except)], cancellationToken);
        if (!CountIsExact)
        {
            return 0;
        }
        var gone = held - Rows.Count();
        await CountAsync(CountMode.Capped, cancellationToken);
        return (int)Math.Max(0, (Count - (count - gone)) ?? 0);
    }

    /// <summary>Takes a record out until it is read anew: what somebody has just dragged away.</summary>
    /// <returns>Puts it back to where it was.</returns>
    public Action Remove(Guid id)
    {
        var changed = _pages.Where(p => p.Holds(id)).Select(p => (Page: p, Content: p.Content!)).ToList();
        foreach (var (page, content) in changed)
        {
            Set(page, content with { Items = [.. content.Items.Where(r => r.Id != id)] });
        }
        return () => changed.ForEach(c => Set(c.Page, c.Content));
    }

    /// <summary>Puts a record at the top until it is read anew.</summary>
    /// <returns>Takes it away again.</returns>
    public Action PutFirst(RecordRow row, RecordPage source)
    {
        if (_pages is not [{ Content: { } content } first, ..])
        {
            return () => { };
        }
        Set(first, source with { Items = [row, .. content.Items], Titles = content.Titles.Concat(source.Titles).GroupBy(t => t.Key).ToDictionary(t => t.Key, t => t.Last().Value) });
        return () => Set(first, content);
    }

    public async Task CountAsync(CountMode mode, CancellationToken cancellationToken)
    {
        var page = await store.QueryAsync(Query with { Limit = 1, Fields = [], Sort = [], After = null, Titles = false, Count = mode }, actor, cancellationToken);
        (Count, CountIsExact) = (page.Count, page.CountIsExact);
    }

    /// <summary>How many of some records belong here and are not read yet.</summary>
    public async Task<int> CountNewAsync(IEnumerable<Guid> ids, CancellationToken cancellationToken)
    {
        var count = 0;
        foreach (var some in ids.Except(Rows.Select(r => r.Id)).Chunk(RecordQuery.MaxLimit))
        {
            count += (await store.QueryAsync(Only(some) with { Fields = [], Sort = [], Titles = false }, actor, cancellationToken)).Items.Count;
        }
        return count;
    }

    private RecordQuery Only(IEnumerable<Guid> ids)
    {
        var only = new Comparison(new([Query.Entity.Fields[Entity.IdOrdinal]]), ConditionOperator.In, new Constants([.. ids.Select(id => (object?)id)]));
        return Query with { Filter = Condition.And(Query.Filter, only), Limit = RecordQuery.MaxLimit, After = null, Count = CountMode.None };
    }

    private async Task ReadNextAsync(CancellationToken cancellationToken)
    {
        var isFirst = _pages.Count == 0;
        var read = await store.QueryAsync(Query with { After = Next, Count = isFirst ? Query.Count : CountMode.None }, actor, cancellationToken);
        if (isFirst)
        {
            (Count, CountIsExact) = (read.Count, read.CountIsExact);
        }
        var page = new WindowPage(_pages.Count, Next);
        Set(page, read);
        _pages.Add(page);
        (Next, HasMore) = (read.Next, read.Next is not null);
    }

    private static void Set(WindowPage page, RecordPage content)
    {
        (page.Content, page.Rows, page.Last, page.Height) = (content, content.Items.Count, content.Items.Count > 0 ? content.Items[^1] : page.Last, 0);
        page.Redraw();
    }
}
