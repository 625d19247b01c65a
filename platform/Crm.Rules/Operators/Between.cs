using System.Text;
using Crm.Metadata;

namespace Crm.Rules;

/// <summary><c>between</c>: not below one bound and not above another.</summary>
internal sealed class Between : ComparisonRule
{
    public override OperandForm Form => OperandForm.Pair;

    public override bool IsRange => true;

    internal override bool Holds(Comparison c, object? value, IReadOnlyList<object?> operands, Func<FieldPath, object?> read, ConditionScope scope) =>
        value is not null && operands is [{ } low, { } high] && c.Path.Field.Type.Compare(value, low) >= 0 && c.Path.Field.Type.Compare(value, high) <= 0;

    internal override string Sql(Comparison c, SqlQuery query, ConditionScope scope, bool negated)
    {
        var field = c.Path.Field;
        var column = query.Column(c.Path, field.Type.SortPart);
        if (scope.ValuesOf(c) is not [{ } from, { } to])
        {
            return ColumnSql.Constant(negated);
        }
        var (low, high) = (query.Parameter(ColumnSql.SortParameter(field, from)), query.Parameter(ColumnSql.SortParameter(field, to)));
        return negated ? $"({column} IS NULL OR {column} < {low} OR {column} > {high})" : $"({column} >= {low} AND {column} <= {high})";
    }

    internal override bool TryShape(Comparison c, ConditionScope scope, bool negated, StringBuilder shape, List<SqlParameter> parameters)
    {
        var isWhole = scope.ValuesOf(c) is [not null, not null];
        shape.Append(isWhole ? 'v' : 'n');
        if (isWhole)
        {
            parameters.AddRange(scope.ValuesOf(c).Select(v => ColumnSql.SortParameter(c.Path.Field, v)));
        }
        return true;
    }
}
