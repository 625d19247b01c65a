using Crm.Metadata;
using Crm.Ui.Lists;

namespace Crm.Ui.Boards;

/// <summary>What a card shows: its title, the amount, who answers for it, and some lines of what the view names.</summary>
public sealed record CardFace(ListColumn? Title, ListColumn? Amount, ListColumn? Person, IReadOnlyList<ListColumn> Lines)
{
    private const int Most = 3;

    public static CardFace None { get; } = new(null, null, null, []);

    public IReadOnlyList<FieldPath> Paths => ListColumn.Paths(new[] { Title, Amount, Person }.OfType<ListColumn>().Concat(Lines));

    public static CardFace Of(Entity entity, ViewDefinition view)
    {
        var title = entity.TitleField is { } field ? ListColumn.Of(new([field])) : null;
        var amount = view.Measure is { } measure && entity.Find(measure) is { } summed ? ListColumn.Of(new([summed])) : null;
        var person = ListColumn.Of(new([entity[SystemFields.Owner]]));
        var lines = ListColumn.Of(entity, view)
            .Where(c => !c.Path.Equals(title?.Path) && !c.Path.Equals(amount?.Path) && !c.Path.Equals(person.Path) && c.Path.ToString() != view.GroupBy && c.Path.ToString() != view.Weight)
            .OrderByDescending(c => c.Title is not null).Take(Most);
        return new(title, amount, entity[SystemFields.Owner].Target is null ? null : person, [.. lines]);
    }
}
