using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Shell;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.JSInterop;
using Radzen;

namespace Crm.Ui.Records;

/// <summary>Makes a record in passing: the short form of its entity, with what is known already filled in.</summary>
public sealed partial class QuickAdd : IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private RecordDraft? _draft;
    private string _id = "";
    private bool _busy, _saved, _enter;

    [Parameter, EditorRequired]
    public Entity Entity { get; set; } = default!;

    /// <summary>What the record starts with, as the query of an address.</summary>
    [Parameter]
    public string Preset { get; set; } = "";

    /// <summary>The field that goes without saying here.</summary>
    [Parameter]
    public Field? Hidden { get; set; }

    [Parameter]
    public EventCallback<Record> Added { get; set; }

    [Parameter]
    public EventCallback Closed { get; set; }

    [Inject]
    private RecordDrafts Drafts { get; set; } = default!;

    [Inject]
    private RecordSaving Saving { get; set; } = default!;

    [Inject]
    private UndoToast Undoing { get; set; } = default!;

    [Inject]
    private Toaster Toaster { get; set; } = default!;

    [Inject]
    private DialogService Dialogs { get; set; } = default!;

    [Inject]
    private IJSRuntime Browser { get; set; } = default!;

    [Inject]
    private IdSource Ids { get; set; } = default!;

    private bool HasInput => !_saved && _draft is { HasChanges: true };

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        _id = $"quick-{Ids.Next():N}-";
        try
        {
            (_draft, _enter) = (await Drafts.BeginAsync(Entity, Preset, _gone.Token), true);
        }
        catch (ProblemException e)
        {
            Toaster.ShowProblem(e.Problems[0].Message(Model.Texts));
            await Closed.InvokeAsync();
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_enter)
        {
            _enter = false;
            await Browser.InvokeVoidAsync("crm.focus", $"#{_id} :is(input:not([readonly]), textarea, [role=combobox])");
        }
    }

    /// <summary>Whether the form may be taken away: where something was typed, the person is asked.</summary>
    internal async Task<bool> MayCloseAsync() => !HasInput
        || await Dialogs.Confirm(T["escape.text", _draft!.Changed.Count], T["escape.title"], new() { OkButtonText = T["escape.stay"], CancelButtonText = T["escape.drop"] }) == false;

    private Task ReactAsync() => Drafts.WithRelatedAsync(_draft!, _gone.Token);

    private async Task EscapeAsync()
    {
        if (!_busy && await MayCloseAsync())
        {
            await Closed.InvokeAsync();
        }
    }

    private async Task SaveAsync()
    {
        if (_busy || _draft is not { } draft)
        {
            return;
        }
        _busy = true;
        try
        {
            var (next, written) = await Saving.SaveAsync(draft, _gone.Token);
            _draft = next;
            if (written is not null)
            {
                _saved = true;
                Undoing.Show(T["record.created", next.Entity.Label], written.ChangeSet);
                await Added.InvokeAsync(written.After);
            }
        }
        finally
        {
            _busy = false;
        }
    }

    private async Task GuardAsync(LocationChangingContext context)
    {
        if (HasInput && !context.TargetLocation.Contains('#', StringComparison.Ordinal) &&
            await Dialogs.Confirm(T["composer.guard", _draft!.Entity.Label], T["guard.title"], new() { OkButtonText = T["guard.stay"], CancelButtonText = T["guard.leave"] }) != false)
        {
            context.PreventNavigation();
        }
    }
}
