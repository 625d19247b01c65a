using System.Globalization;
using System.Text;
using Crm.Rules;

namespace Crm.Data;

/// <summary>
/// Inserts any number of rows with few statements. Only a few forms of the statement exist, so that each is prepared once and kept with the
/// connection however many rows a request has.
/// </summary>
public sealed class RowsInsert
{
    /// <summary>
    /// SQLite's driver finds each parameter by its name among all of the statement, so that a wide entity's many rows in one statement cost more in
    /// looking for names than in being stored.
    /// </summary>
    private const int MaxParameters = 512;

    private static readonly int[] Sizes = [64, 8, 1];

    /// <param name="table">Where to.</param>
    /// <param name="columns">Names of the columns, in the order of the parameters.</param>
    /// <param name="suffix">What follows the values, such as what happens on a conflict.</param>
    internal RowsInsert(string table, IReadOnlyList<string> columns, string suffix = "")
    {
        Columns = columns.Count;
        OfSize = [.. Sizes.Where(rows => rows == 1 || rows * Columns <= MaxParameters).Select(rows => (rows, Statement(table, columns, rows, suffix)))];
        FromArrays = $"{Head(table, columns)}SELECT * FROM unnest({string.Join(", ", columns.Select((_, i) => "$" + (i + 1).ToString(CultureInfo.InvariantCulture)))}){suffix}";
    }

    /// <summary>Values of a row.</summary>
    internal int Columns { get; }

    /// <summary>Statements for some numbers of rows, the largest first, with a parameter for each value.</summary>
    internal IReadOnlyList<(int Rows, string Sql)> OfSize { get; }

    /// <summary>For databases that have arrays: the same statement for any number of rows, with an array for each column.</summary>
    internal string FromArrays { get; }

    internal string OneRow => OfSize[^1].Sql;

    private static string Statement(string table, IReadOnlyList<string> columns, int rows, string suffix)
    {
        var sql = new StringBuilder(Head(table, columns)).Append("VALUES ");
        for (var row = 0; row < rows; row++)
        {
            sql.Append(row == 0 ? "(" : ", (");
            for (var column = 0; column < columns.Count; column++)
            {
                sql.Append(column == 0 ? "$" : ", $").Append(((row * columns.Count) + column + 1).ToString(CultureInfo.InvariantCulture));
            }
            sql.Append(')');
        }
        return sql.Append(suffix).ToString();
    }

    private static string Head(string table, IReadOnlyList<string> columns) => $"INSERT INTO {SqlDialect.Quote(table)} ({string.Join(", ", columns.Select(SqlDialect.Quote))}) ";
}
