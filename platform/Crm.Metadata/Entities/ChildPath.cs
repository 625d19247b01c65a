namespace Crm.Metadata;

/// <summary>
/// The way from a record to several others: through lookups to one record (<see cref="Through"/>), then to the <see cref="Child"/> records
/// whose <see cref="Parent"/> points to it. Written <c>contacts</c>, <c>customer.contacts</c>, or, from the other side of a lookup,
/// <c>opportunity.customer</c>; the lookup may be one that points to records of several entities.
/// </summary>
public sealed record ChildPath(FieldPath? Through, Entity Child, Field Parent)
{
    /// <summary>Follows <paramref name="path"/> from <paramref name="from"/> to the first collection on it.</summary>
    /// <param name="from">Where the path begins.</param>
    /// <param name="path">Steps with points between.</param>
    /// <param name="rest">What comes after the collection; empty if nothing does.</param>
    /// <returns>Null if no collection lies on the path.</returns>
    public static ChildPath? Resolve(Entity from, string path, out string rest)
    {
        var steps = path.Split('.');
        var through = new List<Field>();
        var entity = from;
        for (var i = 0; i < steps.Length && i < FieldPath.MaxSteps; i++)
        {
            if (entity.Find(steps[i]) is { Type: CollectionFieldType collection })
            {
                rest = string.Join('.', steps.Skip(i + 1));
                return new(Path(through), collection.Child, collection.Parent);
            }
            if (entity.Find(steps[i]) is { Target: { } next } lookup)
            {
                through.Add(lookup);
                entity = next;
                continue;
            }
            for (var length = 1; length <= 2 && i + length < steps.Length; length++)
            {
                var name = string.Join('.', steps.Skip(i).Take(length));
                if (entity.Others.GetValueOrDefault(name)?.Find(steps[i + length]) is { Ordinal: not Entity.IdOrdinal } parent && parent.Targets.Contains(entity))
                {
                    rest = string.Join('.', steps.Skip(i + length + 1));
                    return new(Path(through), parent.Entity, parent);
                }
            }
            break;
        }
        rest = "";
        return null;
    }

    private static FieldPath? Path(List<Field> steps) => steps.Count == 0 ? null : new(steps);
}
