using System.Globalization;
using Crm.Metadata;
using Crm.Rules;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Crm.Data.Postgres;

/// <summary>PostgreSQL: every write is a transaction on a connection of its own; records that it changes are locked in the order of their ids.</summary>
public sealed class PostgresDatabase : Database
{
    /// <summary>Connections of one node; PostgreSQL allows a hundred by default, shared by all nodes.</summary>
    private const int MaxConnections = 24;

    /// <summary>How often a write that lost a deadlock or a race is tried again.</summary>
    private const int MaxAttempts = 5;

    private static readonly PostgresCodec Codec = new();

    private readonly NpgsqlDataSource _source;
    private readonly SessionPool _pool;

    private PostgresDatabase(NpgsqlDataSource source)
    {
        _source = source;
        _pool = new(MaxConnections, async (release, cancellationToken) => new Session(await source.OpenConnectionAsync(cancellationToken), Codec, release));
    }

    public override SqlDialect Dialect { get; } = new PostgresDialect();

    public override bool IsShared => true;

    /// <exception cref="InvalidOperationException">The connection string cannot be read.</exception>
    public static PostgresDatabase Open(string connectionString)
    {
        try
        {
            // Sessions are pooled here, with their statements; a second pool below would only hide broken ones.
            var settings = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, ApplicationName = "crm", Timezone = "UTC" };
            return new(new NpgsqlDataSourceBuilder(settings.ConnectionString).Build());
        }
        catch (ArgumentException e)
        {
            throw new InvalidOperationException("The connection string ConnectionStrings__Crm cannot be read: " + e.Message, e);
        }
    }

    public override ValueTask<Session> ReadAsync(CancellationToken cancellationToken = default) => _pool.TakeAsync(cancellationToken);

    public override async Task<T> WriteAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken = default)
    {
        for (var attempt = 1; ; attempt++)
        {
            await using var session = await _pool.TakeAsync(cancellationToken);
            session.AfterCommit.Clear();
            await session.ExecuteOnceAsync("BEGIN", cancellationToken);
            try
            {
                var result = await work(session);
                await session.ExecuteOnceAsync("COMMIT", CancellationToken.None);
                session.AfterCommit.ForEach(hook => hook());
                return result;
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure && attempt < MaxAttempts)
            {
                await RollbackAsync(session);
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ForeignKeyViolation)
            {
                await RollbackAsync(session);
                // Somebody else was faster between the check and the write: the second try finds their record and says so properly.
                if (attempt >= MaxAttempts)
                {
                    throw;
                }
            }
            catch
            {
                await RollbackAsync(session);
                throw;
            }
        }
    }

    public override async Task<T> ChangeAsync<T>(DatabaseSchema schema, bool allowDestructive, Func<Session, SchemaPlan, Task<T>> also, CancellationToken cancellationToken = default)
    {
        var result = await WriteAsync(
            async session =>
            {
                // One node at a time; the others then find the work done.
                await session.ExecuteOnceAsync("SELECT pg_advisory_xact_lock(3172026)", cancellationToken);
                return await also(session, await Sync.ApplyAsync(session, schema, allowDestructive, cancellationToken));
            },
            cancellationToken);
        await RenewAsync();
        return result;
    }

    internal override ValueTask RenewAsync() => _pool.RenewAsync();

    private protected override SchemaSync Sync => field ??= new(new DbContextOptionsBuilder().UseNpgsql(_source.ConnectionString).Options, Storage, isSqlite: false);

    public override async ValueTask DisposeAsync()
    {
        await _pool.DisposeAsync();
        await _source.DisposeAsync();
    }

    private static async Task RollbackAsync(Session session)
    {
        if (session.Connection.State == System.Data.ConnectionState.Open)
        {
            await session.ExecuteOnceAsync("ROLLBACK", CancellationToken.None);
        }
    }

    private static (Type, string) Storage(ColumnSchema column) => column.Kind switch
    {
        // By code point, like the folded forms in memory and in SQLite.
        ColumnKind.Text => (typeof(string), "text COLLATE \"C\""),
        ColumnKind.Integer => (typeof(long), "bigint"),
        ColumnKind.Decimal => (typeof(decimal), string.Create(CultureInfo.InvariantCulture, $"numeric(28,{column.Scale})")),
        ColumnKind.Boolean => (typeof(bool), "boolean"),
        ColumnKind.Date => (typeof(DateOnly), "date"),
        ColumnKind.Timestamp => (typeof(DateTime), "timestamp with time zone"),
        ColumnKind.Uuid => (typeof(Guid), "uuid"),
        _ => throw new NotSupportedException($"Column kind {column.Kind}."),
    };
}
