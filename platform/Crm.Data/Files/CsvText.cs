using System.Buffers;

namespace Crm.Data;

/// <summary>
/// CSV after RFC 4180, and texts that a spreadsheet would run: they get an apostrophe, which reading takes away again, so that nothing is
/// lost between writing and reading.
/// </summary>
public static class CsvText
{
    private static readonly SearchValues<char> Dangerous = SearchValues.Create("=+-@\t\r");

    /// <summary>A text that no spreadsheet takes for a formula.</summary>
    public static string Disarm(string text) => WouldRun(text) ? "'" + text : text;

    /// <summary>The text that <see cref="Disarm"/> was given.</summary>
    public static string Arm(string text) => text is ['\'', ..] && WouldRun(text) ? text[1..] : text;

    /// <summary>A field of a line, in quotes where it needs them.</summary>
    public static string Quote(string text, string delimiter) =>
        text.Length > 0 && (text.Contains(delimiter, StringComparison.Ordinal) || text.AsSpan().ContainsAny('"', '\r', '\n') || char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1]))
            ? "\"" + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\""
            : text;

    /// <summary>A line, its end included.</summary>
    public static string Line(IEnumerable<string> values, string delimiter)
    {
        var line = string.Join(delimiter, values.Select(v => Quote(v, delimiter)));
        // A line of one empty value would be taken for a blank one.
        return (line.Length == 0 ? "\"\"" : line) + "\r\n";
    }

    /// <summary>Apostrophes before are part of it: a text that begins with one already must not lose it.</summary>
    private static bool WouldRun(string text)
    {
        var rest = text.AsSpan().TrimStart('\'');
        return rest.Length > 0 && Dangerous.Contains(rest[0]);
    }
}
