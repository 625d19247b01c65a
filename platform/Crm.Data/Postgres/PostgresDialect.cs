using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data.Postgres;

internal sealed class PostgresDialect : SqlDialect
{
    public override string LockRows => " ORDER BY \"id\" FOR UPDATE";

    public override string SkipLockedRows => " FOR UPDATE SKIP LOCKED";

    public override string Contains(string column, string text) => $"strpos({column}, {text}) > 0";

    public override string StartsWith(string column, string text) => $"starts_with({column}, {text})";

    public override string EndsWith(string column, string text) => $"right({column}, length({text})) = {text}";

    public override IReadOnlyList<string> Sum(string column, ColumnKind kind) => kind == ColumnKind.Integer
        ? [$"CAST(div(sum({column}), 4294967296) AS bigint)", $"CAST(mod(sum({column}), 4294967296) AS bigint)"]
        : [$"sum({column})"];

    public override string DateBucket(string column, string by) => $"to_char({column}, '{Format(by)}')";

    public override string TimestampBucket(string column, string by) => $"to_char({column} AT TIME ZONE 'UTC', '{Format(by)}')";

    private static string Format(string by) => by switch
    {
        "day" => "YYYY-MM-DD",
        "week" => "IYYY-\"W\"IW",
        "month" => "YYYY-MM",
        "quarter" => "YYYY-\"Q\"Q",
        "year" => "YYYY",
        _ => throw new ArgumentOutOfRangeException(nameof(by), by, "Unknown date bucket."),
    };
}
