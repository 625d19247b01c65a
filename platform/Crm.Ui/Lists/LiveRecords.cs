using Crm.Data;

namespace Crm.Ui.Lists;

/// <summary>News of changes for a screen with many records: gathered for a moment, so that a mass change is one refresh and not a thousand.</summary>
public sealed class LiveRecords : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly List<RecordNews> _waiting = [];
    private readonly Lock _lock = new();
    private readonly IDisposable _subscription;
    private readonly ITimer _timer;
    private readonly Func<RecordNews, bool>? _concerns;

    /// <param name="feed">Where the news come from.</param>
    /// <param name="time">The clock.</param>
    /// <param name="tell">Is given what was gathered.</param>
    /// <param name="concerns">Which news are gathered, asked on the writer's time; all if null.</param>
    public LiveRecords(ChangeFeed feed, TimeProvider time, Func<IReadOnlyList<RecordNews>, Task> tell, Func<RecordNews, bool>? concerns = null)
    {
        _concerns = concerns;
        _timer = time.CreateTimer(_ => _ = tell(Take()), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _subscription = feed.Subscribe(Hear);
    }

    public void Dispose()
    {
        _subscription.Dispose();
        _timer.Dispose();
    }

    /// <summary>Runs on the writer's time: only takes note.</summary>
    private void Hear(IReadOnlyList<RecordNews> news)
    {
        if (_concerns is not null && (news = [.. news.Where(_concerns)]).Count == 0)
        {
            return;
        }
        lock (_lock)
        {
            if (_waiting.Count == 0)
            {
                _timer.Change(Pause, Timeout.InfiniteTimeSpan);
            }
            _waiting.AddRange(news);
        }
    }

    private List<RecordNews> Take()
    {
        lock (_lock)
        {
            List<RecordNews> taken = [.. _waiting];
            _waiting.Clear();
            return taken;
        }
    }
}
