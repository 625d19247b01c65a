using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Fields;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.JSInterop;

namespace Crm.Ui.Records;

/// <summary>Files about a record: dropped, pasted or chosen, each kept at once as a record that belongs to it.</summary>
public sealed partial class AttachmentsPanel
{
    private const int AtOnce = 20, Shown = 100;

    private readonly CancellationTokenSource _gone = new();
    private IReadOnlyList<Attached>? _items;
    private string? _incoming, _problem;

    [Parameter, EditorRequired]
    public Record Record { get; set; } = default!;

    [Parameter, EditorRequired]
    public AttachmentPlace Place { get; set; } = default!;

    [Parameter]
    public EventCallback Changed { get; set; }

    [Inject]
    private RecordStore Store { get; set; } = default!;

    [Inject]
    private FileStore Files { get; set; } = default!;

    [Inject]
    private FieldText Words { get; set; } = default!;

    [Inject]
    private UndoToast Undoing { get; set; } = default!;

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    protected override Task OnInitializedAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        var (entity, creator) = (Place.Entity, Place.Entity.Fields[Entity.CreatedByOrdinal]);
        FieldPath created = new([entity.Fields[Entity.CreatedAtOrdinal]]);
        var query = new RecordQuery(entity)
        {
            Filter = Place.Filter(Record),
            Sort = [new(created, Descending: true)],
            Fields = [new([Place.Files]), created, new([entity.TitleField ?? entity.Fields[Entity.IdOrdinal]]), .. creator.Target?.TitleField is { } name ? new[] { new FieldPath([creator, name]) } : []],
            Limit = Shown,
        };
        try
        {
            _items = [.. (await Store.QueryAsync(query, Actor, _gone.Token)).Items.Where(r => r[0] is FileSet).Select(r => new Attached(r.Id, r[2] as string ?? T["lookup.untitled"], ((FileSet)r[0]!).Files, (DateTimeOffset)r[1]!, r.Values.Length > 3 ? r[3] as string : null))];
        }
        catch (OperationCanceledException)
        {
            // The person left.
        }
    }

    private async Task TakeAsync(InputFileChangeEventArgs change)
    {
        _problem = null;
        if (change.FileCount > AtOnce)
        {
            _problem = Problem.Of(ProblemKind.Refused, "value.files", AtOnce, change.FileCount).Message(Model.Texts);
            return;
        }
        var type = (FileBasedFieldType)Place.Files.Type;
        foreach (var chosen in change.GetMultipleFiles(AtOnce))
        {
            _incoming = chosen.Name;
            StateHasChanged();
            try
            {
                if (chosen.Size > type.MaxSize)
                {
                    throw new FileTooLargeException(type.MaxSize);
                }
                await using var content = chosen.OpenReadStream(type.MaxSize, _gone.Token);
                var file = await Files.SaveAsync(chosen.Name, content, type.MaxSize, Actor, null, _gone.Token);
                await Store.CreateAsync(Place.Entity, Place.Values(Record, new(file.Id, file.Name, file.Type, file.Size)), Actor, Door.Form, _gone.Token);
            }
            catch (ProblemException refusal)
            {
                _problem = refusal.Problems[0].Message(Model.Texts);
            }
            catch (FileTooLargeException)
            {
                _problem = Problem.Of(ProblemKind.Refused, "file.tooLarge", chosen.Name, type.MaxSize / 1024).Message(Model.Texts);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or JSException)
            {
                _problem = _gone.IsCancellationRequested ? null : T["file.interrupted", chosen.Name];
            }
        }
        _incoming = null;
        await LoadAsync();
        await Changed.InvokeAsync();
    }

    private async Task RemoveAsync(Attached item)
    {
        try
        {
            var deleted = (await Store.WriteAsync(new(Actor, Door.Form, [RecordChange.Delete(Place.Entity, item.Id)])))[0];
            Undoing.Show(T["record.deleted", item.Title], deleted.ChangeSet, () => _ = InvokeInOwnCultureAsync(AgainAsync));
        }
        catch (ProblemException e)
        {
            _problem = e.Problems[0].Message(Model.Texts);
        }
        await AgainAsync();
    }

    private async Task AgainAsync()
    {
        if (!_gone.IsCancellationRequested)
        {
            await LoadAsync();
            await Changed.InvokeAsync();
            StateHasChanged();
        }
    }

    private sealed record Attached(Guid Id, string Title, IReadOnlyList<AttachedFile> Files, DateTimeOffset At, string? By);
}
