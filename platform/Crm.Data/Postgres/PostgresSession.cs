using System.Data;
using System.Data.Common;
using System.Diagnostics;
using Crm.Rules;
using Npgsql;

namespace Crm.Data.Postgres;

/// <summary>
/// A connection to PostgreSQL, where each wait for an answer costs more than the work. Within a transaction, statements whose answer nobody
/// needs yet travel together with the next one that is waited for: its beginning with the first query, what it writes with the commit. A
/// transaction that travels all at once needs neither beginning nor end, for PostgreSQL takes what comes together as one. Npgsql prepares what is
/// used again, without waiting either.
/// </summary>
internal sealed class PostgresSession(NpgsqlDataSource source, NpgsqlConnection connection, Action<Session>? release) : Session(PostgresCodec.Instance, release)
{
    /// <summary>Rows of one insert; more would only make the arrays larger.</summary>
    private const int MaxRows = 1_000;

    /// <summary>Statements that travel together; more would only wait in memory.</summary>
    private const int MaxPending = 500;

    /// <summary>After a longer silence nobody knows whether the server is still there, as after it was started anew.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(1);

    private readonly StatementCache _statements = new(PostgresCodec.Instance);

    /// <summary>What waits to be sent, and whether it has to change exactly one row.</summary>
    private readonly List<(NpgsqlBatchCommand Command, bool OneRow)> _pending = [];

    /// <summary>Statements that stop the transaction unless they change a row, by those that only change it.</summary>
    private readonly Dictionary<string, string> _guarded = new(StringComparer.Ordinal);

    private NpgsqlConnection _connection = connection;
    private bool _inTransaction;
    private bool _begun;
    private bool _readsAhead;
    private long _heard = Stopwatch.GetTimestamp();

    /// <summary>The statement whose answer says that all is done, once it is on its way.</summary>
    private NpgsqlBatchCommand? _commit;

    internal override DbConnection Connection => _connection;

    /// <summary>In seconds; 0 for none.</summary>
    private int Timeout => IsPatient ? 0 : _connection.CommandTimeout;

    public override async ValueTask<int> ExecuteAsync(string sql, IReadOnlyList<SqlParameter> parameters, CancellationToken cancellationToken = default)
    {
        if (_pending.Count == 0)
        {
            return await RunAsync(sql, parameters, command => command.ExecuteNonQueryAsync(cancellationToken), cancellationToken);
        }
        var statement = PostgresCodec.CreateStatement(sql, parameters);
        _pending.Add((statement, false));
        await FlushAsync(cancellationToken);
        return statement.RecordsAffected;
    }

    public override ValueTask ExecuteLaterAsync(string sql, IReadOnlyList<SqlParameter> parameters, CancellationToken cancellationToken = default) =>
        PendAsync(PostgresCodec.CreateStatement(sql, parameters), oneRow: true, cancellationToken);

    public override async ValueTask InsertAsync(RowsInsert into, IReadOnlyList<SqlParameter> values, CancellationToken cancellationToken = default)
    {
        foreach (var statement in Statements(into, values))
        {
            await PendAsync(statement, oneRow: false, cancellationToken);
        }
    }

    public override async ValueTask<int> InsertNewAsync(RowsInsert into, IReadOnlyList<SqlParameter> values, CancellationToken cancellationToken = default)
    {
        var statements = Statements(into, values).ToList();
        statements.ForEach(s => _pending.Add((s, false)));
        await FlushAsync(cancellationToken);
        return statements.Sum(s => s.RecordsAffected);
    }

