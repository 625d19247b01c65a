using System.Collections.Frozen;
using Crm.Metadata;
using Microsoft.Extensions.DependencyInjection;

namespace Crm.Data;

/// <summary>
/// The handlers of this process by kind. They are made at first use and not before: a handler may itself need the record store, which needs to
/// know the subscribers.
/// </summary>
public sealed class OutboxHandlers
{
    private readonly Lazy<FrozenDictionary<string, OutboxHandler>> _byKind;
    private readonly Lazy<IReadOnlyList<KeyValuePair<string, RecordSubscriber>>> _subscribers;

    public OutboxHandlers(Registry<OutboxHandlerAttribute, OutboxHandler> registry, IServiceProvider services)
        : this(() => registry.Names.ToDictionary(name => name, name => (OutboxHandler)ActivatorUtilities.CreateInstance(services, registry.Find(name)!), StringComparer.Ordinal))
    {
    }

    /// <summary>Handlers that somebody has made already.</summary>
    public OutboxHandlers(IReadOnlyDictionary<string, OutboxHandler> handlers) : this(() => handlers)
    {
    }

    private OutboxHandlers(Func<IReadOnlyDictionary<string, OutboxHandler>> make)
    {
        _byKind = new(() => make().ToFrozenDictionary(StringComparer.Ordinal));
        _subscribers = new(() => [.. _byKind.Value.Where(h => h.Value is RecordSubscriber).OrderBy(h => h.Key, StringComparer.Ordinal).Select(h => KeyValuePair.Create(h.Key, (RecordSubscriber)h.Value))]);
    }

    public static OutboxHandlers None { get; } = new(new Dictionary<string, OutboxHandler>());

    internal IReadOnlyList<KeyValuePair<string, RecordSubscriber>> Subscribers => _subscribers.Value;

    internal OutboxHandler Of(string kind) => _byKind.Value[kind];

    /// <summary>Kinds whose items are carried outside, or those that work in the database.</summary>
    internal IReadOnlyList<string> Kinds(bool outside) => [.. _byKind.Value.Where(h => h.Value is OutboxDelivery == outside).Select(h => h.Key).Order(StringComparer.Ordinal)];
}
