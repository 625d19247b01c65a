using Crm.Metadata;

namespace Crm.Rules;

/// <summary>The few places where the databases' SQL differs. Text operands are folded forms, compared by code point.</summary>
public abstract class SqlDialect
{
    /// <summary>Appended to a query whose rows are about to be changed; empty, as all of these are, where there is one writer only.</summary>
    public virtual string LockRows => "";

    /// <summary>The same where rows are about to be deleted: it waits for those who are about to point to them.</summary>
    public virtual string LockRowsToDelete => "";

    /// <summary>Appended to a query whose rows must not be deleted before the transaction ends, because something will point to them.</summary>
    public virtual string KeepRows => "";

    /// <summary>Waits until nobody else holds any of the numbers in $1, a list with commas, and holds them until the transaction ends.</summary>
    public virtual string HoldNumbers => "";

    /// <summary>Appended to a subquery whose rows are taken away: rows that somebody else is taking are left out; empty where there is one writer only.</summary>
    public virtual string SkipLockedRows => "";

    /// <summary>Whether <paramref name="text"/> occurs in <paramref name="column"/>.</summary>
    public abstract string Contains(string column, string text);

    /// <summary>The same for a word that is known, in the form that the database's indexes over parts of words serve.</summary>
    public virtual string Contains(SqlQuery query, string column, string word) => Contains(column, query.Parameter(new SqlParameter(word, ColumnKind.Text, 0)));

    /// <summary>What identifies a row most cheaply in <see cref="SearchCandidates"/>.</summary>
    public abstract string RowKey { get; }

    /// <summary>
    /// A query for the <see cref="RowKey"/> of every record of <paramref name="entity"/> in whose searched <paramref name="fields"/> all the folded
    /// <paramref name="words"/> may occur, from the search index. It may give too many, never too few.
    /// </summary>
    public abstract string SearchCandidates(SqlQuery query, Entity entity, IReadOnlyList<Field> fields, IReadOnlyList<string> words);

    /// <summary>Whether the search index helps to find <paramref name="word"/> at all.</summary>
    public abstract bool IndexFinds(string word);

    public abstract string StartsWith(string column, string text);

    public abstract string EndsWith(string column, string text);

    /// <summary>A decimal column with more digits after the point, for comparing it with another; as it is where decimals know their own.</summary>
    public virtual string Rescale(string column, int digits) => column;

    /// <summary>
    /// The exact sum of a number column in parts that cannot overflow, the most significant first, each worth 2^32 of the next. Ordering by
    /// the parts in turn orders by the sum.
    /// </summary>
    public abstract IReadOnlyList<string> Sum(string column, ColumnKind kind);

    /// <summary>The middle value of a number column, or the two in the middle of an even count, the lower first.</summary>
    public abstract IReadOnlyList<string> Median(string column);

    /// <summary>Names and definitions of the indexes of table $1, those apart that belong to its keys.</summary>
    public abstract string IndexesOfTable { get; }

    /// <summary>Put before a query, it makes the database say how it would run it instead of running it.</summary>
    public abstract string Explain { get; }

    /// <summary>The words of a plan's line, and whether they say that a whole table is read or sorted.</summary>
    public abstract (string Line, bool IsSlow) ReadPlanLine(Func<int, string?> column);

    /// <summary>A text such as 2026-01, 2026-Q1 or 2026-W03 for a day column; <paramref name="by"/> is day, week, month, quarter or year.</summary>
    public abstract string DateBucket(string column, string by);

    /// <summary>The same for a moment, seen in a time zone.</summary>
    public abstract string TimestampBucket(SqlQuery query, string column, string by, TimeZoneInfo zone);

    /// <summary>
    /// The time between two dates or moments in microseconds, as an integer. Where one of them is a day, so is the other, seen in a time zone.
    /// </summary>
    public string TimeBetween(SqlQuery query, FieldPath from, FieldPath to, TimeZoneInfo zone)
    {
        var (fromIsDay, toIsDay) = (from.Field.Type is DateFieldType, to.Field.Type is DateFieldType);
        return fromIsDay || toIsDay ? DaysBetween(Day(from, fromIsDay), Day(to, toIsDay)) : MomentsBetween(query.Column(from), query.Column(to));

        string Day(FieldPath path, bool isDay) => isDay ? query.Column(path) : DayOf(query, query.Column(path), zone);
    }

    /// <summary>The time between two moments in microseconds.</summary>
    protected abstract string MomentsBetween(string from, string to);

    /// <summary>The time between two days in microseconds.</summary>
    protected abstract string DaysBetween(string from, string to);

    /// <summary>The day of a moment, seen in a time zone.</summary>
    protected abstract string DayOf(SqlQuery query, string column, TimeZoneInfo zone);

    /// <summary>Any identifier is allowed as a name, SQL keywords included.</summary>
    public static string Quote(string identifier) => "\"" + identifier.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
}
