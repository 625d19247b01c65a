using System.Globalization;
using Npgsql;

namespace Crm.Tests.Databases;

/// <summary>The PostgreSQL server that <c>CRM_TEST_POSTGRES</c> names by a connection string without a database; see <c>tests/with-postgres</c>.</summary>
public sealed class PostgresServer
{
    private static readonly Lazy<PostgresServer?> Given = new(() => Environment.GetEnvironmentVariable("CRM_TEST_POSTGRES") is { Length: > 0 } text ? new(text) : null);

    private readonly NpgsqlDataSource _administration;
    private readonly string _connectionString;
    private int _last;

    private PostgresServer(string connectionString)
    {
        _connectionString = connectionString;
        _administration = NpgsqlDataSource.Create(ConnectionStringOf("postgres"));
    }

    /// <summary>Null where the tests run on SQLite.</summary>
    public static PostgresServer? Current => Given.Value;

    public string ConnectionStringOf(string database) => new NpgsqlConnectionStringBuilder(_connectionString) { Database = database }.ConnectionString;

    /// <summary>Makes a database, empty or as a copy of another to which nobody is connected.</summary>
    /// <returns>Its name.</returns>
    public async Task<string> CreateAsync(string template = "template0")
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"crm_test_{Environment.ProcessId}_{Interlocked.Increment(ref _last)}");
        await ExecuteAsync($"CREATE DATABASE {name} TEMPLATE {template}");
        return name;
    }

    public Task DropAsync(string database) => ExecuteAsync($"DROP DATABASE {database} WITH (FORCE)");

    /// <summary>Runs SQL of an administrator, outside the databases of the tests.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var command = _administration.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
