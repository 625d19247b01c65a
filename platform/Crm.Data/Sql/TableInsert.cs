using System.Globalization;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Inserts into all columns of one table, one row a statement or many.</summary>
public sealed class TableInsert
{
    internal TableInsert(string table, IReadOnlyList<(string Name, ColumnKind Kind)> columns)
    {
        var head = $"INSERT INTO {SqlDialect.Quote(table)} ({string.Join(", ", columns.Select(c => SqlDialect.Quote(c.Name)))}) ";
        var parameters = string.Join(", ", columns.Select((_, i) => "$" + (i + 1).ToString(CultureInfo.InvariantCulture)));
        Kinds = [.. columns.Select(c => c.Kind)];
        OneRow = $"{head}VALUES ({parameters})";
        FromArrays = $"{head}SELECT * FROM unnest({parameters})";
    }

    internal IReadOnlyList<ColumnKind> Kinds { get; }

    /// <summary>One parameter a column.</summary>
    internal string OneRow { get; }

    /// <summary>One array a column, for databases that have arrays: the same statement for any number of rows.</summary>
    internal string FromArrays { get; }
}
