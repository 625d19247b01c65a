using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Looks for records that are probably the same as those to be written: one statement a rule for all of them.</summary>
internal sealed class DuplicatesStep : IWriteExtension
{
    public const string WarnCode = "duplicate.warn", BlockCode = "duplicate.block";

    /// <summary>Ids that are named with a refusal.</summary>
    private const int MaxNamed = 10;

    public WriteSlot Slot => WriteSlot.Gates;

    public bool Concerns(Model model, Entity entity, ChangeKind kind) => kind != ChangeKind.Delete && DuplicateRule.Of(entity).Count > 0;

    public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Request.IsUndo)
        {
            return;
        }
        var gone = batch.Pending.Where(c => c.Kind == ChangeKind.Delete).Select(c => c.Id).ToHashSet();
        var asked = batch.Pending.Where(c => c.Kind != ChangeKind.Delete).GroupBy(c => c.Entity)
            .SelectMany(g => DuplicateRule.Of(g.Key).Where(r => Blocks(r) || !MayPass(batch.Request)).Select(r => (Rule: r, Wanted: WantedBy(r, g))))
            .Where(a => a.Wanted.Count > 0).ToList();
        // Of two requests that write the same at once, neither would find what the other writes: the second waits for the first.
        await KeyHold.RunAsync(batch, asked.Where(a => Blocks(a.Rule)).SelectMany(a => a.Wanted.Select(w => (a.Rule.Key, w.Form))), cancellationToken);
        foreach (var (rule, wanted) in asked)
        {
            await CheckAsync(batch.Session, rule, wanted.FindAll(w => !w.Change.Failed), gone, cancellationToken);
        }
    }

    private static bool Blocks(DuplicateRule rule) => rule.Definition.Action == Metadata.DuplicateAction.Block;

    /// <summary>Who was warned may go on; the platform itself and workflows have nobody to warn.</summary>
    private static bool MayPass(WriteRequest request) => request.ConfirmsDuplicates || request.Door is Door.Platform or Door.Workflow;

    /// <summary>The changes that give a record another form, each with that form.</summary>
    private static List<(RecordChange Change, string Form)> WantedBy(DuplicateRule rule, IEnumerable<RecordChange> changes)
    {
        var wanted = new List<(RecordChange, string)>();
        foreach (var change in changes)
        {
            if (rule.FormOf(change.After!) is { } form && (change.Kind != ChangeKind.Update || rule.FormOf(change.Before!) != form))
            {
                wanted.Add((change, form));
            }
        }
        return wanted;
    }

    private static async Task CheckAsync(Session session, DuplicateRule rule, List<(RecordChange Change, string Form)> wanted, HashSet<Guid> gone, CancellationToken cancellationToken)
    {
        var found = await MatchIndex.FindAsync(session, rule, [.. wanted.Select(w => w.Form).Distinct(StringComparer.Ordinal)], cancellationToken);
        var seen = new Dictionary<string, Guid>(StringComparer.Ordinal);
        foreach (var (change, form) in wanted)
        {
            var others = found[form].Where(id => id != change.Id && !gone.Contains(id)).ToList();
            if (!seen.TryAdd(form, change.Id))
            {
                others.Add(seen[form]);
            }
            if (others.Count > 0)
            {
                Refuse(change, rule, others);
            }
        }
    }

    private static void Refuse(RecordChange change, DuplicateRule rule, List<Guid> others) => change.Problems.Add(
        Problem.At(rule.Field.Name, Blocks(rule) ? ProblemKind.Refused : ProblemKind.Conflict, Blocks(rule) ? BlockCode : WarnCode, change.Entity.Label, rule.Definition.Label ?? rule.Field.Label)
        with { Rule = rule.Key, Records = [.. others.Take(MaxNamed)] });
}

/// <summary>Keeps the match forms of what was written.</summary>
internal sealed class MatchIndexStep : IWriteExtension
{
    public WriteSlot Slot => WriteSlot.Saved;

    public bool Concerns(Model model, Entity entity, ChangeKind kind) => kind is ChangeKind.Create or ChangeKind.Update && DuplicateRule.Of(entity).Count > 0;

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
