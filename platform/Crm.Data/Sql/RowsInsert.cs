using System.Globalization;
using System.Text;
using Crm.Rules;

namespace Crm.Data;

/// <summary>
/// Inserts any number of rows with few statements. Only three sizes of statement exist, so that each is prepared once and kept with the
/// connection however many rows a request has.
/// </summary>
internal sealed class RowsInsert
{
    private static readonly int[] Sizes = [64, 8, 1];

    private readonly int _columns;
    private readonly string[] _statements;

    /// <param name="table">Where to.</param>
    /// <param name="columns">Names of the columns, in the order of the parameters.</param>
    /// <param name="suffix">What follows the values, such as what happens on a conflict.</param>
    public RowsInsert(string table, IReadOnlyList<string> columns, string suffix = "")
    {
        _columns = columns.Count;
        _statements = [.. Sizes.Select(rows => Statement(table, columns, rows, suffix))];
    }

    /// <param name="session">Where to write.</param>
    /// <param name="values">The values of all rows, one row after the other.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The number of rows that were inserted.</returns>
    public async ValueTask<int> RunAsync(Session session, SqlParameter[] values, CancellationToken cancellationToken)
    {
        var (inserted, at) = (0, 0);
        for (var i = 0; i < Sizes.Length; i++)
        {
            for (var size = Sizes[i] * _columns; values.Length - at >= size; at += size)
            {
                inserted += await session.ExecuteAsync(_statements[i], new ArraySegment<SqlParameter>(values, at, size), cancellationToken);
            }
        }
        return inserted;
    }

    private static string Statement(string table, IReadOnlyList<string> columns, int rows, string suffix)
    {
        var sql = new StringBuilder("INSERT INTO ").Append(SqlDialect.Quote(table)).Append(" (").AppendJoin(", ", columns.Select(SqlDialect.Quote)).Append(") VALUES ");
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
}
