using Crm.Metadata;

namespace Crm.Data;

/// <summary>What is to be exported, and how.</summary>
/// <param name="Query">Which records, in which order.</param>
/// <param name="Fields">Comma-separated paths; null for all fields.</param>
public sealed record ExportOptions(RecordQuery Query, string? Fields)
{
    /// <summary>Whether columns are headed, and choices written, with labels for people instead of names for programs.</summary>
    public bool Labels { get; init; }

    /// <summary>Whether a lookup's id stands beside its title.</summary>
    public bool Ids { get; init; }

    /// <summary>Whether a CSV file begins with a byte order mark, by which spreadsheets know UTF-8.</summary>
    public bool Mark { get; init; }

    public string Delimiter { get; init; } = ",";

    /// <summary>In which moments are shown where a format has no offsets.</summary>
    public TimeZoneInfo TimeZone { get; init; } = TimeZoneInfo.Utc;
}

/// <summary>One column of an export.</summary>
/// <param name="Heading">What stands over it.</param>
/// <param name="Path">Where its value comes from.</param>
public sealed record ExportColumn(string Heading, FieldPath Path);
