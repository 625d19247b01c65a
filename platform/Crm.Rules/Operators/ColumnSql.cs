using Crm.Metadata;

namespace Crm.Rules;

/// <summary>The columns that make up a field's value, in the SQL of operators.</summary>
internal static class ColumnSql
{
    /// <summary>What holds for no record or for all.</summary>
    public static string Constant(bool holds) => holds ? "1 = 1" : "1 = 0";

    public static string IsNull(string column, bool isNull) => column + (isNull ? " IS NULL" : " IS NOT NULL");

    /// <summary>A value spread over the columns of its field.</summary>
    public static object?[] Spread(Field field, object? value)
    {
        var columns = new object?[field.Columns.Count];
        field.Type.ToColumns(value, columns);
        return columns;
    }

    /// <summary>The one of a value's columns by which it is ordered.</summary>
    public static SqlParameter SortParameter(Field field, object? value) => SqlParameter.Of(field.Columns[field.Type.SortPart], Spread(field, value)[field.Type.SortPart]);

    /// <summary>Whether several columns decide together over equality, some of which may be empty.</summary>
    public static bool IsCompound(Field field) => field.Columns.Count(c => c.Part.Compared) > 1;

    /// <summary>One column of several that make up a value; any but the first may be empty.</summary>
    public static string PartEquals(SqlQuery query, FieldPath path, int part, object? value, bool negated)
    {
        var column = query.Column(path, part);
        if (value is null)
        {
            return IsNull(column, !negated);
        }
        var parameter = query.Parameter(path.Field.Columns[part], value);
        return !negated ? $"{column} = {parameter}" : part == 0 ? $"{column} <> {parameter}" : $"({column} <> {parameter} OR {column} IS NULL)";
    }
}
