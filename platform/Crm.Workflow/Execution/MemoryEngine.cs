namespace Crm.Workflow;

/// <summary>
/// Runs workflows in memory, for trying a definition out and for measuring the engine by itself: nothing is kept, timers do not fire by
/// themselves, and what one workflow sends off runs when the one that sent it pauses.
/// </summary>
public sealed class MemoryEngine(WorkflowParts parts, TimeProvider time, Func<Guid> newGuid)
{
    private readonly Dictionary<string, WorkflowGraph> _published = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WorkflowDefinition> _byVersion = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WorkflowDefinition> _byType = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WorkflowRun> _runs = new(StringComparer.Ordinal);

    /// <summary>Where WriteLine writes.</summary>
    public Action<string> Output { get; set; } = _ => { };

    public Func<string?> Reader { get; set; } = () => null;

    public int ActivityBudget { get; set; } = 100_000;

    /// <summary>Tasks that were handed out, by id.</summary>
    public Dictionary<string, string> Tasks { get; } = new(StringComparer.Ordinal);

    /// <summary>All instances that were not finished at once, and their children.</summary>
    public IReadOnlyCollection<WorkflowRun> Runs => _runs.Values;

    /// <summary>Makes a definition known and compiles it.</summary>
    public WorkflowGraph Add(string json)
    {
        var definition = parts.Reader.Read(json);
        _byVersion[definition.Id] = definition;
        _byVersion[definition.DefinitionId] = definition;
        if (definition.UsableAsActivity)
        {
            _byType[definition.TypeName] = definition;
        }
        return _published[definition.DefinitionId] = new GraphCompiler(parts, Find).Compile(definition);
    }

    public WorkflowGraph Graph(string definitionId) => _published[definitionId];

    public async ValueTask<WorkflowRun> StartAsync(WorkflowGraph graph, IReadOnlyDictionary<string, object?>? input = null, string? trigger = null, string? correlationId = null, bool isTokenBased = false)
    {
        var surroundings = new Surroundings(this);
        var run = new WorkflowRun(graph, surroundings.NewId(), surroundings) { CorrelationId = correlationId };
        if (isTokenBased)
        {
            run.Properties[Flowchart.ExecutionMode] = "TokenBased";
        }
        run.Start(input, trigger);
        await GoOnAsync(run, surroundings);
        return run;
    }

    /// <summary>Wakes up what waits at a bookmark; false if nothing does.</summary>
    public async ValueTask<bool> ResumeAsync(WorkflowRun run, Bookmark bookmark, IReadOnlyDictionary<string, object?>? input = null)
    {
        if (!run.Resume(bookmark, input))
        {
            return false;
        }
        await GoOnAsync(run, (Surroundings)run.Surroundings);
        return true;
    }

    /// <summary>Sends an event, or anything else that something may wait for.</summary>
    public async ValueTask SendAsync(StimulusRequest request)
    {
        var hash = request.Stimulus.Hash();
        foreach (var run in _runs.Values.ToList())
        {
            if ((request.InstanceId is null || request.InstanceId == run.Id) && (request.CorrelationId is null || request.CorrelationId == run.CorrelationId))
            {
                foreach (var bookmark in run.Bookmarks.Where(b => b.Hash == hash).ToList())
                {
                    await ResumeAsync(run, bookmark, request.Input);
                }
            }
        }
    }

    public ValueTask CompleteTaskAsync(string taskId, object? result) =>
        SendAsync(new(RunTask.Of(taskId), new Dictionary<string, object?> { [RunTask.InputKey] = result }));

    private WorkflowDefinition? Find(WorkflowReference reference) =>
        (reference.VersionId is { } version && _byVersion.TryGetValue(version, out var found)) || (reference.DefinitionId is { } id && _byVersion.TryGetValue(id, out found)) || _byType.TryGetValue(reference.TypeName, out found)
            ? found
            : null;

    private async ValueTask GoOnAsync(WorkflowRun run, Surroundings surroundings)
    {
        while (await run.ExecuteAsync() != RunPause.Idle)
        {
            // Nothing is kept here, so there is nothing to do at a commit point.
        }
        if (run.Status == WorkflowStatus.Running)
        {
            _runs[run.Id] = run;
        }
        else
        {
            _runs.Remove(run.Id);
            foreach (var request in ChildEnd.Requests(run))
            {
                await SendAsync(request);
            }
        }
        if (surroundings.HasAfter)
        {
            await surroundings.RunAfterAsync();
        }
    }

    private sealed class Surroundings(MemoryEngine engine) : RunSurroundings
    {
        private readonly Queue<Func<ValueTask>> _after = new();

        public override TimeProvider Time => engine.Clock;

        public override WorkflowParts Parts => engine.Parts;

        public override int ActivityBudget => engine.ActivityBudget;

        public bool HasAfter => _after.Count > 0;

        public override void WriteLine(string text) => engine.Output(text);

        public override string? ReadLine() => engine.Reader();

        public override Guid NewGuid() => engine.NextGuid();

        public override ValueTask<WorkflowGraph?> FindPublishedAsync(string definitionId) => ValueTask.FromResult(engine._published.GetValueOrDefault(definitionId));

        public override async ValueTask<ChildResult> ExecuteChildAsync(WorkflowRun parent, ChildStart child, CancellationToken cancellationToken)
        {
            var run = await StartAsync(parent, child);
            return new(run.Id, run.Status, run.SubStatus, run.Output);
        }

        public override void Dispatch(WorkflowRun parent, ChildStart child) => _after.Enqueue(async () => await StartAsync(parent, child));

        public override void Send(StimulusRequest request) => _after.Enqueue(() => engine.SendAsync(request));

        public override void CreateTask(WorkflowRun run, string taskId, string name, IReadOnlyDictionary<string, object?>? payload) => engine.Tasks[taskId] = name;

        public async ValueTask RunAfterAsync()
        {
            while (_after.TryDequeue(out var next))
            {
                await next();
            }
        }

        private async ValueTask<WorkflowRun> StartAsync(WorkflowRun parent, ChildStart child)
        {
            var surroundings = new Surroundings(engine);
            var run = child.NewRun(parent, surroundings);
            await engine.GoOnAsync(run, surroundings);
            return run;
        }
    }

    private TimeProvider Clock => time;

    private WorkflowParts Parts => parts;

    private Guid NextGuid() => newGuid();
}
