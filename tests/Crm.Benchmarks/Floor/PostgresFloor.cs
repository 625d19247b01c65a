using System.Collections.Concurrent;
using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace Crm.Benchmarks.Floor;

/// <summary>PostgreSQL over Npgsql: connections with their prepared statements, one round trip for each request.</summary>
internal sealed class PostgresFloor : IFloorStore
{
    private const string Columns = "id, name, status, region, amount, quantity, day, active, email, phone, city, note";
    private const string Insert = $"INSERT INTO items ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    private const string Text = "text COLLATE \"C\"";
    private const int BatchSize = 1_000;

    private static readonly NpgsqlDbType[] Types =
    [
        NpgsqlDbType.Text, NpgsqlDbType.Text, NpgsqlDbType.Text, NpgsqlDbType.Text, NpgsqlDbType.Bigint, NpgsqlDbType.Bigint, NpgsqlDbType.Date, NpgsqlDbType.Boolean, NpgsqlDbType.Text, NpgsqlDbType.Text, NpgsqlDbType.Text, NpgsqlDbType.Text,
    ];

    private readonly string _connectionString;
    private readonly ConcurrentBag<Connection> _idle = [];

    private PostgresFloor(string connectionString) => _connectionString = connectionString;

    public static async Task<PostgresFloor> OpenAsync(string connectionString)
    {
        var store = new PostgresFloor(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await using var connection = new NpgsqlConnection(store._connectionString);
        await connection.OpenAsync();
        await using var setup = new NpgsqlCommand(
            $"CREATE TABLE items (id {Text} PRIMARY KEY, name {Text}, status {Text}, region {Text}, amount bigint, quantity bigint, day date, active boolean, email {Text}, phone {Text}, city {Text}, note {Text}); CREATE INDEX items_page ON items (status, region, amount, id)",
            connection);
        await setup.ExecuteNonQueryAsync();
        return store;
    }

    public ValueTask<FloorItem?> ByIdAsync(string id) => UseAsync(async c =>
    {
        c.ById.Parameters[0].Value = id;
        await using var reader = await c.ById.ExecuteReaderAsync();
        return await reader.ReadAsync() ? Item(reader) : null;
    });

    public ValueTask<List<FloorItem>> PageAsync(string status, string region) => UseAsync(async c =>
    {
        (c.Page.Parameters[0].Value, c.Page.Parameters[1].Value) = (status, region);
        var items = new List<FloorItem>(50);
        await using var reader = await c.Page.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            items.Add(Item(reader));
        }
        return items;
    });

    public async ValueTask InsertAsync(FloorItem item) => await UseAsync(async c =>
    {
        Fill(c.Create.Parameters, item);
        return await c.Create.ExecuteNonQueryAsync();
    });

    public ValueTask<FloorItem> UpdateAsync(string id, long quantity) => UseAsync(async c =>
    {
        (c.Update.Parameters[0].Value, c.Update.Parameters[1].Value) = (id, quantity);
        await using var reader = await c.Update.ExecuteReaderAsync();
        await reader.ReadAsync();
        return Item(reader);
    });

    public async ValueTask ImportAsync(List<FloorItem> items) => await UseAsync(async c =>
    {
        await using var transaction = await c.Database.BeginTransactionAsync();
        foreach (var chunk in items.Chunk(BatchSize))
        {
            await using var batch = c.Database.CreateBatch();
            foreach (var item in chunk)
            {
                var command = new NpgsqlBatchCommand(Insert);
                AddParameters(command.Parameters, Types);
                Fill(command.Parameters, item);
                batch.BatchCommands.Add(command);
            }
            await batch.PrepareAsync();
            await batch.ExecuteNonQueryAsync();
        }
        await transaction.CommitAsync();
        return 0;
    });

    private async ValueTask<T> UseAsync<T>(Func<Connection, Task<T>> use)
    {
        var connection = _idle.TryTake(out var idle) ? idle : await Connection.OpenAsync(_connectionString);
        try { return await use(connection); }
        finally { _idle.Add(connection); }
    }

    private static void AddParameters(NpgsqlParameterCollection parameters, IEnumerable<NpgsqlDbType> types)
    {
        foreach (var type in types)
        {
            parameters.Add(new() { NpgsqlDbType = type });
        }
    }

    private static void Fill(NpgsqlParameterCollection parameters, FloorItem i)
    {
        object[] values = [i.Id, i.Name, i.Status, i.Region, i.Amount, i.Quantity, DateOnly.ParseExact(i.Day, "yyyy-MM-dd", CultureInfo.InvariantCulture), i.Active, i.Email, i.Phone, i.City, i.Note];
        for (var p = 0; p < values.Length; p++)
        {
            parameters[p].Value = values[p];
        }
    }

    private static FloorItem Item(NpgsqlDataReader r) => new(
        r.GetString(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetInt64(4), r.GetInt64(5), r.GetFieldValue<DateOnly>(6).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), r.GetBoolean(7), r.GetString(8), r.GetString(9), r.GetString(10), r.GetString(11));

    /// <summary>A connection with its statements, each prepared once.</summary>
    private sealed class Connection
    {
        private Connection(NpgsqlConnection database)
        {
            Database = database;
            ById = Command($"SELECT {Columns} FROM items WHERE id = $1", NpgsqlDbType.Text);
            Page = Command($"SELECT {Columns} FROM items WHERE status = $1 AND region = $2 ORDER BY amount, id LIMIT 50", NpgsqlDbType.Text, NpgsqlDbType.Text);
            Create = Command(Insert, Types);
            Update = Command($"UPDATE items SET quantity = $2 WHERE id = $1 RETURNING {Columns}", NpgsqlDbType.Text, NpgsqlDbType.Bigint);
        }

        public NpgsqlConnection Database { get; }

        public NpgsqlCommand ById { get; }

        public NpgsqlCommand Page { get; }

        public NpgsqlCommand Create { get; }

        public NpgsqlCommand Update { get; }

        public static async Task<Connection> OpenAsync(string connectionString)
        {
            var database = new NpgsqlConnection(connectionString);
            await database.OpenAsync();
            return new(database);
        }

        private NpgsqlCommand Command(string sql, params NpgsqlDbType[] types)
        {
            var command = new NpgsqlCommand(sql, Database);
            AddParameters(command.Parameters, types);
            command.Prepare();
            return command;
        }
    }
}
