using System.Text.Json;
using Crm.Metadata;

namespace Crm.Data;

/// <summary>Fills what a new record leaves open: the defaults of the metadata, the owner and the owner's unit.</summary>
internal sealed class DefaultsStep : IWriteStep
{
    public ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        var scope = batch.Request.Actor.ScopeAt(batch.Now);
        foreach (var change in batch.Pending.Where(c => c.Kind == ChangeKind.Create))
        {
            var given = change.Values.Select(v => v.Field).ToHashSet();
            var record = change.After!;
            foreach (var field in change.Entity.OwnFields)
            {
                if (field.Definition.Default is { } wanted && !given.Contains(field))
                {
                    record.Values[field.Ordinal] = Defaults.ValueOf(wanted, field, scope);
                }
            }
            record.Values[Entity.OwnerOrdinal] ??= change.Stamp is { } stamp ? stamp.By : batch.Request.Actor.UserId;
            if (!given.Contains(change.Entity.Fields[Entity.UnitOrdinal]))
            {
                record.Values[Entity.UnitOrdinal] ??= batch.Request.Actor.UnitId;
            }
        }
        return ValueTask.CompletedTask;
    }
}

/// <summary>The value that a field's <c>default</c> stands for.</summary>
public static class Defaults
{
    public static object? ValueOf(JsonElement wanted, Field field, Rules.ConditionScope scope)
    {
        if (wanted.ValueKind == JsonValueKind.Object && wanted.TryGetProperty("var", out var variable) && variable.GetString() is { } name)
        {
            return scope.ValueOf(new Rules.Variable(name), field.Type);
        }
        return wanted.ValueKind == JsonValueKind.Null ? null : field.Type.FromJson(wanted).Value;
    }
}
