using System.Globalization;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Values that may occur only once: against what is stored, a list of values at a time, and among the changes themselves.</summary>
internal sealed class UniquenessStep : IWriteStep
{
    public bool Concerns(Model model, Entity entity, ChangeKind kind) => kind != ChangeKind.Delete && UniqueSets(entity).Any();

    public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        foreach (var group in batch.Pending.Where(c => c.Kind != ChangeKind.Delete).GroupBy(c => c.Entity).ToList())
        {
            foreach (var fields in UniqueSets(group.Key))
            {
                await CheckAsync(batch, fields, group.Where(c => !c.Failed && Claims(c, fields)), cancellationToken);
            }
        }
    }

    private static async Task CheckAsync(WriteBatch batch, IReadOnlyList<Field> fields, IEnumerable<RecordChange> changes, CancellationToken cancellationToken)
    {
        var wanted = new Dictionary<string, RecordChange>(StringComparer.Ordinal);
        var keys = new List<object[]>();
        foreach (var change in changes)
        {
            object[] key = [.. fields.Select(f => RecordValues.Principal(f, change.After![f])!)];
            if (wanted.TryAdd(ValueKey.Of(key), change))
            {
                keys.Add(key);
            }
            else
            {
                Refuse(change, fields);
            }
        }
        if (keys.Count == 0)
        {
            return;
        }
        var twins = new List<(Guid Id, RecordChange Change)>();
        await EntityTable.Of(fields[0].Entity).ForEachWithAsync(batch.Session, fields, keys, (id, key) => twins.Add((id, wanted[ValueKey.Of(key)])), cancellationToken);
        foreach (var (id, change) in twins.Where(t => t.Id != t.Change.Id && !t.Change.Failed && !MakesRoom(batch, t.Id, t.Change, fields)))
        {
            Refuse(change, fields);
        }
    }

    /// <summary>Whether the record that has the value now loses it in the same request, before the change that wants it.</summary>
    private static bool MakesRoom(WriteBatch batch, Guid id, RecordChange wanting, IReadOnlyList<Field> fields) => batch.Changes
        .TakeWhile(c => c != wanting)
        .Any(c => c.Id == id && !c.Failed && c.Before is not null && (c.Kind == ChangeKind.Delete || fields.Any(f => !f.Type.AreEqual(c.Before[f], c.After![f]))));

    private static void Refuse(RecordChange change, IReadOnlyList<Field> fields) => change.Problems.Add(Problem.At(
        fields[0].Name, ProblemKind.Refused, "unique", string.Join(", ", fields.Select(f => f.Label)),
        string.Join(' ', fields.Select(f => f.Type.ToText(change.After![f]!, CultureInfo.InvariantCulture)))));

    private static IEnumerable<IReadOnlyList<Field>> UniqueSets(Entity entity) =>
        entity.OwnFields.Where(f => f is { IsStored: true, Definition.Unique: true }).Select(f => (IReadOnlyList<Field>)[f])
            .Concat(entity.Definition.Unique.Where(s => s.All(n => entity.Find(n) is { IsStored: true })).Select(s => (IReadOnlyList<Field>)[.. s.Select(n => entity[n])]));

    private static bool Claims(RecordChange change, IReadOnlyList<Field> fields) =>
        fields.All(f => change.After![f] is not null) &&
        (change.Kind != ChangeKind.Update || fields.Any(f => !f.Type.AreEqual(change.Before![f], change.After![f])));
}
