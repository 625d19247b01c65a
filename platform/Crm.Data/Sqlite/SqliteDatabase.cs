using System.Threading.Channels;
using Crm.Metadata;
using Crm.Rules;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using SQLitePCL;

namespace Crm.Data.Sqlite;

/// <summary>
/// SQLite in WAL mode: many readers, one writer. All writes go through one lane that commits what is waiting together, each piece in a
/// savepoint of its own, because a commit costs more than the work of a typical request.
/// </summary>
public sealed class SqliteDatabase : Database
{
    /// <summary>Readers open at once; more would only wait for the processor.</summary>
    private const int MaxReaders = 16;

    /// <summary>Pieces of work that share one commit.</summary>
    private const int MaxGroup = 64;

    private static readonly SqliteCodec Codec = new();

    private readonly string _connectionString;
    private readonly SessionPool _readers;
    private readonly Channel<WriteWork> _lane = Channel.CreateUnbounded<WriteWork>(new() { SingleReader = true });
    private readonly Session _writer;
    private readonly SqliteCheckpoints _checkpoints;
    private readonly Task _laneTask;
    private Dictionary<string, SqliteSearch> _search;

    /// <summary>
    /// Before the library starts: a connection serves one caller at a time here, so it needs no lock of its own, and nobody asks how much memory
    /// SQLite holds, which it would count under one lock for all.
    /// </summary>
    static SqliteDatabase()
    {
        Batteries_V2.Init();
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MULTITHREAD);
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MEMSTATUS, 0);
    }

    private SqliteDatabase(string connectionString, Session writer, IReadOnlyList<SqliteSearch> search)
    {
        _search = search.ToDictionary(s => s.Table);
        _connectionString = connectionString;
        _readers = new(MaxReaders, OpenAsync);
        _writer = writer;
        _checkpoints = new((SqliteConnection)writer.Connection, connectionString);
        _laneTask = Task.Run(RunLaneAsync);
    }

    public override SqlDialect Dialect { get; } = new SqliteDialect();

    public override bool IsShared => false;

    /// <summary>Opens the database file, creating it and its folder where they are missing.</summary>
    public static async Task<SqliteDatabase> OpenAsync(string file, CancellationToken cancellationToken = default)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        var connectionString = new SqliteConnectionStringBuilder { DataSource = file, Pooling = false, ForeignKeys = true, DefaultTimeout = 30 }.ToString();
        var writer = await OpenSessionAsync(connectionString, release: null, cancellationToken);
        // What is written next is mostly near what was written last; a page that is still in the log is read with a call into the operating system.
        await writer.ExecuteOnceAsync("PRAGMA cache_size = -65536", cancellationToken);
        return new(connectionString, writer, await SqliteSearch.LoadAsync(writer, cancellationToken));
    }

    public override bool IsAway(System.Data.Common.DbException fault) => fault is SqliteException
    {
        SqliteErrorCode: SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_READONLY or SQLitePCL.raw.SQLITE_IOERR or SQLitePCL.raw.SQLITE_FULL or SQLitePCL.raw.SQLITE_CANTOPEN,
    };

    public override ValueTask<Session> ReadAsync(CancellationToken cancellationToken = default) => _readers.TakeAsync(cancellationToken);

    public override async Task<T> WriteAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken = default)
    {
        var item = new WriteWork<T>(work, cancellationToken);
        await _lane.Writer.WriteAsync(item, cancellationToken);
        return await item.Result;
    }

    public override async Task<T> ChangeAsync<T>(DatabaseSchema schema, bool allowDestructive, Func<Session, SchemaPlan, Task<T>> also, CancellationToken cancellationToken = default)
    {
        var item = new WriteWork<T>(
            async session =>
            {
                var plan = await Sync.ApplyAsync(session, schema, allowDestructive, cancellationToken);
                if (await SqliteSearch.SyncAsync(session, schema, cancellationToken))
                {
                    session.ForgetStatements();
                    var search = (await SqliteSearch.LoadAsync(session, cancellationToken)).ToDictionary(s => s.Table);
                    session.AfterCommit.Add(() => _search = search);
                }
                return await also(session, plan);
            },
            cancellationToken) { ChangesTables = true };
        await _lane.Writer.WriteAsync(item, cancellationToken);
        var result = await item.Result;
        await RenewAsync();
        await CatchUpAsync(cancellationToken);
        return result;
    }

    internal override async Task<T> LoadAsync<T>(string table, Func<Session, Task<T>> work, CancellationToken cancellationToken = default)
    {
        var result = await base.LoadAsync(table, work, cancellationToken);
        await CatchUpAsync(cancellationToken);
        // Of a table that was small a moment ago SQLite would still think that any index will do.
        await WriteAsync(
            async session =>
            {
                await session.ExecuteOnceAsync($"ANALYZE {SqlDialect.Quote(table)}", cancellationToken);
                return true;
            },
            cancellationToken);
        return result;
    }

    internal override ValueTask RenewAsync() => _readers.RenewAsync();

    private protected override SchemaSync Sync => field ??= new(new DbContextOptionsBuilder().UseSqlite(_writer.Connection).Options, Storage, isSqlite: true);

    public override async ValueTask DisposeAsync()
    {
        _lane.Writer.TryComplete();
        await _laneTask;
        await _readers.DisposeAsync();
        await _checkpoints.DisposeAsync();
        await _writer.ExecuteOnceAsync("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE)");
        await _writer.CloseAsync();
        await base.DisposeAsync();
    }

    private protected override Task<Session> OpenAsync(Action<Session> release, CancellationToken cancellationToken) => OpenSessionAsync(_connectionString, release, cancellationToken);

    /// <summary>What was written many rows at once goes into the search indexes now.</summary>
    private async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        foreach (var index in _search.Values)
        {
            // Piece by piece, so that others write in between.
            while (await WriteAsync(TakeAsync, cancellationToken))
            {
            }

            async Task<bool> TakeAsync(Session session)
            {
                if (await index.CountWaitingAsync(session, cancellationToken) <= SqliteSearch.MaxWaiting)
                {
                    return false;
                }
                await index.TakeAsync(session, cancellationToken);
                return true;
            }
        }
    }

    private static (Type, string) Storage(ColumnSchema column) => column.Kind switch
    {
        ColumnKind.Text or ColumnKind.Date => (typeof(string), "TEXT"),
        ColumnKind.Uuid => (typeof(byte[]), "BLOB"),
        _ => (typeof(long), "INTEGER"),
    };

    private static async Task<Session> OpenSessionAsync(string connectionString, Action<Session>? release, CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(connectionString);
        await connection.OpenAsync(cancellationToken);
        // A kept statement keeps its plan: else SQLite plans anew whenever other values are bound.
        _ = raw.sqlite3_db_config(connection.Handle, raw.SQLITE_DBCONFIG_ENABLE_QPSG, 1, out _);
        SqliteFunctions.AddTo(connection);
        var session = new SqliteSession(connection, Codec, release);
        await session.ExecuteOnceAsync("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 268435456; PRAGMA cache_size = -16384;", cancellationToken);
        return session;
    }

    private async Task RunLaneAsync()
    {
        var group = new List<WriteWork>(MaxGroup);
        while (await _lane.Reader.WaitToReadAsync())
        {
            group.Clear();
            while (group.Count < MaxGroup && _lane.Reader.TryPeek(out var next) && (group.Count == 0 || !next.ChangesTables) && _lane.Reader.TryRead(out var work))
            {
                group.Add(work);
                if (work.ChangesTables)
                {
                    break;
                }
            }
            try
            {
                await (group[0].ChangesTables ? RunTableChangeAsync(group) : RunGroupAsync(group));
            }
#pragma warning disable CA1031 // A group that breaks off must not end the lane: everybody who writes later would wait for ever.
            catch (Exception e)
#pragma warning restore CA1031
            {
                await RollbackAsync();
                group.ForEach(work => work.Fail(e));
            }
        }
    }

    /// <summary>
    /// A table that is written anew is dropped in between, and SQLite would take that for the deletion of all its records. So references are
    /// not checked meanwhile (which cannot be switched inside a transaction) but all together before the commit.
    /// </summary>
    private async Task RunTableChangeAsync(List<WriteWork> group)
    {
        await _writer.ExecuteOnceAsync("PRAGMA foreign_keys = OFF");
        try
        {
            await RunGroupAsync(group);
        }
        finally
        {
            await _writer.ExecuteOnceAsync("PRAGMA foreign_keys = ON");
        }
    }

    private async Task RollbackAsync()
    {
        try
        {
            await _writer.ExecuteAsync("ROLLBACK", []);
        }
        catch (SqliteException)
        {
            // SQLite has already taken the transaction back by itself.
        }
    }

    private async Task RunGroupAsync(List<WriteWork> group)
    {
        _writer.AfterCommit.Clear();
        try
        {
            await _writer.ExecuteAsync("BEGIN IMMEDIATE", []);
        }
        catch (SqliteException e)
        {
            group.ForEach(work => work.Fail(e));
            return;
        }
        // What is alone in its transaction is taken back with all of it: a savepoint keeps a copy of every page it changes.
        if (group is [var only])
        {
            if (!await only.RunAsync(_writer))
            {
                await RollbackAsync();
                _writer.AfterCommit.Clear();
                only.Complete();
                return;
            }
        }
        else
        {
            foreach (var work in group)
            {
                await RunPieceAsync(work);
            }
        }
        try
        {
            await IndexTextsAsync();
            await _writer.ExecuteAsync("COMMIT", []);
        }
        catch (SqliteException e)
        {
            await RollbackAsync();
            group.ForEach(work => work.Fail(e));
            return;
        }
        foreach (var hook in _writer.AfterCommit)
        {
            hook();
        }
        group.ForEach(work => work.Complete());
        _checkpoints.AfterCommit();
    }

    private async Task RunPieceAsync(WriteWork work)
    {
        var hooks = _writer.AfterCommit.Count;
        await _writer.ExecuteAsync("SAVEPOINT piece", []);
        if (!await work.RunAsync(_writer))
        {
            await _writer.ExecuteAsync("ROLLBACK TO piece", []);
            _writer.AfterCommit.RemoveRange(hooks, _writer.AfterCommit.Count - hooks);
        }
        await _writer.ExecuteAsync("RELEASE piece", []);
    }

    /// <summary>Puts what waits into the search indexes. Should that fail, it goes on waiting, and the writes are not lost over it.</summary>
    private async Task IndexTextsAsync()
    {
        foreach (var index in _writer.TakeFull(SqliteSearch.MaxWaiting).Select(_search.GetValueOrDefault).OfType<SqliteSearch>())
        {
            await _writer.ExecuteAsync("SAVEPOINT piece", []);
            try
            {
                await index.TakeAsync(_writer, CancellationToken.None);
            }
            catch (SqliteException)
            {
                await _writer.ExecuteAsync("ROLLBACK TO piece", []);
            }
            await _writer.ExecuteAsync("RELEASE piece", []);
        }
    }

    private abstract class WriteWork
    {
        /// <summary>Whether it shares its transaction with nobody.</summary>
        public bool ChangesTables { get; init; }

        /// <summary>True if it did its work and wants it committed.</summary>
        public abstract Task<bool> RunAsync(Session session);

        public abstract void Complete();

        public abstract void Fail(Exception exception);
    }

    private sealed class WriteWork<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken) : WriteWork
    {
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly System.Globalization.CultureInfo _culture = System.Globalization.CultureInfo.CurrentUICulture;
        private T? _result;
        private Exception? _failure;

        public Task<T> Result => _completion.Task;

        public override async Task<bool> RunAsync(Session session)
        {
            System.Globalization.CultureInfo.CurrentUICulture = _culture;
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                _result = await work(session);
                return true;
            }
#pragma warning disable CA1031 // Whatever the work throws belongs to its caller; the lane goes on with the next piece.
            catch (Exception e)
#pragma warning restore CA1031
            {
                _failure = e;
                return false;
            }
        }

        public override void Complete()
        {
            if (_failure is { } failure)
            {
                _completion.TrySetException(failure);
            }
            else
            {
                _completion.TrySetResult(_result!);
            }
        }

        public override void Fail(Exception exception) => _completion.TrySetException(_failure ?? exception);
    }
}
