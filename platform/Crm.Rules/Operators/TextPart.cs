using Crm.Metadata;

namespace Crm.Rules;

/// <summary><c>startsWith</c>, <c>endsWith</c> and, with more to it, <c>contains</c>: a part of a text, whatever its case and accents.</summary>
/// <param name="test">The meaning in memory, over folded forms.</param>
/// <param name="sql">The meaning in SQL, over the same.</param>
internal class TextPart(Func<string, string, bool> test, Func<SqlDialect, string, string, string> sql) : ComparisonRule
{
    /// <summary>With nothing to look for it holds for every text.</summary>
    public override Comparison Normalize(Comparison c) => c.Operand is Constants { Values: [null] } ? c with { Operator = ConditionOperator.NotNull, Operand = new Constants([]) } : c;

    public override IReadOnlyList<string> Words(string folded) => folded.Length > 0 ? [folded] : [];

    internal override bool Holds(Comparison c, object? value, IReadOnlyList<object?> operands, Func<FieldPath, object?> read, ConditionScope scope) =>
        value is not null && operands[0] is { } operand &&
        test(c.Path.Field.Type.SearchText(value), c.Operand is OtherField other ? other.Path.Field.Type.SearchText(operand) : c.Path.Field.Type.Needle(c.Operator, (string)operand));

    internal override string Sql(Comparison c, SqlQuery query, ConditionScope scope, bool negated)
    {
        var field = c.Path.Field;
        var text = query.Column(c.Path, field.Type.TextPart);
        if (c.Operand is OtherField other)
        {
            var theirs = query.Column(other.Path, other.Path.Field.Type.TextPart);
            var found = sql(query.Dialect, text, theirs);
            return negated ? $"({text} IS NULL OR {theirs} IS NULL OR NOT {found})" : found;
        }
        var holds = Known(query, text, field, field.Type.Needle(c.Operator, (string)((Constants)c.Operand).Values[0]!));
        return negated ? $"({text} IS NULL OR NOT {holds})" : holds;
    }

    /// <summary>The test for a part that is known.</summary>
    protected virtual string Known(SqlQuery query, string text, Field field, string needle) => sql(query.Dialect, text, query.Parameter(field.Columns[field.Type.TextPart], needle));
}
