using System.Globalization;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Fields;
using Crm.Ui.Lists;
using Microsoft.AspNetCore.Components;

namespace Crm.Ui.Shell;

/// <summary>What others and the product have to say to a person; what comes while the page is open is there at once.</summary>
public sealed partial class NotificationBell
{
    private const int Shown = 15, MostCounted = 99;

    private readonly CancellationTokenSource _gone = new();
    private IReadOnlyList<Notice> _notices = [];
    private LiveRecords? _live;
    private Entity? _entity;
    private long _unread;
    private string _news = "";

    [Inject]
    private RecordStore Store { get; set; } = default!;

    [Inject]
    private ChangeFeed Feed { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private FieldText Words { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    private string Number => _unread > MostCounted ? "99+" : _unread.ToString(CultureInfo.CurrentCulture);

    public void Dispose()
    {
        _live?.Dispose();
        _gone.Cancel();
        _gone.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        _entity = Model.Find(Notice.Entity) is { } entity && Notice.Fits(entity) && Actor.UserId is not null && Authority.May(Actor, Operation.Read, entity) ? entity : null;
        if (_entity is not null)
        {
            _live = new(Feed, Time, news => InvokeInOwnCultureAsync(() => _gone.IsCancellationRequested || news.All(n => n.Entity != Notice.Entity) ? Task.CompletedTask : FollowAsync()));
            await ReadAsync();
        }
    }

    private async Task FollowAsync()
    {
        var before = _unread;
        await ReadAsync();
        _news = _unread > before ? _notices[0].Text : "";
        StateHasChanged();
    }

    private async Task ReadAsync()
    {
        try
        {
            var entity = _entity!;
            var mine = new Comparison(new([entity["user"]]), ConditionOperator.Eq, new Variable("me"));
            var unread = new Comparison(new([entity["read_at"]]), ConditionOperator.IsNull, new Constants([]));
            var page = await Store.QueryAsync(
                new(entity) { Filter = mine, Sort = [new(new([entity["created_at"]]), Descending: true)], Fields = Notice.Fields(entity), Limit = Shown }, Actor, _gone.Token);
            var counted = await Store.AggregateAsync(new(entity, [], [new(MeasureFunction.Count, null, "count")]) { Filter = Condition.And(mine, unread) }, Actor, _gone.Token);
            (_notices, _unread) = ([.. page.Items.Select(Notice.Of)], (long)counted.Rows[0][0]!);
        }
        catch (OperationCanceledException)
        {
            // The person left.
        }
    }

    private async Task OpenAsync(Notice notice)
    {
        if (!notice.IsRead)
        {
            await MarkAsync([notice]);
        }
        if (notice.SafeLink is { } link)
        {
            Navigation.NavigateTo(link);
        }
    }

    private async Task ReadAllAsync()
    {
        var entity = _entity!;
        var mine = new Comparison(new([entity["user"]]), ConditionOperator.Eq, new Variable("me"));
        var unread = new Comparison(new([entity["read_at"]]), ConditionOperator.IsNull, new Constants([]));
        var page = await Store.QueryAsync(new(entity) { Filter = Condition.And(mine, unread), Fields = Notice.Fields(entity), Limit = RecordQuery.MaxLimit }, Actor, _gone.Token);
        await MarkAsync([.. page.Items.Select(Notice.Of)]);
    }

    private async Task MarkAsync(IReadOnlyList<Notice> notices)
    {
        var read = new FieldValue(_entity!["read_at"], Time.GetUtcNow());
        await Store.WriteAsync(new(Actor, Door.Form, [.. notices.Select(n => RecordChange.Update(_entity, n.Id, [read], expectedVersion: null))], WriteMode.Partial), _gone.Token);
        await ReadAsync();
    }

    private static string IconOf(string kind) => kind switch
    {
        "assignment" => "assignment_ind",
        "mention" => "alternate_email",
        "approval" => "approval",
        "reminder" => "alarm",
        "job" => "pending_actions",
        "warning" => "warning",
        _ => "info",
    };
}
