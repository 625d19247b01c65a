using Crm.Rules;

namespace Crm.Data;

/// <summary>A database engine. One folder each; everything above speaks to this.</summary>
public abstract class Database : IAsyncDisposable
{
    /// <summary>Long reads at once; each keeps a connection of its own for as long as somebody takes to receive what is read.</summary>
    private const int MaxSnapshots = 8;

    private readonly SemaphoreSlim _snapshots = new(MaxSnapshots);

    public abstract SqlDialect Dialect { get; }

    /// <summary>Whether other processes may work on it at the same time.</summary>
    public abstract bool IsShared { get; }

    /// <summary>Whether a fault says that the database cannot be reached, or can take nothing now, and not that it was asked wrongly.</summary>
    public abstract bool IsAway(System.Data.Common.DbException fault);

    /// <summary>A connection for reading; dispose it soon, there are few.</summary>
    public abstract ValueTask<Session> ReadAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// A connection of its own for a long read, to which the database stays as it was at its first statement, whatever others write meanwhile.
    /// Nobody else's reads wait for it.
    /// </summary>
    public async ValueTask<Session> SnapshotAsync(CancellationToken cancellationToken = default)
    {
        await _snapshots.WaitAsync(cancellationToken);
        Session? session = null;
        try
        {
            session = await OpenAsync(Return, cancellationToken);
            await session.BeginSnapshotAsync(cancellationToken);
            return session;
        }
        catch
        {
            session?.Close();
            _snapshots.Release();
            throw;
        }

        // The transaction ends with its connection.
        void Return(Session over)
        {
            over.Close();
            _snapshots.Release();
        }
    }

    /// <summary>
    /// Runs <paramref name="work"/> in a transaction of its own: committed when it returns, rolled back when it throws.
    /// It must use only the session that it is given, and it may run on another thread.
    /// </summary>
    public abstract Task<T> WriteAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken = default);

    /// <summary>
    /// The same for work that fills a table with many times as many rows as it has: the table's indexes are set aside while it runs and made anew
    /// at the end, in the same transaction, because an index costs a fraction when all rows are there and can be sorted.
    /// </summary>
    internal virtual Task<T> LoadAsync<T>(string table, Func<Session, Task<T>> work, CancellationToken cancellationToken = default) => WriteAsync(
        async session =>
        {
            session.IsPatient = true;
            var indexes = await session.QueryAsync(Dialect.IndexesOfTable, [Param.Text(table)], row => (Name: row.Text(0)!, Sql: row.Text(1)!), cancellationToken);
            foreach (var (name, _) in indexes)
            {
                await session.ExecuteOnceAsync($"DROP INDEX {SqlDialect.Quote(name)}", cancellationToken);
            }
            var result = await work(session);
            foreach (var (_, sql) in indexes)
            {
                await session.ExecuteOnceAsync(sql, cancellationToken);
            }
            return result;
        },
        cancellationToken);

    /// <summary>What took long.</summary>
    public QueryWatch Queries { get; } = new();

    /// <summary>False where the database cannot keep search indexes, so that search reads the tables themselves.</summary>
    public bool SearchIsIndexed { get; protected set; } = true;

    /// <summary>What bringing the tables to <paramref name="schema"/> would mean; nothing changes.</summary>
    public async Task<SchemaPlan> PlanAsync(DatabaseSchema schema, CancellationToken cancellationToken = default)
    {
        await PrepareAsync(cancellationToken);
        await using var session = await ReadAsync(cancellationToken);
        session.IsPatient = true;
        return await Sync.PlanAsync(session, schema, cancellationToken);
    }

    /// <summary>The tables that the database remembers to have.</summary>
    public async Task<DatabaseSchema> SchemaAsync(CancellationToken cancellationToken = default)
    {
        await PrepareAsync(cancellationToken);
        await using var session = await ReadAsync(cancellationToken);
        return (await SchemaSync.ReadAsync(session, cancellationToken)).Existing;
    }

    /// <summary>Brings the tables to <paramref name="schema"/>, in one transaction. What would be lost is kept aside, unless that is allowed.</summary>
    /// <exception cref="ProblemException">The data does not allow it; nothing has changed.</exception>
    public Task<SchemaPlan> ApplyAsync(DatabaseSchema schema, bool allowDestructive = false, CancellationToken cancellationToken = default) =>
        ChangeAsync(schema, allowDestructive, (_, plan) => Task.FromResult(plan), cancellationToken);

    /// <summary>The same, with further work in the same transaction.</summary>
    /// <exception cref="ProblemException">The data does not allow it; nothing has changed.</exception>
    public abstract Task<T> ChangeAsync<T>(DatabaseSchema schema, bool allowDestructive, Func<Session, SchemaPlan, Task<T>> also, CancellationToken cancellationToken = default);

    /// <summary>Tells all nodes that share this database, once the transaction is committed; needless where there is only one.</summary>
    internal virtual ValueTask AnnounceAsync(Session session, string channel, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Calls <paramref name="heard"/> once the line is up and then whenever a node announced something, until it breaks.</summary>
    /// <returns>False at once where there is nobody else to hear from.</returns>
    public virtual Task<bool> ListenAsync(string channel, Func<Task> heard, CancellationToken cancellationToken) => Task.FromResult(false);

    /// <summary>Lets go of everything that was prepared for tables as they were: this node's own change, or another's.</summary>
    internal abstract ValueTask RenewAsync();

    /// <summary>How tables of this database are changed.</summary>
    private protected abstract SchemaSync Sync { get; }

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _snapshots.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>A connection beside the pool.</summary>
    private protected abstract Task<Session> OpenAsync(Action<Session> release, CancellationToken cancellationToken);

    private Task<bool> PrepareAsync(CancellationToken cancellationToken) => WriteAsync(
        async session =>
        {
            await SchemaSync.PrepareAsync(session, cancellationToken);
            return true;
        },
        cancellationToken);
}
