using System.Data.Common;
using System.Text.Json;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>
/// One database connection in use; its statements are prepared once and kept with it. Results are always read to the end before the next
/// statement runs, so that one connection serves one caller at a time without surprises.
/// </summary>
public abstract class Session : IAsyncDisposable
{
    private readonly ValueCodec _codec;
    private readonly Action<Session>? _release;
    private readonly Dictionary<string, int> _texts = new(StringComparer.Ordinal);

    private protected Session(ValueCodec codec, Action<Session>? release)
    {
        (_codec, _release) = (codec, release);
    }

    internal abstract DbConnection Connection { get; }

    /// <summary>What to do once the transaction in progress is committed, such as telling open screens; dropped if it is rolled back.</summary>
    internal List<Action> AfterCommit { get; } = [];

    /// <summary>Whether statements may take as long as they need, as those over whole tables do, until the session is given back; else a server is not waited for so long.</summary>
    internal bool IsPatient { get; set; }

    /// <summary>Bytes of text that an index is sure to take, where one was found to have no room for what the transaction wrote before; null while nothing was.</summary>
    internal int? IndexRoom { get; set; }

    /// <summary>Notes rows whose texts were written, for databases that put rows into their search index many at once.</summary>
    internal void NoteTexts(string table, int rows) => _texts[table] = _texts.GetValueOrDefault(table) + rows;

    /// <summary>The tables of which at least <paramref name="count"/> rows were noted since they were last taken.</summary>
    internal IReadOnlyList<string> TakeFull(int count)
    {
        if (_texts.Count == 0)
        {
            return [];
        }
        string[] full = [.. _texts.Where(t => t.Value >= count).Select(t => t.Key)];
        foreach (var table in full)
        {
            _texts.Remove(table);
        }
        return full;
    }

    /// <summary>Runs a query and reads all its rows.</summary>
    public async ValueTask<List<T>> QueryAsync<T>(string sql, IReadOnlyList<SqlParameter> parameters, Func<Row, T> read, CancellationToken cancellationToken = default)
    {
        var rows = new List<T>();
        await ForEachAsync(sql, parameters, row => rows.Add(read(row)), cancellationToken);
        return rows;
    }

    /// <summary>Runs a query and hands each row to <paramref name="each"/> without keeping it.</summary>
    public async ValueTask ForEachAsync(string sql, IReadOnlyList<SqlParameter> parameters, Action<Row> each, CancellationToken cancellationToken = default)
    {
        await using var reader = await OpenReaderAsync(sql, parameters, cancellationToken);
        var row = new Row(reader, _codec);
        while (await reader.ReadAsync(cancellationToken))
        {
            each(row);
        }
    }

    /// <summary>
    /// Runs the first query of a transaction before the transaction begins, which then is over sooner. Whoever asks has to see at the write that
    /// what was read is still so; where that fails the transaction is tried again and nothing more is read ahead.
    /// </summary>
    /// <returns>False, and nothing is done, where that is not possible or no gain.</returns>
    internal virtual ValueTask<bool> ReadAheadAsync(string sql, IReadOnlyList<SqlParameter> parameters, Action<Row> each, CancellationToken cancellationToken = default) => ValueTask.FromResult(false);

