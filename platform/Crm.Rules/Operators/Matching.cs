using Crm.Metadata;

namespace Crm.Rules;

/// <summary><c>matches</c>: every word occurs in the text, in any order.</summary>
internal sealed class Matching : ComparisonRule
{
    /// <summary>Its words are known before any record is looked at.</summary>
    public override bool FitsOther(FieldType left, FieldType right) => false;

    public override Comparison Normalize(Comparison c) => c.Operand is Constants { Values: [var text] } && (text is not string words || SearchWords.Of(words).Count == 0)
        ? c with { Operator = ConditionOperator.NotNull, Operand = new Constants([]) }
        : c;

    public override IReadOnlyList<string> Words(string folded) => SearchWords.OfFolded(folded);

    internal override bool Holds(Comparison c, object? value, IReadOnlyList<object?> operands, Func<FieldPath, object?> read, ConditionScope scope) =>
        value is not null && operands[0] is string words && SearchWords.Of(words).All(word => HasWord(c.Path.Field.Type, value, word));

    internal override string Sql(Comparison c, SqlQuery query, ConditionScope scope, bool negated) => WordSql.Translate(c, query, negated);

    /// <summary>Whether a folded word occurs in a value.</summary>
    public static bool HasWord(FieldType type, object value, string word) => type.SearchText(value).Contains(type.Needle(ConditionOperator.Matches, word), StringComparison.Ordinal);
}
