using System.Collections.Concurrent;
using System.Data;

namespace Crm.Data;

/// <summary>Open connections with their prepared statements, lent to one caller at a time. Broken and outdated ones are not lent again.</summary>
internal sealed class SessionPool(int size, Func<Action<Session>, CancellationToken, Task<Session>> open) : IAsyncDisposable
{
    private readonly ConcurrentBag<Session> _idle = [];
    private readonly SemaphoreSlim _free = new(size);
    private volatile int _generation;

    public async ValueTask<Session> TakeAsync(CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        try
        {
            while (_idle.TryTake(out var idle))
            {
                if (idle.Connection.State == ConnectionState.Open)
                {
                    return idle;
                }
                await idle.CloseAsync();
            }
            var generation = _generation;
            return await open(session => Return(session, generation), cancellationToken);
        }
        catch
        {
            _free.Release();
            throw;
        }
    }

    /// <summary>Lets all connections go, because their statements were prepared for tables that have changed.</summary>
    public async ValueTask RenewAsync()
    {
        _generation++;
        while (_idle.TryTake(out var session))
        {
            await session.CloseAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await RenewAsync();
        _free.Dispose();
    }

    private void Return(Session session, int generation)
    {
        if (generation == _generation && session.Connection.State == ConnectionState.Open)
        {
            _idle.Add(session);
        }
        else
        {
            session.Close();
        }
        _free.Release();
    }
}
