namespace Crm.Workflow;

/// <summary>What went along a connection and has not been used up.</summary>
internal sealed class FlowToken
{
    public required string From { get; init; }

    public string? Outcome { get; init; }

    public required string To { get; init; }

    public bool Consumed { get; set; }

    public bool Blocked { get; init; }

    public bool IsLive => !Consumed && !Blocked;

    public bool Is(FlowConnection connection) => From == connection.Source.Id && To == connection.Target.Id && Outcome == connection.Port;
}

/// <content>Token mode.</content>
public sealed partial class Flowchart
{
    private static List<FlowToken> Tokens(ActivityContext context) => (List<FlowToken>)(context.State ??= new List<FlowToken>());

    private void TokensAfter(ActivityContext context, ActivityContext child, Outcomes outcomes)
    {
        var (graph, tokens, done) = (GraphOf(context), Tokens(context), child.Node);
        if (done.IsTerminal)
        {
            tokens.Clear();
            context.Complete();
            return;
        }
        var ways = graph.Outbound(done).Where(c => outcomes.Has(c.Port)).ToList();
        tokens.AddRange(ways.Select(c => new FlowToken { From = c.Source.Id, Outcome = c.Port, To = c.Target.Id }));
        foreach (var token in tokens.Where(t => t.To == done.Id && t.IsLive))
        {
            token.Consumed = true;
        }
        foreach (var way in ways)
        {
            Arrive(context, graph, tokens, done, way);
        }
        if (context is { RunningChildren: 0, QueuedChildren: 0, FaultedChildren: 0 } && !tokens.Exists(t => t.IsLive))
        {
            tokens.Clear();
            context.Complete();
        }
        tokens.RemoveAll(t => t.To == done.Id && t.Consumed);
    }

    private void Arrive(ActivityContext context, FlowGraph graph, List<FlowToken> tokens, ActivityNode from, FlowConnection way)
    {
        var target = way.Target;
        var mode = target.Activity is FlowJoin join ? ModeOf(join, context) == FlowJoinMode.WaitAny ? MergeMode.Race : MergeMode.Merge : target.MergeMode;
        switch (mode)
        {
            case MergeMode.Cascade or MergeMode.Race:
                if (tokens.Find(t => t.Blocked && t.Is(way)) is { } block)
                {
                    block.Consumed = true;
                    return;
                }
                context.Schedule(target);
                tokens.AddRange(graph.ForwardInbound(target).Where(c => c.Source != from).Select(c => new FlowToken { From = c.Source.Id, Outcome = c.Port, To = c.Target.Id, Blocked = true }));
                if (mode == MergeMode.Race)
                {
                    CancelAncestors(context, target);
                }
                return;
            case MergeMode.Merge or MergeMode.Converge:
                var needed = mode == MergeMode.Merge ? graph.ForwardInbound(target) : graph.Inbound(target);
                if (needed.Length <= 1 || needed.All(c => tokens.Exists(t => t.IsLive && t.Is(c))))
                {
                    context.Schedule(target);
                }
                return;
            default:
                if (!graph.ForwardInbound(target).Any(c => tokens.Exists(t => t.IsLive && t.To == c.Source.Id)))
                {
                    context.Schedule(target);
                }
                return;
        }
    }
}
