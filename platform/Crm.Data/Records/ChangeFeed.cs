using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Crm.Data;

/// <summary>News of a committed change, for screens that show the record.</summary>
public sealed record RecordNews(string Entity, Guid Id, ChangeKind Kind, Guid? By);

/// <summary>Tells whoever listens what was committed. Listeners run on the writer's time, so they must only take note.</summary>
public sealed partial class ChangeFeed(ILogger<ChangeFeed>? logger = null)
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
            try
            {
                listener(news);
            }
#pragma warning disable CA1031 // The change is committed: a screen that cannot take the news must not take the writer along.
            catch (Exception e)
#pragma warning restore CA1031
            {
                if (logger is not null)
                {
                    LogFault(logger, e);
                }
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A listener failed on news of a change.")]
    private static partial void LogFault(ILogger logger, Exception exception);

    private sealed class Subscription(ChangeFeed feed) : IDisposable
    {
        public void Dispose() => feed._listeners.TryRemove(this, out _);
    }
}
