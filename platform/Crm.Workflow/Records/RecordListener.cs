using System.Globalization;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Microsoft.Extensions.DependencyInjection;

namespace Crm.Workflow;

/// <summary>A published workflow that begins with changes of records.</summary>
internal sealed record RecordStart(string DefinitionId, string ActivityId, string Name, string Entity, IReadOnlyList<string> Fields, string? Condition, string? OldCondition, Reentry Reentry);

/// <summary>
/// Starts workflows that begin with changes of records. It hears of each change exactly once, in a transaction that also creates the instances,
/// so a change never starts a workflow twice and never none.
/// </summary>
[OutboxHandler("workflow.records")]
internal sealed class RecordListener(IServiceProvider services) : RecordSubscriber
{
    private WorkflowEngine Engine => field ??= services.GetRequiredService<WorkflowEngine>();

    public override bool Wants(RecordChange change) => Engine.Definitions.RecordStarts.ContainsKey((NameOf(change.Kind), change.Entity.Name));

    public override async Task HandleAsync(RecordEvent change, Session session, CancellationToken cancellationToken)
    {
        var input = new Dictionary<string, object?>
        {
            ["Entity"] = change.Entity,
            ["RecordId"] = change.RecordId.ToString("D"),
            ["Kind"] = change.Kind.ToString(),
            ["Version"] = change.Version,
            ["Fields"] = change.Fields.Cast<object?>().ToList(),
            ["By"] = change.By?.ToString("D"),
        };
        var chain = ChainOf(change.Cause);
        foreach (var start in Engine.Definitions.RecordStarts.GetValueOrDefault((NameOf(change.Kind), change.Entity)) ?? [])
        {
            if ((start.Fields.Count == 0 || start.Fields.Intersect(change.Fields).Any()) && chain <= Engine.Options.MaxChain &&
                await HoldsAsync(start, change, session, cancellationToken) && await MayAsync(start, change, session, cancellationToken))
            {
                await Engine.PutInstanceAsync(session, start.DefinitionId, start.ActivityId, change.RecordId.ToString("D"), input, cancellationToken, chain);
            }
        }
    }

    /// <summary>A workflow whose change starts a workflow whose change starts a workflow ends somewhere.</summary>
    private static int ChainOf(string? cause) =>
        cause is not null && cause.StartsWith(RecordActivity.CausePrefix, StringComparison.Ordinal) && int.TryParse(cause.AsSpan(cause.LastIndexOf(' ') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var chain)
            ? chain + 1
            : 1;

    /// <summary>Whether the conditions hold for the record as this change left and found it; others may have changed it since. What lies behind it is as it is now.</summary>
    private async ValueTask<bool> HoldsAsync(RecordStart start, RecordEvent change, Session session, CancellationToken cancellationToken)
    {
        if (start.Condition is null && start.OldCondition is null)
        {
            return true;
        }
        if (Engine.Models.Current.Find(start.Entity) is not { } entity || await Engine.Records.AsOfAsync(session, entity, change.RecordId, change.Version, cancellationToken) is not var (before, after))
        {
            return false;
        }
        try
        {
            return await HoldsAsync(start.Condition, after) && await HoldsAsync(start.OldCondition, before);
        }
        catch (ProblemException)
        {
            // A condition over fields that are gone holds for nothing.
            return false;
        }

        async ValueTask<bool> HoldsAsync(string? condition, Record? record) => condition is null ||
            (record is not null && await Engine.Records.HoldsAsync(session, ConditionReader.Read(condition, entity), record, Actor.Platform, cancellationToken));
    }

    private async ValueTask<bool> MayAsync(RecordStart start, RecordEvent change, Session session, CancellationToken cancellationToken)
    {
        var condition = start.Reentry switch
        {
            Reentry.OneAtATime => "\"status\" = 'Running'",
            Reentry.OncePerRecord => "1 = 1",
            Reentry.OncePerDay => "\"created_at\" >= $3",
            _ => null,
        };
        if (condition is null)
        {
            return true;
        }
        List<SqlParameter> parameters = [Param.Text(start.DefinitionId), Param.Text(change.RecordId.ToString("D"))];
        if (start.Reentry == Reentry.OncePerDay)
        {
            parameters.Add(Param.Timestamp(new DateTimeOffset(Engine.Now.UtcDateTime.Date, TimeSpan.Zero)));
        }
        return !await session.FirstAsync($"SELECT 1 FROM \"{WorkflowTables.Instance}\" WHERE \"correlation_id\" = $2 AND \"definition_id\" = $1 AND {condition} LIMIT 1", parameters, _ => true, cancellationToken);
    }

    private static string NameOf(ChangeKind kind) => kind switch
    {
        ChangeKind.Create => "Crm.RecordCreated",
        ChangeKind.Delete => "Crm.RecordDeleted",
        _ => "Crm.RecordChanged",
    };
}
