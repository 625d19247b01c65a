using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Lookups must point to records that are there; one statement for each entity that is pointed to.</summary>
internal sealed class ReferencesStep : IWriteStep
{
    /// <summary>What a value points to, as far as it says so: where it may be a record of either of two entities, of the first.</summary>
    private readonly record struct Pointer(RecordChange Change, Field Field, Entity Target, Guid Id)
    {
        public IEnumerable<Entity> Targets => Field.OtherTarget is null ? [Target] : Field.Targets;
    }

    public bool Concerns(Model model, Entity entity, ChangeKind kind) => kind != ChangeKind.Delete;

    public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        var wanted = new Dictionary<Entity, HashSet<Guid>>();
        var references = new List<Pointer>();
        foreach (var change in batch.Pending.Where(c => c.Kind != ChangeKind.Delete))
        {
            foreach (var field in change.Entity.Fields)
            {
                var value = change.After!.Values[field.Ordinal];
                if (field.Ordinal != Entity.IdOrdinal && field.PointedTo(value) is var (target, id) && (change.Kind == ChangeKind.Restore || !Equals(value, change.Before?.Values[field.Ordinal])) && !IsOwnDoing(batch, change, field, id))
                {
                    (wanted.TryGetValue(target, out var set) ? set : wanted[target] = []).Add(id);
                    references.Add(new(change, field, target, id));
                }
            }
        }
        if (references.Count > 0)
        {
            await FindAsync(batch, wanted, references, cancellationToken);
        }
        await CheckFiltersAsync(batch, cancellationToken);
    }

    private static async ValueTask FindAsync(WriteBatch batch, Dictionary<Entity, HashSet<Guid>> wanted, List<Pointer> references, CancellationToken cancellationToken)
    {
        // What is created earlier in the same request is there too, unless something refuses it after all.
        var order = batch.Changes.Index().ToDictionary(c => c.Item, c => c.Index);
        var created = batch.Pending.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Restore).ToDictionary(c => (c.Entity, c.Id));
        var existing = new Dictionary<Entity, HashSet<Guid>>();
        foreach (var (target, ids) in wanted)
        {
            existing[target] = await EntityTable.Of(target).ExistingAsync(batch.Session, ids, cancellationToken, batch.Dialect.KeepRows);
        }
        var missing = references.FindAll(r => !existing[r.Target].Contains(r.Id));
        foreach (var group in missing.Where(r => r.Field.OtherTarget is not null).GroupBy(r => r.Field.OtherTarget!).ToList())
        {
            var there = await EntityTable.Of(group.Key).ExistingAsync(batch.Session, [.. group.Select(r => r.Id)], cancellationToken, batch.Dialect.KeepRows);
            missing.RemoveAll(r => r.Field.OtherTarget == group.Key && there.Contains(r.Id));
        }
        foreach (var pointer in missing)
        {
            var (change, field, _, id) = pointer;
            if (pointer.Targets.Select(t => created.GetValueOrDefault((t, id))).FirstOrDefault(c => c is not null) is { } needed && (needed.Kind == ChangeKind.Restore || order[needed] <= order[change]))
            {
                batch.References.Add((change, field, needed));
            }
            else if (change.Kind == ChangeKind.Restore && field.IsSystem)
            {
                // Whoever made or owned it may be gone; that keeps nobody from having it back.
            }
            else if (change.Kind == ChangeKind.Restore && field.Type is ReferenceFieldType { OnDelete: OnDelete.Clear } && !field.Definition.Required)
            {
                change.After![field] = null;
            }
            else
            {
                Refuse(change, field, id);
            }
        }
    }

    /// <summary>Lookups that narrow what they point to; one statement for each condition that occurs, whichever of its fields changed.</summary>
    private static async ValueTask CheckFiltersAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        var asked = new Dictionary<(Field Field, string Filter), List<(RecordChange Change, Guid Id)>>();
        foreach (var group in batch.Pending.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Update).GroupBy(c => c.Entity))
        {
            foreach (var field in group.Key.OwnFields.Where(LookupFilter.Narrows))
            {
                if (field.Type is LookupFieldType { Filter: null } && LookupDependency.Of(field) is ({ Target: not null } master, var counterpart))
                {
                    await CheckDependentAsync(batch, field, master, counterpart, group, cancellationToken);
                    continue;
                }
                foreach (var change in group)
                {
                    if (change.After![field] is Guid id && LookupFilter.TextFor(field, change.After) is { } filter &&
                        (change.Before is null || !Equals(change.Before[field], id) || LookupFilter.TextFor(field, change.Before) != filter))
                    {
                        (asked.TryGetValue((field, filter), out var list) ? list : asked[(field, filter)] = []).Add((change, id));
                    }
                }
            }
        }
        var toBe = new Lazy<BatchRecords>(() => new(batch, new()));
        foreach (var ((field, filter), changes) in asked)
        {
            var condition = ConditionReader.Read(filter, field.Target!);
            var fitting = await EntityTable.Of(field.Target!).FittingAsync(batch.Session, batch.Dialect, condition, batch.Request.Actor.ScopeAt(batch.Now), [.. changes.Select(c => c.Id).Distinct()], cancellationToken);
            await CheckMadeAsync(batch, toBe, field, condition, [.. changes.Where(c => !fitting.Contains(c.Id))], cancellationToken);
        }
    }

    /// <summary>
    /// A lookup that goes with another one and is narrowed by nothing else: what it points to is read at once and compared here, because there may be as many
    /// conditions as records.
    /// </summary>
    private static async ValueTask CheckDependentAsync(WriteBatch batch, Field field, Field master, Field counterpart, IEnumerable<RecordChange> changes, CancellationToken cancellationToken)
    {
        var asked = changes.Where(c => c.After![field] is Guid && c.After[master] is not null && (c.Before is null || !Equals(c.Before[field], c.After[field]) || !Equals(c.Before[master], c.After[master]))).ToList();
        if (asked.Count == 0)
        {
            return;
        }
        var targets = (await EntityTable.Of(field.Target!).LoadAsync(batch.Session, [.. asked.Select(c => (Guid)c.After![field]!).Distinct()], cancellationToken))
            .Where(t => t.Value.Values[Entity.DeletedAtOrdinal] is null).ToDictionary();
        foreach (var made in batch.Pending.Where(c => c.Entity == field.Target && c.Kind is ChangeKind.Create or ChangeKind.Restore))
        {
            targets[made.Id] = made.After!;
        }
        foreach (var change in asked.Where(c => !Equals(targets.GetValueOrDefault((Guid)c.After![field]!)?[counterpart], c.After[master])))
        {
            change.Problems.Add(Problem.At(field.Name, ProblemKind.Refused, "lookup.filtered", field.Label));
        }
    }

    /// <summary>What the same request creates or brings back is not in the table yet, and neither are its entries.</summary>
    private static async ValueTask CheckMadeAsync(WriteBatch batch, Lazy<BatchRecords> toBe, Field field, Condition condition, List<(RecordChange Change, Guid Id)> changes, CancellationToken cancellationToken)
    {
        if (changes.Count == 0)
        {
            return;
        }
        var (records, scope) = (toBe.Value, batch.Request.Actor.ScopeAt(batch.Now));
        var made = batch.Pending.Where(c => c.Entity == field.Target && c.Kind is ChangeKind.Create or ChangeKind.Restore).ToDictionary(c => c.Id, c => records.Of(c.Id, records.Find(c.Entity, c.Id)!));
        await new RelatedReader(batch.Session, batch.Dialect, scope).AddAsync(records, [.. made.Values], [condition], cancellationToken);
        foreach (var (change, id) in changes)
        {
            if (!made.TryGetValue(id, out var target) || !ConditionEvaluator.Holds(condition, target, scope))
            {
                change.Problems.Add(Problem.At(field.Name, ProblemKind.Refused, "lookup.filtered", field.Label));
            }
        }
    }

    /// <summary>Whoever creates a record owns it unless they say otherwise: that they and their unit are there was seen when they came in.</summary>
    private static bool IsOwnDoing(WriteBatch batch, RecordChange change, Field field, Guid id) =>
        change.Kind == ChangeKind.Create && change.Stamp is null &&
        ((field.Ordinal == Entity.OwnerOrdinal && id == batch.Request.Actor.UserId) || (field.Ordinal == Entity.UnitOrdinal && id == batch.Request.Actor.UnitId)) &&
        change.Values.All(v => v.Field != field);

    /// <summary>Refuses changes that point to records which were to be created with them and are not.</summary>
    public static void RefuseOrphans(WriteBatch batch)
    {
        foreach (var (change, field, needed) in batch.References.Where(r => r.Needed.Failed && !r.Change.Failed))
        {
            Refuse(change, field, needed.Id);
        }
    }

    private static void Refuse(RecordChange change, Field field, Guid id)
    {
        var target = field.Target ?? field.PointedTo(change.After![field])!.Value.Entity;
        change.Problems.Add(field.OtherTarget is { } other
            ? Problem.At(field.Name, ProblemKind.Invalid, "lookup.missing.either", target.Label, other.Label, id.ToString("D"))
            : Problem.At(field.Name, ProblemKind.Invalid, "lookup.missing", target.Label, id.ToString("D")));
    }
}
