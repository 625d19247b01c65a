using Crm.Rules;

namespace Crm.Data;

/// <summary>A database engine. One folder each; everything above speaks to this.</summary>
public abstract class Database : IAsyncDisposable
{
    public abstract SqlDialect Dialect { get; }

    /// <summary>Whether other processes may work on it at the same time.</summary>
    public abstract bool IsShared { get; }

    /// <summary>A connection for reading; dispose it soon, there are few.</summary>
    public abstract ValueTask<Session> ReadAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Runs <paramref name="work"/> in a transaction of its own: committed when it returns, rolled back when it throws.
    /// It must use only the session that it is given, and it may run on another thread.
    /// </summary>
    public abstract Task<T> WriteAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken = default);

    /// <summary>Brings the tables to <paramref name="schema"/>; what they hold beyond it is kept.</summary>
    public abstract Task ApplyAsync(DatabaseSchema schema, CancellationToken cancellationToken = default);

    public abstract ValueTask DisposeAsync();
}
