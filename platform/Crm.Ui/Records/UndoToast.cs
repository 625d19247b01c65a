using Crm.Data;
using Crm.Rules;
using Crm.Ui.Shell;

namespace Crm.Ui.Records;

/// <summary>Says that something was done, and offers to take it back as a whole. It works from the toast, when the page that did it is long gone.</summary>
public sealed class UndoToast(Toaster toaster, ChangeSets changes, CurrentActor current, ModelSource models, UiText texts)
{
    /// <param name="message">What was done.</param>
    /// <param name="changeSet">What to take back.</param>
    /// <param name="then">Where to go once it is taken back.</param>
    public void Show(string message, Guid changeSet, Action? then = null) => Show(message, () => UndoAsync(changeSet, then));

    /// <summary>For what is no change of records, such as a saved view.</summary>
    /// <param name="message">What was done.</param>
    /// <param name="undo">Takes it back.</param>
    public void Show(string message, Func<Task> undo) => toaster.Show(message, texts["common.undo"], undo);

    public async Task UndoAsync(Guid changeSet, Action? then = null)
    {
        try
        {
            await changes.UndoAsync(changeSet, current.Actor, Door.Form);
            then?.Invoke();
        }
        catch (ProblemException e)
        {
            toaster.ShowProblem(e.Problems[0].Message(models.Current.Texts));
        }
    }
}
