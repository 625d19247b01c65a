using System.Globalization;
using Crm.Rules;

namespace Crm.Data;

/// <summary>
/// Inserts any number of rows with one statement, prepared once and kept with the connection however many rows a request has: run once for each
/// row where the database is in the same process, with an array for each column where it is across a network.
/// </summary>
public sealed class RowsInsert
{
    /// <param name="table">Where to.</param>
    /// <param name="columns">Names of the columns, in the order of the parameters.</param>
    /// <param name="suffix">What follows the values, such as what happens on a conflict.</param>
    internal RowsInsert(string table, IReadOnlyList<string> columns, string suffix = "")
    {
        Columns = columns.Count;
        var head = $"INSERT INTO {SqlDialect.Quote(table)} ({string.Join(", ", columns.Select(SqlDialect.Quote))}) ";
        var parameters = string.Join(", ", columns.Select((_, i) => "$" + (i + 1).ToString(CultureInfo.InvariantCulture)));
        OneRow = $"{head}VALUES ({parameters}){suffix}";
        FromArrays = $"{head}SELECT * FROM unnest({parameters}){suffix}";
    }

    /// <summary>Values of a row.</summary>
    internal int Columns { get; }

    /// <summary>The statement for one row, with a parameter for each value.</summary>
    internal string OneRow { get; }

    /// <summary>For databases that have arrays: the same statement for any number of rows.</summary>
    internal string FromArrays { get; }
}
