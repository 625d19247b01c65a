namespace Crm.Data;

/// <summary>Notes in the audit trail what was written, with what followed from it.</summary>
internal sealed class AuditStep(IdSource ids) : IWriteStep
{
    public ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken) =>
        AuditTrail.WriteAsync(batch, ids, [.. batch.Pending.Where(c => !c.IsNoChange && c.Entity.Definition.Audit)], cancellationToken);
}
