using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Crm.Benchmarks.Floor;

/// <summary>One row of the table that both servers hold.</summary>
internal sealed record FloorItem(
    string Id, string Name, string Status, string Region, long Amount, long Quantity, string Day, bool Active, string Email, string Phone, string City, string Note);

internal sealed record FloorPage(IReadOnlyList<FloorItem> Items);

internal sealed record FloorPatch(long Quantity);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(FloorItem))]
[JsonSerializable(typeof(FloorPage))]
[JsonSerializable(typeof(FloorPatch))]
[JsonSerializable(typeof(List<FloorItem>))]
internal sealed partial class FloorJson : JsonSerializerContext;

/// <summary>
/// The least that a server over SQLite can do: prepared statements, source-generated JSON, WAL, no sign-in, no rules, no audit.
/// It is what the product is measured against.
/// </summary>
internal static class FloorServer
{
    private const string Columns = "id, name, status, region, amount, quantity, day, active, email, phone, city, note";

    public static async Task<int> RunAsync(string database, string address)
    {
        var connectionString = new SqliteConnectionStringBuilder { DataSource = database, Pooling = false }.ToString();
        using var writer = new Connection(connectionString);
        var pool = new ConcurrentBag<Connection>();
        var gate = new SemaphoreSlim(1);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(address);
        builder.WebHost.ConfigureKestrel(k => k.Limits.MaxRequestBodySize = null);
        builder.Services.ConfigureHttpJsonOptions(o => o.SerializerOptions.TypeInfoResolverChain.Insert(0, FloorJson.Default));
        var app = builder.Build();
        app.MapGet("/health", () => Results.Ok());
        app.MapGet("/items/{id}", (string id) => Read(c => c.ById(id)) is { } item ? Results.Json(item, FloorJson.Default.FloorItem) : Results.NotFound());
        app.MapGet("/items", (string status, string region) => Results.Json(new FloorPage(Read(c => c.Page(status, region))), FloorJson.Default.FloorPage));
        app.MapPost("/items", async (FloorItem item) =>
        {
            await gate.WaitAsync();
            try { writer.Insert(item); }
            finally { gate.Release(); }
            return Results.Json(item, FloorJson.Default.FloorItem, statusCode: 201);
        });
        app.MapPatch("/items/{id}", async (string id, FloorPatch patch) =>
        {
            await gate.WaitAsync();
            try { writer.Update(id, patch.Quantity); return Results.Json(writer.ById(id)!, FloorJson.Default.FloorItem); }
            finally { gate.Release(); }
        });
        app.MapPost("/import", async (List<FloorItem> items) =>
        {
            await gate.WaitAsync();
            try { writer.Import(items); }
            finally { gate.Release(); }
            return Results.Ok();
        });
        await app.RunAsync();
        return 0;

        T Read<T>(Func<Connection, T> read)
        {
            var connection = pool.TryTake(out var idle) ? idle : new Connection(connectionString);
            try { return read(connection); }
            finally { pool.Add(connection); }
        }
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
