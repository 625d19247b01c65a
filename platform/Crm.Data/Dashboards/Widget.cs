using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Records that a widget looks at: those of one entity that meet a condition.</summary>
/// <param name="Entity">Whose records.</param>
/// <param name="Filter">The widget's own condition and that of its view.</param>
/// <param name="DateField">What the page's period narrows; null where it does not.</param>
public sealed record WidgetSource(Entity Entity, Condition Filter, FieldPath? DateField);

/// <summary>A widget bound to the Model: everything that it names is there and fits.</summary>
public sealed record Widget(WidgetDefinition Definition, IReadOnlyList<WidgetSource> Sources)
{
    public const int MaxLimit = 100;

    /// <summary>Kinds that show records of several entities where none is named, and the date by which they do.</summary>
    private static readonly Dictionary<string, string> Gathering = new(StringComparer.Ordinal) { [WidgetKinds.Calendar] = "start", [WidgetKinds.Tasks] = "due" };

    private static readonly HashSet<string> Grouped = new([WidgetKinds.Funnel, WidgetKinds.Bar, WidgetKinds.Donut, WidgetKinds.Leaderboard], StringComparer.Ordinal);

    private static readonly HashSet<string> Charts = new([.. Grouped, WidgetKinds.Line], StringComparer.Ordinal);

    private static readonly string[] GroupSorts = ["value", "-value", "group", "-group"];

    public WidgetSource Source => Sources[0];

    public Entity Entity => Source.Entity;

    public ViewDefinition? View { get; private init; }

    public Measure Measure { get; init; } = Number;

    public GroupTerm? GroupBy { get; init; }

    public GroupTerm? SplitBy { get; private init; }

    /// <summary>What a list shows; empty for what its view or the entity says.</summary>
    public IReadOnlyList<ViewColumn> Columns { get; private init; } = [];

    /// <summary>The order of a list.</summary>
    public IReadOnlyList<SortTerm> Sort { get; private init; } = [];

    private static Measure Number { get; } = new(MeasureFunction.Count, null, "count");

    /// <exception cref="ProblemException">It names what there is not, or what does not fit.</exception>
    public static Widget Of(WidgetDefinition definition, Model model)
    {
        if (!WidgetKinds.All.Contains(definition.Kind))
        {
            throw At("kind", "widget.kind", definition.Kind, string.Join(", ", WidgetKinds.All));
        }
        if (definition.Entity is null)
        {
            return Gathering.TryGetValue(definition.Kind, out var date) ? Gather(definition, model, definition.DateField ?? date) : throw At("entity", "widget.entity", definition.Kind);
        }
        var entity = model.Find(definition.Entity) is { LinkOf: null } found ? found : throw At("entity", "entity.unknown", definition.Entity);
        var view = definition.View is null ? null : entity.Views.FirstOrDefault(v => v.Name == definition.View) ?? throw At("view", "view.unknown", definition.View, entity.Label);
        var isChart = Charts.Contains(definition.Kind);
        var widget = new Widget(definition, [SourceOf(definition, entity, view, Gathering.GetValueOrDefault(definition.Kind))])
        {
            View = view,
            Measure = MeasureOf(definition, view, entity),
            GroupBy = GroupOf(definition.GroupBy ?? (isChart || definition.Measure is not null ? view?.GroupBy : null) ?? (definition.Kind == WidgetKinds.Line ? definition.DateField : null), definition.By, entity, "groupBy"),
            SplitBy = definition.SplitBy is null ? null : GroupOf(definition.SplitBy, null, entity, "splitBy"),
            Columns = definition.Columns.Count > 0 ? Checked(definition.Columns, entity) : view?.Columns ?? [],
            Sort = isChart || definition.GroupBy is not null ? [] : SortTerm.Parse(definition.Sort ?? view?.Sort, entity),
        };
        widget.CheckParts();
        return widget;
    }

