using System.Collections.Concurrent;

namespace Crm.Data;

/// <summary>News of a committed change, for screens that show the record.</summary>
public sealed record RecordNews(string Entity, Guid Id, ChangeKind Kind, Guid? By);

/// <summary>Tells whoever listens what was committed. Listeners run on the writer's time, so they must only take note.</summary>
public sealed class ChangeFeed
{
    private readonly ConcurrentDictionary<object, Action<IReadOnlyList<RecordNews>>> _listeners = new();

    /// <summary>Listens until the returned subscription is disposed.</summary>
    public IDisposable Subscribe(Action<IReadOnlyList<RecordNews>> listener)
    {
        var key = new Subscription(this);
        _listeners[key] = listener;
        return key;
    }

    internal void Publish(IReadOnlyList<RecordNews> news)
    {
        foreach (var listener in _listeners.Values)
        {
            listener(news);
        }
    }

    private sealed class Subscription(ChangeFeed feed) : IDisposable
    {
        public void Dispose() => feed._listeners.TryRemove(this, out _);
    }
}
