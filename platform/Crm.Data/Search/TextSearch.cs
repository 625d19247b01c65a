using System.Globalization;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Search over an entity: every word must occur in at least one of its search fields.</summary>
public static class TextSearch
{
    /// <summary>Beyond so many candidates it is cheaper to walk the list and look at each text: matches are close together then.</summary>
    internal const int MaxCandidates = 5_000;

    /// <summary>Records behind a lookup each bring along all that point to them.</summary>
    private const int MaxTargets = 2_000;

    /// <summary>The fields that somebody's search looks into: none behind lookups into entities that they may not read.</summary>
    public static IReadOnlyList<FieldPath> Paths(Entity entity, Actor actor) => [.. entity.SearchPaths.Where(p => Authority.MayFollow(actor, p))];

    public static Condition Condition(Entity entity, string text, Actor actor)
    {
        var paths = Paths(entity, actor);
        return Rules.Condition.And(SearchWords.Of(text).Select(word => new WordIn(paths, word)));
    }

    /// <summary>
    /// The same condition, with the index asked where that pays: for words that few records hold, in the search itself and in comparisons
    /// that must all hold.
    /// </summary>
    internal static async ValueTask<Condition> PlanAsync(Session session, SqlDialect dialect, Condition condition, CancellationToken cancellationToken)
    {
        switch (condition)
        {
            case AllOf all:
                var parts = new List<Condition>(all.Parts.Count);
                var changed = false;
                foreach (var part in all.Parts)
                {
                    parts.Add(await PlanAsync(session, dialect, part, cancellationToken));
                    changed |= parts[^1] != part;
                }
                return changed ? new AllOf(parts) : all;
            case WordIn word:
                return await IsRareAsync(session, dialect, word, cancellationToken) ? word with { ByIndex = true } : word;
            case Comparison { Operand: Constants { Values: [string text] }, Path: { IsDirect: true, Field.IsSearched: true } } comparison:
                return await NarrowedAsync(session, dialect, comparison, text, cancellationToken);
            default:
                return condition;
        }
    }

    private static async ValueTask<Condition> NarrowedAsync(Session session, SqlDialect dialect, Comparison comparison, string text, CancellationToken cancellationToken)
    {
        var folded = Folding.Fold(text);
        // The index holds words as they are folded; what a type seeks in a form of its own it does not find.
        if (comparison.Path.Field.Type.Needle(comparison.Operator, text) != folded)
        {
            return comparison;
        }
        foreach (var word in Operators.Of(comparison.Operator).Words(folded))
        {
            var rare = new WordIn([comparison.Path], word, ByIndex: true);
            if (await IsRareAsync(session, dialect, rare, cancellationToken))
            {
                return Rules.Condition.And(rare, comparison);
            }
        }
        return comparison;
    }

    private static async ValueTask<bool> IsRareAsync(Session session, SqlDialect dialect, WordIn word, CancellationToken cancellationToken)
    {
        if (!dialect.IndexFinds(word.Word) || word.Texts.Any(p => !p.Field.IsSearched || p.Field.Type.Needle(ConditionOperator.Matches, word.Word) != word.Word))
        {
            return false;
        }
        foreach (var fields in word.Texts.GroupBy(p => (p.Field.Entity, p.IsDirect)))
        {
            var most = fields.Key.IsDirect ? MaxCandidates : MaxTargets;
            var sql = new SqlQuery(dialect, fields.Key.Entity);
            var candidates = dialect.SearchCandidates(sql, fields.Key.Entity, [.. fields.Select(p => p.Field).Distinct()], [word.Word]);
            var text = string.Create(CultureInfo.InvariantCulture, $"SELECT count(*) FROM (SELECT 1 FROM ({candidates}) AS found LIMIT {most + 1}) AS counted");
            if (await session.FirstAsync(text, sql.Parameters, row => row.Integer(0), cancellationToken) > most)
            {
                return false;
            }
        }
        return word.Texts.Count > 0;
    }
}
