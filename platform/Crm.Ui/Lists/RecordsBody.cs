using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Microsoft.AspNetCore.Components;

namespace Crm.Ui.Lists;

/// <summary>A body that reads records, follows what others do to them, and stops reading when the person leaves.</summary>
public abstract class RecordsBody : ViewBody, IAsyncDisposable
{
    private readonly CancellationTokenSource _leaving = new();
    private LiveRecords? _live;
    private (ViewDefinition View, ListState State)? _looked;
    private HashSet<string> _looksAt = [];

    protected RecordsBody() => Gone = _leaving.Token;

    [Inject]
    protected RecordStore Store { get; set; } = default!;

    [Inject]
    protected TimeProvider Time { get; set; } = default!;

    [Inject]
    private ChangeFeed Feed { get; set; } = default!;

    /// <summary>Cancelled when the person leaves.</summary>
    protected CancellationToken Gone { get; }

    protected bool IsLoading { get; set; }

    /// <summary>Why there is nothing to show.</summary>
    protected string? Refused { get; set; }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        _live?.Dispose();
        await _leaving.CancelAsync();
        _leaving.Dispose();
    }

    protected override void OnInitialized() => _live = new(Feed, Time, news => InvokeInOwnCultureAsync(() => Gone.IsCancellationRequested ? Task.CompletedTask : FollowAsync(news)));

    /// <summary>Records of any entity were changed, by anybody.</summary>
    protected abstract Task FollowAsync(IReadOnlyList<RecordNews> news);

    protected bool IsAboutMine(RecordNews news) => news.Entity == Entity.Name;

    /// <summary>Whether a change can decide which records belong here although it is of another one: of what the filter looks at behind lookups, above in a tree or below.</summary>
    protected bool MayDecideMine(RecordNews news)
    {
        if (_looked != (View, State))
        {
            _looked = (View, State);
            _looksAt = [.. State.Filter(Entity, View).LooksAt.Select(e => e.Name)];
        }
        return _looksAt.Contains(news.Entity);
    }

    /// <summary>Asks the store; a refusal is shown in place of the records.</summary>
    /// <returns>False if the person has left meanwhile.</returns>
    protected async Task<bool> AskAsync(Func<Task> question)
    {
        try
        {
            await question();
        }
        catch (ProblemException e)
        {
            (Refused, IsLoading) = (e.Problems[0].Message(Model.Texts), false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        return true;
    }
}
