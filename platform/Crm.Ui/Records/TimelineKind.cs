using Crm.Data;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Ui.Records;

/// <summary>One of the ways to narrow a timeline, with its text and what it lets through.</summary>
/// <param name="Name">As the address of its text says it.</param>
/// <param name="Entity">One kind of record; null for a group of them.</param>
public sealed record TimelineKind(string Name, TimelineFilter Filter, Entity? Entity = null)
{
    /// <summary>Whether it stands in front; the others are in the list of kinds.</summary>
    public bool IsFront => Entity is null && Name is not ("activities" or "records");

    private static readonly TimelineFilter NoRecords = new() { Records = _ => null };

    /// <summary>The groups that there can be anything in, everything first.</summary>
    /// <param name="sources">Whose records can tell of the one in question.</param>
    public static IReadOnlyList<TimelineKind> Groups(IReadOnlyList<Entity> sources)
    {
        var groups = new List<TimelineKind> { new("all", TimelineFilter.Everything) };
        if (sources.Any(Interactions.Is))
        {
            groups.Add(new("activities", Only(Interactions.Is)));
            groups.Add(new("open", new() { Changes = false, Records = e => Interactions.Is(e) ? Interactions.Open(e) : null }));
            groups.Add(new("finished", new() { Changes = false, Records = e => Interactions.Is(e) ? Interactions.Finished(e) : null }));
        }
        if (sources.Any(e => !Interactions.Is(e)))
        {
            groups.Add(new("records", Only(e => !Interactions.Is(e))));
        }
        groups.Add(new("changes", NoRecords));
        return groups;
    }

    /// <summary>Each kind of activity and note by itself.</summary>
    public static IReadOnlyList<TimelineKind> Kinds(IReadOnlyList<Entity> sources) => [.. sources.Where(e => Interactions.Is(e) || Composition.IsNote(e)).Select(e => new TimelineKind(e.Name, Only(o => o == e), e))];

    private static TimelineFilter Only(Func<Entity, bool> which) => new() { Changes = false, Records = e => which(e) ? Condition.Always : null };
}
