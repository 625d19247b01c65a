using System.Globalization;
using Crm.Metadata;

namespace Crm.Ui.Items;

/// <summary>What happened to one entry of rows or links.</summary>
public enum ItemAct
{
    Added, Removed, Changed,
}

/// <summary>One entry that two lists do not share, or in which they differ.</summary>
/// <param name="Act">What happened to it.</param>
/// <param name="Item">The entry, as it is afterwards; as it was if it is gone.</param>
/// <param name="Values">Of a changed one: what each field was and is. Of an added one: what it holds.</param>
public sealed record ItemDifference(ItemAct Act, Item Item, IReadOnlyList<(Field Field, object? Before, object? After)> Values);

/// <summary>Rows and links in words: what an entry is called, what a list holds, how two lists differ.</summary>
public static class ItemWords
{
    private const int Named = 3;

    /// <summary>What an entry is called: the record that is linked, the title of a row or else the first record that it points to; null if nothing says.</summary>
    public static string? TitleOf(CollectionFieldType type, Item item, IReadOnlyDictionary<Guid, string> names)
    {
        if (type.Key is not null)
        {
            return Filled(names.GetValueOrDefault(item.Id));
        }
        var title = type.Child.TitleField;
        var own = title is not null && item.Values.FirstOrDefault(v => v.Key == title).Value is { } value ? title.Type.ToText(value, CultureInfo.CurrentCulture) : null;
        var pointed = item.Values.Select(v => v.Key.PointedTo(v.Value) is { } to ? Filled(names.GetValueOrDefault(to.Id)) : null).FirstOrDefault(n => n is not null);
        // A title that metadata names is one; the first text of a row may be a mere note.
        return type.Child.Definition.TitleField is not null ? Filled(own) ?? pointed : pointed ?? Filled(own);
    }

    /// <summary>The first entries by name; empty if none has one.</summary>
    public static string Summary(CollectionFieldType type, ItemList list, IReadOnlyDictionary<Guid, string> names)
    {
        var titles = list.Items.Select(i => TitleOf(type, i, names)).Where(t => t is not null).Take(Named + 1).ToList();
        return string.Join(", ", titles.Take(Named)) + (titles.Count > Named ? ", …" : "");
    }

    /// <summary>What has to be done to <paramref name="before"/> to get <paramref name="after"/>; a mere change of order is none of it.</summary>
    public static IReadOnlyList<ItemDifference> Differences(CollectionFieldType type, ItemList? before, ItemList? after)
    {
        var (old, now) = (before?.Items ?? [], after?.Items ?? []);
        var stored = old.Where(i => i.Id != Guid.Empty).ToDictionary(i => i.Id);
        var kept = now.Select(i => i.Id).ToHashSet();
        var differences = new List<ItemDifference>();
        foreach (var item in now)
        {
            if (!stored.TryGetValue(item.Id, out var known))
            {
                differences.Add(new(ItemAct.Added, item, [.. item.Values.Where(v => v.Value is not null && v.Key != type.Order).Select(v => (v.Key, (object?)null, v.Value))]));
                continue;
            }
            var values = known.Values.ToDictionary(v => v.Key, v => v.Value);
            var changed = item.Values.Where(v => v.Key != type.Order && !v.Key.Type.AreEqual(v.Value, values.GetValueOrDefault(v.Key))).Select(v => (v.Key, values.GetValueOrDefault(v.Key), v.Value)).ToList();
            if (changed.Count > 0)
            {
                differences.Add(new(ItemAct.Changed, item, changed));
            }
        }
        differences.AddRange(old.Where(i => !kept.Contains(i.Id)).Select(i => new ItemDifference(ItemAct.Removed, i, [])));
        return differences;
    }

    private static string? Filled(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
