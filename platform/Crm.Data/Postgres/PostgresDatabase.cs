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

    /// <summary>An entry of an index holds some 2,700 bytes after compression; a longer text can be stored, but not where it is kept unique or sorted by.</summary>
    private const int IndexRoom = 2_600;

    /// <summary>How often a write that lost a deadlock or a race is tried again.</summary>
    private const int MaxAttempts = 5;

    private readonly NpgsqlDataSource _source;
    private readonly SessionPool _pool;

    private PostgresDatabase(NpgsqlDataSource source)
    {
        _source = source;
        _pool = new(MaxConnections, OpenAsync);
    }

    public override SqlDialect Dialect { get; } = new PostgresDialect();

    public override bool IsShared => true;

    /// <exception cref="InvalidOperationException">The connection string cannot be read.</exception>
    public static PostgresDatabase Open(string connectionString)
    {
        try
        {
            // Sessions are pooled here, with their statements; a second pool below would only hide broken ones. What runs again is prepared on the way.
            var settings = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, ApplicationName = "crm", Timezone = "UTC", MaxAutoPrepare = 400, AutoPrepareMinUsages = 2 };
            return new(new NpgsqlDataSourceBuilder(settings.ConnectionString).Build());
        }
        catch (ArgumentException e)
        {
            throw new InvalidOperationException("The connection string ConnectionStrings__Crm cannot be read: " + e.Message, e);
        }
    }

    /// <summary>Finds out whether the server is there, so that a start can say in words what is wrong.</summary>
    /// <exception cref="InvalidOperationException">It is not, or does not let us in.</exception>
    public async Task DemandAnswerAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await using var session = await _pool.TakeAsync(cancellationToken);
        }
        catch (NpgsqlException e)
        {
            var settings = new NpgsqlConnectionStringBuilder(_source.ConnectionString);
            throw new InvalidOperationException(
                $"PostgreSQL at {settings.Host}:{settings.Port} cannot be used for database '{settings.Database ?? settings.Username}': {e.Message} Start the server or correct ConnectionStrings__Crm.", e);
        }
    }

    public override bool IsAway(System.Data.Common.DbException fault) => fault is PostgresException answer
        // Connections, what the machine lacks, what an operator did, a database that takes no connections.
        ? answer.SqlState[..2] is "08" or "53" || answer.SqlState is "57P01" or "57P02" or "57P03" or "58030" || (answer.SqlState == "55000" && answer.Routine == "CheckMyDatabase")
        : fault is NpgsqlException { InnerException: IOException or System.Net.Sockets.SocketException or TimeoutException };

    public override ValueTask<Session> ReadAsync(CancellationToken cancellationToken = default) => _pool.TakeAsync(cancellationToken);

    public override async Task<T> WriteAsync<T>(Func<Session, Task<T>> work, CancellationToken cancellationToken = default)
    {
        int? room = null;
        for (var attempt = 1; ; attempt++)
        {
            await using var session = (PostgresSession)await _pool.TakeAsync(cancellationToken);
            session.IndexRoom = room;
            session.Begin(mayReadAhead: attempt == 1);
            try
            {
                var result = await work(session);
                await session.CommitAsync();
                session.AfterCommit.ForEach(hook => hook());
                return result;
            }
            catch (Exception e) when (attempt < MaxAttempts && IsLostRace(e))
            {
                await session.RollbackAsync();
            }
            catch (NpgsqlException e) when (session.IsStale(e))
            {
                var mayRepeat = attempt < MaxAttempts && !session.IsInDoubt(e);
                await session.RollbackAsync();
                // What happened to this connection happened to those that wait in the pool.
                await session.Connection.CloseAsync();
                await _pool.RenewAsync();
                if (!mayRepeat)
                {
                    throw;
                }
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.ProgramLimitExceeded)
            {
                await session.RollbackAsync();
                // The next try looks for the texts that are too long, to refuse each at its place.
                room = room is null ? IndexRoom : throw new ProblemException(Problem.Of(ProblemKind.Invalid, "value.indexRoom"));
            }
            catch
            {
                await session.RollbackAsync();
                throw;
            }
        }
    }

    public override async Task<T> ChangeAsync<T>(DatabaseSchema schema, bool allowDestructive, Func<Session, SchemaPlan, Task<T>> also, CancellationToken cancellationToken = default)
    {
        var result = await WriteAsync(
            async session =>
            {
                session.IsPatient = true;
                // One node at a time; the others then find the work done.
                await session.ExecuteOnceAsync("SELECT pg_advisory_xact_lock(3172026)", cancellationToken);
                await PostgresFolding.CreateAsync(session, cancellationToken);
                var plan = await Sync.ApplyAsync(session, schema, allowDestructive, cancellationToken);
                SearchIsIndexed = await PostgresSearch.SyncAsync(session, schema, cancellationToken);
                return await also(session, plan);
            },
            cancellationToken);
        await RenewAsync();
        return result;
    }

    internal override async ValueTask AnnounceAsync(Session session, string channel, CancellationToken cancellationToken) =>
        await session.ExecuteOnceAsync($"NOTIFY {SqlDialect.Quote(channel)}", cancellationToken);

    public override async Task<bool> ListenAsync(string channel, Func<Task> heard, CancellationToken cancellationToken)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellationToken);
        await using (var listen = connection.CreateCommand())
        {
            listen.CommandText = $"LISTEN {SqlDialect.Quote(channel)}";
            await listen.ExecuteNonQueryAsync(cancellationToken);
        }
        while (true)
        {
            await heard();
            await connection.WaitAsync(cancellationToken);
        }
    }

    internal override ValueTask RenewAsync() => _pool.RenewAsync();

    private protected override SchemaSync Sync => field ??= new(new DbContextOptionsBuilder().UseNpgsql(_source.ConnectionString).Options, Storage, isSqlite: false);

    public override async ValueTask DisposeAsync()
    {
        await _pool.DisposeAsync();
        await _source.DisposeAsync();
        await base.DisposeAsync();
    }

    private protected override async Task<Session> OpenAsync(Action<Session> release, CancellationToken cancellationToken) =>
        new PostgresSession(_source, await _source.OpenConnectionAsync(cancellationToken), release);

    /// <summary>
    /// Somebody else was faster: two writers waited for each other, or one wrote between the other's check and its write. The second try sees what
    /// the winner wrote and says so properly.
    /// </summary>
    private static bool IsLostRace(Exception e) => e is LostRace or PostgresException
    {
        SqlState: PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ForeignKeyViolation,
    };

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
