using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Fields;
using Microsoft.AspNetCore.Components;

namespace Crm.Ui.Records;

/// <summary>Who changed what, when, from what to what.</summary>
public sealed partial class HistoryPanel : IDisposable
{
    private const int PageSize = 50;

    private readonly CancellationTokenSource _gone = new();
    private IReadOnlyList<AuditEntry>? _entries;
    private string? _next;
    private IReadOnlyDictionary<Guid, string> _titles = new Dictionary<Guid, string>();

    [Parameter, EditorRequired]
    public Record Record { get; set; } = default!;

    [Inject]
    private RecordStore Store { get; set; } = default!;

    [Inject]
    private RecordTitles Titles { get; set; } = default!;

    /// <summary>Changes were taken back; where nobody listens, they cannot be.</summary>
    [Parameter]
    public EventCallback Undone { get; set; }

    [Inject]
    private ChangeWords Changes { get; set; } = default!;

    [Inject]
    private UndoToast Undoing { get; set; } = default!;

    [Inject]
    private FieldText Words { get; set; } = default!;

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    protected override Task OnInitializedAsync() => ReadOnAsync(null);

    private async Task ReadOnAsync(string? after)
    {
        try
        {
            var page = await Store.HistoryAsync(Record.Entity, Record.Id, Actor, PageSize, after, _gone.Token);
            var titles = await Titles.OfAsync(
                page.Items.Where(e => e.Kind == ChangeKind.Update).SelectMany(e => e.Changes).SelectMany(c => c.Field.PointedToBy(c.Before).Concat(c.Field.PointedToBy(c.After))),
                _gone.Token);
            // Coming to the end and the button at it can both ask for the same page.
            if (after == _next)
            {
                _titles = _titles.Concat(titles).DistinctBy(t => t.Key).ToDictionary();
                (_entries, _next) = ([.. _entries ?? [], .. page.Items], page.Next);
                StateHasChanged();
            }
        }
        catch (ProblemException)
        {
            // The record has gone; its page says so.
        }
        catch (OperationCanceledException)
        {
            // The person left.
        }
    }

    private async Task UndoAsync(AuditEntry entry)
    {
        await Undoing.UndoAsync(entry.ChangeSet);
        await Undone.InvokeAsync();
    }

    private string Text(Field field, object? value) =>
        value is null ? T["filter.empty"] : Words.Of(field, value, field.PointedTo(value) is { } to ? _titles.GetValueOrDefault(to.Id) : null);
}
