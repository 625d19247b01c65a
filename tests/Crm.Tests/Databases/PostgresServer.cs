using System.Globalization;
using Npgsql;

namespace Crm.Tests.Databases;

/// <summary>The PostgreSQL server that <c>CRM_TEST_POSTGRES</c> names by a connection string without a database; see <c>tests/with-postgres</c>.</summary>
public sealed class PostgresServer
{
    private static readonly Lazy<PostgresServer?> Given = new(() => Environment.GetEnvironmentVariable("CRM_TEST_POSTGRES") is { Length: > 0 } text ? new(text) : null);

    private readonly NpgsqlDataSource _administration;
    private readonly string _connectionString;

    /// <summary>Copying the files takes a tenth of the time of copying page by page, which servers do by themselves from 15 on; older ones know no other way.</summary>
    private readonly Lazy<Task<string>> _copying;

    private int _last;

    private PostgresServer(string connectionString)
    {
        _connectionString = connectionString;
        _administration = NpgsqlDataSource.Create(ConnectionStringOf("postgres"));
        _copying = new(async () =>
        {
            await using var connection = await _administration.OpenConnectionAsync();
            return connection.PostgreSqlVersion.Major >= 15 ? " STRATEGY FILE_COPY" : "";
        });
    }

    /// <summary>Null where the tests run on SQLite.</summary>
    public static PostgresServer? Current => Given.Value;

    public string ConnectionStringOf(string database) => new NpgsqlConnectionStringBuilder(_connectionString) { Database = database }.ConnectionString;

    /// <summary>Makes a database, empty or as a copy of another to which nobody is connected.</summary>
    /// <returns>Its name.</returns>
    public async Task<string> CreateAsync(string template = "template0")
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"crm_test_{Environment.ProcessId}_{Interlocked.Increment(ref _last)}");
        await ExecuteAsync($"CREATE DATABASE {name} TEMPLATE {template}{await _copying.Value}");
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
