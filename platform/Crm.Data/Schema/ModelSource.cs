using System.Collections.Concurrent;
using Crm.Metadata;

namespace Crm.Data;

/// <summary>The Model in force. It is read often and replaced as a whole.</summary>
public sealed class ModelSource(Model model)
{
    private readonly ConcurrentDictionary<object, Action<Model>> _listeners = new();
    private volatile Model _current = model;

    public Model Current => _current;

    /// <summary>Listens for a new Model until the returned subscription is disposed. Listeners run on the publisher's time, so they must only take note.</summary>
    public IDisposable Subscribe(Action<Model> listener)
    {
        var key = new Subscription(this);
        _listeners[key] = listener;
        return key;
    }

    /// <summary>Puts another Model in force, in one step, and tells whoever listens.</summary>
    public void Replace(Model model)
    {
        _current = model;
        foreach (var listener in _listeners.Values)
        {
            listener(model);
        }
    }

    private sealed class Subscription(ModelSource source) : IDisposable
    {
        public void Dispose() => source._listeners.TryRemove(this, out _);
    }
}
