using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Crm.Benchmarks.Floor;

/// <summary>SQLite in WAL mode: one connection writes, as many as are needed read.</summary>
internal sealed class SqliteFloor(string database) : IFloorStore
{
    private const string Columns = "id, name, status, region, amount, quantity, day, active, email, phone, city, note";

    private readonly string _connectionString = new SqliteConnectionStringBuilder { DataSource = database, Pooling = false }.ToString();
    private readonly ConcurrentBag<Connection> _readers = [];
    private readonly SemaphoreSlim _gate = new(1);
    private Connection? _writer;

    public ValueTask<FloorItem?> ByIdAsync(string id) => new(Read(c => c.ById(id)));

    public ValueTask<List<FloorItem>> PageAsync(string status, string region) => new(Read(c => c.Page(status, region)));

    public async ValueTask InsertAsync(FloorItem item) => await WriteAsync(c => { c.Insert(item); return 0; });

    public async ValueTask<FloorItem> UpdateAsync(string id, long quantity) => await WriteAsync(c => { c.Update(id, quantity); return c.ById(id)!; });

    public async ValueTask ImportAsync(List<FloorItem> items) => await WriteAsync(c => { c.Import(items); return 0; });

    private T Read<T>(Func<Connection, T> read)
    {
        var connection = _readers.TryTake(out var idle) ? idle : new Connection(_connectionString);
        try { return read(connection); }
        finally { _readers.Add(connection); }
    }

    private async Task<T> WriteAsync<T>(Func<Connection, T> write)
    {
        await _gate.WaitAsync();
        try { return write(_writer ??= new(_connectionString)); }
        finally { _gate.Release(); }
    }

    /// <summary>A connection with its statements, each prepared once.</summary>
    private sealed class Connection : IDisposable
    {
        private readonly SqliteConnection _connection;
        private readonly SqliteCommand _byId, _page, _insert, _update;

        public Connection(string connectionString)
        {
            _connection = new(connectionString);
            _connection.Open();
            using var setup = Command(
                $"PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE IF NOT EXISTS items ({Columns.Replace("id,", "id TEXT PRIMARY KEY,", StringComparison.Ordinal)}); CREATE INDEX IF NOT EXISTS items_page ON items (status, region, amount, id)", 0);
            setup.ExecuteNonQuery();
            _byId = Command($"SELECT {Columns} FROM items WHERE id = $1", 1);
            _page = Command($"SELECT {Columns} FROM items WHERE status = $1 AND region = $2 ORDER BY amount, id LIMIT 50", 2);
            _insert = Command($"INSERT INTO items ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)", 12);
            _update = Command("UPDATE items SET quantity = $2 WHERE id = $1", 2);
        }

        public FloorItem? ById(string id)
        {
            _byId.Parameters[0].Value = id;
            using var reader = _byId.ExecuteReader();
            return reader.Read() ? Item(reader) : null;
        }

        public List<FloorItem> Page(string status, string region)
        {
            (_page.Parameters[0].Value, _page.Parameters[1].Value) = (status, region);
            using var reader = _page.ExecuteReader();
            var items = new List<FloorItem>(50);
            while (reader.Read())
            {
                items.Add(Item(reader));
            }
            return items;
        }

        public void Insert(FloorItem i)
        {
            object[] values = [i.Id, i.Name, i.Status, i.Region, i.Amount, i.Quantity, i.Day, i.Active ? 1L : 0L, i.Email, i.Phone, i.City, i.Note];
            for (var p = 0; p < values.Length; p++)
            {
                _insert.Parameters[p].Value = values[p];
            }
            _insert.ExecuteNonQuery();
        }

        public void Update(string id, long quantity)
        {
            (_update.Parameters[0].Value, _update.Parameters[1].Value) = (id, quantity);
            _update.ExecuteNonQuery();
        }

        public void Import(List<FloorItem> items)
        {
            using var transaction = _connection.BeginTransaction();
            _insert.Transaction = transaction;
            items.ForEach(Insert);
            transaction.Commit();
            _insert.Transaction = null;
        }

        public void Dispose() => _connection.Dispose();

        private static FloorItem Item(SqliteDataReader r) => new(
            r.GetString(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetInt64(4), r.GetInt64(5), r.GetString(6), r.GetInt64(7) != 0, r.GetString(8), r.GetString(9), r.GetString(10), r.GetString(11));

        private SqliteCommand Command(string sql, int parameters)
        {
            var command = _connection.CreateCommand();
            command.CommandText = sql;
            for (var p = 1; p <= parameters; p++)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = "$" + p.ToString(CultureInfo.InvariantCulture) });
            }
            return command;
        }
    }
}
