using Crm.Metadata;

namespace Crm.Data;

/// <summary>The one way to the content of a secret: asked for by record and field, never as part of anything else.</summary>
public sealed class SecretStore(RecordStore store, ISecretProtector protector)
{
    /// <summary>The content; null if there is none.</summary>
    /// <exception cref="Rules.ProblemException">There is no such record, or the actor may not change it: whoever may only read sees that a secret is set.</exception>
    public async Task<string?> RevealAsync(Entity entity, Guid id, Field field, Actor actor, CancellationToken cancellationToken = default)
    {
        Authority.Demand(actor, Operation.Update, entity);
        var record = await store.GetAsync(entity, id, actor, cancellationToken);
        return record[field] is Secret { Cipher: { } cipher } ? protector.Unprotect(cipher) : null;
    }
}
