using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data.Sqlite;

internal sealed class SqliteDialect : SqlDialect
{
    public override string Contains(string column, string text) => $"instr({column}, {text}) > 0";

    public override string StartsWith(string column, string text) => $"substr({column}, 1, length({text})) = {text}";

    public override string EndsWith(string column, string text) => $"(length({column}) >= length({text}) AND substr({column}, length({column}) - length({text}) + 1) = {text})";

    public override string Rescale(string column, int digits) => $"({column} * 1{new string('0', digits)})";

    public override IReadOnlyList<string> Sum(string column, ColumnKind kind) =>
        [$"sum({column} >> 32) + (sum({column} & 4294967295) >> 32)", $"sum({column} & 4294967295) & 4294967295"];

    public override string DateBucket(string column, string by) => Bucket(column, by);

    public override string TimestampBucket(string column, string by) =>
        // Division cuts towards zero, so that before 1970 a broken second would round up into the next day.
        Bucket($"datetime({column} / 1000000 - ({column} % 1000000 < 0), 'unixepoch')", by);

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
