using Crm.Metadata;

namespace Crm.Data;

/// <summary>Values as columns hold them.</summary>
internal static class RecordValues
{
    /// <summary>What the principal column of a field holds for a value.</summary>
    public static object? Principal(Field field, object? value)
    {
        var columns = new object?[field.Columns.Count];
        field.Type.ToColumns(value, columns);
        return columns[0];
    }
}
