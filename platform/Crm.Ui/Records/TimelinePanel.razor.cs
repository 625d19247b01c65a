using System.Globalization;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Fields;
using Microsoft.AspNetCore.Components;

namespace Crm.Ui.Records;

/// <summary>What happened around a record, newest first, and what is planned. It follows what others do while somebody looks at it.</summary>
public sealed partial class TimelinePanel
{
    private const int Page = 25;

    /// <summary>News come in bursts; one look after each is enough.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _gone = new();
    private readonly HashSet<string> _tellers = new(StringComparer.Ordinal);
    private IReadOnlyList<TimelineKind> _groups = [], _kinds = [];
    private TimelineKind _kind = default!;
    private TimelineView? _view;
    private IDisposable? _news;
    private Entity? _entity;
    private long _version;
    private int _heard;

    [Parameter, EditorRequired]
    public Record Record { get; set; } = default!;

    [Parameter]
    public bool MayCompose { get; set; } = true;

    /// <summary>It was read again.</summary>
    [Parameter]
    public EventCallback Refreshed { get; set; }

    [Inject]
    private TimelineFeed Feed { get; set; } = default!;

    [Inject]
    private ChangeFeed Changes { get; set; } = default!;

    [Inject]
    private FieldText Words { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    public void Dispose()
    {
        _news?.Dispose();
        _gone.Cancel();
        _gone.Dispose();
    }

    protected override void OnInitialized() => _news = Changes.Subscribe(Hear);

    protected override async Task OnParametersSetAsync()
    {
        if (_entity != Record.Entity)
        {
            _entity = Record.Entity;
            var sources = Timeline.Sources(Model, Record.Entity, Actor);
            (_groups, _kinds) = (TimelineKind.Groups(sources), TimelineKind.Kinds(sources));
            _kind = _groups[0];
            _tellers.Clear();
            _tellers.UnionWith(sources.Select(s => s.Name));
        }
        if (_version != Record.Version)
        {
            _version = Record.Version;
            await RefreshAsync();
        }
    }

    private Task ChooseAsync(TimelineKind kind)
    {
        _kind = kind;
        return RefreshAsync();
    }

    /// <summary>Reads again as much as is shown.</summary>
    private async Task RefreshAsync() => await TryAsync(async () =>
    {
        var (kind, limit) = (_kind, Math.Clamp(_view?.Items.Count ?? 0, Page, Timeline.MaxLimit));
        var view = await Feed.ReadAsync(Record, kind.Filter, limit, null, _gone.Token);
        if (kind == _kind)
        {
            _view = view;
            await Refreshed.InvokeAsync();
        }
    });

    private async Task ReadOnAsync() => await TryAsync(async () =>
    {
        if (_view is { Next: { } next } known && await Feed.ReadAsync(Record, _kind.Filter, Page, next, _gone.Token) is var more && _view == known)
        {
            _view = new(
                [.. known.Items, .. more.Items], more.Next, known.Titles.Concat(more.Titles).DistinctBy(t => t.Key).ToDictionary(), known.Details.Concat(more.Details).DistinctBy(d => d.Key).ToDictionary());
            StateHasChanged();
        }
    });

    private async Task TryAsync(Func<Task> read)
    {
        try
        {
            await read();
        }
        catch (ProblemException)
        {
            // The record has gone; its page says so.
        }
        catch (OperationCanceledException)
        {
            // The person left.
        }
    }

    /// <summary>Runs on the writer's time: only takes note. Whether a new call is about this record is known only by looking.</summary>
    private void Hear(IReadOnlyList<RecordNews> news)
    {
        if (news.Any(n => n.Id != Record.Id && _tellers.Contains(n.Entity)) && Interlocked.Exchange(ref _heard, 1) == 0)
        {
            _ = InvokeInOwnCultureAsync(LookLaterAsync);
        }
    }

    private async Task LookLaterAsync()
    {
        try
        {
            await Task.Delay(Rest, Time, _gone.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        Interlocked.Exchange(ref _heard, 0);
        await RefreshAsync();
        StateHasChanged();
    }

    /// <summary>The day in the person's time zone; what is yet to come stands together.</summary>
    private DateOnly DayOf(TimelineItem item) => item.At > Time.GetUtcNow() ? DateOnly.MaxValue : DateOnly.FromDateTime(Words.Local(item.At));

    private string Heading(DateOnly day)
    {
        var today = DateOnly.FromDateTime(Words.Local(Time.GetUtcNow()));
        return day == DateOnly.MaxValue ? T["timeline.planned"]
            : day == today ? T["timeline.today"]
            : day == today.AddDays(-1) ? T["timeline.yesterday"]
            : day.ToString("D", CultureInfo.CurrentCulture);
    }
}
