using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Xml;
using Crm.Metadata;

namespace Crm.Data;

/// <summary>
/// A workbook with one sheet, written as it goes: cells of the right kind, dates as dates, a heading that stays in sight. What a
/// spreadsheet's numbers cannot hold to the last digit is written as text.
/// </summary>
[ExportFormat("xlsx")]
internal sealed class XlsxExport : Export
{
    private const string Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    private const string Relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    private const string PackageRelations = "http://schemas.openxmlformats.org/package/2006/relationships";
    private const string Types = "http://schemas.openxmlformats.org/package/2006/content-types";
    private const string Head = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
    private const int MaxText = 32_767, MaxName = 31;

    // Places in cellXfs of the styles below.
    private const string HeadingStyle = "1", DayStyle = "2", MomentStyle = "3", AmountStyle = "4", IntegerStyle = "5";

    private ZipArchive? _archive;
    private XmlWriter? _sheet;
    private int _sheets, _row;

    /// <summary>Rows of one sheet, its heading included; what is more goes on in another.</summary>
    internal int RowsOfSheet { get; set; } = 1_048_576;

    private XmlWriter Xml => _sheet!;

    public override string ContentType => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

    public override void Begin(Stream output)
    {
        _archive = new(output, ZipArchiveMode.Create, leaveOpen: true);
        BeginSheet();
    }

    /// <summary>How many sheets there are is known only now.</summary>
    public override void End()
    {
        EndSheet();
        var sheets = Enumerable.Range(1, _sheets).Select(number => (Number: number.ToString(CultureInfo.InvariantCulture), Name: System.Security.SecurityElement.Escape(SheetName(number)))).ToList();
        var types = string.Concat(sheets.Select(s => $"""<Override PartName="/xl/worksheets/sheet{s.Number}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>"""));
        var relations = string.Concat(sheets.Select(s => $"""<Relationship Id="rId{s.Number}" Type="{Relations}/worksheet" Target="worksheets/sheet{s.Number}.xml"/>"""));
        var names = string.Concat(sheets.Select(s => $"""<sheet name="{s.Name}" sheetId="{s.Number}" r:id="rId{s.Number}"/>"""));
        Part("[Content_Types].xml", $"""<Types xmlns="{Types}"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>{types}<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>""");
        Part("_rels/.rels", $"""<Relationships xmlns="{PackageRelations}"><Relationship Id="rId1" Type="{Relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>""");
        Part("xl/_rels/workbook.xml.rels", $"""<Relationships xmlns="{PackageRelations}">{relations}<Relationship Id="styles" Type="{Relations}/styles" Target="styles.xml"/></Relationships>""");
        Part("xl/workbook.xml", $"""<workbook xmlns="{Main}" xmlns:r="{Relations}"><sheets>{names}</sheets></workbook>""");
        Part("xl/styles.xml", $"""<styleSheet xmlns="{Main}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/><numFmt numFmtId="165" formatCode="yyyy\-mm\-dd\ hh:mm"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="6"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/><xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="4" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="1" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>""");
        Dispose();
    }

    public override void Dispose()
    {
        _sheet?.Dispose();
        _archive?.Dispose();
        (_sheet, _archive) = (null, null);
    }

    protected override void Write(RecordRow row)
    {
        if (_row == RowsOfSheet)
        {
            EndSheet();
            BeginSheet();
        }
        BeginRow();
        for (var i = 0; i < Columns.Count; i++)
        {
            WriteCell(Columns[i].Path.Field, row[i]);
        }
        Xml.WriteEndElement();
    }

    private void BeginSheet()
    {
        (_sheets, _row) = (_sheets + 1, 0);
        var entry = _archive!.CreateEntry(string.Create(CultureInfo.InvariantCulture, $"xl/worksheets/sheet{_sheets}.xml"), CompressionLevel.Fastest);
        _sheet = XmlWriter.Create(entry.Open(), new XmlWriterSettings { Encoding = new UTF8Encoding(false), CloseOutput = true, NewLineHandling = NewLineHandling.None });
        Xml.WriteStartDocument(standalone: true);
        Xml.WriteStartElement("worksheet", Main);
        Xml.WriteRaw("""<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>""");
        WriteWidths();
        Xml.WriteStartElement("sheetData");
        BeginRow();
        foreach (var column in Columns)
        {
            WriteText(column.Heading, HeadingStyle);
        }
        Xml.WriteEndElement();
    }

    private void EndSheet()
    {
        Xml.WriteEndDocument();
        Xml.Dispose();
        _sheet = null;
    }

