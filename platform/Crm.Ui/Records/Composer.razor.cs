using Crm.Metadata;
using Microsoft.AspNetCore.Components;

namespace Crm.Ui.Records;

/// <summary>Writes a note, a call, a meeting, a mail or a task about a record without leaving it. Its forms are the short forms of those entities.</summary>
public sealed partial class Composer
{
    private const int Shown = 5;

    private IReadOnlyList<Entity> _kinds = [];
    private Entity? _kind;
    private QuickAdd? _form;

    [Parameter, EditorRequired]
    public Record Of { get; set; } = default!;

    /// <summary>Something was written.</summary>
    [Parameter]
    public EventCallback Added { get; set; }

    protected override void OnInitialized() => _kinds = Composition.For(Model, Of.Entity, Actor);

    /// <summary>Another kind has another form; what is typed into this one does not go unasked.</summary>
    private async Task ChooseAsync(Entity kind)
    {
        if (_kind is null || (kind != _kind && (_form is null || await _form.MayCloseAsync())))
        {
            _kind = kind;
        }
    }

    private Task AddedAsync()
    {
        _kind = null;
        return Added.InvokeAsync();
    }
}