    public override async ValueTask ExecuteOnceAsync(string sql, CancellationToken cancellationToken = default)
    {
        await FlushAsync(cancellationToken);
        await using var command = _connection.CreateCommand();
        (command.CommandText, command.CommandTimeout) = (sql, 0);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Begins a transaction; PostgreSQL learns of it with the first statement.</summary>
    /// <param name="mayReadAhead">Whether what is read first may be read before the transaction begins.</param>
    internal void Begin(bool mayReadAhead = false)
    {
        (_inTransaction, _begun, _commit) = (true, false, null);
        _readsAhead = mayReadAhead;
        AfterCommit.Clear();
        _pending.Clear();
        _pending.Add((new("BEGIN"), false));
    }

    /// <summary>Who stops receiving must not hold up changes of the tables: a transaction that nobody asks anything is ended by the server.</summary>
    internal override async ValueTask BeginSnapshotAsync(CancellationToken cancellationToken)
    {
        await ExecuteOnceAsync("SET idle_in_transaction_session_timeout = '2min'; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", cancellationToken);
        (_inTransaction, _begun) = (true, true);
    }

    internal override async ValueTask<bool> ReadAheadAsync(string sql, IReadOnlyList<SqlParameter> parameters, Action<Row> each, CancellationToken cancellationToken = default)
    {
        if (!_readsAhead || _begun || _pending.Count != 1)
        {
            return false;
        }
        // The beginning waits on, so that what is asked for is not a part of the transaction yet.
        var pending = _pending[0];
        _pending.Clear();
        _inTransaction = false;
        try
        {
            await ForEachAsync(sql, parameters, each, cancellationToken);
        }
        finally
        {
            _inTransaction = true;
            _pending.Add(pending);
        }
        return true;
    }

    /// <summary>Sends the commit with whatever still waits, or nothing if nothing was done.</summary>
    internal async Task CommitAsync()
    {
        if (_begun || _pending.Count > 1)
        {
            await GuardAsync();
            if (!_begun && Stopwatch.GetElapsedTime(_heard) > Silence)
            {
                // What goes wrong before the commit can be tried again; of a commit without an answer nobody knows whether it was one.
                await SendAsync();
            }
            if (_begun)
            {
                _commit = new("COMMIT");
                _pending.Add((_commit, false));
            }
            else
            {
                _pending.RemoveAt(0);
                // Its last statement stands for the commit: an answer to it says that all before were carried out.
                (_commit, _inTransaction) = (_pending[^1].Command, false);
            }
            await SendAsync();
        }
        _pending.Clear();
        _inTransaction = false;
    }

    private async Task SendAsync()
    {
        try
        {
            await FlushAsync(CancellationToken.None);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DivisionByZero)
        {
            throw new LostRace(e.BatchCommand?.CommandText ?? e.MessageText);
        }
    }

    /// <summary>What misses its row must be known before it is too late: a single change stops the commit by itself, several are looked at first.</summary>
    private async ValueTask GuardAsync()
    {
        switch (_pending.FindAll(p => p.OneRow))
        {
            case []:
                break;
            case [var (change, _)]:
                change.CommandText = Guarded(change.CommandText);
                _pending[_pending.FindIndex(p => p.Command == change)] = (change, false);
                break;
            default:
                await FlushAsync(CancellationToken.None);
                break;
        }
    }

    private string Guarded(string sql)
    {
        if (!_guarded.TryGetValue(sql, out var guarded))
        {
            if (_guarded.Count >= StatementCache.KeptStatements)
            {
                _guarded.Clear();
            }
            _guarded[sql] = guarded = $"WITH changed AS ({sql} RETURNING 1) SELECT 1 / count(*) FROM changed";
        }
        return guarded;
    }

    internal async Task RollbackAsync()
    {
        _pending.Clear();
        _inTransaction = false;
        if (_begun && _connection.State == ConnectionState.Open)
        {
            try
            {
                await ExecuteOnceAsync("ROLLBACK", CancellationToken.None);
            }
            catch (NpgsqlException)
            {
                // The connection broke, and the transaction with it; it is not lent again.
            }
        }
    }

    /// <summary>Whether the connection is gone, as after a restart of the server, or has statements prepared for tables that another node changed.</summary>
    internal bool IsStale(Exception exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidSqlStatementName } => true,
        PostgresException { SqlState: PostgresErrorCodes.FeatureNotSupported, Routine: "RevalidateCachedQuery" } => true,
        NpgsqlException => _connection.State != ConnectionState.Open,
        _ => false,
    };

