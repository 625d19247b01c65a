using Crm.Metadata;

namespace Crm.Data;

/// <summary>Encrypts secrets that somebody has entered, and says of new signatures who signed and when.</summary>
internal sealed class SealStep(ISecretProtector secrets) : IWriteStep
{
    public bool Concerns(Model model, Entity entity, ChangeKind kind) => kind is ChangeKind.Create or ChangeKind.Update && entity.OwnFields.Any(f => f.Type is SecretFieldType or SignatureFieldType);

    public ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        foreach (var group in batch.Pending.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Update).GroupBy(c => c.Entity))
        {
            foreach (var field in group.Key.OwnFields.Where(f => f.Type is SecretFieldType or SignatureFieldType))
            {
                foreach (var change in group)
                {
                    change.After!.Values[field.Ordinal] = field.Type is SecretFieldType
                        ? Seal(change, field)
                        : Stamp(change.After.Values[field.Ordinal] as Signature, change.Before?.Values[field.Ordinal] as Signature, change, batch);
                }
            }
        }
        return ValueTask.CompletedTask;
    }

    private Secret? Seal(RecordChange change, Field field)
    {
        var secret = change.After!.Values[field.Ordinal] as Secret;
        // Too long a secret is left as it is, for validation to refuse it.
        return secret is null || secret.Cipher is not null || field.Type.Validate(secret) is not null ? secret
            : secret.Plain is { } plain ? Secret.Stored(secrets.Protect(plain))
            : change.Before?.Values[field.Ordinal] as Secret;
    }

    /// <summary>The moment is the platform's to say; what only the platform loads from elsewhere keeps its own.</summary>
    private static Signature? Stamp(Signature? signature, Signature? before, RecordChange change, WriteBatch batch)
    {
        if (signature is null || signature.Equals(before))
        {
            return signature;
        }
        if (before is not null && before.Image == signature.Image && (signature.Name.Length == 0 || signature.Name == before.Name))
        {
            return before;
        }
        return signature with
        {
            Name = signature.Name.Length > 0 ? signature.Name : batch.Request.Actor.Name,
            At = change.Stamp is { } stamp ? signature.At ?? stamp.At : batch.Now,
        };
    }
}
