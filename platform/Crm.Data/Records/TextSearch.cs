using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Search over an entity: every word must occur in at least one of its search fields.</summary>
public static class TextSearch
{
    private const int MaxWords = 8;

    public static Condition Condition(Entity entity, string text, Actor actor)
    {
        var paths = entity.Definition.SearchFields.Select(entity.Resolve).Where(p => p?.Field.Type.TextPart >= 0 && Authority.MayFollow(actor, p)).Select(p => p!).ToList();
        if (paths.Count == 0 && entity.TitleField is { Type.TextPart: >= 0 } title)
        {
            paths.Add(new([title]));
        }
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Take(MaxWords);
        return new AllOf([.. words.Select(word => new AnyOf([.. paths.Select(path => new Comparison(path, ConditionOperator.Matches, new Constants([word])))]))]);
    }
}
