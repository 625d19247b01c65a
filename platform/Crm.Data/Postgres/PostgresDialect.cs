using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data.Postgres;

internal sealed class PostgresDialect : SqlDialect
{
    // Weaker than FOR UPDATE: a record may be changed while others come to point to it, but not deleted.
    public override string LockRows => " ORDER BY \"id\" FOR NO KEY UPDATE";

    public override string LockRowsToDelete => " ORDER BY \"id\" FOR UPDATE";

    public override string KeepRows => " ORDER BY \"id\" FOR KEY SHARE";

    public override string HoldNumbers => "SELECT pg_advisory_xact_lock(CAST(n AS bigint)) FROM unnest(string_to_array($1, ',')) n";

    public override string SkipLockedRows => " FOR UPDATE SKIP LOCKED";

    public override string Contains(string column, string text) => $"strpos({column}, {text}) > 0";

    public override string Contains(SqlQuery query, string column, string word) =>
        $"{column} LIKE {query.Parameter(Param.Text("%" + word.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal) + "%"))}";

    public override string RowKey => "\"id\"";

    /// <summary>Shorter words hold no trigram, so that the index would be read from end to end.</summary>
    public override bool IndexFinds(string word) => word.EnumerateRunes().Count() >= 3;

    public override string SearchCandidates(SqlQuery query, Entity entity, IReadOnlyList<Field> fields, IReadOnlyList<string> words)
    {
        var columns = fields.Select(f => Quote(f.Columns[f.Type.TextPart].Name)).ToList();
        var tests = words.Select(word => "(" + string.Join(" OR ", columns.Select(column => Contains(query, column, word))) + ")");
        return $"SELECT \"id\" FROM {Quote(entity.Table)} WHERE {string.Join(" AND ", tests)}";
    }

    public override string StartsWith(string column, string text) => $"starts_with({column}, {text})";

    public override string EndsWith(string column, string text) => $"right({column}, length({text})) = {text}";

    public override IReadOnlyList<string> Sum(string column, ColumnKind kind) => kind == ColumnKind.Integer
        ? [$"CAST(div(sum({column}), 4294967296) AS bigint)", $"CAST(mod(sum({column}), 4294967296) AS bigint)"]
        : [$"sum({column})"];

    public override string DateBucket(string column, string by) => $"to_char({column}, '{Format(by)}')";

    public override IReadOnlyList<string> Median(string column) =>
        [$"percentile_disc(0.5) WITHIN GROUP (ORDER BY {column})", $"percentile_disc(0.5) WITHIN GROUP (ORDER BY {column} DESC)"];

    public override string IndexesOfTable =>
        "SELECT i.indexname::text, i.indexdef FROM pg_indexes i WHERE i.schemaname = current_schema() AND i.tablename = $1 AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname) ORDER BY 1";

    public override string Explain => "EXPLAIN ";

    public override (string Line, bool IsSlow) ReadPlanLine(Func<int, string?> column)
    {
        var line = column(0) ?? "";
        return (line, line.Contains("Seq Scan on ", StringComparison.Ordinal) || line.TrimStart(' ', '-', '>').StartsWith("Sort ", StringComparison.Ordinal));
    }

    public override string TimestampBucket(SqlQuery query, string column, string by, TimeZoneInfo zone) =>
        $"to_char({column} AT TIME ZONE {query.Parameter(Param.Text(Name(zone)))}, '{Format(by)}')";

    protected override string MomentsBetween(string from, string to) => $"CAST(EXTRACT(EPOCH FROM ({to} - {from})) * 1000000 AS bigint)";

    protected override string DaysBetween(string from, string to) => $"(CAST({to} - {from} AS bigint) * 86400000000)";

    protected override string DayOf(SqlQuery query, string column, TimeZoneInfo zone) => $"CAST({column} AT TIME ZONE {query.Parameter(Param.Text(Name(zone)))} AS date)";

    private static string Name(TimeZoneInfo zone) => zone.HasSameRules(TimeZoneInfo.Utc) ? "UTC" : zone.Id;

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
