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
        if (await ExecuteAsync(sql, parameters, cancellationToken) is not 1 and var changed)
        {
            throw new InvalidOperationException($"{changed} rows were changed where one was expected: {sql}");
        }
    }

    public override async ValueTask InsertAsync(TableInsert into, IReadOnlyList<IReadOnlyList<SqlParameter>> rows, CancellationToken cancellationToken = default)
    {
        foreach (var row in rows)
        {
            await ExecuteAsync(into.OneRow, row, cancellationToken);
        }
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
