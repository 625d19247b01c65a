using System.Data.Common;
using Crm.Rules;
using Microsoft.Data.Sqlite;

namespace Crm.Data.Sqlite;

/// <summary>SQLite is in the same process: nothing is gained by waiting, so everything runs at once.</summary>
internal sealed class SqliteSession(SqliteConnection connection, ValueCodec codec, Action<Session>? release) : Session(codec, release)
{
    /// <summary>There is one for each table; Models come and go, and the inserts of the old ones with them.</summary>
    private const int KeptInserts = 400;

    private readonly StatementCache _statements = new(codec);
    private readonly Dictionary<RowsInsert, SqliteInsert> _inserts = [];

    internal override DbConnection Connection => connection;

    public override async ValueTask<int> ExecuteAsync(string sql, IReadOnlyList<SqlParameter> parameters, CancellationToken cancellationToken = default) =>
        await _statements.Take(connection, sql, parameters).ExecuteNonQueryAsync(cancellationToken);

    public override async ValueTask ExecuteLaterAsync(string sql, IReadOnlyList<SqlParameter> parameters, CancellationToken cancellationToken = default)
    {
        if (await ExecuteAsync(sql, parameters, cancellationToken) != 1)
        {
            throw new LostRace(sql);
        }
    }

    public override async ValueTask InsertAsync(RowsInsert into, IReadOnlyList<SqlParameter> values, CancellationToken cancellationToken = default) =>
        await InsertNewAsync(into, values, cancellationToken);

    public override ValueTask<int> InsertNewAsync(RowsInsert into, IReadOnlyList<SqlParameter> values, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!_inserts.TryGetValue(into, out var insert))
        {
            if (_inserts.Count >= KeptInserts)
            {
                ForgetInserts();
            }
            _inserts[into] = insert = new(connection.Handle!, into);
        }
        return ValueTask.FromResult(insert.Run(values));
    }

    public override async ValueTask ExecuteOnceAsync(string sql, CancellationToken cancellationToken = default)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    internal override ValueTask BeginSnapshotAsync(CancellationToken cancellationToken) => ExecuteOnceAsync("PRAGMA query_only = ON; BEGIN", cancellationToken);

    internal override void ForgetStatements()
    {
        _statements.Clear();
        ForgetInserts();
    }

    private protected override async ValueTask<DbDataReader> OpenReaderAsync(string sql, IReadOnlyList<SqlParameter> parameters, CancellationToken cancellationToken) =>
        await _statements.Take(connection, sql, parameters).ExecuteReaderAsync(cancellationToken);

    private void ForgetInserts()
    {
        foreach (var insert in _inserts.Values)
        {
            insert.Dispose();
        }
        _inserts.Clear();
    }
}
