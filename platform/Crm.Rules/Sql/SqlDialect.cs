using Crm.Metadata;

namespace Crm.Rules;

/// <summary>The few places where the databases' SQL differs. Text operands are folded forms, compared by code point.</summary>
public abstract class SqlDialect
{
    /// <summary>Appended to a query whose rows are to stay as they are until the transaction ends; empty where there is one writer only.</summary>
    public virtual string LockRows => "";

    /// <summary>Appended to a subquery whose rows are taken away: rows that somebody else is taking are left out; empty where there is one writer only.</summary>
    public virtual string SkipLockedRows => "";

    /// <summary>Whether <paramref name="text"/> occurs in <paramref name="column"/>.</summary>
    public abstract string Contains(string column, string text);

    public abstract string StartsWith(string column, string text);

    public abstract string EndsWith(string column, string text);

    /// <summary>A decimal column with more digits after the point, for comparing it with another; as it is where decimals know their own.</summary>
    public virtual string Rescale(string column, int digits) => column;

    /// <summary>
    /// The exact sum of a number column in parts that cannot overflow, the most significant first, each worth 2^32 of the next. Ordering by
    /// the parts in turn orders by the sum.
    /// </summary>
    public abstract IReadOnlyList<string> Sum(string column, ColumnKind kind);

    /// <summary>A text such as 2026-01, 2026-Q1 or 2026-W03 for a day column; <paramref name="by"/> is day, week, month, quarter or year.</summary>
    public abstract string DateBucket(string column, string by);

    /// <summary>The same for a moment, seen in UTC.</summary>
    public abstract string TimestampBucket(string column, string by);

    /// <summary>Any identifier is allowed as a name, SQL keywords included.</summary>
    public static string Quote(string identifier) => "\"" + identifier.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
}
