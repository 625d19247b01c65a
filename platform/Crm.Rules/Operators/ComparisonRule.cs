using System.Text;
using Crm.Metadata;

namespace Crm.Rules;

/// <summary>
/// The one description of an operator: what stands on its other side, what it means in memory, what it means in SQL, and what of that SQL is its
/// shape. Reading, evaluation, translation and the keeping of statements all ask it, so that they cannot come apart.
/// </summary>
public abstract class ComparisonRule
{
    /// <summary>What has to stand on the other side.</summary>
    public virtual OperandForm Form => OperandForm.One;

    /// <summary>Whether it asks what lies between bounds of an order, so that a walk along an index finds it.</summary>
    public virtual bool IsRange => false;

    /// <summary>Whether it can be asked of a field at all, beyond what the field's type says.</summary>
    public virtual bool FitsField(Field field) => true;

    /// <summary>Whether a field of one type can be compared with another of the other; both need the same kind of column to do it in.</summary>
    public virtual bool FitsOther(FieldType left, FieldType right) => (left.TextPart, left.SortPart) == (right.TextPart, right.SortPart);

    /// <summary>The same comparison said in the simplest way.</summary>
    public virtual Comparison Normalize(Comparison c) => c;

    /// <summary>The parts of folded text that every record found holds, for which a search index can be asked first.</summary>
    public virtual IReadOnlyList<string> Words(string folded) => [];

    /// <summary>The meaning in memory.</summary>
    /// <param name="c">What is asked.</param>
    /// <param name="value">The field's value, null for empty.</param>
    /// <param name="operands">What it is compared with now; nothing for spans of time.</param>
    /// <param name="read">The value at the end of another path.</param>
    /// <param name="scope">Who asks and when.</param>
    internal abstract bool Holds(Comparison c, object? value, IReadOnlyList<object?> operands, Func<FieldPath, object?> read, ConditionScope scope);

    /// <summary>The meaning in SQL, in a positive and a negative form.</summary>
    internal abstract string Sql(Comparison c, SqlQuery query, ConditionScope scope, bool negated);

    /// <summary>Adds to the shape whatever decides over the text of <see cref="Sql"/>, and its parameters in the same order.</summary>
    /// <returns>False if the text does not follow from a shape.</returns>
    internal virtual bool TryShape(Comparison c, ConditionScope scope, bool negated, StringBuilder shape, List<SqlParameter> parameters) => false;
}