    private void CheckParts()
    {
        if (GroupBy is null && (Grouped.Contains(Definition.Kind) || SplitBy is not null))
        {
            throw At("groupBy", "widget.groupBy", Definition.Kind);
        }
        if (Definition.Kind == WidgetKinds.Line && GroupBy?.Path.Field.Type is not TemporalFieldType)
        {
            throw At("groupBy", "widget.line");
        }
        if (GroupBy is not null && Definition.Sort is { } sort && !GroupSorts.Contains(sort))
        {
            throw At("sort", "widget.sort", sort, string.Join(", ", GroupSorts));
        }
        if (Definition.Limit is < 1 or > MaxLimit)
        {
            throw At("limit", "widget.range", 1, MaxLimit);
        }
        if (Definition.Width is < 1 or > 4)
        {
            throw At("width", "widget.range", 1, 4);
        }
        if (Definition.Height is < 1 or > 6)
        {
            throw At("height", "widget.range", 1, 6);
        }
        if (Definition.Compare is not null && Source.DateField is null)
        {
            throw At("compare", "widget.compare");
        }
    }

    /// <summary>All entities of activities that have the date, with what the widget asks of each.</summary>
    private static Widget Gather(WidgetDefinition definition, Model model, string date) => new(
        definition,
        [
            .. model.Entities.Values.Where(e => e is { Definition.Template: EntityTemplate.Interaction, LinkOf: null } && e.Resolve(date) is { Field.Type: TemporalFieldType })
                .OrderBy(e => e.Name, StringComparer.Ordinal)
                .Select(e => SourceOf(definition, e, null, date)),
        ]);

    private static WidgetSource SourceOf(WidgetDefinition definition, Entity entity, ViewDefinition? view, string? usualDate)
    {
        var date = definition.DateField ?? (usualDate is not null && entity.Resolve(usualDate) is { Field.Type: TemporalFieldType } ? usualDate : null);
        var path = date is null ? null : entity.Resolve(date) is { Field.Type: TemporalFieldType } found ? found : throw At("dateField", "widget.date", date, entity.Label);
        var filter = Condition.And(
            view?.Filter is { } ofView ? KeptConditions.Read(ofView.GetRawText(), entity) : null,
            definition.Filter is { } own ? KeptConditions.Read(own.GetRawText(), entity) : null);
        return new(entity, filter, path);
    }

    private static Measure MeasureOf(WidgetDefinition definition, ViewDefinition? view, Entity entity) =>
        definition.Measure is { } measure ? Measure.Of(measure, entity, "measure", "value")
        : view?.Measure is { } summed && entity.Resolve(summed) is { Field.Type.IsNumeric: true } path ? new(MeasureFunction.Sum, path, "value")
        : Number;

    private static GroupTerm? GroupOf(string? field, string? by, Entity entity, string member)
    {
        if (field is null)
        {
            return by is null ? null : throw At("by", "widget.by");
        }
        if (entity.Resolve(field) is not { Field.IsStored: true } path)
        {
            throw At(member, "field.unknown", field, entity.Label);
        }
        if (!path.Field.Type.IsGroupable)
        {
            throw At(member, "aggregate.groupBy", path.Field.Label);
        }
        return by is null || (GroupTerm.Buckets.Contains(by) && path.Field.Type is TemporalFieldType)
            ? new(path, by)
            : throw At("by", "aggregate.by", by, string.Join(", ", GroupTerm.Buckets));
    }

    private static IReadOnlyList<ViewColumn> Checked(IReadOnlyList<ViewColumn> columns, Entity entity)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            if (entity.Resolve(columns[i].Field) is null)
            {
                throw At($"columns[{i}]", "field.unknown", columns[i].Field, entity.Label);
            }
        }
        return columns;
    }

    private static ProblemException At(string member, string code, params object[] arguments) => new(Problem.At(member, ProblemKind.Invalid, code, arguments));
}
