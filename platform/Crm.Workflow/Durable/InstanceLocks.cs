namespace Crm.Workflow;

/// <summary>Lets one burst of an instance after the other run on this node; between nodes the instance's revision decides.</summary>
internal sealed class InstanceLocks
{
    private readonly SemaphoreSlim[] _locks = [.. Enumerable.Range(0, 256).Select(_ => new SemaphoreSlim(1))];

    public async ValueTask<IDisposable> TakeAsync(string instanceId, CancellationToken cancellationToken)
    {
        var held = _locks[(uint)StringComparer.Ordinal.GetHashCode(instanceId) % (uint)_locks.Length];
        await held.WaitAsync(cancellationToken);
        return new Held(held);
    }

    private sealed class Held(SemaphoreSlim semaphore) : IDisposable
    {
        public void Dispose() => semaphore.Release();
    }
}
