using Crm.Data;
using Crm.Rules;
using Crm.Ui.Fields;
using Crm.Ui.Records;
using Crm.Ui.Shell;

namespace Crm.Ui.Lists;

/// <summary>Editing a list where it stands: one cell at a time, saved when the person leaves it. Where the focus goes is the list's business.</summary>
public sealed class CellEditing(RecordStore store, RecordDrafts drafts, CurrentActor current, ModelSource models, Toaster toaster, FieldText words, UiText texts)
{
    private RecordWindow? _window;
    private IReadOnlyList<ListColumn> _columns = [];
    private List<int> _fitting = [];

    /// <summary>The cell that is open; null while none is.</summary>
    public CellEdit? Open { get; private set; }

    /// <summary>What is shown from now on; a cell that was open before it is let go.</summary>
    public void Over(RecordWindow window, IReadOnlyList<ListColumn> columns)
    {
        (_window, _columns, Open) = (window, columns, null);
        _fitting = [.. columns.Index().Where(c => CellEdit.Fits(c.Item.Path)).Select(c => c.Index)];
    }

    /// <summary>Opens a cell, or the first of the row that can be edited.</summary>
    /// <returns>Whether it is open now.</returns>
    public async Task<bool> BeginAsync(Guid id, int? column, CancellationToken cancellationToken)
    {
        var at = column is { } asked && asked >= 0 && asked < _columns.Count ? asked : _fitting.FirstOrDefault(-1);
        if (!_fitting.Contains(at) || Open?.Busy == true)
        {
            return false;
        }
        var field = _columns[at].Path.Field;
        if (await LoadAsync(id, cancellationToken) is not { } draft)
        {
            return false;
        }
        if (!draft.IsVisible(field) || draft.IsReadOnly(field))
        {
            toaster.Show(texts["list.edit.closed", field.Label]);
            return false;
        }
        Close();
        Open = new(draft, field, at);
        Redraw(id);
        return true;
    }

    /// <summary>Saves what stands in the open cell and closes it; what is refused stays with the reason.</summary>
    /// <returns>Whether it is closed.</returns>
    public async Task<bool> SaveAsync(CancellationToken cancellationToken)
    {
        if (Open is { Draft.HasChanges: true } edit)
        {
            edit.Busy = true;
            try
            {
                if (!await WriteAsync(edit, cancellationToken))
                {
                    Redraw(edit.Id);
                    return false;
                }
                await _window!.RefreshAsync([edit.Id], cancellationToken);
            }
            finally
            {
                edit.Busy = false;
            }
        }
        Close();
        return true;
    }

    /// <summary>Leaves what stands in the open cell.</summary>
    public void Close()
    {
        var id = Open?.Id;
        Open = null;
        Redraw(id);
    }

    /// <summary>The column of the next (1) or previous (-1) cell of the row; null at its end.</summary>
    public int? Beside(CellEdit edit, int move)
    {
        var at = _fitting.IndexOf(edit.Column) + move;
        return at >= 0 && at < _fitting.Count ? _fitting[at] : null;
    }

    /// <summary>The open cell, if it is one of these.</summary>
    public CellEdit? In(WindowPage page) => Open is { } edit && page.Holds(edit.Id) ? edit : null;

    private async Task<RecordDraft?> LoadAsync(Guid id, CancellationToken cancellationToken)
    {
        try
        {
            if (await drafts.LoadAsync(_window!.Query.Entity, id, cancellationToken) is { } draft)
            {
                return draft;
            }
            await _window.RefreshAsync([id], cancellationToken);
        }
        catch (ProblemException e)
        {
            toaster.ShowProblem(e.Problems[0].Message(models.Current.Texts));
        }
        return null;
    }

    private async Task<bool> WriteAsync(CellEdit edit, CancellationToken cancellationToken)
    {
        var (draft, entity, actor) = (edit.Draft, edit.Draft.Entity, current.Actor);
        if (!draft.Check())
        {
            edit.Problem = (draft.ProblemsOf(edit.Field).FirstOrDefault() ?? draft.Problems[0]).Message(models.Current.Texts);
            return false;
        }
        try
        {
            await store.UpdateAsync(entity, edit.Id, draft.Values, draft.Original.Version, actor, Door.Form, cancellationToken);
            return true;
        }
        catch (ProblemException e) when (e.Conflicts.Count > 0)
        {
            // Whoever saves again has seen what the other one wrote.
            var newer = await store.GetAsync(entity, edit.Id, actor, cancellationToken);
            var titles = await store.TitlesAsync(newer, actor, cancellationToken);
            edit.Draft = await drafts.LookAgainAsync(draft.Onto(newer, titles, _ => true), cancellationToken);
            edit.Problem = texts["list.edit.conflict", words.Of(edit.Field, newer[edit.Field], titles.GetValueOrDefault(edit.Field.Name))];
        }
        catch (ProblemException e)
        {
            edit.Problem = (e.Problems.FirstOrDefault(p => p.Field == edit.Field.Name) ?? e.Problems[0]).Message(models.Current.Texts);
        }
        return false;
    }

    private void Redraw(Guid? id)
    {
        foreach (var page in _window?.Pages.Where(p => id is { } edited && p.Holds(edited)) ?? [])
        {
            page.Redraw();
        }
    }
}
