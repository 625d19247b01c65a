using Crm.Rules;

namespace Crm.Data;

/// <summary>Looks for records that are probably the same as those to be written: one statement a rule for all of them.</summary>
internal sealed class DuplicatesStep : IWriteExtension
{
    public const string WarnCode = "duplicate.warn", BlockCode = "duplicate.block";

    /// <summary>Ids that are named with a refusal.</summary>
    private const int MaxNamed = 10;

    public WriteSlot Slot => WriteSlot.Gates;

    public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Request.IsUndo)
        {
            return;
        }
        var gone = batch.Pending.Where(c => c.Kind == ChangeKind.Delete).Select(c => c.Id).ToHashSet();
        foreach (var group in batch.Pending.Where(c => c.Kind != ChangeKind.Delete).GroupBy(c => c.Entity).ToList())
        {
            foreach (var rule in DuplicateRule.Of(group.Key).Where(r => r.Definition.Action == Metadata.DuplicateAction.Block || !MayPass(batch.Request)))
            {
                await CheckAsync(batch, rule, group.Where(c => !c.Failed), gone, cancellationToken);
            }
        }
    }

    /// <summary>Who was warned may go on; the platform itself and workflows have nobody to warn.</summary>
    private static bool MayPass(WriteRequest request) => request.ConfirmsDuplicates || request.Door is Door.Platform or Door.Workflow;

    private static async Task CheckAsync(WriteBatch batch, DuplicateRule rule, IEnumerable<RecordChange> changes, HashSet<Guid> gone, CancellationToken cancellationToken)
    {
        var wanted = changes.Select(c => (Change: c, Form: rule.FormOf(c.After!)))
            .Where(w => w.Form is not null && (w.Change.Kind != ChangeKind.Update || rule.FormOf(w.Change.Before!) != w.Form)).ToList();
        if (wanted.Count == 0)
        {
            return;
        }
        var found = await MatchIndex.FindAsync(batch.Session, rule, [.. wanted.Select(w => w.Form!).Distinct(StringComparer.Ordinal)], cancellationToken);
        var seen = new Dictionary<string, Guid>(StringComparer.Ordinal);
        foreach (var (change, form) in wanted)
        {
            var others = found[form!].Where(id => id != change.Id && !gone.Contains(id)).ToList();
            if (!seen.TryAdd(form!, change.Id))
            {
                others.Add(seen[form!]);
            }
            if (others.Count > 0)
            {
                Refuse(change, rule, others);
            }
        }
    }

    private static void Refuse(RecordChange change, DuplicateRule rule, List<Guid> others) => change.Problems.Add(
        Problem.At(rule.Field.Name, rule.Definition.Action == Metadata.DuplicateAction.Block ? ProblemKind.Refused : ProblemKind.Conflict,
            rule.Definition.Action == Metadata.DuplicateAction.Block ? BlockCode : WarnCode, change.Entity.Label, rule.Definition.Label ?? rule.Field.Label)
        with { Rule = rule.Key, Records = [.. others.Take(MaxNamed)] });
}

/// <summary>Keeps the match forms of what was written.</summary>
internal sealed class MatchIndexStep : IWriteExtension
{
    public WriteSlot Slot => WriteSlot.Saved;

    public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        foreach (var group in batch.Pending.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Update).GroupBy(c => c.Entity).ToList())
        {
            foreach (var rule in DuplicateRule.Of(group.Key))
            {
                var latest = group.Where(c => c.Kind == ChangeKind.Create || rule.FormOf(c.Before!) != rule.FormOf(c.After!)).GroupBy(c => c.Id).Select(g => g.Last().After!).ToList();
                if (latest.Count > 0)
                {
                    await MatchIndex.NoteAsync(batch.Session, rule, latest, cancellationToken);
                }
            }
        }
    }
}
