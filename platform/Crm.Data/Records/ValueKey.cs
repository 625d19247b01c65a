using System.Globalization;
using Crm.Metadata;

namespace Crm.Data;

/// <summary>
/// The values of some fields as one text that is equal exactly where the values are. What people read of a value would not do: it leaves
/// out seconds and digits.
/// </summary>
internal static class ValueKey
{
    /// <summary>No text that is stored can hold it.</summary>
    private const char Separator = '\u001f';

    public static string Of(IEnumerable<Field> fields, Func<Field, object?> valueOf) => Of(fields.SelectMany(field => ColumnsOf(field, valueOf(field))));

    /// <summary>The same for values as columns hold them.</summary>
    public static string Of(IEnumerable<object?> columns) => string.Join(Separator, columns.Select(column => column switch
    {
        null => "",
        decimal number => ExactDecimal.Trim(number).ToString(CultureInfo.InvariantCulture),
        DateTimeOffset moment => moment.UtcTicks.ToString(CultureInfo.InvariantCulture),
        _ => Convert.ToString(column, CultureInfo.InvariantCulture),
    }));

    private static IEnumerable<object?> ColumnsOf(Field field, object? value)
    {
        var columns = new object?[field.Columns.Count];
        field.Type.ToColumns(value, columns);
        return columns.Where((_, part) => field.Columns[part].Part.Compared);
    }
}
