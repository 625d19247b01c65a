using System.Data.Common;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Shell;
using Radzen;

namespace Crm.Ui.Records;

/// <summary>How an attempt to save ended.</summary>
/// <param name="Draft">The draft to go on with: another one where the person settled a conflict, or where the form itself has changed.</param>
/// <param name="Written">What was written; null if nothing was, and then the draft says why.</param>
public sealed record SaveOutcome(RecordDraft Draft, RecordChange? Written);

/// <summary>Brings drafts into the store, and asks the person wherever the store has a question. Whatever happens, what was typed is kept.</summary>
public sealed class RecordSaving(
    RecordStore store, RecordDrafts drafts, RecordTitles titles, ModelSource models, CurrentActor current, DialogService dialogs, Toaster toaster, Mishaps mishaps, UiText texts)
{
    public async Task<SaveOutcome> SaveAsync(RecordDraft draft, CancellationToken cancellationToken)
    {
        var confirmsDuplicates = false;
        while (IsOfOldForm(draft) || draft.Check())
        {
            try
            {
                return IsOfOldForm(draft) ? await RenewAsync(draft, cancellationToken) : new(draft, await WriteAsync(draft, confirmsDuplicates, cancellationToken));
            }
            catch (ProblemException e) when (e.Conflicts.Count > 0)
            {
                if (await SettleAsync(draft, e.Conflicts, cancellationToken) is not { } settled)
                {
                    break;
                }
                draft = settled;
                if (!draft.HasChanges)
                {
                    break;
                }
            }
            catch (ProblemException e) when (e.Problems.All(p => p.Code == "duplicate.warn"))
            {
                if (!await ConfirmAsync(draft.Entity, e.Problems, cancellationToken))
                {
                    draft.Refuse(e.Problems);
                    break;
                }
                confirmsDuplicates = true;
            }
            catch (ProblemException e)
            {
                draft.Refuse(e.Problems);
                break;
            }
            catch (DbException) when (IsOfOldForm(draft))
            {
                // A table changed under the save: the next round finds the new form.
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The page must not break over it: what was typed is still here and can be saved again.
                toaster.ShowProblem(texts["form.failed", mishaps.Note(e)]);
                break;
            }
        }
        return new(draft, null);
    }

    /// <summary>Whether the Model has changed this form since it was opened.</summary>
    public bool IsOfOldForm(RecordDraft draft) => models.Current.Find(draft.Entity.Name) != draft.Entity;

    /// <summary>The same input in the form that is in force now, for the person to look over.</summary>
    public async Task<SaveOutcome> RenewAsync(RecordDraft draft, CancellationToken cancellationToken)
    {
        if (await drafts.IntoAsync(models.Current.Find(draft.Entity.Name), draft, cancellationToken) is not { } renewed)
        {
            throw new ProblemException(Problem.Of(ProblemKind.NotFound, "notFound", draft.Entity.Label, draft.Original.Title));
        }
        toaster.Show(texts["form.renewed"]);
        return new(renewed, null);
    }

    private async Task<RecordChange> WriteAsync(RecordDraft draft, bool confirmsDuplicates, CancellationToken cancellationToken)
    {
        var change = draft.IsNew
            ? RecordChange.Create(draft.Entity, draft.Values)
            : RecordChange.Update(draft.Entity, draft.Original.Id, draft.Values, draft.Original.Version);
        return (await store.WriteAsync(new(current.Actor, Door.Form, [change]) { ConfirmsDuplicates = confirmsDuplicates }, cancellationToken))[0];
    }

    /// <summary>What was typed is probably here already; whoever knows better saves it anyway.</summary>
    private async Task<bool> ConfirmAsync(Entity entity, IReadOnlyList<Problem> problems, CancellationToken cancellationToken)
    {
        var known = await titles.OfAsync(problems.SelectMany(p => p.Records).Select(id => (entity, id)), cancellationToken);
        return await dialogs.OpenAsync<DuplicatesDialog>(
            texts["duplicates.title"],
            new() { [nameof(DuplicatesDialog.Entity)] = entity, [nameof(DuplicatesDialog.Problems)] = problems, [nameof(DuplicatesDialog.Titles)] = known },
            new() { Width = "520px", CloseDialogOnEsc = true }) is true;
    }

    /// <summary>Somebody else changed the same fields: the person chooses field by field, then it is saved on top of what is there now.</summary>
    private async Task<RecordDraft?> SettleAsync(RecordDraft draft, IReadOnlyList<FieldConflict> conflicts, CancellationToken cancellationToken)
    {
        // What is sent of rows and links is only what changes about them; what the person sees is all of them.
        conflicts = [.. conflicts.Select(c => c.Field.Type is CollectionFieldType ? c with { Yours = draft.Current[c.Field] } : c)];
        var known = await titles.OfAsync(ConflictDialog.References(conflicts), cancellationToken);
        return await dialogs.OpenAsync<ConflictDialog>(
            texts["conflict.title"],
            new() { [nameof(ConflictDialog.Conflicts)] = conflicts, [nameof(ConflictDialog.Titles)] = known },
            new() { Width = "720px", CloseDialogOnEsc = true }) is IReadOnlySet<Field> mine
            ? await drafts.OntoStoredAsync(draft, field => conflicts.All(c => c.Field != field) || mine.Contains(field), cancellationToken)
            : null;
    }
}
