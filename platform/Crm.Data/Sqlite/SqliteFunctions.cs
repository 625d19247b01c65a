using Crm.Metadata;
using Microsoft.Data.Sqlite;

namespace Crm.Data.Sqlite;

/// <summary>What SQLite lacks: local time by the rules of a time zone, the middle of many values, and folded texts.</summary>
internal static class SqliteFunctions
{
    public const string Local = "crm_local";
    public const string MedianLow = "crm_median_low";
    public const string MedianHigh = "crm_median_high";

    public static void AddTo(SqliteConnection connection)
    {
        connection.CreateFunction<string?, string?>(SystemViews.Fold, text => text is null ? null : Folding.Fold(text), isDeterministic: true);
        connection.CreateFunction<long?, string, long?>(Local, ToLocal, isDeterministic: true);
        connection.CreateAggregate<long?, List<long>?, long?>(MedianLow, null, Collect, values => Middle(values, upper: false), isDeterministic: true);
        connection.CreateAggregate<long?, List<long>?, long?>(MedianHigh, null, Collect, values => Middle(values, upper: true), isDeterministic: true);
    }

    /// <summary>Microseconds since 1970 in UTC as such of the clock on the wall.</summary>
    private static long? ToLocal(long? microseconds, string zone)
    {
        if (microseconds is not { } moment)
        {
            return null;
        }
        var offset = TimeZoneInfo.FindSystemTimeZoneById(zone).GetUtcOffset(DateTimeOffset.UnixEpoch.AddTicks(moment * TimeSpan.TicksPerMicrosecond));
        return moment + (offset.Ticks / TimeSpan.TicksPerMicrosecond);
    }

    private static List<long>? Collect(List<long>? values, long? value)
    {
        if (value is { } number)
        {
            (values ??= []).Add(number);
        }
        return values;
    }

    private static long? Middle(List<long>? values, bool upper)
    {
        if (values is null)
        {
            return null;
        }
        values.Sort();
        return values[upper ? values.Count / 2 : (values.Count - 1) / 2];
    }
}
