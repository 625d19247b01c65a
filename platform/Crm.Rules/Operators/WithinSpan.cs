using Crm.Metadata;

namespace Crm.Rules;

/// <summary><c>within</c>: a span of time that moves along with today.</summary>
internal sealed class WithinSpan : ComparisonRule
{
    public override OperandForm Form => OperandForm.Span;

    public override bool IsRange => true;

    internal override bool Holds(Comparison c, object? value, IReadOnlyList<object?> operands, Func<FieldPath, object?> read, ConditionScope scope)
    {
        var (from, until) = Bounds(c, scope);
        return value is not null && c.Path.Field.Type.Compare(value, from) >= 0 && c.Path.Field.Type.Compare(value, until) < 0;
    }

    internal override string Sql(Comparison c, SqlQuery query, ConditionScope scope, bool negated)
    {
        var column = query.Column(c.Path);
        var (from, until) = Bounds(c, scope);
        var (low, high) = (query.Parameter(c.Path.Field.Columns[0], from), query.Parameter(c.Path.Field.Columns[0], until));
        return negated ? $"({column} IS NULL OR {column} < {low} OR {column} >= {high})" : $"({column} >= {low} AND {column} < {high})";
    }

    private static (object From, object Until) Bounds(Comparison c, ConditionScope scope)
    {
        var span = ((RelativeTime)c.Operand).Span;
        if (c.Path.Field.Type is DateFieldType)
        {
            return RelativeTimes.Resolve(span, scope.Today) is var (first, after) ? (first, after) : throw Unknown(span);
        }
        return RelativeTimes.Resolve(span, scope) is var (from, until) ? (from, until) : throw Unknown(span);
    }

    private static InvalidOperationException Unknown(string span) => new($"Unknown span '{span}'.");
}
