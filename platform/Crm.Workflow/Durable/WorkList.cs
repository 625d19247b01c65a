using System.Threading.Channels;

namespace Crm.Workflow;

internal enum WorkKind
{
    Signal, Instance, Timer, Schedule, Look,
}

/// <summary>Something that the database says is to be done; whoever does it looks there again, so that it does no harm twice.</summary>
internal sealed record WorkItem(WorkKind Kind, string Id);

/// <summary>What this process knows to be due. It is only a hint: the sweep finds all of it in the database.</summary>
internal sealed class WorkList
{
    private readonly Channel<WorkItem> _items = Channel.CreateUnbounded<WorkItem>();

    public int Count => _items.Reader.Count;

    public ChannelReader<WorkItem> Reader => _items.Reader;

    public void Add(WorkItem item) => _items.Writer.TryWrite(item);

    public bool TryTake([System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out WorkItem item) => _items.Reader.TryRead(out item);
}
