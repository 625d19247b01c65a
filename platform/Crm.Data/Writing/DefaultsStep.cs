using System.Text.Json;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Fills what a new record leaves open: the defaults of the metadata, the owner and the owner's unit.</summary>
internal sealed class DefaultsStep : IWriteStep
{
    private const string Users = "user";

    public bool Concerns(Model model, Entity entity, ChangeKind kind) => kind == ChangeKind.Create;

    public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        var scope = batch.Request.Actor.ScopeAt(batch.Now);
        var withUnit = new HashSet<RecordChange>();
        foreach (var group in batch.Pending.Where(c => c.Kind == ChangeKind.Create).GroupBy(c => c.Entity))
        {
            // Most fields have none, and many records are made at once.
            var begun = group.Key.OwnFields.Where(f => f.Type is RollupFieldType || (f.IsStored && f.Definition.Default is not null)).ToList();
            foreach (var change in group)
            {
                var record = change.After!;
                foreach (var field in begun)
                {
                    if (field.Type is RollupFieldType)
                    {
                        record.Values[field.Ordinal] = Rollups.OfNothing(field);
                    }
                    else if (!IsGiven(change, field))
                    {
                        record.Values[field.Ordinal] = Defaults.ValueOf(field.Definition.Default!.Value, field, scope);
                    }
                }
                record.Values[Entity.OwnerOrdinal] ??= change.Stamp is { } stamp ? stamp.By : batch.Request.Actor.UserId;
                if (IsGiven(change, group.Key.Fields[Entity.UnitOrdinal]))
                {
                    withUnit.Add(change);
                }
            }
        }
        await CopyAsync(batch, cancellationToken);
        await SetUnitsAsync(batch, withUnit, cancellationToken);
    }

    private static bool IsGiven(RecordChange change, Field field)
    {
        for (var i = 0; i < change.Values.Count; i++)
        {
            if (change.Values[i].Field == field)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Defaults that are copied from elsewhere come after those that stand for themselves: the way there may lead over one of them.</summary>
    private static async Task CopyAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        foreach (var group in batch.Pending.Where(c => c.Kind == ChangeKind.Create).GroupBy(c => c.Entity).ToList())
        {
            List<(Field Field, FieldPath Source)> copied = [.. FieldRules.Of(group.Key).Copied];
            if (copied.Count == 0)
            {
                continue;
            }
            var related = new RelatedRecords();
            await RelatedReader.FollowAsync(batch.Session, related, [.. group.Select(c => c.After!)], copied.Select(c => c.Source), cancellationToken);
            foreach (var change in group)
            {
                foreach (var (field, source) in copied.Where(c => change.Values.All(v => v.Field != c.Field)))
                {
                    change.After![field] = related.Read(change.After, source);
                }
            }
        }
    }

    /// <summary>A record belongs to the unit of its owner.</summary>
    private static async Task SetUnitsAsync(WriteBatch batch, HashSet<RecordChange> withUnit, CancellationToken cancellationToken)
    {
        var open = batch.Pending.Where(c => c.Kind == ChangeKind.Create && !withUnit.Contains(c) && c.After!.Values[Entity.OwnerOrdinal] is Guid).ToList();
        if (open.Count == 0)
        {
            return;
        }
        // Of the one who creates a record it is known already; where many are made, as in an import that takes its time, asking once for all costs nothing.
        var (me, related) = (batch.Changes is [var only] && only.Entity.Name != Users ? batch.Request.Actor.UserId : null, new RelatedRecords());
        foreach (var group in open.GroupBy(c => c.Entity))
        {
            if (group.Key.Resolve($"{SystemFields.Owner}.{SystemFields.Unit}") is not { } unit)
            {
                continue;
            }
            var others = new List<RecordChange>();
            foreach (var change in group)
            {
                if (me is { } id && id.Equals(change.After!.Values[Entity.OwnerOrdinal]))
                {
                    change.After.Values[Entity.UnitOrdinal] = batch.Request.Actor.UnitId;
                }
                else
                {
                    others.Add(change);
                }
            }
            if (others.Count == 0)
            {
                continue;
            }
            await RelatedReader.FollowAsync(batch.Session, related, [.. others.Select(c => c.After!)], [unit], cancellationToken);
            foreach (var change in others)
            {
                change.After!.Values[Entity.UnitOrdinal] = related.Read(change.After, unit);
            }
        }
    }
}

/// <summary>The value that a field's <c>default</c> stands for.</summary>
public static class Defaults
{
    public static object? ValueOf(JsonElement wanted, Field field, Rules.ConditionScope scope)
    {
        if (wanted.ValueKind == JsonValueKind.Object && wanted.TryGetProperty("var", out var variable))
        {
            // One that does not fit was reported when the file was read; the field then has no default.
            return Rules.Variable.ForDefault(variable, field.Type) is { } known ? scope.ValueOf(known, field.Type) : null;
        }
        // What is copied from elsewhere is not known without the record; see DefaultsStep.
        return wanted.ValueKind == JsonValueKind.Null || (wanted.ValueKind == JsonValueKind.Object && wanted.TryGetProperty("field", out _)) ? null : field.Type.FromJson(wanted).Value;
    }
}
