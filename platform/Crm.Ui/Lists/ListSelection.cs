namespace Crm.Ui.Lists;

/// <summary>Which records are selected: some by id, or all that the filter finds, those far down the list included.</summary>
public sealed class ListSelection
{
    private readonly HashSet<Guid> _ids = [];

    public IReadOnlyCollection<Guid> Ids => _ids;

    /// <summary>Whether all of the filter are meant.</summary>
    public bool IsAll { get; private set; }

    public bool IsEmpty => !IsAll && _ids.Count == 0;

    /// <summary>The record that was touched last, from which a range goes on.</summary>
    public Guid? Anchor { get; private set; }

    public bool Contains(Guid id) => IsAll || _ids.Contains(id);

    /// <summary>Selects or lets go; of all of a filter, letting go of one leaves those that are <paramref name="loaded"/>.</summary>
    public void Set(Guid id, bool selected, IEnumerable<Guid> loaded)
    {
        if (IsAll && !selected)
        {
            IsAll = false;
            _ids.UnionWith(loaded);
        }
        Anchor = id;
        if (selected)
        {
            _ids.Add(id);
        }
        else
        {
            _ids.Remove(id);
        }
    }

    public void AddRange(IEnumerable<Guid> ids) => _ids.UnionWith(ids);

    public void SelectAll() => (IsAll, _) = (true, Forget());

    public void Clear() => (IsAll, Anchor, _) = (false, null, Forget());

    private bool Forget()
    {
        _ids.Clear();
        return true;
    }
}
