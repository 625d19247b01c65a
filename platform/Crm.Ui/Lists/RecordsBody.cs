using Crm.Data;
using Crm.Rules;
using Microsoft.AspNetCore.Components;

namespace Crm.Ui.Lists;

/// <summary>A body that reads records, follows what others do to them, and stops reading when the person leaves.</summary>
public abstract class RecordsBody : ViewBody, IAsyncDisposable
{
    private readonly CancellationTokenSource _leaving = new();
    private LiveRecords? _live;

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
