using System.Globalization;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>A figure in SQL: the expressions that make it up, those that order by it, and how it is put together again.</summary>
internal sealed record MeasureSql(IReadOnlyList<string> Selected, IReadOnlyList<string> Order, Func<Row, int, object?> Read)
{
    private const decimal MicrosecondsADay = 86_400_000_000m;

    public static MeasureSql Of(Measure measure, SqlQuery sql, ConditionScope scope)
    {
        // What a condition leaves out is empty, and no function looks at what is empty.
        var condition = measure.Filter == Condition.Always ? null : ConditionSql.Translate(measure.Filter, sql, scope);
        if (measure.Function == MeasureFunction.Share)
        {
            var part = $"count(CASE WHEN {condition ?? "1 = 1"} THEN 1 END)";
            return new([part, "count(*)"], [$"{part} * 1.0 / NULLIF(count(*), 0)"], (row, at) => ReadShare(row.Integer(at) ?? 0, row.Integer(at + 1) ?? 0));
        }
        if (measure.Function == MeasureFunction.Days)
        {
            var time = Only(sql.Dialect.TimeBetween(sql, measure.From!, measure.To!, scope.TimeZone));
            var sum = sql.Dialect.Sum(time, ColumnKind.Integer);
            return new([.. sum, $"count({time})"], [$"avg({time})"], (row, at) => ReadSum(row, ColumnKind.Integer, 0, at, sum.Count) is { } total ? decimal.Round(total / row.Integer(at + sum.Count)!.Value / MicrosecondsADay, 10) : null);
        }
        if (measure.Path is not { } path)
        {
            return Plain(condition is null ? "count(*)" : $"count({Only("1")})", ReadCount);
        }
        var type = path.Field.Type;
        var figure = path.Field.Columns[type.SortPart];
        var column = Only(sql.Column(path, measure.Function is MeasureFunction.Count or MeasureFunction.CountDistinct ? type.GroupPart : type.SortPart));
        switch (measure.Function)
        {
            case MeasureFunction.Count: return Plain($"count({column})", ReadCount);
            case MeasureFunction.CountDistinct: return Plain($"count(DISTINCT {column})", ReadCount);
            case MeasureFunction.Sum:
                var parts = sql.Dialect.Sum(column, figure.Kind);
                return new(parts, parts, (row, at) => Whole(ReadSum(row, figure.Kind, figure.Part.Scale, at, parts.Count), figure));
            case MeasureFunction.Avg:
                // As its sum and count, so that the division is exact on both databases.
                var sum = sql.Dialect.Sum(column, figure.Kind);
                return new([.. sum, $"count({column})"], [$"avg({column})"], (row, at) => ReadSum(row, figure.Kind, figure.Part.Scale, at, sum.Count) is { } total ? decimal.Round(total / row.Integer(at + sum.Count)!.Value, 10) : null);
            case MeasureFunction.Median:
                var middle = sql.Dialect.Median(column);
                return new(middle, [string.Join(" / 2.0 + ", middle) + " / 2.0"], (row, at) => row.Value(at, figure) is { } low && row.Value(at + 1, figure) is { } high ? (ToDecimal(low) + ToDecimal(high)) / 2 : null);
            default:
                return Plain($"{(measure.Function == MeasureFunction.Min ? "min" : "max")}({column})", (row, at) => type.FromGroup(row.Value(at, figure)));
        }

        string Only(string expression) => condition is null ? expression : $"(CASE WHEN {condition} THEN {expression} END)";
    }

    private static MeasureSql Plain(string expression, Func<Row, int, object?> read) => new([expression], [expression], read);

    private static object ReadCount(Row row, int at) => row.Integer(at) ?? 0;

    private static object? ReadShare(long part, long whole) => whole == 0 ? null : decimal.Round(100m * part / whole, 10);

    private static object? Whole(decimal? sum, Column column) =>
        sum is { } whole && column.Kind == ColumnKind.Integer && whole is >= long.MinValue and <= long.MaxValue ? (object)(long)whole : sum;

    private static decimal? ReadSum(Row row, ColumnKind kind, int scale, int at, int parts)
    {
        decimal? sum = null;
        for (var i = 0; i < parts && row.Value(at + i, kind, scale) is { } part; i++)
        {
            sum = ((sum ?? 0) * (1L << 32)) + ToDecimal(part);
        }
        return sum;
    }

    private static decimal ToDecimal(object number) => Convert.ToDecimal(number, CultureInfo.InvariantCulture);
}
