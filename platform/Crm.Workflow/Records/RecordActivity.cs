using Crm.Data;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Workflow;

/// <summary>
/// An activity that reads or writes records. It runs in the transaction that keeps its instance, goes the way of every write, and says in the
/// history of the record which workflow it was.
/// </summary>
public abstract class RecordActivity : Activity, INeedsTransaction
{
    /// <summary>Begins the cause of every change that a workflow makes.</summary>
    internal const string CausePrefix = "workflow ";

    [Input("The entity.", UiHint = "singleline")]
    public Input<string> Entity { get; set; } = null!;

    protected internal sealed override async ValueTask ExecuteAsync(ActivityContext context)
    {
        var surroundings = context.Run.Surroundings as DurableSurroundings ?? throw new WorkflowException("records.none", "Records cannot be changed where a workflow is only tried out.");
        var entity = RecordMaps.Entity(surroundings.Engine.Models, Entity.Required(context));
        // What is sought may name a value as well, whichever way it is written.
        context.Concealed = entity.OwnFields.Any(f => f.IsSensitive) ? entity.OwnFields.Where(f => f.IsSensitive).Select(f => f.Name).Append(nameof(QueryRecords.Filter)).ToHashSet(StringComparer.Ordinal) : null;
        await ExecuteAsync(context, new RecordWork(context, surroundings, entity));
    }

    private protected abstract ValueTask ExecuteAsync(ActivityContext context, RecordWork work);
}

/// <summary>The record store as one activity uses it.</summary>
internal sealed class RecordWork(ActivityContext context, DurableSurroundings surroundings, Entity entity)
{
    public Entity Entity { get; } = entity;

    private RecordStore Store => surroundings.Engine.Records;

    private Session Session => surroundings.Session!;

    public async ValueTask<Record> WriteAsync(RecordChange change)
    {
        var run = context.Run;
        var cause = $"{RecordActivity.CausePrefix}{run.Graph.Definition.DefinitionId} {run.Id} {run.Chain}";
        var written = await Store.WriteAsync(Session, new(Actor.Platform, Door.Workflow, [change], ChangeSet: ChangeSetOf(run), Cause: cause));
        context.Note("Changed", new Dictionary<string, object?> { ["entity"] = Entity.Name, ["id"] = written[0].Id.ToString("D"), ["kind"] = change.Kind.ToString() });
        return written[0].After!;
    }

    /// <summary>All that an instance does to records is one change set, however long it waits in between, so that it is undone as a whole.</summary>
    private Guid ChangeSetOf(WorkflowRun run)
    {
        if (run.Properties.TryGetValue(WorkflowRun.ChangeSetKey, out var known) && Guid.TryParse(known as string, out var begun))
        {
            return begun;
        }
        var id = surroundings.Engine.Ids.Next();
        run.Properties[WorkflowRun.ChangeSetKey] = id.ToString("D");
        return id;
    }

    public Task<Record?> FindAsync(Guid id) => Store.FindAsync(Session, Entity, id, Actor.Platform);

    public async ValueTask<List<object?>> QueryAsync(Condition filter, string? sort, int limit)
    {
        var ids = await Store.QueryAsync(Session, new(Entity) { Filter = filter, Sort = SortTerm.Parse(sort, Entity), Limit = limit, Fields = [] }, Actor.Platform);
        var found = new List<object?>(ids.Items.Count);
        foreach (var row in ids.Items)
        {
            if (await FindAsync(row.Id) is { } record)
            {
                found.Add(RecordMaps.ToMap(record));
            }
        }
        return found;
    }
}
