using System.Globalization;
using System.Text;
using Crm.Rules;
using CsvHelper;
using CsvHelper.Configuration;

namespace Crm.Data;

/// <summary>A file as rows of text: what every format is turned into before it is mapped to fields.</summary>
/// <param name="Columns">The heading.</param>
/// <param name="Rows">Each with its line in the file; one may be shorter or longer than the heading.</param>
/// <param name="Delimiter">What separated the values.</param>
public sealed record ImportTable(IReadOnlyList<string> Columns, IReadOnlyList<(int Line, string[] Values)> Rows, string Delimiter)
{
    /// <summary>Whether the file knows days and moments as such; they stand here in ISO 8601, whatever form the file's texts have.</summary>
    public bool HasTypedDates { get; init; }

    private static readonly string[] Delimiters = [",", ";", "\t", "|"];

    /// <summary>Reads a CSV file (RFC 4180): encoding and delimiter are detected unless given.</summary>
    /// <exception cref="ProblemException">The file has no heading or no rows, or a column twice.</exception>
    public static ImportTable ReadCsv(byte[] content, string? delimiter)
    {
        var text = Decode(content);
        var separator = delimiter is { Length: > 0 } ? delimiter : Detect(text);
        if (separator.AsSpan().ContainsAny('"', '\r', '\n') || separator.Trim(' ').Length == 0)
        {
            throw new ProblemException(Problem.At("delimiter", ProblemKind.Invalid, "import.delimiter"));
        }
        var configuration = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = separator, HasHeaderRecord = false, BadDataFound = null, IgnoreBlankLines = true, TrimOptions = TrimOptions.Trim,
        };
        using var parser = new CsvParser(new StringReader(text), configuration);
        if (!parser.Read())
        {
            throw new ProblemException(Problem.At("file", ProblemKind.Invalid, "import.empty"));
        }
        var rows = new List<(int, string[])> { (1, parser.Record!) };
        while (parser.Read())
        {
            rows.Add((parser.RawRow, Array.ConvertAll(parser.Record!, CsvText.Arm)));
        }
        return Of(rows, separator);
    }

    /// <summary>A table whose first row is the heading.</summary>
    /// <exception cref="ProblemException">There is no heading, no row below it, or a column twice.</exception>
    internal static ImportTable Of(IEnumerable<(int Line, string[] Values)> lines, string delimiter)
    {
        var rows = lines.ToList();
        if (rows.Count < 2)
        {
            throw new ProblemException(Problem.At("file", ProblemKind.Invalid, "import.empty"));
        }
        var columns = rows[0].Values.Select((name, i) => name.Trim() is { Length: > 0 } given ? given : "column " + (i + 1).ToString(CultureInfo.InvariantCulture)).ToList();
        if (columns.GroupBy(c => c, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new ProblemException(Problem.At("file", ProblemKind.Invalid, "import.duplicateColumn", twice.Key));
        }
        rows.RemoveAt(0);
        return new(columns, rows, delimiter);
    }

    /// <summary>UTF-8 or UTF-16 by its mark, else UTF-8 if it is valid, else Latin-1, which every byte is.</summary>
    private static string Decode(byte[] content)
    {
        if (content is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
        {
            return new StreamReader(new MemoryStream(content), Encoding.Unicode, detectEncodingFromByteOrderMarks: true).ReadToEnd();
        }
        return Crm.Metadata.TextEncoding.Decode(content).TrimStart('\uFEFF');
    }

    /// <summary>The delimiter that occurs most often in the heading, outside quotes.</summary>
    private static string Detect(string text)
    {
        var end = text.AsSpan().IndexOfAny('\r', '\n');
        var heading = end < 0 ? text : text[..end];
        var counts = Delimiters.ToDictionary(d => d, _ => 0, StringComparer.Ordinal);
        var quoted = false;
        foreach (var c in heading)
        {
            quoted ^= c == '"';
            if (!quoted && counts.TryGetValue(c.ToString(), out var count))
            {
                counts[c.ToString()] = count + 1;
            }
        }
        return counts.MaxBy(c => c.Value).Key;
    }
}
