using Crm.Metadata;

namespace Crm.Data;

/// <summary>
/// In a dry run: the records that the real run would have created by now. Whatever points to them finds them here, and they go along with it
/// when it is tried, because nothing of them was kept.
/// </summary>
internal sealed class ImportRehearsal
{
    private readonly Dictionary<Guid, RecordChange> _made = [];
    private readonly Dictionary<Entity, List<RecordChange>> _byEntity = [];
    private readonly Dictionary<Field, Dictionary<string, List<Guid>>> _byText = [];

    public void Remember(RecordChange created)
    {
        if (_made.TryAdd(created.Id, created))
        {
            (_byEntity.TryGetValue(created.Entity, out var known) ? known : _byEntity[created.Entity] = []).Add(created);
            foreach (var by in _byText.Keys.Where(f => f.Entity == created.Entity))
            {
                Index(by, created);
            }
        }
    }

    /// <summary>Those whose <paramref name="by"/> is the text.</summary>
    public IReadOnlyList<Guid> Find(Field by, string key)
    {
        if (!_byText.TryGetValue(by, out var index))
        {
            index = _byText[by] = new(StringComparer.Ordinal);
            foreach (var created in _byEntity.GetValueOrDefault(by.Entity) ?? [])
            {
                Index(by, created);
            }
        }
        return index.GetValueOrDefault(key) ?? [];
    }

    /// <summary>What <paramref name="changes"/> point to, and what that points to, ready to be written before them.</summary>
    public IReadOnlyList<RecordChange> NeededBy(IEnumerable<RecordChange> changes)
    {
        if (_made.Count == 0)
        {
            return [];
        }
        // What is pointed to comes before what points, however long the chain is.
        var (needed, seen, open) = (new List<RecordChange>(), new HashSet<Guid>(), new Stack<(RecordChange Made, bool IsReady)>());
        foreach (var change in changes)
        {
            Push(change.Values);
            while (open.TryPop(out var next))
            {
                if (next.IsReady)
                {
                    needed.Add(RecordChange.Create(next.Made.Entity, next.Made.Values, next.Made.Id));
                }
                else if (seen.Add(next.Made.Id))
                {
                    open.Push((next.Made, true));
                    Push(next.Made.Values);
                }
            }
        }
        return needed;

        void Push(IReadOnlyList<FieldValue> values)
        {
            foreach (var value in values)
            {
                if (value.Field.PointedTo(value.Value) is { } pointed && _made.TryGetValue(pointed.Id, out var made) && !seen.Contains(pointed.Id))
                {
                    open.Push((made, false));
                }
            }
        }
    }

    private void Index(Field by, RecordChange created)
    {
        if (created.After?[by] is { } value)
        {
            var key = ImportLookups.KeyOf(by, value);
            (_byText[by].TryGetValue(key, out var known) ? known : _byText[by][key] = []).Add(created.Id);
        }
    }
}