    private void BeginRow()
    {
        Xml.WriteStartElement("row");
        Xml.WriteAttributeString("r", (++_row).ToString(CultureInfo.InvariantCulture));
    }

    private void WriteCell(Field field, object? value)
    {
        switch (value)
        {
            case null: Xml.WriteStartElement("c"); Xml.WriteEndElement(); break;
            case bool truth: WriteNumber(truth ? "1" : "0", null, "b"); break;
            case long number and > -1_000_000_000_000_000 and < 1_000_000_000_000_000: WriteNumber(number.ToString(CultureInfo.InvariantCulture), IntegerStyle); break;
            case decimal number when IsExact(number): WriteNumber(ExactDecimal.Trim(number).ToString(CultureInfo.InvariantCulture), null); break;
            case Money money when IsExact(money.Amount): WriteNumber(ExactDecimal.Trim(money.Amount).ToString(CultureInfo.InvariantCulture), AmountStyle); break;
            case DateOnly day when XlsxText.SerialOf(day.ToDateTime(TimeOnly.MinValue)) is { } serial: WriteNumber(serial.ToString("R", CultureInfo.InvariantCulture), DayStyle); break;
            case DateTimeOffset moment when Local(moment) is { } local && XlsxText.SerialOf(local) is { } serial: WriteNumber(serial.ToString("R", CultureInfo.InvariantCulture), MomentStyle); break;
            default: WriteText(TextOf(field, value), null); break;
        }
    }

    /// <summary>The clock on the wall; null for the hour that comes twice when summer time ends, which no clock can tell apart.</summary>
    private DateTime? Local(DateTimeOffset moment)
    {
        var local = DateTime.SpecifyKind(TimeZoneInfo.ConvertTime(moment, Options.TimeZone).DateTime, DateTimeKind.Unspecified);
        return Options.TimeZone.IsAmbiguousTime(local) ? null : local;
    }

    private static bool IsExact(decimal number) => ExactDecimal.Trim(Math.Abs(number)).ToString(CultureInfo.InvariantCulture).Count(char.IsAsciiDigit) <= 15;

    private void WriteNumber(string number, string? style, string? kind = null)
    {
        Xml.WriteStartElement("c");
        if (style is not null)
        {
            Xml.WriteAttributeString("s", style);
        }
        if (kind is not null)
        {
            Xml.WriteAttributeString("t", kind);
        }
        Xml.WriteElementString("v", number);
        Xml.WriteEndElement();
    }

    private void WriteText(string text, string? style)
    {
        Xml.WriteStartElement("c");
        if (style is not null)
        {
            Xml.WriteAttributeString("s", style);
        }
        Xml.WriteAttributeString("t", "inlineStr");
        Xml.WriteStartElement("is");
        Xml.WriteStartElement("t");
        Xml.WriteAttributeString("xml", "space", null, "preserve");
        var escaped = XlsxText.Escape(text);
        Xml.WriteString(escaped.Length <= MaxText ? escaped : escaped[..(char.IsHighSurrogate(escaped[MaxText - 1]) ? MaxText - 1 : MaxText)]);
        Xml.WriteEndElement();
        Xml.WriteEndElement();
        Xml.WriteEndElement();
    }

    private void WriteWidths()
    {
        if (Columns.Count == 0)
        {
            return;
        }
        Xml.WriteStartElement("cols");
        for (var i = 0; i < Columns.Count; i++)
        {
            var width = Math.Max(Columns[i].Heading.Length + 2, Columns[i].Path.Field.Type switch
            {
                LongTextFieldType => 50, LookupFieldType => 38, TextualFieldType => 24, DateTimeFieldType => 17, _ => 12,
            });
            Xml.WriteRaw(string.Create(CultureInfo.InvariantCulture, $"""<col min="{i + 1}" max="{i + 1}" width="{Math.Min(width, 60)}" customWidth="1"/>"""));
        }
        Xml.WriteEndElement();
    }

    /// <summary>What the records are called; further sheets have their number behind it.</summary>
    private string SheetName(int number)
    {
        var name = string.Concat(Options.Query.Entity.PluralLabel.ToString().Where(c => !"[]:*?/\\'".Contains(c, StringComparison.Ordinal) && !char.IsControl(c))).Trim();
        name = name.Length == 0 ? Options.Query.Entity.Name : name;
        var suffix = number == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" ({number})");
        return name[..Math.Min(MaxName - suffix.Length, name.Length)] + suffix;
    }

    private void Part(string name, string content)
    {
        using var stream = _archive!.CreateEntry(name, CompressionLevel.Fastest).Open();
        stream.Write(Encoding.UTF8.GetBytes(Head + content));
    }
}
