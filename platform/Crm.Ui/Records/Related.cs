using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Lists;
using Crm.Ui.Shell;

namespace Crm.Ui.Records;

/// <summary>Records of another entity that point to one of <paramref name="Of"/> through <paramref name="Lookup"/>.</summary>
public sealed record Related(Entity Of, Entity Entity, Field Lookup, bool IsAmbiguous)
{
    private const int Shown = 10, MostColumns = 5;

    /// <summary>As metadata names it: entity.lookup.</summary>
    public string Name => $"{Entity.Name}.{Lookup.Name}";

    /// <summary>The records' own name; with the lookup's where the same kind of record could be listed for several reasons.</summary>
    public string Label => IsAmbiguous ? $"{Entity.PluralLabel} ({Lookup.Label})" : Entity.PluralLabel.ToString();

    /// <summary>What is shown of each: the columns of the entity's first list, without the lookup itself, which always says the same.</summary>
    public IReadOnlyList<ListColumn> Columns =>
        [.. ListColumn.Of(Entity, EntityViews.Widest(Entity)).Where(c => c.Path.Steps[0] != Lookup).OrderByDescending(c => c.Path.IsDirect && c.Path.Field == Entity.TitleField).Take(MostColumns)];

    /// <summary>The related lists of an entity's form; a name that leads nowhere is left out.</summary>
    public static IReadOnlyList<Related> ListsOf(Model model, Entity entity)
    {
        var found = entity.Form.Related
            .Select(name => name.Split('.'))
            .Where(parts => parts.Length == 2)
            .Select(parts => (Entity: model.Find(parts[0]), Name: parts[1]))
            .Where(r => r.Entity?.Find(r.Name)?.Targets.Contains(entity) == true)
            .ToList();
        return [.. found.Select(r => new Related(entity, r.Entity!, r.Entity![r.Name], r.Entity == entity || found.Count(f => f.Entity == r.Entity) > 1))];
    }

    public RecordQuery Query(Guid id) => new(Entity)
    {
        Filter = Filter(id),
        Fields = ListColumn.Paths(Columns),
        Sort = SortTerm.Parse(EntityViews.Widest(Entity).Sort, Entity),
        Limit = Shown,
        Count = CountMode.Capped,
        Titles = true,
    };

    /// <summary>Where all of them are listed.</summary>
    public string Address(Guid id) => ListState.Empty.With(Filter(id)).Address(Addresses.List(Entity, EntityViews.Widest(Entity).Name));

    /// <summary>Those that point to one record.</summary>
    public Comparison Filter(Guid id) => new(new FieldPath([Lookup]), ConditionOperator.Eq, new Constants([Lookup.ValueFor(Of, id)]));
}
