namespace Crm.Metadata;

/// <summary>Holds what a view says against the entity whose records it shows.</summary>
internal static class ViewCheck
{
    private sealed record Need(string Member, string? Value, bool Required, Func<Field, bool> Fits, string What);

    /// <summary>What is wrong, each with the member of the view where it stands.</summary>
    public static IEnumerable<(string Member, string Message)> Of(ViewDefinition view, Entity entity)
    {
        if (!ViewKinds.All.Contains(view.Kind))
        {
            yield return ("kind", $"There is no kind of view '{view.Kind}'. Known: {string.Join(", ", ViewKinds.All)}.");
            yield break;
        }
        for (var i = 0; i < view.Columns.Count; i++)
        {
            if (entity.Resolve(view.Columns[i].Field) is null)
            {
                yield return ($"columns[{i}]", Leads(view.Columns[i].Field, entity));
            }
        }
        foreach (var (term, i) in (view.Sort ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select((t, i) => (t.TrimStart('-'), i)))
        {
            if (entity.Resolve(term) is not { } path)
            {
                yield return ($"sort[{i}]", Leads(term, entity));
            }
            else if (path.Field is not { IsStored: true, Type.IsSortable: true })
            {
                yield return ($"sort[{i}]", $"'{term}' has no order.");
            }
        }
        foreach (var need in Needs(view, entity))
        {
            if (need.Value is null)
            {
                if (need.Required)
                {
                    yield return (need.Member, $"A view of kind '{view.Kind}' needs '{need.Member}': {need.What}.");
                }
            }
            else if (entity.Find(need.Value) is not { } field)
            {
                yield return (need.Member, Leads(need.Value, entity));
            }
            else if (!need.Fits(field))
            {
                yield return (need.Member, $"'{need.Value}' does not fit here, which wants {need.What}.");
            }
        }
    }

    private static IEnumerable<Need> Needs(ViewDefinition view, Entity entity)
    {
        var (isKanban, isGantt, isTimed) = (view.Kind == ViewKinds.Kanban, view.Kind == ViewKinds.Gantt, view.Kind is ViewKinds.Calendar or ViewKinds.Gantt);
        yield return isKanban
            ? new("groupBy", view.GroupBy, true, CanBeColumns, "a choice, a lookup, a user or a yes/no field")
            : new("groupBy", view.GroupBy, view.Kind is ViewKinds.Chart or ViewKinds.Funnel, f => f.IsStored && f.Type.IsGroupable, "a stored field that records can be grouped by");
        yield return new("measure", view.Measure, false, f => f.IsStored && f.Type.IsNumeric, "a number or an amount");
        yield return new("weight", view.Weight, false, f => f.IsStored && f.Type.IsNumeric, "a percent");
        yield return new("start", view.Start, isTimed, IsTime, "a field of type date or dateTime");
        yield return new("end", view.End, isGantt, IsTime, "a field of type date or dateTime");
        yield return new("allDay", view.AllDay, false, f => f.Type is BooleanFieldType, "a yes/no field");
        yield return new("color", view.Color, false, f => f.Type is ChoiceFieldType or ColorFieldType, "a choice");
        yield return new("progress", view.Progress, false, f => f.Type.IsNumeric, "a percent");
        yield return new("parent", view.Parent, false, f => f.Target == entity, "a lookup to the same entity");
        yield return new("dependsOn", view.DependsOn, false, f => f.Target == entity && f.IsStored, "a lookup to the same entity");
    }

    private static bool CanBeColumns(Field field) => field.IsStored && field.Type is ChoiceFieldType or BooleanFieldType or LookupFieldType;

    private static bool IsTime(Field field) => field.IsStored && field.Type is DateFieldType or DateTimeFieldType;

    private static string Leads(string path, Entity entity) => $"'{path}' leads to no field of '{entity.Name}'.";
}
