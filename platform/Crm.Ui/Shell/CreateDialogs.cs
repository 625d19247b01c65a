using Crm.Metadata;
using Radzen;

namespace Crm.Ui.Shell;

/// <summary>Opens the short form of an entity over whatever page one is at.</summary>
public sealed class CreateDialogs(DialogService dialogs, UiText texts)
{
    public Task OpenAsync(Entity entity) => dialogs.OpenAsync<CreateDialog>(
        texts["create.title", UiText.InSentence(entity.Label)],
        new() { [nameof(CreateDialog.Entity)] = entity },
        new() { Width = "640px", CssClass = "create-dialog", CloseDialogOnEsc = true, AutoFocusFirstElement = false });
}