    /// <summary>The first row, or <c>default</c> if there is none.</summary>
    public async ValueTask<T?> FirstAsync<T>(string sql, IReadOnlyList<SqlParameter> parameters, Func<Row, T> read, CancellationToken cancellationToken = default)
    {
        await using var reader = await OpenReaderAsync(sql, parameters, cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? read(new Row(reader, _codec)) : default;
    }

    /// <summary>Runs a statement; the number of rows that it changed.</summary>
    public abstract ValueTask<int> ExecuteAsync(string sql, IReadOnlyList<SqlParameter> parameters, CancellationToken cancellationToken = default);

    /// <summary>
    /// Runs a statement that has to change exactly one row, now or together with what comes next: across a network each wait costs more than the
    /// work. Statements keep their order, and every later one sees what it did. If there is no such row any more, the transaction begins again.
    /// </summary>
    public abstract ValueTask ExecuteLaterAsync(string sql, IReadOnlyList<SqlParameter> parameters, CancellationToken cancellationToken = default);

    /// <summary>Inserts rows, now or together with what comes next.</summary>
    /// <param name="into">Where to.</param>
    /// <param name="values">The values of all rows, one row after the other.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public abstract ValueTask InsertAsync(RowsInsert into, IReadOnlyList<SqlParameter> values, CancellationToken cancellationToken = default);

    /// <summary>Inserts rows as far as they are new.</summary>
    /// <inheritdoc cref="InsertAsync"/>
    /// <returns>How many were.</returns>
    public abstract ValueTask<int> InsertNewAsync(RowsInsert into, IReadOnlyList<SqlParameter> values, CancellationToken cancellationToken = default);

    /// <summary>Runs SQL that is used once, such as that of a schema change.</summary>
    public abstract ValueTask ExecuteOnceAsync(string sql, CancellationToken cancellationToken = default);

    /// <summary>Begins a transaction that only reads and sees nothing of what is written after its first statement.</summary>
    internal abstract ValueTask BeginSnapshotAsync(CancellationToken cancellationToken);

    /// <summary>Runs a part of a transaction that can be taken back alone: if it throws, nothing that it did remains.</summary>
    public async Task<T> NestAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken = default)
    {
        var hooks = AfterCommit.Count;
        await ExecuteAsync("SAVEPOINT part", [], cancellationToken);
        try
        {
            var result = await work();
            await ExecuteAsync("RELEASE SAVEPOINT part", [], cancellationToken);
            return result;
        }
        catch
        {
            AfterCommit.RemoveRange(hooks, AfterCommit.Count - hooks);
            DropWaiting();
            // A connection that broke has taken everything back by itself; what broke it is worth more than that.
            if (Connection.State == System.Data.ConnectionState.Open)
            {
                await ExecuteAsync("ROLLBACK TO SAVEPOINT part", [], CancellationToken.None);
                await ExecuteAsync("RELEASE SAVEPOINT part", [], CancellationToken.None);
            }
            throw;
        }
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_release is { } release)
        {
            (IsPatient, IndexRoom) = (false, null);
            release(this);
            return ValueTask.CompletedTask;
        }
        return CloseAsync();
    }

    internal void Close()
    {
        ForgetStatements();
        Connection.Dispose();
    }

    internal async ValueTask CloseAsync()
    {
        ForgetStatements();
        await Connection.DisposeAsync();
    }

    /// <summary>Forgets statements that were to run with what comes next.</summary>
    private protected virtual void DropWaiting()
    {
    }

    /// <summary>Prepared statements do not survive a change of the schema.</summary>
    internal abstract void ForgetStatements();

    private protected abstract ValueTask<DbDataReader> OpenReaderAsync(string sql, IReadOnlyList<SqlParameter> parameters, CancellationToken cancellationToken);
}

/// <summary>One row of a result, read by what its columns store.</summary>
public readonly struct Row(DbDataReader reader, ValueCodec codec)
{
    public bool IsEmpty(int ordinal) => reader.IsDBNull(ordinal);

    public object? Value(int ordinal, ColumnKind kind, int scale = 0) => reader.IsDBNull(ordinal) ? null : codec.Read(reader, ordinal, kind, scale);

    public object? Value(int ordinal, Column column) => Value(ordinal, column.Kind, column.Part.Scale);

    public string? Text(int ordinal) => reader.IsDBNull(ordinal) ? null : reader.GetString(ordinal);

    public long? Integer(int ordinal) => reader.IsDBNull(ordinal) ? null : reader.GetInt64(ordinal);

    public Guid? Uuid(int ordinal) => (Guid?)Value(ordinal, ColumnKind.Uuid);

    /// <summary>Writes a value that is not empty in the form of the API; the columns of the field begin at <paramref name="ordinal"/>.</summary>
    public void WriteJson(Utf8JsonWriter json, int ordinal, Field field)
    {
        if (field.JsonIsColumn)
        {
            codec.WriteJson(reader, ordinal, field.Columns[0].Kind, field.Columns[0].Part.Scale, json);
        }
        else
        {
            field.Type.WriteJson(json, RecordReader.ReadField(this, field, ref ordinal)!);
        }
    }

    public DateTimeOffset? Timestamp(int ordinal) => (DateTimeOffset?)Value(ordinal, ColumnKind.Timestamp);
}

/// <summary>How one database holds the values of each kind of column.</summary>
public abstract class ValueCodec
{
    internal abstract DbParameter CreateParameter(int index, ColumnKind kind);

    internal abstract void Set(DbParameter parameter, SqlParameter value);

    /// <summary>Writes a column that is not empty, without making a value of it where that can be avoided.</summary>
    internal abstract void WriteJson(DbDataReader reader, int ordinal, ColumnKind kind, int scale, Utf8JsonWriter json);

    internal abstract object Read(DbDataReader reader, int ordinal, ColumnKind kind, int scale);
}

/// <summary>Parameters for columns that are not fields of an entity.</summary>
public static class Param
{
    public static SqlParameter Text(string? value) => new(value, ColumnKind.Text, 0);

    public static SqlParameter Integer(long? value) => new(value, ColumnKind.Integer, 0);

    public static SqlParameter Uuid(Guid? value) => new(value, ColumnKind.Uuid, 0);

    public static SqlParameter Timestamp(DateTimeOffset? value) => new(value, ColumnKind.Timestamp, 0);
}
