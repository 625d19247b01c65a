using System.Globalization;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Ui.Items;

/// <summary>
/// What to write of rows or links that were edited: only entries that differ, and of each only the values that do, so that what others did
/// to the rest meanwhile stays. Only a new order is said by naming all of them.
/// </summary>
/// <param name="Value">The value for the field; null if nothing is written.</param>
/// <param name="Places">For each entry that is written, where it stands in the list that was edited.</param>
public sealed record ItemChange(ItemList? Value, IReadOnlyList<int> Places)
{
    public static ItemChange Of(CollectionFieldType type, ItemList? before, ItemList? after)
    {
        var stored = (before?.Items ?? []).ToDictionary(i => i.Id);
        var items = after?.Items ?? [];
        if (stored.Count == 0 && items.Count == 0)
        {
            return new(null, []);
        }
        var written = items.Select((item, place) => (Item: stored.TryGetValue(item.Id, out var known) ? Difference(type, known, item) : New(type, item), Place: place)).ToList();
        if (type.Order is not null && IsReordered(before?.Items ?? [], items))
        {
            return new(ItemList.Whole([.. written.Select(w => w.Item)]), [.. written.Select(w => w.Place)]);
        }
        var differing = written.Where(w => w.Item.Values.Count > 0 || !stored.ContainsKey(w.Item.Id)).ToList();
        return new(
            new([.. differing.Select(w => w.Item)], IsWhole: false, [.. stored.Keys.Except(items.Select(i => i.Id))]),
            [.. differing.Select(w => w.Place)]);
    }

    /// <summary>
    /// Entries that were edited on while they were being saved, over those that are stored now: a row that was new is the one that was made of it, and what
    /// others have added stays.
    /// </summary>
    public static ItemList? Over(ItemList? stored, ItemList? sent, ItemList? typed)
    {
        var known = (sent?.Items ?? []).Select(i => i.Id).ToHashSet();
        var added = (stored?.Items ?? []).Where(i => !known.Contains(i.Id)).ToList();
        var own = (sent?.Items ?? []).Count(i => i.Id == Guid.Empty);
        var made = new Queue<Guid>(added.Take(own).Select(i => i.Id));
        List<Item> items = [.. (typed?.Items ?? []).Select(i => i.Id == Guid.Empty && made.TryDequeue(out var id) ? i with { Id = id } : i), .. added.Skip(own)];
        return items.Count == 0 ? null : ItemList.Whole(items);
    }

    /// <summary>A problem of what was written, at the place where the person sees its entry.</summary>
    public Problem Locate(Field field, Problem problem)
    {
        var index = problem.Field?.StartsWith(field.Name + "[", StringComparison.Ordinal) == true ? ProblemPlace.IndexOf(problem) : -1;
        return index < 0 || index >= Places.Count
            ? problem
            : problem with { Field = string.Create(CultureInfo.InvariantCulture, $"{field.Name}[{Places[index]}{problem.Field![problem.Field!.IndexOf(']', StringComparison.Ordinal)..]}") };
    }

    /// <summary>New entries come last by themselves; anything else is an order that somebody chose.</summary>
    private static bool IsReordered(IReadOnlyList<Item> before, IReadOnlyList<Item> after)
    {
        var stored = before.Select(i => i.Id).ToHashSet();
        var kept = after.Select(i => i.Id).ToHashSet();
        return !after.Select(i => i.Id).TakeWhile(stored.Contains).SequenceEqual(before.Select(i => i.Id).Where(kept.Contains));
    }

    private static Item Difference(CollectionFieldType type, Item before, Item after)
    {
        var values = before.Values.ToDictionary(v => v.Key, v => v.Value);
        return new(after.Id, [.. after.Values.Where(v => IsWritten(type, v.Key) && !v.Key.Type.AreEqual(v.Value, values.GetValueOrDefault(v.Key)))]);
    }

    /// <summary>An entry that is not stored, or not any more, is made; a row gets its id then.</summary>
    private static Item New(CollectionFieldType type, Item item) =>
        new(type.Key is null ? Guid.Empty : item.Id, [.. item.Values.Where(v => IsWritten(type, v.Key))]);

    /// <summary>The place in the list says the order, not a value.</summary>
    private static bool IsWritten(CollectionFieldType type, Field field) => field.IsWritable && field != type.Order;
}
