using System.Globalization;
using Crm.Metadata;

namespace Crm.Rules;

/// <summary>
/// The meaning of a condition in SQL. Negation is pushed down to the leaves, and each leaf has a positive and a negative form, because SQL's
/// third truth value would otherwise make <c>not</c> lose the records whose field is empty.
/// </summary>
public static class ConditionSql
{
    public static string Translate(Condition condition, SqlQuery query, ConditionScope scope) => Translate(condition, query, scope, negated: false);

    private static string Translate(Condition condition, SqlQuery query, ConditionScope scope, bool negated) => condition switch
    {
        Not not => Translate(not.Inner, query, scope, !negated),
        AllOf all => Combine(all.Parts, query, scope, negated, conjunction: !negated),
        AnyOf any => Combine(any.Parts, query, scope, negated, conjunction: negated),
        Comparison comparison => Translate(comparison, query, scope, negated),
        WordIn word => WordSql.Translate(word, query, negated),
        SameText same => Same(same, query, negated),
        ChildExists child => Translate(child, query, scope, negated),
        _ => throw new InvalidOperationException($"Unknown condition {condition.GetType().Name}."),
    };

    private static string Translate(ChildExists child, SqlQuery query, ConditionScope scope, bool negated)
    {
        var parent = child.Path.Through is { } through ? query.Column(through) : query.Column(new FieldPath([query.Entity.Fields[Entity.IdOrdinal]]));
        var inner = query.Inner(child.Path.Child);
        var back = inner.Column(new FieldPath([child.Path.Parent]));
        var live = inner.Column(new FieldPath([child.Path.Child.Fields[Entity.DeletedAtOrdinal]]));
        var kind = child.Path.Parent.Type is AnyLookupFieldType
            ? $" AND {inner.Column(new FieldPath([child.Path.Parent]), AnyLookupFieldType.EntityPart)} = {query.Parameter(child.Path.Parent.Columns[AnyLookupFieldType.EntityPart], (child.Path.Through?.Field.Target ?? query.Entity).Name)}"
            : "";
        var where = child.Where == Condition.Always ? "" : " AND " + Translate(child.Where, inner, scope, negated: false);
        return $"{(negated ? "NOT " : "")}EXISTS (SELECT 1 FROM {inner.From} WHERE {back} = {parent}{kind} AND {live} IS NULL{where})";
    }

    private static string Same(SameText same, SqlQuery query, bool negated)
    {
        var (field, column, columns) = (same.Path.Field, query.Column(same.Path, same.Path.Field.Type.SortPart), new object?[same.Path.Field.Columns.Count]);
        var list = string.Join(", ", same.Among.Select(Operand));
        return list.Length == 0 ? negated ? "1 = 1" : "1 = 0" : negated ? $"({column} IS NULL OR {column} NOT IN ({list}))" : $"{column} IN ({list})";

        string Operand(string text)
        {
            field.Type.ToColumns(text, columns);
            return query.Parameter(field.Columns[field.Type.SortPart], columns[field.Type.SortPart]);
        }
    }

    private static string Combine(IReadOnlyList<Condition> parts, SqlQuery query, ConditionScope scope, bool negated, bool conjunction) => parts.Count switch
    {
        0 => conjunction ? "1 = 1" : "1 = 0",
        1 => Translate(parts[0], query, scope, negated),
        _ => "(" + string.Join(conjunction ? " AND " : " OR ", parts.Select(p => Translate(p, query, scope, negated))) + ")",
    };

