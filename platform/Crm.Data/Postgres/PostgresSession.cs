using System.Data;
using System.Data.Common;
using Crm.Rules;
using Npgsql;

namespace Crm.Data.Postgres;

/// <summary>
/// A connection to PostgreSQL, where each wait for an answer costs more than the work. Within a transaction, statements whose answer nobody
/// needs yet travel together with the next one that is waited for: its beginning with the first query, what it writes with the commit.
/// Npgsql prepares what is used again, without waiting either.
/// </summary>
internal sealed class PostgresSession(NpgsqlDataSource source, NpgsqlConnection connection, Action<Session>? release) : Session(PostgresCodec.Instance, release)
{
    /// <summary>Rows of one insert; more would only make the arrays larger.</summary>
    private const int MaxRows = 1_000;

    /// <summary>Statements that travel together; more would only wait in memory.</summary>
    private const int MaxPending = 500;

    private readonly StatementCache _statements = new(PostgresCodec.Instance);

    /// <summary>What waits to be sent, each statement with the number of rows that it has to change.</summary>
    private readonly List<(NpgsqlBatchCommand Command, int? Rows)> _pending = [];

    private NpgsqlConnection _connection = connection;
    private bool _inTransaction;
    private bool _begun;

    internal override DbConnection Connection => _connection;

    /// <summary>Whether the commit is on its way: if the connection is lost then, nobody knows whether it arrived.</summary>
    internal bool IsCommitting { get; private set; }

    public override async ValueTask<int> ExecuteAsync(string sql, IReadOnlyList<SqlParameter> parameters, CancellationToken cancellationToken = default)
    {
        if (_pending.Count == 0)
        {
            return await RunAsync(sql, parameters, command => command.ExecuteNonQueryAsync(cancellationToken), cancellationToken);
        }
        var statement = PostgresCodec.CreateStatement(sql, parameters);
        _pending.Add((statement, null));
        await FlushAsync(cancellationToken);
        return statement.RecordsAffected;
    }

    public override ValueTask ExecuteLaterAsync(string sql, IReadOnlyList<SqlParameter> parameters, CancellationToken cancellationToken = default) =>
        PendAsync(PostgresCodec.CreateStatement(sql, parameters), 1, cancellationToken);

    public override async ValueTask InsertAsync(TableInsert into, IReadOnlyList<IReadOnlyList<SqlParameter>> rows, CancellationToken cancellationToken = default)
    {
        if (rows.Count == 1)
        {
            await ExecuteLaterAsync(into.OneRow, rows[0], cancellationToken);
            return;
        }
        foreach (var chunk in rows.Chunk(MaxRows))
        {
            await PendAsync(PostgresCodec.CreateStatement(into, chunk), chunk.Length, cancellationToken);
        }
    }

    public override async ValueTask ExecuteOnceAsync(string sql, CancellationToken cancellationToken = default)
    {
        await FlushAsync(cancellationToken);
        await using var command = _connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Begins a transaction; PostgreSQL learns of it with the first statement.</summary>
    internal void Begin()
    {
        (_inTransaction, _begun, IsCommitting) = (true, false, false);
        AfterCommit.Clear();
        _pending.Clear();
        _pending.Add((new("BEGIN"), null));
    }

    /// <summary>Sends the commit with whatever still waits, or nothing if nothing was done.</summary>
    internal async Task CommitAsync()
    {
        if (_begun || _pending.Count > 1)
        {
            _pending.Add((new("COMMIT"), null));
            IsCommitting = true;
            await FlushAsync(CancellationToken.None);
        }
        _pending.Clear();
        _inTransaction = false;
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

    internal override void ForgetStatements() => _statements.Clear();

    private protected override async ValueTask<DbDataReader> OpenReaderAsync(string sql, IReadOnlyList<SqlParameter> parameters, CancellationToken cancellationToken)
    {
        if (_pending.Count == 0)
        {
            return await RunAsync(sql, parameters, command => command.ExecuteReaderAsync(cancellationToken), cancellationToken);
        }
        // What waits returns no rows, so that the rows of the result are those of this statement.
        _pending.Add((PostgresCodec.CreateStatement(sql, parameters), null));
        var (batch, sent) = TakeBatch();
        var reader = await batch.ExecuteReaderAsync(cancellationToken);
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

    private async Task<T> RunAsync<T>(string sql, IReadOnlyList<SqlParameter> parameters, Func<DbCommand, Task<T>> run, CancellationToken cancellationToken)
    {
        try
        {
            return await run(_statements.Take(_connection, sql, parameters));
        }
        catch (NpgsqlException e) when (!_inTransaction && IsStale(e))
        {
            // Nothing was read yet: on a fresh connection it is as if nothing had happened.
            ForgetStatements();
            await _connection.DisposeAsync();
            _connection = await source.OpenConnectionAsync(cancellationToken);
            return await run(_statements.Take(_connection, sql, parameters));
        }
    }

    private async ValueTask PendAsync(NpgsqlBatchCommand statement, int rows, CancellationToken cancellationToken)
    {
        _pending.Add((statement, rows));
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
        Check(sent);
    }

    private (NpgsqlBatch Batch, IReadOnlyList<(NpgsqlBatchCommand Command, int? Rows)> Sent) TakeBatch()
    {
        var sent = _pending.ToArray();
        var batch = new NpgsqlBatch(_connection);
        foreach (var (statement, _) in sent)
        {
            batch.BatchCommands.Add(statement);
        }
        _pending.Clear();
        _begun = _inTransaction;
        return (batch, sent);
    }

    private static void Check(IReadOnlyList<(NpgsqlBatchCommand Command, int? Rows)> sent)
    {
        foreach (var (statement, rows) in sent)
        {
            if (rows is { } expected && statement.RecordsAffected != expected)
            {
                throw new InvalidOperationException($"{statement.RecordsAffected} rows were changed where {expected} were expected: {statement.CommandText}");
            }
        }
    }
}
