using System.Globalization;
using System.Text.RegularExpressions;
using Crm.Rules;

namespace Crm.Data;

/// <summary>
/// Reads calendars (iCalendar, RFC 5545) as rows: an event, a to-do or a journal entry is a row whose columns are called as the fields of
/// interactions are. Of what recurs the first occurrence is a row; the rule stands beside it.
/// </summary>
internal static partial class CalendarReader
{
    private static readonly string[] Columns =
    [
        "component", "subject", "start", "end", "due", "all_day", "location", "description", "status", "priority", "reminder", "organizer", "participants", "categories", "url", "uid", "recurrence",
        "percent_complete", "completed_at",
    ];

    private static readonly Dictionary<string, string> Components = new(StringComparer.OrdinalIgnoreCase) { ["VEVENT"] = "event", ["VTODO"] = "todo", ["VJOURNAL"] = "journal" };

    private static readonly Dictionary<string, string> States = new(StringComparer.OrdinalIgnoreCase)
    {
        ["TENTATIVE"] = "planned", ["CONFIRMED"] = "planned", ["NEEDS-ACTION"] = "planned", ["DRAFT"] = "planned", ["IN-PROCESS"] = "in_progress", ["COMPLETED"] = "completed", ["FINAL"] = "completed", ["CANCELLED"] = "cancelled",
    };

    /// <exception cref="ProblemException">The file holds no event, to-do or journal entry.</exception>
    public static ImportTable Read(byte[] content)
    {
        var zones = new Dictionary<string, TimeSpan>(StringComparer.Ordinal);
        var open = new Stack<Part>();
        var found = new List<Part>();
        foreach (var (number, line) in VCardLine.ReadAll(content))
        {
            if (line.Name == "BEGIN")
            {
                open.Push(new(line.Text.Trim().ToUpperInvariant(), number, []));
            }
            else if (line.Name == "END")
            {
                if (open.TryPop(out var closed))
                {
                    Close(closed);
                }
            }
            else if (open.TryPeek(out var current))
            {
                current.Lines.Add(line);
            }
        }
        while (open.TryPop(out var cut))
        {
            Close(cut);
        }
        if (found.Count == 0)
        {
            throw new ProblemException(Problem.At("file", ProblemKind.Invalid, "import.ics"));
        }
        var rows = found.OrderBy(p => p.Number).Select(p => (p.Number, Values: Describe(p, zones))).ToList();
        var used = Columns.Where(c => rows.Exists(r => r.Values.ContainsKey(c))).ToArray();
        return new(used, [.. rows.Select(r => (r.Number, Array.ConvertAll(used, c => r.Values.GetValueOrDefault(c, ""))))], ",") { HasTypedDates = true };

        void Close(Part part)
        {
            if (Components.ContainsKey(part.Name))
            {
                found.Add(part);
            }
            else if (part.Name == "VALARM" && open.TryPeek(out var alarmed) && Components.ContainsKey(alarmed.Name))
            {
                alarmed.Alarms.Add(part);
            }
            else if (part.Name == "STANDARD" && open.TryPeek(out var zone) && zone.Lines.Find(l => l.Name == "TZID") is { } id && part.Lines.Find(l => l.Name == "TZOFFSETTO") is { } offset && Offset(offset.Text) is { } standard)
            {
                zones[id.Text] = standard;
            }
        }
    }

    private static Dictionary<string, string> Describe(Part part, Dictionary<string, TimeSpan> zones)
    {
        var row = new Dictionary<string, string>(StringComparer.Ordinal) { ["component"] = Components[part.Name] };
        var (start, end, due) = (Moment(part, "DTSTART", zones), Moment(part, "DTEND", zones), Moment(part, "DUE", zones));
        if (end is null && start is { } begin && part.Lines.Find(l => l.Name == "DURATION") is { } lasts && Duration(lasts.Text) is { } duration)
        {
            end = begin.Later(duration);
        }
        // A day without an end lasts until the next.
        if (end is null && start is { IsDay: true } day && part.Name == "VEVENT")
        {
            end = day.Later(TimeSpan.FromDays(1));
        }
        Set("start", start?.ToString());
        Set("end", end?.ToString());
        Set("due", due?.ToString());
        Set("all_day", start is null ? null : start.Value.IsDay ? "true" : "false");
        Set("completed_at", Moment(part, "COMPLETED", zones)?.ToString());
        Set("location", Text(part, "LOCATION")?.ReplaceLineEndings(", "));
        Set("description", Text(part, "DESCRIPTION"));
        // A row among others that has a state needs one as well: what was completed is, anything else is yet to come.
        Set("status", Text(part, "STATUS") is { } status && States.TryGetValue(status.Trim(), out var state) ? state : row.ContainsKey("completed_at") ? "completed" : "planned");
        Set("priority", Text(part, "PRIORITY") is { } priority && int.TryParse(priority, out var level) ? level switch { 1 => "urgent", <= 0 => null, < 5 => "high", 5 => "normal", _ => "low" } : null);
        Set("reminder", Reminder(part));
        Set("organizer", Text(part, "ORGANIZER") is { } organizer ? Mail(organizer) : null);
        Set("participants", string.Join("; ", part.Lines.Where(l => l.Name == "ATTENDEE").Select(l => Mail(l.Text) + (l.Parameter("PARTSTAT") is { } answer ? $" ({answer.ToLowerInvariant()})" : ""))));
        Set("categories", string.Join(", ", part.Lines.Where(l => l.Name is "CATEGORIES" or "CATEGORY").SelectMany(l => l.Items).Distinct(StringComparer.Ordinal)));
        Set("url", Text(part, "URL"));
        Set("uid", Text(part, "UID"));
        Set("recurrence", Text(part, "RRULE"));
        Set("percent_complete", Text(part, "PERCENT-COMPLETE"));
        Set("subject", Text(part, "SUMMARY")?.ReplaceLineEndings(" ") ?? row.GetValueOrDefault("location") ?? row.GetValueOrDefault("categories") ?? Text(part, "DESCRIPTION")?.Split('\n')[0] ?? row["component"]);
        return row;

        void Set(string column, string? text)
        {
            if (text?.Trim() is { Length: > 0 } given)
            {
                row[column] = given;
            }
        }
    }

