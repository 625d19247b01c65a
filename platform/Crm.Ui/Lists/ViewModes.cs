using Crm.Metadata;

namespace Crm.Ui.Lists;

/// <summary>
/// The ways in which the records of any view can be shown: what a view of that kind says, laid over the filter of the one that is open; and where no
/// view says it, what the fields of the entity lend themselves to.
/// </summary>
public static class ViewModes
{
    private static readonly string[] StageNames = ["stage", "status", "state", "phase"];

    /// <summary>Icon of each kind.</summary>
    public static string IconOf(string kind) => kind switch
    {
        ViewKinds.Kanban => "view_kanban",
        ViewKinds.Calendar => "calendar_month",
        ViewKinds.Gantt => "view_timeline",
        ViewKinds.Chart => "bar_chart",
        ViewKinds.Funnel => "filter_alt",
        _ => "table_rows",
    };

    /// <summary>The kinds that make sense for the entity; a list always does.</summary>
    public static IReadOnlyList<string> Of(Entity entity) => [.. new[] { ViewKinds.List, ViewKinds.Kanban, ViewKinds.Calendar, ViewKinds.Gantt, ViewKinds.Chart }.Where(kind => Template(entity, kind) is not null)];

    /// <summary>The view shown as <paramref name="kind"/>; as it is where it already is of that kind or the kind makes no sense here.</summary>
    public static ViewDefinition Show(Entity entity, ViewDefinition view, string? kind)
    {
        if (kind is null || kind == view.Kind || Template(entity, kind) is not { } template)
        {
            return view;
        }
        return template with
        {
            Name = view.Name, Label = view.Label, Default = view.Default, Filter = view.Filter, Kind = kind,
            Sort = kind == ViewKinds.List ? view.Sort ?? template.Sort : view.Kind == ViewKinds.List ? view.Sort : template.Sort,
            Columns = template.Columns.Count > 0 ? template.Columns : view.Columns,
        };
    }

    private static ViewDefinition? Template(Entity entity, string kind) =>
        EntityViews.Of(entity).FirstOrDefault(v => v.Kind == kind) ?? kind switch
        {
            ViewKinds.List => new() { Name = kind },
            ViewKinds.Kanban => Stage(entity) is { } stage ? new() { Name = kind, Kind = kind, GroupBy = stage.Name, Measure = Amount(entity)?.Name, Weight = Weight(entity)?.Name } : null,
            ViewKinds.Chart => Stage(entity) is { } bars ? new() { Name = kind, Kind = kind, GroupBy = bars.Name, Measure = Amount(entity)?.Name } : null,
            ViewKinds.Calendar => Time(entity, "start", "due", "date", "close_date", "from") is { } start
                ? new() { Name = kind, Kind = kind, Start = start.Name, End = start.Name == "start" ? Time(entity, "end")?.Name : null, AllDay = entity.Find("all_day")?.Name, Color = Stage(entity)?.Name }
                : null,
            ViewKinds.Gantt => Named(entity, "start", "start_date", "from", "begin") is { } begin && Named(entity, "end", "end_date", "to", "due") is { } end
                ? new() { Name = kind, Kind = kind, Start = begin.Name, End = end.Name, Progress = entity.Find("progress")?.Name, Parent = entity.TreeField?.Name }
                : null,
            _ => null,
        };

    private static Field? Stage(Entity entity) => entity.OwnFields.Where(f => f.IsStored && f.Type is ChoiceFieldType)
        .OrderByDescending(f => StageNames.Contains(f.Name)).FirstOrDefault();

    private static Field? Amount(Entity entity) => entity.OwnFields.FirstOrDefault(f => f.IsStored && f.Type is MoneyFieldType);

    private static Field? Weight(Entity entity) => Amount(entity) is null ? null : entity.OwnFields.FirstOrDefault(f => f.IsStored && f.Type is PercentFieldType && f.Name == "probability");

    private static Field? Time(Entity entity, params string[] names) => Named(entity, names) ?? (names.Length > 1 ? entity.OwnFields.FirstOrDefault(IsTime) : null);

    private static Field? Named(Entity entity, params string[] names) => names.Select(entity.Find).FirstOrDefault(f => f is not null && IsTime(f));

    private static bool IsTime(Field field) => field.IsStored && field.Type is DateFieldType or DateTimeFieldType;
}