    private static string Translate(Comparison c, SqlQuery query, ConditionScope scope, bool negated)
    {
        var field = c.Path.Field;
        var column = query.Column(c.Path);
        switch (c.Operator)
        {
            case ConditionOperator.IsNull: return IsNull(column, !negated);
            case ConditionOperator.NotNull: return IsNull(column, negated);
            case ConditionOperator.In or ConditionOperator.NotIn or ConditionOperator.Eq or ConditionOperator.Ne when field.Type is ListFieldType list && list.AsksForMember(c.Operator):
                return Members(c, list, query, negated ^ c.Operator is ConditionOperator.NotIn or ConditionOperator.Ne);
            case ConditionOperator.In: return In(c, query, column, scope.ValuesOf(c), negated);
            case ConditionOperator.NotIn: return In(c, query, column, scope.ValuesOf(c), !negated);
            case ConditionOperator.Eq: return Equal(c, query, scope, column, negated);
            case ConditionOperator.Ne: return Equal(c, query, scope, column, !negated);
            case ConditionOperator.Contains or ConditionOperator.StartsWith or ConditionOperator.EndsWith:
                var text = query.Column(c.Path, field.Type.TextPart);
                if (c is { Operator: ConditionOperator.Contains, Operand: Constants { Values: [string part] } })
                {
                    var found = query.Dialect.Contains(query, text, field.Type.Needle(c.Operator, part));
                    return negated ? $"({text} IS NULL OR NOT {found})" : found;
                }
                var operand = c.Operand is OtherField otherText
                    ? query.Column(otherText.Path, otherText.Path.Field.Type.TextPart)
                    : query.Parameter(field.Columns[field.Type.TextPart], field.Type.Needle(c.Operator, (string)((Constants)c.Operand).Values[0]!));
                var test = c.Operator switch
                {
                    ConditionOperator.Contains => query.Dialect.Contains(text, operand),
                    ConditionOperator.StartsWith => query.Dialect.StartsWith(text, operand),
                    _ => query.Dialect.EndsWith(text, operand),
                };
                var guard = c.Operand is OtherField ? $" OR {operand} IS NULL" : "";
                return negated ? $"({text} IS NULL{guard} OR NOT {test})" : test;
            case ConditionOperator.Matches:
                return WordSql.Translate(c, query, negated);
            case ConditionOperator.Under:
                return Under(c, query, column, scope.ValuesOf(c), negated);
            case ConditionOperator.Within:
                return WithinSpan(c, query, scope, column, negated);
            default:
                return Ordered(c, query, scope, negated);
        }
    }

    private static string Ordered(Comparison c, SqlQuery query, ConditionScope scope, bool negated)
    {
        var column = query.Column(c.Path, c.Path.Field.Type.SortPart);
        if (c.Operator == ConditionOperator.Between)
        {
            var bounds = scope.ValuesOf(c);
            if (bounds.Any(b => b is null))
            {
                return negated ? "1 = 1" : "1 = 0";
            }
            var (low, high) = (SortOperand(bounds[0]), SortOperand(bounds[1]));
            return negated ? $"({column} IS NULL OR {column} < {low} OR {column} > {high})" : $"({column} >= {low} AND {column} <= {high})";
        }
        string operand;
        var orOtherIsNull = "";
        if (c.Operand is OtherField other)
        {
            operand = query.Aligned(other.Path, other.Path.Field.Type.SortPart, c.Path.Field.Columns[c.Path.Field.Type.SortPart]);
            column = query.Aligned(c.Path, c.Path.Field.Type.SortPart, other.Path.Field.Columns[other.Path.Field.Type.SortPart]);
            orOtherIsNull = $" OR {operand} IS NULL";
        }
        else if (ValueOf(c, scope) is { } value)
        {
            operand = SortOperand(value);
        }
        else
        {
            return negated ? "1 = 1" : "1 = 0";
        }
        var (op, inverse) = c.Operator switch
        {
            ConditionOperator.Lt => ("<", ">="),
            ConditionOperator.Le => ("<=", ">"),
            ConditionOperator.Gt => (">", "<="),
            _ => (">=", "<"),
        };
        return negated ? $"({column} IS NULL{orOtherIsNull} OR {column} {inverse} {operand})" : $"{column} {op} {operand}";

        string SortOperand(object? value)
        {
            var type = c.Path.Field.Type;
            var columns = new object?[type.Parts.Count];
            type.ToColumns(value, columns);
            return query.Parameter(c.Path.Field.Columns[type.SortPart], columns[type.SortPart]);
        }
    }

    private static string Equal(Comparison c, SqlQuery query, ConditionScope scope, string column, bool negated)
    {
        var field = c.Path.Field;
        if (c.Operand is OtherField other)
        {
            return EqualFields(c.Path, other.Path, query, negated);
        }
        if (ValueOf(c, scope) is not { } value)
        {
            return IsNull(column, !negated);
        }
        var columns = new object?[field.Columns.Count];
        field.Type.ToColumns(value, columns);
        var terms = new List<string>();
        for (var i = 0; i < columns.Length; i++)
        {
            // The folded form follows from the text, but it is what indexes hold.
            if (field.Columns[i].Part.Compared || (!negated && i == field.Type.TextPart))
            {
                terms.Add(PartEquals(query, c.Path, i, columns[i], negated));
            }
        }
        return negated ? $"({string.Join(" OR ", terms)} OR {column} IS NULL)" : terms.Count == 1 ? terms[0] : $"({string.Join(" AND ", terms)})";
    }

