using Crm.Metadata;

namespace Crm.Ui.Calendars;

/// <summary>The records of an entity as a view of kind calendar shows them.</summary>
public sealed record CalendarLayer(Entity Entity, ViewDefinition View)
{
    public Field Start => Entity[View.Start!];

    public Field? End => View.End is null ? null : Entity.Find(View.End);

    public Field? AllDay => View.AllDay is null ? null : Entity.Find(View.AllDay);

    public Field? Color => View.Color is null ? null : Entity.Find(View.Color);

    public bool IsByDay => Start.Type is DateFieldType;
}

/// <summary>A record in a calendar. Its times are those of the person who looks.</summary>
public sealed record CalendarEntry(CalendarLayer Layer, Guid Id, string Title, DateTime Start, DateTime End, bool IsAllDay, bool HasEnd)
{
    public string? Color { get; init; }

    /// <summary>What the colour says, in words.</summary>
    public string? State { get; init; }

    public string? Person { get; init; }

    public string Key => $"{Layer.Entity.Name}/{Id:D}";

    public DateOnly FirstDay => DateOnly.FromDateTime(Start);

    /// <summary>What ends at midnight does not reach into the day that begins then.</summary>
    public DateOnly LastDay => DateOnly.FromDateTime(End > Start && End.TimeOfDay == TimeSpan.Zero && !Layer.IsByDay ? End.AddTicks(-1) : End);

    /// <summary>Whether it stands above the hours: all day, or over several.</summary>
    public bool IsBar => IsAllDay || LastDay > FirstDay;
}
