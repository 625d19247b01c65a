using System.Data.Common;
using Crm.Rules;
using Microsoft.Data.Sqlite;

namespace Crm.Data.Sqlite;

/// <summary>SQLite is in the same process: nothing is gained by waiting, so everything runs at once.</summary>
internal sealed class SqliteSession(SqliteConnection connection, ValueCodec codec, Action<Session>? release) : Session(codec, release)
{
    private readonly StatementCache _statements = new(codec);

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

    public override async ValueTask<int> InsertNewAsync(RowsInsert into, IReadOnlyList<SqlParameter> values, CancellationToken cancellationToken = default)
    {
        var (inserted, at, all) = (0, 0, values as SqlParameter[] ?? [.. values]);
        foreach (var (rows, sql) in into.OfSize)
        {
            for (var size = rows * into.Columns; all.Length - at >= size; at += size)
            {
                inserted += await ExecuteAsync(sql, new ArraySegment<SqlParameter>(all, at, size), cancellationToken);
            }
        }
        return inserted;
    }

    public override async ValueTask ExecuteOnceAsync(string sql, CancellationToken cancellationToken = default)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    internal override void ForgetStatements() => _statements.Clear();

    private protected override async ValueTask<DbDataReader> OpenReaderAsync(string sql, IReadOnlyList<SqlParameter> parameters, CancellationToken cancellationToken) =>
        await _statements.Take(connection, sql, parameters).ExecuteReaderAsync(cancellationToken);
}
