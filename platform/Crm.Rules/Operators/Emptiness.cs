using System.Text;
using Crm.Metadata;

namespace Crm.Rules;

/// <summary><c>isNull</c>: there is no value.</summary>
internal sealed class Emptiness : ComparisonRule
{
    public override OperandForm Form => OperandForm.None;

    internal override bool Holds(Comparison c, object? value, IReadOnlyList<object?> operands, Func<FieldPath, object?> read, ConditionScope scope) => value is null;

    internal override string Sql(Comparison c, SqlQuery query, ConditionScope scope, bool negated) => ColumnSql.IsNull(query.Column(c.Path), !negated);

    internal override bool TryShape(Comparison c, ConditionScope scope, bool negated, StringBuilder shape, List<SqlParameter> parameters) => true;
}
