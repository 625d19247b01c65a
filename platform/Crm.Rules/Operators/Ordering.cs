using System.Text;
using Crm.Metadata;

namespace Crm.Rules;

/// <summary><c>lt</c>, <c>le</c>, <c>gt</c> and <c>ge</c>: the order of values; with empty on either side it does not hold.</summary>
/// <param name="sign">How SQL says it.</param>
/// <param name="inverse">How SQL says the opposite of two values that are there.</param>
/// <param name="test">What the comparison of the two has to give.</param>
internal sealed class Ordering(string sign, string inverse, Func<int, bool> test) : ComparisonRule
{
    public override bool IsRange => true;

    internal override bool Holds(Comparison c, object? value, IReadOnlyList<object?> operands, Func<FieldPath, object?> read, ConditionScope scope) =>
        value is not null && operands[0] is { } operand && test(c.Path.Field.Type.Compare(value, operand));

    internal override string Sql(Comparison c, SqlQuery query, ConditionScope scope, bool negated)
    {
        var field = c.Path.Field;
        if (c.Operand is OtherField other)
        {
            var theirs = query.Aligned(other.Path, other.Path.Field.Type.SortPart, field.Columns[field.Type.SortPart]);
            var ours = query.Aligned(c.Path, field.Type.SortPart, other.Path.Field.Columns[other.Path.Field.Type.SortPart]);
            return negated ? $"({ours} IS NULL OR {theirs} IS NULL OR {ours} {inverse} {theirs})" : $"{ours} {sign} {theirs}";
        }
        var column = query.Column(c.Path, field.Type.SortPart);
        if (scope.ValuesOf(c)[0] is not { } value)
        {
            return ColumnSql.Constant(negated);
        }
        var operand = query.Parameter(ColumnSql.SortParameter(field, value));
        return negated ? $"({column} IS NULL OR {column} {inverse} {operand})" : $"{column} {sign} {operand}";
    }

    internal override bool TryShape(Comparison c, ConditionScope scope, bool negated, StringBuilder shape, List<SqlParameter> parameters)
    {
        if (c.Operand is OtherField other)
        {
            shape.Append(other.Path);
            return true;
        }
        var value = scope.ValuesOf(c)[0];
        shape.Append(value is null ? 'n' : 'v');
        if (value is not null)
        {
            parameters.Add(ColumnSql.SortParameter(c.Path.Field, value));
        }
        return true;
    }
}
