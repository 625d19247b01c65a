using System.Text.Json;

namespace Crm.Metadata;

/// <summary>One entry of a collection: which record it is, and the values of it that are named.</summary>
/// <param name="Id">Of the row, or of the record that is linked; empty for a row that is to be made.</param>
public sealed record Item(Guid Id, IReadOnlyList<KeyValuePair<Field, object?>> Values)
{
    public bool Equals(Item? other) => other is not null && Id == other.Id && Values.Count == other.Values.Count &&
        Values.Zip(other.Values).All(v => v.First.Key == v.Second.Key && v.First.Key.Type.AreEqual(v.First.Value, v.Second.Value));

    public override int GetHashCode() => Id.GetHashCode();
}

/// <summary>The entries of a collection, or what is to be changed about them.</summary>
/// <param name="Items">The entries; of a difference those that are to be there, with the values that are to change.</param>
/// <param name="IsWhole">Whether entries that are not named are to go.</param>
/// <param name="Removed">Ids that are to go, of a difference.</param>
public sealed record ItemList(IReadOnlyList<Item> Items, bool IsWhole, IReadOnlyList<Guid> Removed)
{
    /// <summary>More entries than this do not come with one record.</summary>
    public const int MaxItems = 2_000;

    public static ItemList Whole(IReadOnlyList<Item> items) => new(items, IsWhole: true, []);

    public bool Equals(ItemList? other) => other is not null && IsWhole == other.IsWhole && Items.SequenceEqual(other.Items) && Removed.SequenceEqual(other.Removed);

    public override int GetHashCode() => Items.Count;

    /// <summary>The entries as they were before a change of some of them.</summary>
    /// <param name="now">All entries after it.</param>
    /// <param name="before">Those that it changed, as they were; or all, as they were.</param>
    /// <param name="after">The same, as they became.</param>
    public static ItemList? Undo(ItemList? now, ItemList? before, ItemList? after)
    {
        var old = (before?.Items ?? []).ToDictionary(i => i.Id);
        var added = (after?.Items ?? []).Select(i => i.Id).Where(id => !old.ContainsKey(id)).ToHashSet();
        var items = (now?.Items ?? []).Where(i => !added.Contains(i.Id)).Select(i => old.Remove(i.Id, out var was) ? was : i).ToList();
        items.AddRange((before?.Items ?? []).Where(i => old.ContainsKey(i.Id)));
        return items.Count == 0 ? null : Whole(items);
    }

    /// <summary>Whether what is wanted here speaks of entries that others changed meanwhile; a whole list speaks of all there are.</summary>
    public bool Meets(IEnumerable<(ItemList? Before, ItemList? After)> changes) => IsWhole || changes.Any(change =>
    {
        var (before, after) = ((change.Before?.Items ?? []).ToDictionary(i => i.Id), (change.After?.Items ?? []).ToDictionary(i => i.Id));
        return Items.Select(i => i.Id).Concat(Removed).Any(id => !Equals(before.GetValueOrDefault(id), after.GetValueOrDefault(id)));
    });

    internal static Parsed Read(CollectionFieldType of, bool whole, JsonElement? json, IReadOnlyList<Guid> removed)
    {
        var items = new List<Item>();
        var seen = new HashSet<Guid>();
        if (json is { } list)
        {
            if (list.GetArrayLength() > MaxItems)
            {
                return Parsed.Bad("value.tooMany", MaxItems);
            }
            foreach (var entry in list.EnumerateArray())
            {
                var (item, fault) = ReadItem(of, entry, isNoted: false);
                if (item is null)
                {
                    return new(null, fault! with { Place = $"[{items.Count}]{fault.Place}" });
                }
                if (item.Id != Guid.Empty && (!seen.Add(item.Id) || removed.Contains(item.Id)))
                {
                    return new(null, new Fault("value.twice", item.Id) { Place = $"[{items.Count}]" });
                }
                items.Add(item);
            }
        }
        return Parsed.Ok(new ItemList(items, whole, removed));
    }

    /// <summary>
    /// Reads the entries of a whole list that was noted once. What entries have become since may be something else: values of fields that are gone, or
    /// that are no values of theirs any more, are left out.
    /// </summary>
    public static ItemList? ReadNoted(CollectionFieldType of, JsonElement json) =>
        json.ValueKind == JsonValueKind.Array ? Whole([.. json.EnumerateArray().Select(entry => ReadItem(of, entry, isNoted: true).Item).OfType<Item>()]) : null;

    private static (Item? Item, Fault? Fault) ReadItem(CollectionFieldType of, JsonElement json, bool isNoted)
    {
        if (json.ValueKind == JsonValueKind.String && of.Key is not null)
        {
            return Guid.TryParseExact(json.GetString(), "D", out var bare) ? (new(bare, []), null) : (null, new("value.lookup"));
        }
        if (json.ValueKind != JsonValueKind.Object)
        {
            return (null, new("value.list"));
        }
        var id = Guid.Empty;
        var values = new List<KeyValuePair<Field, object?>>();
        foreach (var member in json.EnumerateObject())
        {
            if (member.NameEquals(SystemFields.Id))
            {
                if (member.Value.ValueKind != JsonValueKind.String || !Guid.TryParseExact(member.Value.GetString(), "D", out id))
                {
                    return (null, new Fault("value.lookup") { Place = ".id" });
                }
            }
            // What reading shows may come back as it was.
            else if (member.NameEquals(SystemFields.Version) || of.Child.Find(member.Name) is { IsWritable: false })
            {
                continue;
            }
            else if (of.Child.Find(member.Name) is not { } field || !of.ItemFields.Contains(field))
            {
                if (!isNoted)
                {
                    return (null, new Fault("value.member", member.Name) { Place = "." + member.Name });
                }
            }
            else
            {
                var parsed = member.Value.ValueKind == JsonValueKind.Null ? Parsed.Ok(null) : field.Type.FromJson(member.Value);
                if (parsed.Fault is null)
                {
                    values.Add(new(field, parsed.Value));
                }
                else if (!isNoted)
                {
                    return (null, parsed.Fault with { Place = $".{field.Name}{parsed.Fault.Place}" });
                }
            }
        }
        return id == Guid.Empty && of.Key is not null ? (null, new("value.lookup")) : (new(id, values), null);
    }
}