    /// <summary>
    /// Whether nobody knows if the transaction was committed: the commit was on its way, and PostgreSQL said neither that it is done nor that
    /// anything is wrong.
    /// </summary>
    internal bool IsInDoubt(Exception exception) => _commit is not null && (exception is not PostgresException || _commit.StatementType != Npgsql.StatementType.Unknown);

    internal override void ForgetStatements()
    {
        _statements.Clear();
        _guarded.Clear();
    }

    private protected override async ValueTask<DbDataReader> OpenReaderAsync(string sql, IReadOnlyList<SqlParameter> parameters, CancellationToken cancellationToken)
    {
        if (_pending.Count == 0)
        {
            return await RunAsync(sql, parameters, command => command.ExecuteReaderAsync(cancellationToken), cancellationToken);
        }
        // What waits returns no rows, so that the rows of the result are those of this statement.
        _pending.Add((PostgresCodec.CreateStatement(sql, parameters), false));
        var (batch, sent) = TakeBatch();
        var reader = await batch.ExecuteReaderAsync(cancellationToken);
        _heard = Stopwatch.GetTimestamp();
        try
        {
            Check(sent);
            return reader;
        }
        catch
        {
            await reader.DisposeAsync();
            throw;
        }
    }

    private protected override void DropWaiting() => _pending.Clear();

    private static IEnumerable<NpgsqlBatchCommand> Statements(RowsInsert into, IReadOnlyList<SqlParameter> values) => values.Count == into.Columns
        ? [PostgresCodec.CreateStatement(into.OneRow, values)]
        : values.Chunk(MaxRows * into.Columns).Select(rows => PostgresCodec.CreateStatement(into, rows));

    private async Task<T> RunAsync<T>(string sql, IReadOnlyList<SqlParameter> parameters, Func<DbCommand, Task<T>> run, CancellationToken cancellationToken)
    {
        T result;
        try
        {
            result = await run(Take());
        }
        catch (NpgsqlException e) when (!_inTransaction && IsStale(e))
        {
            // Nothing was read yet: on a fresh connection it is as if nothing had happened.
            ForgetStatements();
            await _connection.DisposeAsync();
            _connection = await source.OpenConnectionAsync(cancellationToken);
            result = await run(Take());
        }
        _heard = Stopwatch.GetTimestamp();
        return result;

        DbCommand Take()
        {
            var command = _statements.Take(_connection, sql, parameters);
            command.CommandTimeout = Timeout;
            return command;
        }
    }

    private async ValueTask PendAsync(NpgsqlBatchCommand statement, bool oneRow, CancellationToken cancellationToken)
    {
        _pending.Add((statement, oneRow));
        if (!_inTransaction || _pending.Count >= MaxPending)
        {
            await FlushAsync(cancellationToken);
        }
    }

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (_pending.Count == 0)
        {
            return;
        }
        var (batch, sent) = TakeBatch();
        await batch.ExecuteNonQueryAsync(cancellationToken);
        _heard = Stopwatch.GetTimestamp();
        Check(sent);
    }

    private (NpgsqlBatch Batch, IReadOnlyList<(NpgsqlBatchCommand Command, bool OneRow)> Sent) TakeBatch()
    {
        var sent = _pending.ToArray();
        var batch = new NpgsqlBatch(_connection) { Timeout = Timeout };
        foreach (var (statement, _) in sent)
        {
            batch.BatchCommands.Add(statement);
        }
        _pending.Clear();
        _begun = _inTransaction;
        return (batch, sent);
    }

    private static void Check(IReadOnlyList<(NpgsqlBatchCommand Command, bool OneRow)> sent)
    {
        foreach (var (statement, _) in sent.Where(s => s.OneRow && s.Command.RecordsAffected != 1))
        {
            throw new LostRace(statement.CommandText);
        }
    }
}
