using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data.Sqlite;

internal sealed class SqliteDialect : SqlDialect
{
    public override string Contains(string column, string text) => $"instr({column}, {text}) > 0";

    public override string RowKey => SqliteSearch.RowKey;

    public override bool IndexFinds(string word) => true;

    public override string SearchCandidates(SqlQuery query, Entity entity, IReadOnlyList<Field> fields, IReadOnlyList<string> words) => SqliteSearch.Candidates(query, entity, words);

    public override string StartsWith(string column, string text) => $"substr({column}, 1, length({text})) = {text}";

    public override string EndsWith(string column, string text) => $"(length({column}) >= length({text}) AND substr({column}, length({column}) - length({text}) + 1) = {text})";

    public override string Rescale(string column, int digits) => $"({column} * 1{new string('0', digits)})";

    public override IReadOnlyList<string> Sum(string column, ColumnKind kind) =>
        [$"sum({column} >> 32) + (sum({column} & 4294967295) >> 32)", $"sum({column} & 4294967295) & 4294967295"];

    public override string DateBucket(string column, string by) => Bucket(column, by);

    public override IReadOnlyList<string> Median(string column) => [$"{SqliteFunctions.MedianLow}({column})", $"{SqliteFunctions.MedianHigh}({column})"];

    public override string IndexesOfTable => "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = $1 AND sql IS NOT NULL ORDER BY name";

    public override string Explain => "EXPLAIN QUERY PLAN ";

    public override (string Line, bool IsSlow) ReadPlanLine(Func<int, string?> column)
    {
        var line = column(3) ?? "";
        return (line, (line.StartsWith("SCAN ", StringComparison.Ordinal) && !line.Contains("SCAN found", StringComparison.Ordinal)) || line.StartsWith("USE TEMP B-TREE FOR ORDER BY", StringComparison.Ordinal));
    }

    public override string TimestampBucket(SqlQuery query, string column, string by, TimeZoneInfo zone)
    {
        var local = zone.HasSameRules(TimeZoneInfo.Utc) ? column : $"{SqliteFunctions.Local}({column}, {query.Parameter(Param.Text(zone.Id))})";
        // Division cuts towards zero, so that before 1970 a broken second would round up into the next day.
        return Bucket($"datetime({local} / 1000000 - ({local} % 1000000 < 0), 'unixepoch')", by);
    }

    protected override string MomentsBetween(string from, string to) => $"({to} - {from})";

    protected override string DaysBetween(string from, string to) => $"((unixepoch({to}) - unixepoch({from})) * 1000000)";

    protected override string DayOf(SqlQuery query, string column, TimeZoneInfo zone) => TimestampBucket(query, column, "day", zone);

    private static string Bucket(string day, string by) => by switch
    {
        "day" => $"strftime('%Y-%m-%d', {day})",
        "week" => $"strftime('%G-W%V', {day})",
        "month" => $"strftime('%Y-%m', {day})",
        "quarter" => $"(strftime('%Y', {day}) || '-Q' || ((CAST(strftime('%m', {day}) AS INTEGER) + 2) / 3))",
        "year" => $"strftime('%Y', {day})",
        _ => throw new ArgumentOutOfRangeException(nameof(by), by, "Unknown date bucket."),
    };
}
