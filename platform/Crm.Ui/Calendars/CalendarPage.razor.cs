using System.Globalization;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Lists;
using Microsoft.AspNetCore.Components;

namespace Crm.Ui.Calendars;

/// <summary>What a person has arranged about their calendar.</summary>
public sealed record CalendarSettings
{
    public const string Key = "calendar";

    /// <summary>Entities that are not shown.</summary>
    public IReadOnlyList<string> Hidden { get; init; } = [];

    public string? Span { get; init; }
}

/// <summary>A task of the period.</summary>
internal sealed record PeriodTask(Guid Id, string Title, DateOnly Day, bool IsOpen);

/// <summary>
/// The calendar of a person over everything that takes place: the month, the next seven days, the tasks of the period; with the calendars of others laid
/// over it as far as one may read them.
/// </summary>
public sealed partial class CalendarPage
{
    private const int MostTasks = 12;

    private readonly CancellationTokenSource _gone = new();
    private IReadOnlyList<CalendarLayer> _layers = [];
    private IReadOnlyList<CalendarEntry> _entries = [], _next = [];
    private IReadOnlyList<PeriodTask>? _tasks;
    private List<Guid> _people = [];
    private CalendarSettings _settings = new();
    private LiveRecords? _live;
    private Entity? _task;
    private (Entity Entity, Guid Id)? _open;
    private string _span = CalendarSpan.Month;
    private string? _problem, _read;
    private DateOnly _on, _today;
    private bool _loading = true;

    [SupplyParameterFromQuery(Name = "on")]
    private string? On { get; set; }

    [SupplyParameterFromQuery(Name = "span")]
    private string? Span { get; set; }

    [SupplyParameterFromQuery(Name = "open")]
    private string? Open { get; set; }

    [Inject]
    private CalendarSource Source { get; set; } = default!;

    [Inject]
    private PersonalSettings Personal { get; set; } = default!;

    [Inject]
    private RecordStore Store { get; set; } = default!;

