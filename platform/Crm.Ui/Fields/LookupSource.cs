using System.Globalization;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Shell;

namespace Crm.Ui.Fields;

/// <summary>A record that a lookup could point to: its title, and a second line that tells it from others of that name.</summary>
public sealed record LookupHit(Entity Entity, Guid Id, string Title, string Detail);

/// <summary>Finds what a lookup could point to while somebody types.</summary>
public sealed class LookupSource(RecordStore store, CurrentActor current, FieldText words)
{
    private const int Shown = 8, OfOthers = 3, Details = 2, Remembered = 5;

    private readonly Dictionary<string, List<Guid>> _recent = new(StringComparer.Ordinal);

    /// <summary>Remembers what was chosen: it is probably wanted again soon.</summary>
    public void Remember(Entity target, Guid id)
    {
        var recent = _recent.TryGetValue(target.Name, out var known) ? known : _recent[target.Name] = [];
        recent.Remove(id);
        recent.Insert(0, id);
        recent.RemoveRange(Math.Min(Remembered, recent.Count), Math.Max(0, recent.Count - Remembered));
    }

    /// <summary>Searches among the records of several entities; those of the first leave some room for the others.</summary>
    public async Task<IReadOnlyList<LookupHit>> SearchAsync(IReadOnlyList<Entity> targets, string text, CancellationToken cancellationToken, Condition? filter = null)
    {
        var hits = new List<IReadOnlyList<LookupHit>>();
        foreach (var target in targets.Where(t => Authority.May(current.Actor, Operation.Read, t)))
        {
            hits.Add(await SearchAsync(target, text, filter, cancellationToken));
        }
        var others = hits.Skip(1).SelectMany(h => h).Take(Math.Max(OfOthers, Shown - hits.Take(1).Sum(h => h.Count))).ToList();
        return [.. hits.Take(1).SelectMany(h => h).Take(Shown - others.Count), .. others];
    }

    private async Task<IReadOnlyList<LookupHit>> SearchAsync(Entity target, string text, Condition? filter, CancellationToken cancellationToken)
    {
        if (target.TitleField is not { } title)
        {
            return [];
        }
        var titlePath = new FieldPath([title]);
        var details = DetailPaths(target).ToList();
        var query = new RecordQuery(target) { Fields = [titlePath, .. details], Sort = [new(titlePath, Descending: false)], Limit = Shown };
        if (string.IsNullOrWhiteSpace(text))
        {
            var first = _recent.TryGetValue(target.Name, out var recent) ? recent : [];
            IReadOnlyList<RecordRow> known = first.Count == 0 ? []
                : [.. (await store.QueryAsync(query with { Filter = Condition.And(Among(first), filter) }, current.Actor, cancellationToken)).Items.OrderBy(r => first.IndexOf(r.Id))];
            var rest = (await store.QueryAsync(query with { Filter = filter ?? Condition.Always }, current.Actor, cancellationToken)).Items;
            return [.. known.Concat(rest).DistinctBy(r => r.Id).Take(Shown).Select(Hit)];
        }
        if (filter is not null)
        {
            return [.. (await store.QueryAsync(query with { Filter = filter, Search = text }, current.Actor, cancellationToken)).Items.Select(Hit)];
        }
        var found = await store.SearchAsync([target], text, Shown, current.Actor, cancellationToken);
        var page = await store.QueryAsync(query with { Filter = Among(found.Select(h => h.Id)) }, current.Actor, cancellationToken);
        var byId = page.Items.ToDictionary(row => row.Id);
        return [.. found.Where(h => byId.ContainsKey(h.Id)).Select(h => Hit(byId[h.Id]))];

        Comparison Among(IEnumerable<Guid> ids) => new(new([target.Fields[Entity.IdOrdinal]]), ConditionOperator.In, new Constants([.. ids.Select(id => (object?)id)]));

        LookupHit Hit(RecordRow row) => new(target, row.Id, TextOf(row[0], title), DetailOf(row, details));
    }

    private string DetailOf(RecordRow row, List<FieldPath> details) =>
        string.Join(" · ", details.Select((path, i) => words.Of(path.Field, row[i + 1])).Where(d => d.Length > 0).Take(Details));

    private static string TextOf(object? value, Field field) => value is null ? "" : field.Type.ToText(value, CultureInfo.CurrentCulture);

    /// <summary>What search looks into tells records apart best; after that, what the header shows large.</summary>
    private static IEnumerable<FieldPath> DetailPaths(Entity target) => target.Definition.SearchFields.Concat(target.Form.Highlights)
        .Distinct()
        .Select(target.Resolve)
        .Where(p => p is { Field.IsStored: true } && p.Field != target.TitleField && p.Field.Type is not ReferenceFieldType)
        .Select(p => p!)
        .Take(Details + 1);
}
