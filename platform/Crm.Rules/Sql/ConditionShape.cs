using System.Text;
using Crm.Metadata;

namespace Crm.Rules;

/// <summary>
/// A condition taken apart into what shows in the text of its SQL and what becomes parameters, so that the text can be kept. It knows the plain
/// comparisons; what it does not know is translated anew each time.
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
        var field = c.Path.Field;
        // What a list is asked for depends on more than the operator.
        if (field.Type is ListFieldType)
        {
            return false;
        }
        shape.Append(' ').Append(c.Path).Append(' ').Append((int)c.Operator).Append(' ');
        switch (c.Operator, c.Operand)
        {
            case (ConditionOperator.IsNull or ConditionOperator.NotNull, _):
                return true;
            case (_, OtherField other):
                shape.Append(other.Path);
                return c.Operator is ConditionOperator.Eq or ConditionOperator.Ne or ConditionOperator.Lt or ConditionOperator.Le or ConditionOperator.Gt or ConditionOperator.Ge;
            case (ConditionOperator.Eq or ConditionOperator.Ne, _):
                return AddEqual(field, scope.ValuesOf(c)[0], negated ^ c.Operator == ConditionOperator.Ne, shape, parameters);
            case (ConditionOperator.Lt or ConditionOperator.Le or ConditionOperator.Gt or ConditionOperator.Ge or ConditionOperator.Between, _):
                return AddOrdered(field, scope.ValuesOf(c), shape, parameters);
            case (ConditionOperator.In or ConditionOperator.NotIn, _):
                return AddList(field, scope.ValuesOf(c), negated ^ c.Operator == ConditionOperator.NotIn, shape, parameters);
            case (ConditionOperator.Contains, Constants { Values: [string text] }):
                parameters.Add(new(field.Type.Needle(c.Operator, text), ColumnKind.Text, 0));
                return true;
            default:
                return false;
        }
    }

    private static bool AddEqual(Field field, object? value, bool negated, StringBuilder shape, List<SqlParameter> parameters)
    {
        // Where a value has several parts, some of them may be empty, which reads differently.
        if (field.Columns.Count(c => c.Part.Compared) > 1)
        {
            return false;
        }
        shape.Append(value is null ? 'n' : 'v');
        if (value is not null)
        {
            var columns = new object?[field.Columns.Count];
            field.Type.ToColumns(value, columns);
            for (var i = 0; i < columns.Length; i++)
            {
                if (field.Columns[i].Part.Compared || (!negated && i == field.Type.TextPart))
                {
                    parameters.Add(SqlParameter.Of(field.Columns[i], columns[i]));
                }
            }
        }
        return true;
    }

    private static bool AddOrdered(Field field, IReadOnlyList<object?> values, StringBuilder shape, List<SqlParameter> parameters)
    {
        if (values.Any(v => v is null))
        {
            shape.Append('n');
            return true;
        }
        shape.Append('v');
        foreach (var value in values)
        {
            var columns = new object?[field.Columns.Count];
            field.Type.ToColumns(value, columns);
            parameters.Add(SqlParameter.Of(field.Columns[field.Type.SortPart], columns[field.Type.SortPart]));
        }
        return true;
    }

    /// <summary>Long lists are seldom of the same length twice.</summary>
    private static bool AddList(Field field, IReadOnlyList<object?> values, bool negated, StringBuilder shape, List<SqlParameter> parameters)
    {
        const int Longest = 20;
        if (values.Count > Longest || field.Columns.Count(c => c.Part.Compared) > 1)
        {
            return false;
        }
        var present = values.Where(v => v is not null).ToList();
        shape.Append(present.Count).Append(present.Count < values.Count ? 'n' : 'v');
        var columns = present.Select(v =>
        {
            var parts = new object?[field.Columns.Count];
            field.Type.ToColumns(v, parts);
            return parts;
        }).ToList();
        parameters.AddRange(columns.Select(parts => SqlParameter.Of(field.Columns[0], parts[0])));
        if (!negated && present.Count > 0 && present.Count == values.Count && field.Type.TextPart >= 0)
        {
            parameters.AddRange(columns.Select(parts => SqlParameter.Of(field.Columns[field.Type.TextPart], parts[field.Type.TextPart])));
        }
        return true;
    }
}
