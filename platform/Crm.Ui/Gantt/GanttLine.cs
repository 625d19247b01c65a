using Crm.Ui.Calendars;

namespace Crm.Ui.Gantt;

/// <summary>One line of a gantt: a record with its bar, or the name of the group that follows.</summary>
/// <param name="Entry">The record; null for the name of a group.</param>
/// <param name="Text">What the group is called, or what is said about the record under its title.</param>
public sealed record GanttLine(CalendarEntry? Entry, string Text)
{
    /// <summary>The percent that is done.</summary>
    public decimal? Done { get; init; }

    /// <summary>The record that has to be over before this one begins.</summary>
    public Guid? After { get; init; }

    /// <summary>When it ends: a day that is the last one lasts till midnight.</summary>
    public DateTime Until => Entry is { } entry ? entry.Layer.IsByDay ? entry.End.AddDays(1) : entry.End : default;
}
