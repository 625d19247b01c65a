using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Reports widgets that ask for what there is not; they say so in their place as well, and the rest of the page works.</summary>
internal sealed class DashboardCheck : IModelCheck
{
    public IEnumerable<MetadataProblem> Check(Model model)
    {
        foreach (var dashboard in model.Dashboards)
        {
            var file = MetadataKind.Dashboards.PathOf(dashboard.Name);
            var entities = new List<Entity>();
            var names = new HashSet<string>(StringComparer.Ordinal);
            foreach (var (i, definition) in dashboard.Widgets.Index())
            {
                var at = $"widgets[{i}]";
                if (!names.Add(definition.Name))
                {
                    yield return new(file, at + ".name", $"The widget '{definition.Name}' occurs twice.");
                }
                var (widget, problems) = Bind(definition, model);
                entities.AddRange(widget?.Sources.Select(s => s.Entity) ?? []);
                foreach (var problem in problems)
                {
                    yield return new(file, problem.Field is { } member ? $"{at}.{member}" : at, problem.Message(model.Texts));
                }
            }
            foreach (var (i, filter) in dashboard.Filters.Index())
            {
                if (DashboardFilter.Of(filter, entities) is null)
                {
                    yield return new(file, $"filters[{i}].field", $"No widget's entity has a choice, yes or no, or lookup '{filter.Field}'.");
                }
            }
            if (dashboard.Period?.Default is { } span && !RelativeTimes.IsKnown(span, forMoments: false))
            {
                yield return new(file, "period.default", $"'{span}' is no span of days. Examples: {string.Join(", ", RelativeTimes.Suggested)}.");
            }
        }
    }

    private static (Widget? Widget, IReadOnlyList<Problem> Problems) Bind(WidgetDefinition definition, Model model)
    {
        try
        {
            return (Widget.Of(definition, model), []);
        }
        catch (ProblemException e)
        {
            return (null, e.Problems);
        }
    }
}
