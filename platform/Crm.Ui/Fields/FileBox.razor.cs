using System.Globalization;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.JSInterop;

namespace Crm.Ui.Fields;

public sealed partial class FileBox
{
    /// <summary>How much comes in between two looks at the progress.</summary>
    private const long Step = 512 * 1024;

    private readonly CancellationTokenSource _gone = new();
    private (string Name, long Size)? _incoming;
    private long _received;
    private string? _problem;

    [Parameter, EditorRequired]
    public FieldEditor Editor { get; set; } = default!;

    [Inject]
    private FileStore Store { get; set; } = default!;

    private FileBasedFieldType Type => (FileBasedFieldType)Editor.Field.Type;

    private IReadOnlyList<AttachedFile> Files => (Editor.Value as FileSet)?.Files ?? [];

    private bool HasRoom => !Type.IsMany || Files.Count < Type.Most;

    private string? Accept => Type.Accept.Count > 0 ? string.Join(',', Type.Accept) : Type.IsPicture ? "image/*" : null;

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    private async Task TakeAsync(InputFileChangeEventArgs change)
    {
        if (_incoming is not null)
        {
            return;
        }
        _problem = null;
        var room = Type.IsMany ? Type.Most - Files.Count : 1;
        if (change.FileCount > room)
        {
            _problem = Problem.Of(ProblemKind.Refused, "value.files", Type.Most, Files.Count + change.FileCount).Message(Model.Texts);
            return;
        }
        foreach (var chosen in change.GetMultipleFiles(Math.Max(1, room)))
        {
            if (await ReceiveAsync(chosen) is { } attached)
            {
                // Those that were there may have been renamed or removed meanwhile.
                await Editor.ChangeAsync(new FileSet(Type.IsMany ? [.. Files, attached] : [attached]));
            }
        }
    }

    private async Task<AttachedFile?> ReceiveAsync(IBrowserFile chosen)
    {
        (_incoming, _received) = ((chosen.Name, chosen.Size), 0);
        StateHasChanged();
        try
        {
            if (chosen.Size > Type.MaxSize)
            {
                throw new FileTooLargeException(Type.MaxSize);
            }
            await using var content = chosen.OpenReadStream(Type.MaxSize, _gone.Token);
            var file = await Store.SaveAsync(chosen.Name, content, Type.MaxSize, Actor, Progress, _gone.Token);
            var attached = new AttachedFile(file.Id, file.Name, file.Type, file.Size);
            _problem = Type.Check(attached) is { } fault ? Problem.Of(ProblemKind.Refused, fault.Code, fault.Arguments).Message(Model.Texts) : _problem;
            return Type.Check(attached) is null ? attached : null;
        }
        catch (ProblemException refusal)
        {
            _problem = refusal.Problems[0].Message(Model.Texts);
        }
        catch (FileTooLargeException)
        {
            _problem = Problem.Of(ProblemKind.Refused, "file.tooLarge", chosen.Name, Type.MaxSize / 1024).Message(Model.Texts);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or JSException)
        {
            _problem = _gone.IsCancellationRequested ? null : T["file.interrupted", chosen.Name];
        }
        finally
        {
            _incoming = null;
        }
        return null;
    }

    private void Progress(long received)
    {
        if (received - _received >= Step)
        {
            _received = received;
            _ = InvokeAsync(StateHasChanged);
        }
    }

    private Task RenameAsync(AttachedFile file, string? name) => string.IsNullOrWhiteSpace(name) || name == file.Name
        ? Task.CompletedTask
        : Editor.ChangeAsync(new FileSet(Files.Select(f => f == file ? f with { Name = name.Trim() } : f)));

    private Task RemoveAsync(AttachedFile file) => Editor.ChangeAsync(Files.Count == 1 ? null : new FileSet(Files.Where(f => f != file)));

    private static string SizeOf(long bytes) => bytes switch
    {
        < 1024 => bytes.ToString("N0", CultureInfo.CurrentCulture) + " B",
        < 1024 * 1024 => (bytes / 1024.0).ToString("N0", CultureInfo.CurrentCulture) + " KB",
        _ => (bytes / 1024.0 / 1024.0).ToString("N1", CultureInfo.CurrentCulture) + " MB",
    };
}
