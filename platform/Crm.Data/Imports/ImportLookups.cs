using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Finds the records that texts of a file mean, a statement for many texts at once, and creates missing ones where that is wanted.</summary>
internal sealed class ImportLookups(RecordStore store, Actor actor, Guid changeSet, bool dryRun)
{
    private readonly Dictionary<(Field By, string Text), Guid?> _found = [];
    private readonly HashSet<(Field By, string Text)> _ambiguous = [];

    private readonly List<RecordChange> _rehearsed = [];

    /// <summary>In a dry run: the records that the real run would have created by now. They go along with the rows, which point to them.</summary>
    public IReadOnlyList<RecordChange> Rehearsed => _rehearsed;

    /// <summary>Records created because a text named none, by entity.</summary>
    public Dictionary<string, int> Created { get; } = new(StringComparer.Ordinal);

    /// <summary>The record that <paramref name="text"/> means; null if none does. Only texts that were resolved before can be found.</summary>
    public Guid? Find(Field by, string text) => _found.GetValueOrDefault((by, Folding.Fold(text)));

    public bool IsAmbiguous(Field by, string text) => _ambiguous.Contains((by, Folding.Fold(text)));

    /// <summary>Looks texts up; in a dry run, what would be created counts as found.</summary>
    public async Task ResolveAsync(Field by, IEnumerable<string> texts, bool createMissing, CancellationToken cancellationToken)
    {
        var open = texts.GroupBy(Folding.Fold).Where(g => !_found.ContainsKey((by, g.Key))).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        foreach (var chunk in open.Chunk(200))
        {
            await ReadAsync(by, chunk, cancellationToken);
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

    private async Task ReadAsync(Field by, KeyValuePair<string, string>[] texts, CancellationToken cancellationToken)
    {
        foreach (var (folded, _) in texts)
        {
            _found[(by, folded)] = null;
        }
        var path = new FieldPath([by]);
        var any = new AnyOf([.. texts.Select(t => new AllOf([new Comparison(path, ConditionOperator.Ge, new Constants([t.Key])), new Comparison(path, ConditionOperator.Le, new Constants([t.Key]))]))]);
        var query = new RecordQuery(by.Entity) { Filter = any, Fields = [path], Limit = RecordQuery.MaxLimit };
        do
        {
            var page = await store.QueryAsync(query, actor, cancellationToken);
            foreach (var row in page.Items)
            {
                var key = (by, Folding.Fold((string)row[0]!));
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
        if (texts.Count == 0)
        {
            return;
        }
        var changes = texts.Select(t => RecordChange.Create(by.Entity, [new(by, t.Value)])).ToList();
        await store.WriteAsync(new(actor, Door.Import, changes, WriteMode.Partial, changeSet) { DryRun = dryRun }, cancellationToken);
        foreach (var (change, text) in changes.Zip(texts).Where(c => !c.First.Failed))
        {
            _found[(by, text.Key)] = change.Id;
            Created[by.Entity.Name] = Created.GetValueOrDefault(by.Entity.Name) + 1;
            if (dryRun)
            {
                _rehearsed.Add(change);
            }
        }
    }
}
