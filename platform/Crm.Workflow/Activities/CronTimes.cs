using Quartz;

namespace Crm.Workflow;

/// <summary>Reads cron expressions: Quartz's, with seconds, and the common ones of five fields.</summary>
public static class CronTimes
{
    /// <summary>Why it is none; null if it is one.</summary>
    public static string? Fault(string? expression)
    {
        if (string.IsNullOrWhiteSpace(expression))
        {
            return "empty";
        }
        try
        {
            Parse(expression);
            return null;
        }
        catch (FormatException e)
        {
            return e.Message;
        }
    }

    /// <summary>The first time after <paramref name="after"/>; null if none comes.</summary>
    /// <exception cref="WorkflowException">It is no cron expression.</exception>
    public static DateTimeOffset? Next(string expression, DateTimeOffset after)
    {
        try
        {
            return Parse(expression).GetNextValidTimeAfter(after);
        }
        catch (FormatException e)
        {
            throw new WorkflowException("cron", $"'{expression}' is no cron expression: {e.Message}", e);
        }
    }

    private static CronExpression Parse(string expression)
    {
        var fields = expression.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length == 5)
        {
            // Quartz wants seconds, and a question mark in one of the two day fields.
            fields = ["0", .. fields];
            if (fields[5] == "*")
            {
                fields[5] = "?";
            }
            else if (fields[3] == "*")
            {
                fields[3] = "?";
                fields[5] = string.Join(',', fields[5].Split(',').Select(Days));
            }
        }
        else if (fields.Length >= 6 && fields[3] == "*" && fields[5] == "*")
        {
            fields[5] = "?";
        }
        return new CronExpression(string.Join(' ', fields), TimeZoneInfo.Utc);
    }

    /// <summary>Sunday is 0 and 7 there and 1 here, and from one Sunday to the next are all days; how many days a step has and which week of the month it is mean the same.</summary>
    private static string Days(string days) => days.StartsWith("0-7", StringComparison.Ordinal)
        ? "1-7" + days[3..]
        : string.Concat(days.Select((c, i) => char.IsAsciiDigit(c) && !(i > 0 && days[i - 1] is '/' or '#') ? ((c - '0') % 7 + 1).ToString(System.Globalization.CultureInfo.InvariantCulture) : c.ToString()));
}
