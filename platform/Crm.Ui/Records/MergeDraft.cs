using Crm.Data;
using Crm.Metadata;

namespace Crm.Ui.Records;

/// <summary>Records that are to become one: which of them stays, and which value of each field it has then. It knows nothing of screens.</summary>
public sealed class MergeDraft(Entity entity)
{
    /// <summary>More records than this stand beside each other no more.</summary>
    public const int Most = 5;

    private readonly List<Record> _records = [];
    private readonly Dictionary<Field, Guid> _chosen = [];

    public IReadOnlyList<Record> Records => _records;

    /// <summary>The record that stays; empty while there is none.</summary>
    public Guid Winner { get; private set; }

    public bool IsFull => _records.Count == Most;

    public bool CanMerge => _records.Count > 1;

    /// <summary>The fields of which somebody has to choose, or all that hold anything.</summary>
    public IEnumerable<Field> Fields(bool all) => entity.Fields
        .Where(f => f.IsWritable && f.IsStored && f.Type is not SecretFieldType)
        .Where(f => all ? _records.Exists(r => r[f] is not null) : Differs(f));

    public void Add(Record record)
    {
        if (IsFull || _records.Exists(r => r.Id == record.Id))
        {
            return;
        }
        _records.Add(record);
        if (_records.Count == 1)
        {
            Winner = record.Id;
        }
    }

    public void Remove(Guid id)
    {
        _records.RemoveAll(r => r.Id == id);
        foreach (var field in _chosen.Where(c => c.Value == id).Select(c => c.Key).ToList())
        {
            _chosen.Remove(field);
        }
        if (Winner == id && _records.Count > 0)
        {
            Winner = _records[0].Id;
        }
    }

    public void Keep(Guid winner) => Winner = winner;

    public void Choose(Field field, Guid record) => _chosen[field] = record;

    /// <summary>Whose value stays: the one that was chosen, else the winner's, else the first that there is.</summary>
    public Guid SourceOf(Field field) => _chosen.TryGetValue(field, out var chosen) ? chosen
        : Of(Winner)?[field] is not null ? Winner
        : _records.Find(r => r[field] is not null)?.Id ?? Winner;

    /// <summary>What the winner takes over from the others.</summary>
    public IReadOnlyList<FieldValue> Values => [.. Fields(all: true).Where(f => SourceOf(f) != Winner && !f.Type.AreEqual(Of(SourceOf(f))![f], Of(Winner)![f])).Select(f => new FieldValue(f, Of(SourceOf(f))![f]))];

    public IReadOnlyList<Guid> Losers => [.. _records.Select(r => r.Id).Where(id => id != Winner)];

    private bool Differs(Field field) => _records.Count > 1 && _records.Skip(1).Any(r => !field.Type.AreEqual(r[field], _records[0][field]));

    private Record? Of(Guid id) => _records.Find(r => r.Id == id);
}