    private static string EqualFields(FieldPath left, FieldPath right, SqlQuery query, bool negated)
    {
        var (l, r) = (query.Column(left), query.Column(right));
        var terms = Enumerable.Range(0, left.Field.Columns.Count)
            .Where(part => left.Field.Columns[part].Part.Compared)
            .Select(part => query.Aligned(left, part, right.Field.Columns[part]) + (negated ? " <> " : " = ") + query.Aligned(right, part, left.Field.Columns[part]));
        return negated
            ? $"({string.Join(" OR ", terms)} OR ({l} IS NULL AND {r} IS NOT NULL) OR ({l} IS NOT NULL AND {r} IS NULL))"
            : $"(({string.Join(" AND ", terms)}) OR ({l} IS NULL AND {r} IS NULL))";
    }

    private static string In(Comparison c, SqlQuery query, string column, IReadOnlyList<object?> values, bool negated)
    {
        var field = c.Path.Field;
        var present = values.Where(v => v is not null).ToList();
        var hasEmpty = present.Count < values.Count;
        if (field.Columns.Count(c => c.Part.Compared) > 1)
        {
            return InParts(c, query, present, hasEmpty, negated);
        }
        if (present.Count == 0)
        {
            return hasEmpty ? IsNull(column, !negated) : negated ? "1 = 1" : "1 = 0";
        }
        var list = string.Join(", ", present.Select(v => query.Parameter(field.Columns[0], ColumnOf(v!, 0))));
        return (negated, hasEmpty) switch
        {
            (false, false) => Folded(c, query, present) + $"{column} IN ({list})",
            (false, true) => $"({column} IS NULL OR {column} IN ({list}))",
            (true, false) => $"({column} IS NULL OR {column} NOT IN ({list}))",
            (true, true) => $"{column} NOT IN ({list})",
        };

        object? ColumnOf(object value, int part) => ColumnsOf(field, value)[part];
    }

    private static object?[] ColumnsOf(Field field, object value)
    {
        var columns = new object?[field.Columns.Count];
        field.Type.ToColumns(value, columns);
        return columns;
    }

    /// <summary>Whether a list holds any of the members, each of which stands between separators in the folded column.</summary>
    private static string Members(Comparison c, ListFieldType list, SqlQuery query, bool negated)
    {
        var column = query.Column(c.Path);
        var text = query.Column(c.Path, list.TextPart);
        var values = ((Constants)c.Operand).Values;
        var terms = values.Where(v => v is not null).Select(v => query.Dialect.Contains(text, query.Parameter(c.Path.Field.Columns[list.TextPart], list.KeyOf(v!)))).ToList();
        if (values.Any(v => v is null))
        {
            terms.Insert(0, IsNull(column, true));
        }
        return (terms.Count, negated) switch
        {
            (0, _) => negated ? "1 = 1" : "1 = 0",
            (_, false) => $"({string.Join(" OR ", terms)})",
            // An empty list holds none of them; where emptiness itself is asked for, it is not the complement.
            (_, true) => values.Any(v => v is null)
                ? $"({string.Join(" AND ", terms.Skip(1).Select(t => $"NOT ({t})").Prepend(IsNull(column, false)))})"
                : $"({IsNull(column, true)} OR NOT ({string.Join(" OR ", terms)}))",
        };
    }

    /// <summary>The same list in folded forms, which is what indexes over text hold.</summary>
    private static string Folded(Comparison c, SqlQuery query, List<object?> present)
    {
        var part = c.Path.Field.Type.TextPart;
        return part < 0
            ? ""
            : $"{query.Column(c.Path, part)} IN ({string.Join(", ", present.Select(v => query.Parameter(c.Path.Field.Columns[part], ColumnsOf(c.Path.Field, v!)[part])))}) AND ";
    }

