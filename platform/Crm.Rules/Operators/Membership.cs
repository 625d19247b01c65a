using System.Text;
using Crm.Metadata;

namespace Crm.Rules;

/// <summary><c>in</c>: equal to one of several values, of which one may be emptiness.</summary>
internal sealed class Membership : ComparisonRule
{
    /// <summary>Long lists are seldom of the same length twice.</summary>
    private const int LongestShape = 20;

    public override OperandForm Form => OperandForm.List;

    internal override bool Holds(Comparison c, object? value, IReadOnlyList<object?> operands, Func<FieldPath, object?> read, ConditionScope scope) => operands.Any(o => Equality.AreEqual(c, value, o));

    internal override string Sql(Comparison c, SqlQuery query, ConditionScope scope, bool negated)
    {
        var field = c.Path.Field;
        if (field.Type is ListFieldType type && type.AsksForMember(c.Operator))
        {
            return OfList(c, type, query, negated);
        }
        var (present, hasEmpty) = Split(scope.ValuesOf(c));
        var column = query.Column(c.Path);
        if (ColumnSql.IsCompound(field))
        {
            return OfParts(c, query, present, hasEmpty, negated);
        }
        if (present.Count == 0)
        {
            return hasEmpty ? ColumnSql.IsNull(column, !negated) : ColumnSql.Constant(negated);
        }
        var list = string.Join(", ", present.Select(v => query.Parameter(field.Columns[0], ColumnSql.Spread(field, v)[0])));
        return (negated, hasEmpty) switch
        {
            (false, false) => Folded(c, query, present) + $"{column} IN ({list})",
            (false, true) => $"({column} IS NULL OR {column} IN ({list}))",
            (true, false) => $"({column} IS NULL OR {column} NOT IN ({list}))",
            (true, true) => $"{column} NOT IN ({list})",
        };
    }

    internal override bool TryShape(Comparison c, ConditionScope scope, bool negated, StringBuilder shape, List<SqlParameter> parameters)
    {
        var (field, values) = (c.Path.Field, scope.ValuesOf(c));
        if (values.Count > LongestShape || ColumnSql.IsCompound(field))
        {
            return false;
        }
        var (present, hasEmpty) = Split(values);
        shape.Append(present.Count).Append(hasEmpty ? 'n' : 'v');
        var columns = present.Select(v => ColumnSql.Spread(field, v)).ToList();
        parameters.AddRange(columns.Select(parts => SqlParameter.Of(field.Columns[0], parts[0])));
        if (!negated && present.Count > 0 && !hasEmpty && field.Type.TextPart is >= 0 and var text)
        {
            parameters.AddRange(columns.Select(parts => SqlParameter.Of(field.Columns[text], parts[text])));
        }
        return true;
    }

    /// <summary>Whether a list holds any of the members, each of which stands between separators in the folded column.</summary>
    public static string OfList(Comparison c, ListFieldType list, SqlQuery query, bool negated)
    {
        var column = query.Column(c.Path);
        var text = query.Column(c.Path, list.TextPart);
        var (present, hasEmpty) = Split(((Constants)c.Operand).Values);
        var terms = present.Select(v => query.Dialect.Contains(text, query.Parameter(c.Path.Field.Columns[list.TextPart], list.KeyOf(v)))).ToList();
        return (terms.Count, hasEmpty, negated) switch
        {
            (0, false, _) => ColumnSql.Constant(negated),
            (_, false, false) => $"({string.Join(" OR ", terms)})",
            (_, true, false) => $"({string.Join(" OR ", terms.Prepend(ColumnSql.IsNull(column, true)))})",
            // An empty list holds none of them; where emptiness itself is asked for, it is not the complement.
            (_, true, true) => $"({string.Join(" AND ", terms.Select(t => $"NOT ({t})").Prepend(ColumnSql.IsNull(column, false)))})",
            (_, false, true) => $"({ColumnSql.IsNull(column, true)} OR NOT ({string.Join(" OR ", terms)}))",
        };
    }

    private static (List<object> Present, bool HasEmpty) Split(IReadOnlyList<object?> values)
    {
        var present = values.OfType<object>().ToList();
        return (present, present.Count < values.Count);
    }

    /// <summary>The same list in folded forms, which is what indexes over text hold.</summary>
    private static string Folded(Comparison c, SqlQuery query, List<object> present)
    {
        var (field, part) = (c.Path.Field, c.Path.Field.Type.TextPart);
        return part < 0 ? "" : $"{query.Column(c.Path, part)} IN ({string.Join(", ", present.Select(v => query.Parameter(field.Columns[part], ColumnSql.Spread(field, v)[part])))}) AND ";
    }

    /// <summary>
    /// Several columns make up one value: a list of the first column's values for each combination of the others. An equality for each
    /// value would nest deeper than SQLite allows.
    /// </summary>
    private static string OfParts(Comparison c, SqlQuery query, List<object> present, bool hasEmpty, bool negated)
    {
        var field = c.Path.Field;
        // Columns that follow from others take no part.
        var compared = Enumerable.Range(0, field.Columns.Count).Where(i => field.Columns[i].Part.Compared).ToArray();
        var groups = present
            .Select(value => ColumnSql.Spread(field, value))
            .GroupBy(columns => string.Join('\u001f', compared.Skip(1).Select(i => columns[i])))
            .Select(group =>
            {
                var list = string.Join(", ", group.Select(columns => query.Parameter(field.Columns[0], columns[0])));
                var first = group.First();
                var others = compared.Skip(1).Select(i => ColumnSql.PartEquals(query, c.Path, i, first[i], negated));
                return "(" + string.Join(negated ? " OR " : " AND ", others.Prepend($"{query.Column(c.Path)} {(negated ? "NOT IN" : "IN")} ({list})")) + ")";
            });
        var (terms, column) = (groups.ToList(), query.Column(c.Path));
        return (negated, hasEmpty) switch
        {
            (false, true) => $"({string.Join(" OR ", terms.Append(ColumnSql.IsNull(column, true)))})",
            (false, false) => terms.Count == 0 ? ColumnSql.Constant(false) : $"({string.Join(" OR ", terms)})",
            (true, true) => $"({string.Join(" AND ", terms.Prepend(ColumnSql.IsNull(column, false)))})",
            (true, false) => terms.Count == 0 ? ColumnSql.Constant(true) : $"({ColumnSql.IsNull(column, true)} OR ({string.Join(" AND ", terms)}))",
        };
    }
}
