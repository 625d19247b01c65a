using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Xml;
using Crm.Rules;

namespace Crm.Data;

/// <summary>
/// Reads a sheet of a workbook (ECMA-376, transitional and strict) as rows of text, one element after the other. What a file unpacks to is
/// limited, because a small one can hold a very large one.
/// </summary>
internal sealed class XlsxReader
{
    private const long MaxUnpacked = 1L << 30;
    private const int MaxCells = 20_000_000;

    private static readonly XmlReaderSettings Settings = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = MaxUnpacked, IgnoreComments = true, IgnoreProcessingInstructions = true };

    private readonly ZipArchive _archive;
    private readonly List<string> _texts = [];
    private readonly List<bool> _styleIsDate = [];
    private long _cells;
    private bool _from1904;

    private XlsxReader(ZipArchive archive) => _archive = archive;

    /// <param name="content">The file.</param>
    /// <param name="sheet">Name of the sheet; null for the first.</param>
    /// <param name="header">Whether the first row names the columns; found out if null.</param>
    /// <exception cref="ProblemException">It is no workbook, has no such sheet, or holds nothing.</exception>
    public static ImportTable Read(byte[] content, string? sheet, bool? header = null)
    {
        try
        {
            using var archive = new ZipArchive(new MemoryStream(content, writable: false), ZipArchiveMode.Read);
            return new XlsxReader(archive).Read(sheet, header);
        }
        catch (Exception e) when (e is InvalidDataException or XmlException or FormatException or OverflowException or IOException)
        {
            throw new ProblemException(Problem.At("file", ProblemKind.Invalid, "import.xlsx"));
        }
    }

    private ImportTable Read(string? wanted, bool? header)
    {
        var sheets = ReadWorkbook();
        var (name, target) = wanted is { Length: > 0 }
            ? sheets.Find(s => string.Equals(s.Name, wanted, StringComparison.OrdinalIgnoreCase))
            : sheets.FirstOrDefault();
        if (name is null)
        {
            throw new ProblemException(Problem.At("sheet", ProblemKind.Invalid, "import.sheet", wanted ?? "", string.Join(", ", sheets.Select(s => s.Name).Take(20))));
        }
        ReadTexts();
        ReadStyles();
        var rows = ReadRows(target);
        return ImportTable.Of(rows, ",", header) with { HasTypedDates = true, Sheets = [.. sheets.Select(s => s.Name)] };
    }

    private List<(string Name, string Target)> ReadWorkbook()
    {
        var targets = new Dictionary<string, string>(StringComparer.Ordinal);
        ForEach("xl/_rels/workbook.xml.rels", "Relationship", xml =>
        {
            if (xml.GetAttribute("Id") is { } id && xml.GetAttribute("Target") is { } target)
            {
                targets[id] = target.StartsWith('/') ? target[1..] : "xl/" + target;
            }
        });
        var sheets = new List<(string, string)>();
        ForEach("xl/workbook.xml", null, xml =>
        {
            if (xml.LocalName == "workbookPr")
            {
                _from1904 = xml.GetAttribute("date1904") is "1" or "true";
            }
            else if (xml.LocalName == "sheet" && xml.GetAttribute("name") is { } name && RelationOf(xml) is { } relation && targets.TryGetValue(relation, out var target))
            {
                sheets.Add((name, target));
            }
        });
        return sheets.Count > 0 ? sheets : throw new InvalidDataException("No sheets.");
    }

    /// <summary>The relation's id, whichever of the two namespaces it is in.</summary>
    private static string? RelationOf(XmlReader xml)
    {
        string? found = null;
        for (var more = xml.MoveToFirstAttribute(); more; more = xml.MoveToNextAttribute())
        {
            found = xml.LocalName == "id" && xml.NamespaceURI.EndsWith("/relationships", StringComparison.Ordinal) ? xml.Value : found;
        }
        xml.MoveToElement();
        return found;
    }

    private void ReadTexts()
    {
        var text = new StringBuilder();
        if (Open("xl/sharedStrings.xml") is not { } xml)
        {
            return;
        }
        using (xml)
        {
            while (xml.Read())
            {
                if (xml is { NodeType: XmlNodeType.Element, LocalName: "si" })
                {
                    text.Clear();
                    ReadText(xml, "si", text);
                    _texts.Add(XlsxText.Unescape(text.ToString()));
                }
            }
        }
    }

    /// <summary>Puts the pieces of a text together; how the words sound (phonetic runs) is not part of it.</summary>
    private static void ReadText(XmlReader xml, string element, StringBuilder text)
    {
        if (xml.IsEmptyElement)
        {
            return;
        }
        var phonetic = 0;
        while (xml.Read() && !(xml.NodeType == XmlNodeType.EndElement && xml.LocalName == element))
        {
            phonetic += xml.LocalName != "rPh" ? 0 : xml.NodeType == XmlNodeType.Element ? 1 : xml.NodeType == XmlNodeType.EndElement ? -1 : 0;
            if (phonetic == 0 && xml.NodeType is XmlNodeType.Text or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace or XmlNodeType.CDATA)
            {
                text.Append(xml.Value);
            }
        }
    }

    private void ReadStyles()
    {
        var dates = new HashSet<int>();
        var inCells = false;
        ForEach("xl/styles.xml", null, xml =>
        {
            switch (xml.LocalName)
            {
                case "numFmt" when int.TryParse(xml.GetAttribute("numFmtId"), out var id) && IsDateFormat(xml.GetAttribute("formatCode") ?? ""): dates.Add(id); break;
                case "cellXfs": inCells = true; break;
                case "cellStyles" or "dxfs": inCells = false; break;
                case "xf" when inCells: _styleIsDate.Add(int.TryParse(xml.GetAttribute("numFmtId"), out var format) && (format is (>= 14 and <= 22) or (>= 27 and <= 36) or (>= 45 and <= 47) or (>= 50 and <= 58) || dates.Contains(format))); break;
            }
        });
    }

    /// <summary>Whether a format shows days or times: it holds their letters outside quotes, brackets and escapes.</summary>
    private static bool IsDateFormat(string code)
    {
        var quoted = false;
        var bracket = false;
        for (var i = 0; i < code.Length; i++)
        {
            switch (code[i])
            {
                case '"': quoted = !quoted; break;
                case '\\' or '_' or '*': i++; break;
                case '[' when !quoted: bracket = i + 1 >= code.Length || char.ToLowerInvariant(code[i + 1]) is not ('h' or 'm' or 's'); break;
                case ']' when !quoted: bracket = false; break;
                case 'd' or 'D' or 'y' or 'Y' or 'h' or 'H' or 's' or 'm' or 'M' when !quoted && !bracket: return true;
            }
        }
        return false;
    }

    private IEnumerable<(int Line, string[] Values)> ReadRows(string part)
    {
        using var xml = Open(part) ?? throw new InvalidDataException("No sheet.");
        var rows = new List<(int, string[])>();
        var values = new List<string>();
        var text = new StringBuilder();
        var line = 0;
        while (xml.Read())
        {
            if (xml is { NodeType: XmlNodeType.Element, LocalName: "row" })
            {
                line = int.TryParse(xml.GetAttribute("r"), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : line + 1;
                values.Clear();
                if (!xml.IsEmptyElement)
                {
                    continue;
                }
            }
            else if (xml is { NodeType: XmlNodeType.Element, LocalName: "c" })
            {
                ReadCell(xml, values, text);
                continue;
            }
            if (xml.LocalName == "row" && values.Exists(v => v.Length > 0))
            {
                rows.Add((line, [.. values]));
            }
        }
        return rows;
    }

    private void ReadCell(XmlReader xml, List<string> values, StringBuilder text)
    {
        var column = ColumnOf(xml.GetAttribute("r")) ?? values.Count;
        if (column > 16_383 || (_cells += Math.Max(1, column - values.Count + 1)) > MaxCells)
        {
            throw new ProblemException(Problem.At("file", ProblemKind.Invalid, "import.xlsxTooLarge"));
        }
        var (kind, style) = (xml.GetAttribute("t") ?? "n", xml.GetAttribute("s"));
        var (raw, isEmpty) = ("", xml.IsEmptyElement);
        while (!isEmpty && xml.Read() && !(xml.NodeType == XmlNodeType.EndElement && xml.LocalName == "c"))
        {
            if (xml.NodeType == XmlNodeType.Element && xml.LocalName is "v" or "is")
            {
                text.Clear();
                ReadText(xml, xml.LocalName, text);
                raw = text.ToString();
            }
        }
        while (values.Count <= column)
        {
            values.Add("");
        }
        values[column] = raw.Length == 0 ? "" : kind switch
        {
            "s" => _texts[int.Parse(raw, NumberStyles.None, CultureInfo.InvariantCulture) is var i && i < _texts.Count ? i : throw new InvalidDataException("No such text.")],
            "b" => raw is "1" or "true" ? "true" : "false",
            "inlineStr" or "str" => XlsxText.Unescape(raw),
            "e" => "",
            "d" => raw,
            _ => Number(raw, IsDate(style)),
        };
    }

    private bool IsDate(string? style) => int.TryParse(style, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < _styleIsDate.Count && _styleIsDate[index];

    private string Number(string raw, bool isDate)
    {
        if (isDate && XlsxText.MomentOf(double.Parse(raw, NumberStyles.Float, CultureInfo.InvariantCulture), _from1904) is { } moment)
        {
            return moment.ToString(moment.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm:ss.FFF", CultureInfo.InvariantCulture);
        }
        // A spreadsheet keeps 15 digits: what stands beyond them is how a double is written, not what somebody entered.
        var isExact = raw.Count(char.IsAsciiDigit) <= 15 || raw.AsSpan().IndexOfAny('.', 'e', 'E') < 0;
        var text = isExact ? raw : double.Parse(raw, NumberStyles.Float, CultureInfo.InvariantCulture).ToString("G15", CultureInfo.InvariantCulture);
        return text.AsSpan().IndexOfAny('e', 'E') >= 0 && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var plain) ? plain.ToString(CultureInfo.InvariantCulture) : text;
    }

    /// <summary>The column of a reference such as <c>AB12</c>, from 0.</summary>
    private static int? ColumnOf(string? reference)
    {
        var column = 0;
        foreach (var c in (reference ?? "").TakeWhile(char.IsAsciiLetter).Take(4))
        {
            column = (column * 26) + (char.ToUpperInvariant(c) - 'A' + 1);
        }
        return column == 0 ? null : column - 1;
    }

    private void ForEach(string part, string? element, Action<XmlReader> each)
    {
        using var xml = Open(part);
        while (xml?.Read() == true)
        {
            if (xml.NodeType == XmlNodeType.Element && (element is null || xml.LocalName == element))
            {
                each(xml);
            }
        }
    }

    private XmlReader? Open(string part) =>
        _archive.Entries.FirstOrDefault(e => string.Equals(e.FullName, part, StringComparison.OrdinalIgnoreCase)) is { } entry ? XmlReader.Create(entry.Open(), Settings) : null;
}
