using Crm.Metadata;

namespace Crm.Ui.Forms;

/// <summary>Which fields of a form stand open for editing. The others show their values, which is what people come for most of the time.</summary>
public sealed class FormOpening(bool everything = false)
{
    private readonly HashSet<Field> _fields = [];
    private bool _all = everything;

    /// <summary>Whether anything stands open.</summary>
    public bool IsAny => _all || _fields.Count > 0;

    public bool IsOpen(Field field) => _all || _fields.Contains(field);

    public void Open(Field field) => _fields.Add(field);

    public void OpenAll() => _all = true;
}
