using Crm.Metadata;

namespace Crm.Rules;

/// <summary>Words in texts, in SQL: what search asks, with the search index before it where that pays.</summary>
public static class WordSql
{
    internal static string Translate(WordIn word, SqlQuery query, bool negated)
    {
        if (word.Texts.Count == 0)
        {
            return negated ? "1 = 1" : "1 = 0";
        }
        // Candidates first: their parameters come before those of the test that follows them.
        var candidates = word.ByIndex && !negated ? $"t.{query.Dialect.RowKey} IN ({Candidates(word, query)}) AND " : "";
        var tests = word.Texts.Select(path => Test(query, path, word.Word, negated));
        return $"({candidates}({string.Join(negated ? " AND " : " OR ", tests)}))";
    }

    /// <summary>Every word of the operand occurs in the one text.</summary>
    internal static string Translate(Comparison matches, SqlQuery query, bool negated)
    {
        var path = matches.Path;
        var words = SearchWords.Of((string)((Constants)matches.Operand).Values[0]!);
        var tests = words.Select(word => Test(query, path, word, negated));
        return $"({string.Join(negated ? " OR " : " AND ", tests)})";
    }

    /// <summary>A query for the row keys of the records that may hold the word, directly or behind a lookup.</summary>
    public static string Candidates(WordIn word, SqlQuery query)
    {
        var dialect = query.Dialect;
        var parts = new List<string>();
        foreach (var group in word.Texts.GroupBy(p => string.Join('.', p.Steps.SkipLast(1).Select(s => s.Name))))
        {
            var path = group.First();
            var fields = group.Select(p => p.Field).Distinct().ToList();
            if (path.IsDirect)
            {
                parts.Add(dialect.SearchCandidates(query, path.Field.Entity, fields, [word.Word]));
                continue;
            }
            var target = path.Field.Entity;
            var found = $"SELECT \"id\" FROM {SqlDialect.Quote(target.Table)} WHERE {dialect.RowKey} IN ({dialect.SearchCandidates(query, target, fields, [word.Word])})" +
                $" AND ({string.Join(" OR ", fields.Select(f => dialect.Contains(query, SqlDialect.Quote(f.Columns[f.Type.TextPart].Name), word.Word)))})";
            for (var i = path.Steps.Count - 2; i >= 0; i--)
            {
                var step = path.Steps[i];
                // Indexes hold live records only; without that word every record would be looked at.
                var live = i == 0 && !query.IsOfBin ? " AND \"deleted_at\" IS NULL" : "";
                found = $"SELECT {(i == 0 ? dialect.RowKey : "\"id\"")} FROM {SqlDialect.Quote(step.Entity.Table)} WHERE {SqlDialect.Quote(step.Columns[0].Name)} IN ({found}){live}";
            }
            parts.Add(found);
        }
        return string.Join(" UNION ALL ", parts);
    }

    private static string Test(SqlQuery query, FieldPath path, string word, bool negated)
    {
        var column = query.Column(path, path.Field.Type.TextPart);
        var test = query.Dialect.Contains(query, column, path.Field.Type.Needle(ConditionOperator.Matches, word));
        return negated ? $"({column} IS NULL OR NOT {test})" : test;
    }
}
