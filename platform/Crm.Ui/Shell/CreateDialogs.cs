using Crm.Metadata;
using Radzen;

namespace Crm.Ui.Shell;

/// <summary>Opens the short form of an entity over whatever page one is at.</summary>
public sealed class CreateDialogs(DialogService dialogs, UiText texts)
{
    public Task OpenAsync(Entity entity) => OpenAsync(entity, "", isAwaited: false);

    /// <summary>Makes a record that something else is about to point to.</summary>
    /// <param name="entity">Of which entity.</param>
    /// <param name="preset">What it starts with, as the query of an address.</param>
    /// <returns>The record; null if the person thought better of it.</returns>
    public async Task<Record?> MakeAsync(Entity entity, string preset) => await OpenAsync(entity, preset, isAwaited: true) as Record;

    private async Task<object?> OpenAsync(Entity entity, string preset, bool isAwaited) => await dialogs.OpenAsync<CreateDialog>(
        texts["create.title", UiText.InSentence(entity.Label)],
        new() { [nameof(CreateDialog.Entity)] = entity, [nameof(CreateDialog.Preset)] = preset, [nameof(CreateDialog.IsAwaited)] = isAwaited },
        // Escape belongs to what is in the dialog, which asks where something was typed.
        new() { Width = "640px", CssClass = "create-dialog", CloseDialogOnEsc = false, AutoFocusFirstElement = false });
}
