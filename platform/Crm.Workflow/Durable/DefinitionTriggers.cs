using Crm.Data;
using Crm.Rules;

namespace Crm.Workflow;

/// <summary>What a definition begins with, as its triggers say when a version is published.</summary>
internal sealed class DefinitionTriggers(WorkflowParts parts, IdSource ids, TimeProvider time)
{
    public IReadOnlyList<(string Id, string DefinitionId, string VersionId, string ActivityId, Stimulus Stimulus)> TriggersOf(WorkflowGraph graph)
    {
        var run = new WorkflowRun(graph, graph.Definition.Id, new PublishSurroundings(parts, time, ids));
        var triggers = new List<(string, string, string, string, Stimulus)>();
        foreach (var node in graph.Starters)
        {
            var context = new ActivityContext(run, node, null, 0);
            try
            {
                foreach (var (number, stimulus) in node.Activity.Triggers(context).Index())
                {
                    triggers.Add(($"{graph.Definition.DefinitionId}:{node.NodeId}:{number}", graph.Definition.DefinitionId, graph.Definition.Id, node.Id, stimulus));
                }
            }
            catch (WorkflowException fault)
            {
                throw new ProblemException(Problem.At(node.NodeId, ProblemKind.Invalid, "workflow.trigger.input", fault.Message));
            }
            catch (ArgumentOutOfRangeException)
            {
                throw new ProblemException(Problem.At(node.NodeId, ProblemKind.Invalid, "workflow.trigger.due"));
            }
        }
        return triggers;
    }

    /// <summary>Where inputs of triggers are evaluated when a version is published: nothing happens there.</summary>
    private sealed class PublishSurroundings(WorkflowParts parts, TimeProvider time, IdSource ids) : RunSurroundings
    {
        public override TimeProvider Time => time;

        public override WorkflowParts Parts => parts;

        public override Guid NewGuid() => ids.Next();

        public override ValueTask<WorkflowGraph?> FindPublishedAsync(string definitionId) => ValueTask.FromResult<WorkflowGraph?>(null);

        public override ValueTask<ChildResult> ExecuteChildAsync(WorkflowRun parent, ChildStart child, CancellationToken cancellationToken) => throw new NotSupportedException();

        public override void Dispatch(WorkflowRun parent, ChildStart child) => throw new NotSupportedException();

        public override void Send(StimulusRequest request) => throw new NotSupportedException();

        public override void CreateTask(WorkflowRun run, string taskId, string name, IReadOnlyDictionary<string, object?>? payload) => throw new NotSupportedException();
    }
}
