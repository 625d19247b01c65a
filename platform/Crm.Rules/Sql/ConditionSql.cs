using Crm.Metadata;

namespace Crm.Rules;

/// <summary>
/// The meaning of a condition in SQL. Negation is pushed down to the leaves, and each leaf has a positive and a negative form, because SQL's
/// third truth value would otherwise make <c>not</c> lose the records whose field is empty. What a leaf means says its operator (<see cref="ComparisonRule"/>).
/// </summary>
public static class ConditionSql
{
    public static string Translate(Condition condition, SqlQuery query, ConditionScope scope) => Translate(condition, query, scope, negated: false);

    private static string Translate(Condition condition, SqlQuery query, ConditionScope scope, bool negated) => condition switch
    {
        Not not => Translate(not.Inner, query, scope, !negated),
        AllOf all => Combine(all.Parts, query, scope, negated, conjunction: !negated),
        AnyOf any => Combine(any.Parts, query, scope, negated, conjunction: negated),
        Comparison comparison => Operators.Of(comparison.Operator).Sql(comparison, query, scope, negated),
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
        0 => ColumnSql.Constant(conjunction),
        1 => Translate(parts[0], query, scope, negated),
        _ => "(" + string.Join(conjunction ? " AND " : " OR ", parts.Select(p => Translate(p, query, scope, negated))) + ")",
    };
}
