using System.Text;
using Crm.Metadata;

namespace Crm.Rules;

/// <summary>
/// A condition taken apart into what shows in the text of its SQL and what becomes parameters, so that the text can be kept. What
/// has no such shape is translated anew each time.
/// </summary>
public static class ConditionShape
{
    /// <returns>False if the condition has a part whose text does not follow from its shape.</returns>
    public static bool TryAdd(Condition condition, ConditionScope scope, StringBuilder shape, List<SqlParameter> parameters) => TryAdd(condition, scope, shape, parameters, negated: false);

    private static bool TryAdd(Condition condition, ConditionScope scope, StringBuilder shape, List<SqlParameter> parameters, bool negated)
    {
        switch (condition)
        {
            case Not not:
                shape.Append('!');
                return TryAdd(not.Inner, scope, shape, parameters, !negated);
            case AllOf all:
                return TryAdd('&', all.Parts, scope, shape, parameters, negated);
            case AnyOf any:
                return TryAdd('/', any.Parts, scope, shape, parameters, negated);
            case Comparison comparison:
                return TryAdd(comparison, scope, shape, parameters, negated);
            default:
                return false;
        }
    }

    private static bool TryAdd(char sign, IReadOnlyList<Condition> parts, ConditionScope scope, StringBuilder shape, List<SqlParameter> parameters, bool negated)
    {
        shape.Append(sign).Append('(');
        for (var i = 0; i < parts.Count; i++)
        {
            if (!TryAdd(parts[i], scope, shape, parameters, negated))
            {
                return false;
            }
        }
        shape.Append(')');
        return true;
    }

    private static bool TryAdd(Comparison c, ConditionScope scope, StringBuilder shape, List<SqlParameter> parameters, bool negated)
    {
        // What a list is asked for depends on more than the operator.
        if (c.Path.Field.Type is ListFieldType)
        {
            return false;
        }
        shape.Append(' ').Append(c.Path).Append(' ').Append((int)c.Operator).Append(' ');
        return Operators.Of(c.Operator).TryShape(c, scope, negated, shape, parameters);
    }
}
