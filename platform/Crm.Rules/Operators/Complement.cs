using System.Text;
using Crm.Metadata;

namespace Crm.Rules;

/// <summary>An operator that is the exact complement of another.</summary>
internal sealed class Complement(ComparisonRule of) : ComparisonRule
{
    public override OperandForm Form => of.Form;

    public override bool FitsField(Field field) => of.FitsField(field);

    public override bool FitsOther(FieldType left, FieldType right) => of.FitsOther(left, right);

    public override Comparison Normalize(Comparison c) => of.Normalize(c) is { Operator: ConditionOperator.IsNull } empty && c.Operand is Constants { Values: [null] }
        ? empty with { Operator = ConditionOperator.NotNull }
        : c;

    internal override bool Holds(Comparison c, object? value, IReadOnlyList<object?> operands, Func<FieldPath, object?> read, ConditionScope scope) => !of.Holds(c, value, operands, read, scope);

    internal override string Sql(Comparison c, SqlQuery query, ConditionScope scope, bool negated) => of.Sql(c, query, scope, !negated);

    internal override bool TryShape(Comparison c, ConditionScope scope, bool negated, StringBuilder shape, List<SqlParameter> parameters) => of.TryShape(c, scope, !negated, shape, parameters);
}
