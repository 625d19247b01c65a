using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Fields;

namespace Crm.Ui.Items;

/// <summary>One entry of rows or links while somebody edits it.</summary>
/// <param name="id">Of the row, or of the record that is linked; empty for a row that is not stored yet.</param>
/// <param name="isNew">Whether it is not stored yet.</param>
internal sealed class ItemRow(Guid id, bool isNew)
{
    private readonly Dictionary<Field, object?> _values = [];
    private readonly Dictionary<Field, string> _titles = [];
    private readonly Dictionary<Field, Fault> _faults = [];
    private readonly HashSet<Field> _left = [];

    public Guid Id { get; } = id;

    public bool IsNew { get; } = isNew;

    public object? this[Field field] => _values.GetValueOrDefault(field);

    /// <summary>An entry that is stored.</summary>
    public static ItemRow Of(CollectionFieldType type, Item item)
    {
        var row = new ItemRow(item.Id, item.Id == Guid.Empty);
        foreach (var (field, value) in item.Values)
        {
            row._values[field] = value;
        }
        return row;
    }

    /// <summary>An entry that somebody begins, with the defaults of its fields.</summary>
    public static ItemRow Begin(CollectionFieldType type, Guid id, ConditionScope scope)
    {
        var row = new ItemRow(id, isNew: true);
        foreach (var field in type.ItemFields.Where(f => f.IsWritable && f.Definition.Default is not null))
        {
            row._values[field] = Defaults.ValueOf(field.Definition.Default!.Value, field, scope);
        }
        return row;
    }

    public string? TitleOf(Field field) => _titles.GetValueOrDefault(field);

    /// <summary>What is wrong with the text in a cell, once the person has left it.</summary>
    public Fault? FaultOf(Field field) => _left.Contains(field) ? _faults.GetValueOrDefault(field) : null;

    /// <summary>The first cell whose text is no value; it keeps the record from being saved.</summary>
    public (Field Field, Fault Fault)? FirstFault => _faults.Count == 0 ? null : (_faults.First().Key, _faults.First().Value);

    public void Set(Field field, FieldInput input)
    {
        if (input.Fault is null || input.Value is not null)
        {
            _values[field] = input.Value;
        }
        if (input.Title is not null)
        {
            _titles[field] = input.Title;
        }
        if (input.Fault is { } fault)
        {
            _faults[field] = fault;
        }
        else
        {
            _faults.Remove(field);
        }
        if (input.IsFinal)
        {
            _left.Add(field);
        }
    }

    /// <summary>The entry as a record, for editors whose choices depend on the other cells.</summary>
    public Record ToRecord(CollectionFieldType type)
    {
        var record = new Record(type.Child);
        foreach (var (field, value) in _values)
        {
            record[field] = value;
        }
        return record;
    }

    /// <summary>The entry with a value for each field that an entry has, in the order in which stored ones come.</summary>
    public Item ToItem(CollectionFieldType type) => new(Id, [.. type.ItemFields.Select(f => KeyValuePair.Create(f, _values.GetValueOrDefault(f)))]);
}