    [Inject]
    private ChangeFeed Feed { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private IEnumerable<CalendarLayer> Shown => _layers.Where(l => !_settings.Hidden.Contains(l.Entity.Name));

    public void Dispose()
    {
        _live?.Dispose();
        _gone.Cancel();
        _gone.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        _layers = LayersOf(Model, Actor);
        _task = Model.Find("task") is { } task && Authority.May(Actor, Operation.Read, task) && task.Find("due")?.IsStored == true ? task : null;
        _live = new(Feed, Time, news => InvokeInOwnCultureAsync(() => !_gone.IsCancellationRequested && news.Any(n => _layers.Any(l => l.Entity.Name == n.Entity)) ? ReadAsync() : Task.CompletedTask));
        _people = Actor.UserId is { } me ? [me] : [];
        _settings = await Personal.ReadAsync<CalendarSettings>(Actor, CalendarSettings.Key, _gone.Token) ?? new();
    }

    protected override async Task OnParametersSetAsync()
    {
        _today = DateOnly.FromDateTime(Source.Local(Time.GetUtcNow()));
        _on = DateOnly.TryParseExact(On, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var on) ? CalendarSpan.Clamp(on) : _today;
        _open = Open?.Split('/') is [var name, var id] && Model.Find(name) is { } entity && Guid.TryParseExact(id, "D", out var key) ? (entity, key) : null;
        _span = CalendarSpan.All.Contains(Span) ? Span! : CalendarSpan.All.Contains(_settings.Span) ? _settings.Span! : CalendarSpan.Month;
        if (_read != $"{_span} {_on}")
        {
            await ReadAsync();
        }
    }

    /// <summary>Every kind of activity that the person may read and that has a time.</summary>
    internal static IReadOnlyList<CalendarLayer> LayersOf(Model model, Actor actor) =>
    [
        .. model.Entities.Values.Where(e => e.Definition.Template == EntityTemplate.Interaction && Authority.May(actor, Operation.Read, e)).OrderBy(e => e.Name, StringComparer.Ordinal)
            .Select(e => new CalendarLayer(e, ViewModes.Show(e, EntityViews.Find(e, null)!, ViewKinds.Calendar))).Where(l => l.View.Start is not null && l.Entity.Find(l.View.Start) is not null),
    ];

    /// <summary>Records of these people, and those in which they take part.</summary>
    internal static Condition Of(Entity entity, IReadOnlyCollection<Guid> people)
    {
        var values = new Constants([.. people.Select(p => (object?)p)]);
        Condition owned = new Comparison(new([entity[SystemFields.Owner]]), ConditionOperator.In, values);
        return entity.Find("attendees") is { Type: LinksFieldType } && ChildPath.Resolve(entity, "attendees", out _) is { } attendees && attendees.Child.Find(LinksFieldType.TargetName) is { } target && target.Target?.Name == "user"
            ? new AnyOf([owned, new ChildExists(attendees, new Comparison(new([target]), ConditionOperator.In, values))])
            : owned;
    }

    private async Task ReadAsync()
    {
        _read = $"{_span} {_on}";
        var wanted = (_read, _people.Count);
        _loading = true;
        try
        {
            var (first, last) = CalendarSpan.Days(_span, _on, CalendarView.WeekBegins);
            var (entries, next) = (new List<CalendarEntry>(), new List<CalendarEntry>());
            foreach (var layer in Shown.ToList())
            {
                var filter = Of(layer.Entity, _people);
                entries.AddRange(await Source.ReadAsync(layer, first, last, filter, null, _gone.Token));
                next.AddRange(await Source.ReadAsync(layer, _today, _today.AddDays(6), filter, null, _gone.Token));
            }
            var tasks = await TasksAsync(first, last);
            if (wanted == (_read, _people.Count))
            {
                (_entries, _next, _tasks, _problem) = (entries, next, tasks, null);
            }
        }
        catch (ProblemException e)
        {
            _problem = e.Problems[0].Message(Model.Texts);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        _loading = false;
        StateHasChanged();
    }

    private async Task<IReadOnlyList<PeriodTask>?> TasksAsync(DateOnly first, DateOnly last)
    {
        if (_task is not { } task)
        {
            return null;
        }
        var layer = new CalendarLayer(task, new() { Name = "due", Kind = ViewKinds.Calendar, Start = "due", Color = task.Find("status")?.Name });
        // In the month it is the month itself that counts, not the days of its neighbours.
        var (from, to) = _span == CalendarSpan.Month ? (new DateOnly(_on.Year, _on.Month, 1), new DateOnly(_on.Year, _on.Month, 1).AddMonths(1).AddDays(-1)) : (first, last);
        var open = task.Find("status")?.Type is ChoiceFieldType status && new[] { "completed", "cancelled" }.Where(o => status.Options.Any(x => x.Value == o)).ToList() is { Count: > 0 } closed
            ? new Comparison(new([task["status"]]), ConditionOperator.NotIn, new Constants([.. closed])) : Condition.Always;
        var found = await Source.ReadAsync(layer, from, to, Condition.And(Of(task, _people), open), null, _gone.Token);
        return [.. found.Select(t => new PeriodTask(t.Id, t.Title, t.FirstDay, IsOpen: true))];
    }

    private void Go(string span, DateOnly on, CalendarEntry? open)
    {
        if (span != _settings.Span)
        {
            _settings = _settings with { Span = span };
            _ = Personal.WriteAsync(Actor, CalendarSettings.Key, _settings);
        }
        var address = string.Create(CultureInfo.InvariantCulture, $"/calendar?on={on:yyyy-MM-dd}&span={span}") + (open is null ? "" : $"&open={open.Key}");
        Navigation.NavigateTo(address, replace: open is null);
    }

    private async Task ToggleAsync(CalendarLayer layer)
    {
        var name = layer.Entity.Name;
        _settings = _settings with { Hidden = _settings.Hidden.Contains(name) ? [.. _settings.Hidden.Where(h => h != name)] : [.. _settings.Hidden, name] };
        await Personal.WriteAsync(Actor, CalendarSettings.Key, _settings);
        await ReadAsync();
    }

    private Task ShowPeopleAsync(IReadOnlyList<Guid> people)
    {
        _people = [.. people];
        return ReadAsync();
    }

    private void Create((DateTime Start, DateTime End, bool AllDay) time)
    {
        if ((_layers.FirstOrDefault(l => l.Entity.Name == "meeting") ?? (_layers.Count > 0 ? _layers[0] : null)) is { } layer && Authority.May(Actor, Operation.Create, layer.Entity))
        {
            Navigation.NavigateTo(Source.NewAddress(layer, time.Start, time.End, time.AllDay));
        }
    }
}
