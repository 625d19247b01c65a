using System.Text;
using Crm.Metadata;

namespace Crm.Rules;

/// <summary><c>eq</c>: the same value, or both are empty. A list equals one of its members, where its type asks for members.</summary>
internal sealed class Equality : ComparisonRule
{
    public override bool FitsOther(FieldType left, FieldType right) => true;

    public override Comparison Normalize(Comparison c) => c.Operand is Constants { Values: [null] } ? c with { Operator = ConditionOperator.IsNull, Operand = new Constants([]) } : c;

    internal override bool Holds(Comparison c, object? value, IReadOnlyList<object?> operands, Func<FieldPath, object?> read, ConditionScope scope) => AreEqual(c, value, operands[0]);

    internal override string Sql(Comparison c, SqlQuery query, ConditionScope scope, bool negated)
    {
        var field = c.Path.Field;
        if (field.Type is ListFieldType list && list.AsksForMember(c.Operator))
        {
            return Membership.OfList(c, list, query, negated);
        }
        if (c.Operand is OtherField other)
        {
            return OfFields(c.Path, other.Path, query, negated);
        }
        var column = query.Column(c.Path);
        if (scope.ValuesOf(c)[0] is not { } value)
        {
            return ColumnSql.IsNull(column, !negated);
        }
        var columns = ColumnSql.Spread(field, value);
        var terms = Asked(field, negated).Select(i => ColumnSql.PartEquals(query, c.Path, i, columns[i], negated)).ToList();
        return negated ? $"({string.Join(" OR ", terms)} OR {column} IS NULL)" : terms.Count == 1 ? terms[0] : $"({string.Join(" AND ", terms)})";
    }

    internal override bool TryShape(Comparison c, ConditionScope scope, bool negated, StringBuilder shape, List<SqlParameter> parameters)
    {
        if (c.Operand is OtherField other)
        {
            shape.Append(other.Path);
            return true;
        }
        var field = c.Path.Field;
        // Where a value has several parts, some of them may be empty, which reads differently.
        if (ColumnSql.IsCompound(field))
        {
            return false;
        }
        var value = scope.ValuesOf(c)[0];
        shape.Append(value is null ? 'n' : 'v');
        if (value is not null)
        {
            var columns = ColumnSql.Spread(field, value);
            parameters.AddRange(Asked(field, negated).Select(i => SqlParameter.Of(field.Columns[i], columns[i])));
        }
        return true;
    }

    /// <summary>Whether a value is what it is compared with, or holds it.</summary>
    public static bool AreEqual(Comparison c, object? value, object? operand) =>
        c.Path.Field.Type is ListFieldType list && list.AsksForMember(c.Operator) && value is not null && operand is not null
            ? list.Holds(value, operand)
            : c.Path.Field.Type.AreEqual(value, operand);

    /// <summary>The columns that are compared. The folded form follows from the text, but it is what indexes hold.</summary>
    private static IEnumerable<int> Asked(Field field, bool negated) =>
        Enumerable.Range(0, field.Columns.Count).Where(i => field.Columns[i].Part.Compared || (!negated && i == field.Type.TextPart));

    private static string OfFields(FieldPath left, FieldPath right, SqlQuery query, bool negated)
    {
        var (l, r) = (query.Column(left), query.Column(right));
        var terms = Enumerable.Range(0, left.Field.Columns.Count)
            .Where(part => left.Field.Columns[part].Part.Compared)
            .Select(part => query.Aligned(left, part, right.Field.Columns[part]) + (negated ? " <> " : " = ") + query.Aligned(right, part, left.Field.Columns[part]));
        return negated
            ? $"({string.Join(" OR ", terms)} OR ({l} IS NULL AND {r} IS NOT NULL) OR ({l} IS NOT NULL AND {r} IS NULL))"
            : $"(({string.Join(" AND ", terms)}) OR ({l} IS NULL AND {r} IS NULL))";
    }
}
