using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Crm.Data.Sqlite;

/// <summary>
/// Brings what is in the log into the file beside the write lane: SQLite by itself does so in the commit that fills the log, and everybody who writes
/// waits for the disk. The log begins anew only once all of it is in the file and nobody reads it, so after a round the lane brings over the little that was
/// written meanwhile, and waits for those who read just then: where there are readers at every moment, the log would grow for ever.
/// </summary>
internal sealed class SqliteCheckpoints(SqliteConnection writer, string connectionString) : IAsyncDisposable
{
    /// <summary>Pages in the log, of four kilobytes, after which a round begins.</summary>
    private const int PagesBetween = 8_000;

    /// <summary>Milliseconds that the lane waits for readers; one that takes longer, such as an export, is left alone until the next round.</summary>
    private const int Patience = 50;

    private SqliteConnection? _own;
    private Task? _round;
    private long _pages;

    /// <summary>Called on the lane after each commit.</summary>
    public void AfterCommit()
    {
        _ = raw.sqlite3_db_status(writer.Handle, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var written, out _, resetFlg: 1);
        _pages += written;
        if (_round is { IsCompleted: true })
        {
            _round = null;
            _ = raw.sqlite3_busy_timeout(writer.Handle, Patience);
            Run(writer, raw.SQLITE_CHECKPOINT_RESTART);
            _ = raw.sqlite3_busy_timeout(writer.Handle, 0);
        }
        else if (_round is null && _pages >= PagesBetween)
        {
            _pages = 0;
            _round = Task.Run(RunBeside);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_round is { } round)
        {
            await round;
        }
        if (_own is { } own)
        {
            await own.DisposeAsync();
        }
    }

    private void RunBeside()
    {
        try
        {
            if (_own is null)
            {
                _own = new(connectionString);
                _own.Open();
            }
            Run(_own, raw.SQLITE_CHECKPOINT_PASSIVE);
        }
        catch (SqliteException)
        {
            // The file is out of reach for a moment; the next round tries again.
            _own?.Dispose();
            _own = null;
        }
    }

    /// <summary>What cannot be brought over now, because somebody still reads what was there before, is left to the next time.</summary>
    private static void Run(SqliteConnection connection, int mode) => _ = raw.sqlite3_wal_checkpoint_v2(connection.Handle, "main", mode, out _, out _);
}
