using System.Text;
using Crm.Metadata;

namespace Crm.Rules;

/// <summary><c>contains</c>: the database may have an index over parts of words, and asks for it in a form of its own.</summary>
internal sealed class Containing() : TextPart((text, part) => text.Contains(part, StringComparison.Ordinal), (dialect, column, part) => dialect.Contains(column, part))
{
    protected override string Known(SqlQuery query, string text, Field field, string needle) => query.Dialect.Contains(query, text, needle);

    internal override bool TryShape(Comparison c, ConditionScope scope, bool negated, StringBuilder shape, List<SqlParameter> parameters)
    {
        if (c.Operand is not Constants { Values: [string text] })
        {
            return false;
        }
        parameters.Add(new(c.Path.Field.Type.Needle(c.Operator, text), ColumnKind.Text, 0));
        return true;
    }
}
