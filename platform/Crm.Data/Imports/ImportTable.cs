using System.Globalization;
using Crm.Metadata;
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

    /// <summary>Name of the encoding of the file's text; null where the format settles it.</summary>
    public string? Encoding { get; init; }

    /// <summary>Whether the columns are named by the file itself.</summary>
    public bool HasHeading { get; init; } = true;

    /// <summary>Workbooks: the names of their sheets.</summary>
    public IReadOnlyList<string> Sheets { get; init; } = [];

    /// <summary>What files of the same kind have in common: the columns and their order.</summary>
    public string Shape => string.Join('\u001f', Columns.Select(Folding.Fold));

    /// <summary>Reads a CSV file (RFC 4180): encoding, delimiter and heading are found out unless given.</summary>
    /// <exception cref="ProblemException">The file has no heading or no rows, or a column twice.</exception>
    public static ImportTable ReadCsv(byte[] content, ImportProfile options)
    {
        var (text, encoding) = FileEncoding.Decode(content, options.Encoding);
        // Spreadsheets in some countries say first what separates.
        var declared = text.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) && text.Length > 5 && text[5] is '\r' or '\n' ? text[4].ToString() : null;
        if (declared is not null)
        {
            text = text[5..].TrimStart('\r', '\n');
        }
        var separator = options.Delimiter is { Length: > 0 } given ? given : declared ?? CsvShape.DelimiterOf(text);
        if (separator.AsSpan().ContainsAny('"', '\r', '\n') || separator.Trim(' ').Length == 0)
        {
            throw new ProblemException(Problem.At("delimiter", ProblemKind.Invalid, "import.delimiter"));
        }
        var configuration = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = separator, HasHeaderRecord = false, BadDataFound = null, IgnoreBlankLines = true, TrimOptions = TrimOptions.Trim,
        };
        using var parser = new CsvParser(new StringReader(text), configuration);
        var rows = new List<(int, string[])>();
        var skipped = declared is null ? 0 : 1;
        while (parser.Read())
        {
            rows.Add((rows.Count == 0 ? 1 : parser.RawRow + skipped, rows.Count == 0 ? parser.Record! : Array.ConvertAll(parser.Record!, CsvText.Arm)));
        }
        return Of(rows, separator, options.Header).Spilled(options.Spill) with { Encoding = encoding };
    }

    /// <summary>Takes together what an unquoted delimiter inside a text has cut apart.</summary>
    /// <exception cref="ProblemException">There is no such column.</exception>
    private ImportTable Spilled(string? column)
    {
        if (column is not { Length: > 0 })
        {
            return this;
        }
        var place = Columns.ToList().IndexOf(column);
        return place < 0
            ? throw new ProblemException(Problem.At("spill", ProblemKind.Invalid, "import.column", column))
            : this with { Rows = [.. Rows.Select(r => r.Values.Length <= Columns.Count ? r : (r.Line, Joined(r.Values, place, r.Values.Length - Columns.Count)))] };
    }

    private string[] Joined(string[] values, int place, int tooMany) =>
        [.. values[..place], string.Join(Delimiter + (Delimiter == "\t" ? "" : " "), values[place..(place + tooMany + 1)]), .. values[(place + tooMany + 1)..]];

    /// <summary>A table whose first row is the heading, unless it plainly is not or <paramref name="header"/> says so.</summary>
    /// <exception cref="ProblemException">There is no heading, no row below it, or a column twice.</exception>
    internal static ImportTable Of(IEnumerable<(int Line, string[] Values)> lines, string delimiter, bool? header = null)
    {
        var rows = lines.ToList();
        var hasHeading = header ?? (rows.Count == 0 || CsvShape.HasHeading([.. rows.Take(51).Select(r => r.Values)]));
        if (rows.Count < (hasHeading ? 2 : 1))
        {
            throw new ProblemException(Problem.At("file", ProblemKind.Invalid, "import.empty"));
        }
        var columns = rows[0].Values.Select((name, i) => hasHeading && name.Trim() is { Length: > 0 } given ? given : "column " + (i + 1).ToString(CultureInfo.InvariantCulture)).ToList();
        if (columns.GroupBy(c => c, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new ProblemException(Problem.At("file", ProblemKind.Invalid, "import.duplicateColumn", twice.Key));
        }
        if (hasHeading)
        {
            rows.RemoveAt(0);
        }
        return new(columns, rows, delimiter) { HasHeading = hasHeading };
    }
}
