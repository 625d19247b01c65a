namespace Crm.Workflow;

/// <summary>Something that happened to an activity, as a line of an instance's log.</summary>
public sealed record LogLine(ActivityRecord Record, string Event, DateTimeOffset At, long Sequence);

/// <summary>How often an activity of an instance ran, and how it stands.</summary>
public sealed record ActivityTally(string ActivityId, string NodeId, int Started, int Completed, bool IsBlocked, bool IsFaulted);

/// <summary>The journal of an instance as people read it. It keeps one record for each activity and burst; here it is told event by event, execution by execution.</summary>
public static class ExecutionLog
{
    /// <summary>One record for each execution: what the last burst knew of it, since the first.</summary>
    public static IReadOnlyList<ActivityRecord> Executions(IReadOnlyList<ActivityRecord> journal)
    {
        var executions = new List<ActivityRecord>(journal.Count);
        var places = new Dictionary<string, int>(journal.Count, StringComparer.Ordinal);
        foreach (var record in journal)
        {
            if (places.TryAdd(record.Id, executions.Count))
            {
                executions.Add(record);
                continue;
            }
            var before = executions[places[record.Id]];
            executions[places[record.Id]] = record with
            {
                StartedAt = before.StartedAt, Events = [.. before.Events, .. record.Events], Inputs = Over(before.Inputs, record.Inputs), Outputs = Over(before.Outputs, record.Outputs), Details = Over(before.Details, record.Details),
            };
        }
        return [.. executions.OrderBy(e => e.StartedAt)];
    }

    /// <summary>Beginnings, waits and ends in the order in which they were.</summary>
    public static IReadOnlyList<LogLine> Lines(IReadOnlyList<ActivityRecord> journal)
    {
        var begun = new HashSet<string>(StringComparer.Ordinal);
        var lines = new List<LogLine>(journal.Count * 2);
        foreach (var record in journal)
        {
            if (begun.Add(record.Id))
            {
                lines.Add(new(record, "Started", record.StartedAt, 0));
            }
            var happened = record.Events[0];
            if (happened != ActivityEvent.Started)
            {
                lines.Add(new(record, happened == ActivityEvent.PreconditionFailed ? "Precondition Failed" : happened.ToString(), record.CompletedAt ?? record.At, 0));
            }
        }
        // What contains others is noted when it ends, so the order of notes is not that of beginnings; the sort is stable where the clock stands still.
        return [.. lines.OrderBy(l => l.At).Select((line, i) => line with { Sequence = i + 1 })];
    }

    public static IReadOnlyList<ActivityTally> Tally(IReadOnlyList<ActivityRecord> journal, IReadOnlySet<string>? nodeIds = null) =>
    [
        .. Executions(journal).Where(e => nodeIds is null || nodeIds.Contains(e.NodeId)).GroupBy(e => e.NodeId).Select(g => new ActivityTally(
            g.First().ActivityId, g.Key, g.Count(), g.Count(e => e.Status == ActivityStatus.Completed), g.Any(e => e is { Status: ActivityStatus.Running, HasBookmarks: true }), g.Any(e => e.Status == ActivityStatus.Faulted))),
    ];

    private static IReadOnlyDictionary<string, object?> Over(IReadOnlyDictionary<string, object?> before, IReadOnlyDictionary<string, object?> after)
    {
        if (after.Count == 0 || before.Count == 0)
        {
            return after.Count == 0 ? before : after;
        }
        var both = new Dictionary<string, object?>(before, StringComparer.Ordinal);
        foreach (var (name, value) in after)
        {
            both[name] = value;
        }
        return both;
    }
}
