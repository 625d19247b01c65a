namespace Crm.Workflow;

/// <summary>Runs one activity of a workflow by itself, in memory, with the workflow's variables as they begin; for trying it out while it is designed.</summary>
public static class ActivityTrial
{
    public static async Task<ActivityRecord> RunAsync(WorkflowGraph graph, ActivityNode node, WorkflowParts parts, TimeProvider time, Func<Guid> newGuid)
    {
        var definition = graph.Definition.With(("root", node.Json.DeepClone()));
        var engine = new MemoryEngine(parts, time, newGuid) { ActivityBudget = 10_000 };
        var run = await engine.StartAsync(engine.Add(definition.ToJson()));
        var journal = JournalText.Read(JournalText.Write(run.Journal, 0, run.Journal.Count)).ToList();
        var id = JsonShape.TextOf(node.Json["id"]);
        return ExecutionLog.Executions(journal).OrderByDescending(r => r.ActivityId == id).First();
    }
}
