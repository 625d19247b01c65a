using System.Globalization;
using System.Text;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>A calendar (iCalendar, RFC 5545) of interactions: what has a subject and a start, with who takes part and the reminder; all moments in UTC.</summary>
[ExportFormat("ics")]
internal sealed class CalendarExport : Export
{
    private static readonly string[] Known = ["subject", "start", "end", "due", "all_day", "status", "priority", "location", "description", "reminder", "updated_at"];

    private StreamWriter? _text;
    private Dictionary<string, int> _place = [];
    private bool _isTask;

    public override string ContentType => "text/calendar; charset=utf-8";

    public override void Begin(Stream output)
    {
        _text = new(output, new UTF8Encoding(false), bufferSize: 16 * 1024);
        Line("BEGIN", "VCALENDAR");
        Line("VERSION", "2.0");
        Line("PRODID", "-//CRM//Export//EN");
        Line("CALSCALE", "GREGORIAN");
        Line("METHOD", "PUBLISH");
    }

    public override async Task<string?> WritePageAsync(RecordStore store, Session session, string? after, CancellationToken cancellationToken)
    {
        var page = await store.QueryAsync(session, Options.Query with { Fields = [.. Columns.Select(c => c.Path)], Limit = PageSize, After = after, Count = CountMode.None }, Actor, cancellationToken);
        var people = await PeopleAsync(store, session, [.. page.Items.Select(r => r.Id)], cancellationToken);
        foreach (var row in page.Items)
        {
            Write(row, people[row.Id]);
        }
        return page.Next;
    }

    public override void End()
    {
        Line("END", "VCALENDAR");
        _text!.Flush();
    }

    public override void Dispose() => _text?.Dispose();

    protected override IReadOnlyList<ExportColumn> Choose()
    {
        var entity = Options.Query.Entity;
        if (entity.Definition.Template != EntityTemplate.Interaction || entity.Find("subject") is null || entity.Find("start") is null)
        {
            throw new ProblemException(Problem.At("format", ProblemKind.Invalid, "export.calendar", entity.PluralLabel));
        }
        _isTask = entity.Find("due") is not null;
        var columns = Known.Select(entity.Find).OfType<Field>().Where(f => f.IsStored).Select(f => new ExportColumn(f.Name, new([f]))).ToList();
        _place = columns.Select((c, i) => (c.Heading, i)).ToDictionary(c => c.Heading, c => c.i, StringComparer.Ordinal);
        return columns;
    }

    /// <summary>Who takes part in which record, a statement for each kind of people.</summary>
    private async Task<ILookup<Guid, (string Name, string Mail, string Answer)>> PeopleAsync(RecordStore store, Session session, Guid[] records, CancellationToken cancellationToken)
    {
        var found = new List<(Guid Record, (string, string, string) Person)>();
        foreach (var links in Options.Query.Entity.Collections.Select(f => f.Type).OfType<LinksFieldType>().Where(l => l.Child.Find("acceptance") is not null && records.Length > 0))
        {
            if (links.Key!.Target is not { } target || target.Find("email") is not { IsStored: true } mail || target.TitleField is not { } title || !Authority.May(Actor, Operation.Read, target))
            {
                continue;
            }
            var (source, acceptance) = (new FieldPath([links.Parent]), new FieldPath([links.Child["acceptance"]]));
            var query = new RecordQuery(links.Child)
            {
                Filter = new Comparison(source, ConditionOperator.In, new Constants([.. records.Cast<object>()])),
                Fields = [source, new([links.Key, title]), new([links.Key, mail]), acceptance],
                Limit = RecordQuery.MaxLimit,
            };
            do
            {
                var page = await store.QueryAsync(session, query, Actor, cancellationToken);
                found.AddRange(page.Items.Where(r => r[0] is Guid && r[2] is string).Select(r => ((Guid)r[0]!, (r[1] as string ?? "", (string)r[2]!, r[3] as string ?? "none"))));
                query = query with { After = page.Next };
            }
            while (query.After is not null);
        }
        return found.ToLookup(f => f.Record, f => f.Person);
    }

    private void Write(RecordRow row, IEnumerable<(string Name, string Mail, string Answer)> people)
    {
        var isDay = Of(row, "all_day") is true;
        var isTask = _isTask;
        Line("BEGIN", isTask ? "VTODO" : "VEVENT");
        Line("UID", row.Id.ToString("D"));
        Line("DTSTAMP", Stamp(Of(row, "updated_at") as DateTimeOffset? ?? DateTimeOffset.UnixEpoch));
        Moment("DTSTART", Of(row, "start"), isDay);
        Moment(isTask ? "DUE" : "DTEND", Of(row, isTask && Of(row, "due") is not null ? "due" : "end"), isDay && !isTask);
        Some("SUMMARY", Of(row, "subject"));
        Some("LOCATION", Of(row, "location"));
        Some("DESCRIPTION", Of(row, "description"));
        if (Of(row, "status") is string status)
        {
            Line("STATUS", (status, isTask) switch { ("cancelled", _) => "CANCELLED", ("completed", true) => "COMPLETED", ("in_progress", true) => "IN-PROCESS", (_, true) => "NEEDS-ACTION", _ => "CONFIRMED" });
        }
        if (Of(row, "priority") is string priority)
        {
            Line("PRIORITY", priority switch { "urgent" => "1", "high" => "3", "low" => "9", _ => "5" });
        }
        foreach (var (name, mail, answer) in people)
        {
            var partstat = answer switch { "accepted" => "ACCEPTED", "tentative" => "TENTATIVE", "declined" => "DECLINED", _ => "NEEDS-ACTION" };
            Line($"ATTENDEE;CN=\"{string.Concat(name.Where(c => c != '"' && !char.IsControl(c)))}\";PARTSTAT={partstat}", "mailto:" + mail);
        }
        if (Of(row, "reminder") is long minutes)
        {
            Line("BEGIN", "VALARM");
            Line("ACTION", "DISPLAY");
            Some("DESCRIPTION", Of(row, "subject"));
            Line("TRIGGER", string.Create(CultureInfo.InvariantCulture, $"-PT{minutes}M"));
            Line("END", "VALARM");
        }
        Line("END", isTask ? "VTODO" : "VEVENT");
    }

    private object? Of(RecordRow row, string field) => _place.TryGetValue(field, out var i) ? row[i] : null;

    /// <summary>Whole days are days where the person is; an end is the first moment after.</summary>
    private void Moment(string name, object? value, bool isDay)
    {
        if (value is not DateTimeOffset moment)
        {
            return;
        }
        if (isDay)
        {
            var local = TimeZoneInfo.ConvertTime(moment, Options.TimeZone);
            var day = name == "DTEND" && local.TimeOfDay > TimeSpan.Zero ? local.Date.AddDays(1) : local.Date;
            Line(name + ";VALUE=DATE", day.ToString("yyyyMMdd", CultureInfo.InvariantCulture));
        }
        else
        {
            Line(name, Stamp(moment));
        }
    }

    private static string Stamp(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    private void Some(string name, object? value)
    {
        if (value is string { Length: > 0 } text)
        {
            Line(name, text.ReplaceLineEndings("\n").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal).Replace(";", "\\;", StringComparison.Ordinal));
        }
    }

    private void Line(string name, string value) => TextLines.Write(_text!, name + ":" + value);
}