    private static string? Text(Part part, string name) => part.Lines.Find(l => l.Name == name)?.Text is { Length: > 0 } text ? text : null;

    private static string? Reminder(Part part) => part.Alarms.SelectMany(a => a.Lines).FirstOrDefault(l => l.Name == "TRIGGER") is { } trigger && Duration(trigger.Text) is { } before
        ? Math.Max(0, (long)-before.TotalMinutes).ToString(CultureInfo.InvariantCulture)
        : null;

    private static string Mail(string text) => (text.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase) ? text[7..] : text).Trim();

    private static When? Moment(Part part, string name, Dictionary<string, TimeSpan> zones)
    {
        if (part.Lines.Find(l => l.Name == name) is not { } line || Stamp().Match(line.Text.Trim()) is not { Success: true } stamp)
        {
            return null;
        }
        var isDay = !stamp.Groups["t"].Success;
        if (!DateTime.TryParseExact(stamp.Groups["d"].Value + (isDay ? "000000" : stamp.Groups["t"].Value), "yyyyMMddHHmmss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
        {
            return null;
        }
        var zone = line.Parameter("TZID");
        return isDay ? new When(local, null, true)
            : stamp.Groups["z"].Success ? new(local, TimeSpan.Zero, false)
            : zone is null ? new(local, null, false)
            : TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var known) ? new(local, known.GetUtcOffset(local), false)
            : new(local, zones.TryGetValue(zone, out var offset) || zones.TryGetValue(zone.Replace("\\", "", StringComparison.Ordinal), out offset) ? offset : null, false);
    }

    private static TimeSpan? Offset(string text) => text.Trim() is [('+' or '-') and var sign, _, _, _, _, ..] given && int.TryParse(given.AsSpan(1, 2), out var hours) && int.TryParse(given.AsSpan(3, 2), out var minutes)
        ? new TimeSpan(hours, minutes, 0) * (sign == '-' ? -1 : 1)
        : null;

    private static TimeSpan? Duration(string text)
    {
        if (Lasting().Match(text.Trim()) is not { Success: true } match)
        {
            return null;
        }
        var span = new TimeSpan((Of("w") * 7) + Of("d"), Of("h"), Of("m"), Of("s"));
        return match.Groups["sign"].Value == "-" ? -span : span;

        int Of(string group) => int.TryParse(match.Groups[group].Value, out var number) && number < 100_000 ? number : 0;
    }

    [GeneratedRegex(@"^(?<d>\d{8})(T(?<t>\d{6})(?<z>Z)?)?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Stamp();

    [GeneratedRegex(@"^(?<sign>[+-])?P((?<w>\d+)W)?((?<d>\d+)D)?(T((?<h>\d+)H)?((?<m>\d+)M)?((?<s>\d+)S)?)?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Lasting();

    private sealed record Part(string Name, int Number, List<VCardLine> Lines)
    {
        public List<Part> Alarms { get; } = [];
    }

    /// <summary>A moment of the calendar; without an offset it is meant where the reader is.</summary>
    private readonly record struct When(DateTime Local, TimeSpan? Offset, bool IsDay)
    {
        /// <summary>Null beyond the last day that there is.</summary>
        public When? Later(TimeSpan by) => Sum(Local, by) is { } later ? this with { Local = later } : null;

        /// <summary>Null where the moment lies on a day that there is not.</summary>
        public override string? ToString() => Offset is { } offset
            ? Sum(Local, -offset)?.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
            : Local.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

        private static DateTime? Sum(DateTime moment, TimeSpan span)
        {
            var ticks = moment.Ticks + span.Ticks;
            return ticks < 0 || ticks > DateTime.MaxValue.Ticks ? null : new(ticks);
        }
    }
}