    /// <summary>
    /// Several columns make up one value: a list of the first column's values for each combination of the others. An equality for each
    /// value would nest deeper than SQLite allows.
    /// </summary>
    private static string InParts(Comparison c, SqlQuery query, List<object?> present, bool hasEmpty, bool negated)
    {
        var field = c.Path.Field;
        // Columns that follow from others take no part.
        var compared = Enumerable.Range(0, field.Columns.Count).Where(i => field.Columns[i].Part.Compared).ToArray();
        var groups = present
            .Select(value => ColumnsOf(field, value!))
            .GroupBy(columns => string.Join('\u001f', compared.Skip(1).Select(i => columns[i])))
            .Select(group =>
            {
                var list = string.Join(", ", group.Select(columns => query.Parameter(field.Columns[0], columns[0])));
                var first = group.First();
                var others = compared.Skip(1).Select(i => PartEquals(query, c.Path, i, first[i], negated));
                return "(" + string.Join(negated ? " OR " : " AND ", others.Prepend($"{query.Column(c.Path)} {(negated ? "NOT IN" : "IN")} ({list})")) + ")";
            });
        var (terms, column) = (groups.ToList(), query.Column(c.Path));
        return (negated, hasEmpty) switch
        {
            (false, true) => $"({string.Join(" OR ", terms.Append(IsNull(column, true)))})",
            (false, false) => terms.Count == 0 ? "1 = 0" : $"({string.Join(" OR ", terms)})",
            (true, true) => $"({string.Join(" AND ", terms.Prepend(IsNull(column, false)))})",
            (true, false) => terms.Count == 0 ? "1 = 1" : $"({IsNull(column, true)} OR ({string.Join(" AND ", terms)}))",
        };
    }

    /// <summary>The roots and all below them, walked down; a union that keeps each only once comes to its end in a circle as well.</summary>
    private static string Under(Comparison c, SqlQuery query, string column, IReadOnlyList<object?> values, bool negated)
    {
        var roots = values.Where(v => v is not null).ToList();
        if (roots.Count == 0)
        {
            return negated ? "1 = 1" : "1 = 0";
        }
        var parent = c.Path.Field.TreeField!;
        var table = SqlDialect.Quote(parent.Entity.Table);
        var list = string.Join(", ", roots.Select(v => query.Parameter(c.Path.Field.Columns[0], v)));
        var below = $"(WITH RECURSIVE below(id) AS (SELECT \"id\" FROM {table} WHERE \"id\" IN ({list}) UNION SELECT child.\"id\" FROM {table} child JOIN below ON child.{SqlDialect.Quote(parent.Columns[0].Name)} = below.id) SELECT id FROM below)";
        return negated ? $"({column} IS NULL OR {column} NOT IN {below})" : $"{column} IN {below}";
    }

    /// <summary>One column of several that make up a value; any but the first may be empty.</summary>
    private static string PartEquals(SqlQuery query, FieldPath path, int part, object? value, bool negated)
    {
        var column = query.Column(path, part);
        if (value is null)
        {
            return IsNull(column, !negated);
        }
        var parameter = query.Parameter(path.Field.Columns[part], value);
        return !negated ? $"{column} = {parameter}" : part == 0 ? $"{column} <> {parameter}" : $"({column} <> {parameter} OR {column} IS NULL)";
    }

    private static string WithinSpan(Comparison c, SqlQuery query, ConditionScope scope, string column, bool negated)
    {
        var span = ((RelativeTime)c.Operand).Span;
        var (low, high) = c.Path.Field.Type is DateFieldType
            ? RelativeTimes.Resolve(span, scope.Today) is var (first, after) ? ((object)first, (object)after) : throw new InvalidOperationException($"Unknown span '{span}'.")
            : RelativeTimes.Resolve(span, scope) is var (from, until) ? (from, until) : throw new InvalidOperationException($"Unknown span '{span}'.");
        var (lowParameter, highParameter) = (query.Parameter(c.Path.Field.Columns[0], low), query.Parameter(c.Path.Field.Columns[0], high));
        return negated
            ? string.Create(CultureInfo.InvariantCulture, $"({column} IS NULL OR {column} < {lowParameter} OR {column} >= {highParameter})")
            : string.Create(CultureInfo.InvariantCulture, $"({column} >= {lowParameter} AND {column} < {highParameter})");
    }

    private static object? ValueOf(Comparison c, ConditionScope scope) => scope.ValuesOf(c)[0];

    private static string IsNull(string column, bool isNull) => column + (isNull ? " IS NULL" : " IS NOT NULL");
}
