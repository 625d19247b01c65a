using System.Globalization;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Finds the records that texts of a file mean, a statement for many texts at once, and creates missing ones where that is wanted.</summary>
internal sealed class ImportLookups(RecordStore store, Actor actor, Guid changeSet, bool dryRun, ImportRehearsal rehearsal)
{
    private readonly Dictionary<(Field By, string Text), Guid?> _found = [];
    private readonly HashSet<(Field By, string Text)> _ambiguous = [];

    /// <summary>Records created because a text named none, by entity.</summary>
    public Dictionary<string, int> Created { get; } = new(StringComparer.Ordinal);

    /// <summary>The form in which texts that mean the same record are the same.</summary>
    public static string KeyOf(Field by, object value) => value switch
    {
        string text => Folding.Fold(text),
        long number => number.ToString(CultureInfo.InvariantCulture),
        _ => by.Type.ToFileText(value),
    };

    /// <summary>The record that <paramref name="text"/> means; null if none does. Only texts that were resolved before can be found.</summary>
    public Guid? Find(Field by, string text) => _found.GetValueOrDefault((by, TextKey(by, text)));

    public bool IsAmbiguous(Field by, string text) => _ambiguous.Count > 0 && _ambiguous.Contains((by, TextKey(by, text)));

    /// <summary>Looks texts up; in a dry run, what would be created counts as found.</summary>
    public async Task ResolveAsync(Field by, IEnumerable<string> texts, bool createMissing, CancellationToken cancellationToken)
    {
        var open = texts.GroupBy(t => TextKey(by, t)).Where(g => !_found.ContainsKey((by, g.Key))).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        foreach (var chunk in open.Chunk(200))
        {
            await ReadAsync(by, chunk, cancellationToken);
        }
        foreach (var key in dryRun ? open.Keys.Select(k => (by, k)) : [])
        {
            var made = rehearsal.Find(by, key.k);
            if (made.Count > 1 || (made.Count == 1 && _found[key] is not null))
            {
                _ambiguous.Add(key);
            }
            else if (made.Count == 1)
            {
                _found[key] = made[0];
            }
        }
        if (createMissing)
        {
            await CreateAsync(by, [.. open.Where(t => _found[(by, t.Key)] is null && !_ambiguous.Contains((by, t.Key)))], cancellationToken);
        }
    }

    /// <summary>Forgets what was not found, because rows written meanwhile may be it.</summary>
    public void ForgetMissing()
    {
        foreach (var key in _found.Where(f => f.Value is null).Select(f => f.Key).ToList())
        {
            _found.Remove(key);
        }
    }

    private static string TextKey(Field by, string text) =>
        by.Type is TextualFieldType ? Folding.Fold(text) : by.Type.FromText(text, TextFormat.Invariant).Value is { } value ? KeyOf(by, value) : text;

    private async Task ReadAsync(Field by, KeyValuePair<string, string>[] texts, CancellationToken cancellationToken)
    {
        foreach (var (key, _) in texts)
        {
            _found[(by, key)] = null;
        }
        var path = new FieldPath([by]);
        Condition any;
        if (by.Type is TextualFieldType)
        {
            any = new SameText(path, [.. texts.Select(t => t.Key)]);
        }
        else
        {
            var values = texts.Select(t => by.Type.FromText(t.Value, TextFormat.Invariant).Value).OfType<object>().ToList();
            if (values.Count == 0)
            {
                return;
            }
            any = new Comparison(path, ConditionOperator.In, new Constants([.. values]));
        }
        var query = new RecordQuery(by.Entity) { Filter = any, Fields = [path], Limit = RecordQuery.MaxLimit };
        do
        {
            var page = await store.QueryAsync(query, actor, cancellationToken);
            foreach (var row in page.Items)
            {
                var key = (by, KeyOf(by, row[0]!));
                if (_found.TryGetValue(key, out var known) && known is not null)
                {
                    _ambiguous.Add(key);
                }
                else
                {
                    _found[key] = row.Id;
                }
            }
            query = query with { After = page.Next };
        }
        while (query.After is not null);
    }

    /// <summary>Creates what can be created; a text whose record is refused still means none.</summary>
    private async Task CreateAsync(Field by, IReadOnlyList<KeyValuePair<string, string>> texts, CancellationToken cancellationToken)
    {
        if (texts.Count == 0 || !by.IsWritable)
        {
            return;
        }
        var changes = texts.Select(t => (Text: t, Value: by.Type.FromText(t.Value, TextFormat.Invariant))).Where(t => t.Value.Fault is null)
            .Select(t => (t.Text, Change: RecordChange.Create(by.Entity, [new(by, t.Value.Value), .. TitleFor(by, t.Text.Value)]))).ToList();
        await store.WriteAsync(new(actor, Door.Import, [.. changes.Select(c => c.Change)], WriteMode.Partial, changeSet) { DryRun = dryRun }, cancellationToken);
        foreach (var (text, change) in changes.Where(c => !c.Change.Failed))
        {
            _found[(by, text.Key)] = change.Id;
            Created[by.Entity.Name] = Created.GetValueOrDefault(by.Entity.Name) + 1;
            if (dryRun)
            {
                rehearsal.Remember(change);
            }
        }
    }

    /// <summary>A record that is known by a number or code alone is called by it until somebody knows better.</summary>
    private static IEnumerable<FieldValue> TitleFor(Field by, string text) =>
        by.Entity.TitleField is { IsWritable: true, Definition.Required: true } title && title != by && title.Type is TextualFieldType ? [new(title, text)] : [];
}
