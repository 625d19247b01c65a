using System.Buffers;
using System.Text;
using Crm.Rules;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Crm.Data.Sqlite;

/// <summary>
/// A prepared insert of one row that binds by position. ADO.NET looks each parameter up by its name among all names of the statement, which for
/// many rows costs more than writing them.
/// </summary>
internal sealed class SqliteInsert : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly int _columns;

    public SqliteInsert(sqlite3 database, RowsInsert into)
    {
        (_database, _columns) = (database, into.Columns);
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v3(database, into.OneRow, raw.SQLITE_PREPARE_PERSISTENT, out _statement), database);
    }

    /// <summary>Inserts row after row.</summary>
    /// <param name="values">The values of all rows, one row after the other.</param>
    /// <returns>How many rows were new.</returns>
    /// <exception cref="SqliteException">A row breaks a rule of its table.</exception>
    public int Run(IReadOnlyList<SqlParameter> values)
    {
        var inserted = 0;
        for (var at = 0; at < values.Count; at += _columns)
        {
            for (var column = 0; column < _columns; column++)
            {
                Bind(column + 1, values[at + column]);
            }
            var result = raw.sqlite3_step(_statement);
            if (result != raw.SQLITE_DONE)
            {
                // The reason is asked for first: taking the statement back forgets it.
                try { SqliteException.ThrowExceptionForRC(result, _database); }
                finally { _ = raw.sqlite3_reset(_statement); }
            }
            inserted += raw.sqlite3_changes(_database);
            _ = raw.sqlite3_reset(_statement);
        }
        _ = raw.sqlite3_clear_bindings(_statement);
        return inserted;
    }

    public void Dispose() => _statement.Dispose();

    private void Bind(int index, SqlParameter value)
    {
        var result = value.Value is null ? raw.sqlite3_bind_null(_statement, index) : SqliteCodec.Encode(value) switch
        {
            long number => raw.sqlite3_bind_int64(_statement, index, number),
            double number => raw.sqlite3_bind_double(_statement, index, number),
            byte[] bytes => raw.sqlite3_bind_blob(_statement, index, bytes),
            var text => BindText(index, (string)text),
        };
        SqliteException.ThrowExceptionForRC(result, _database);
    }

    private int BindText(int index, string text)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        try
        {
            return raw.sqlite3_bind_text(_statement, index, buffer.AsSpan(0, Encoding.UTF8.GetBytes(text, buffer)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
