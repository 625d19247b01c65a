using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>A ledger only grows: entries are neither changed nor deleted, by nobody; a wrong one is corrected by another that reverses it.</summary>
internal sealed class LedgerStep : IWriteExtension
{
    public WriteSlot Slot => WriteSlot.Rights;

    public bool Concerns(Model model, Entity entity, ChangeKind kind) => entity.Definition.Template == EntityTemplate.Ledger;

    public ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        foreach (var change in batch.Pending.Where(c => c.Entity.Definition.Template == EntityTemplate.Ledger && c.Kind != ChangeKind.Create && !c.IsNoChange).ToList())
        {
            change.Problems.Add(Problem.Of(ProblemKind.Refused, "ledger.appendOnly", change.Entity.PluralLabel));
        }
        return ValueTask.CompletedTask;
    }
}
