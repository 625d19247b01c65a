using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;
using Shouldly;
using Xunit;

namespace Crm.Tests.Imports;

/// <summary>Workbooks, written here by another library than the one that reads them.</summary>
public sealed class WorkbookImportTests(ImportServer server) : IClassFixture<ImportServer>
{
    [Fact]
    public async Task Texts_numbers_dates_and_gaps_arrive()
    {
        var book = Workbook(("Gadgets", [["name", "code", "day", "moment", "size", "rate", "price", "active"], ["first", "wb1", new DateTime(2026, 2, 28), new DateTime(2026, 2, 28, 13, 45, 0), 42, 0.1 + 0.2, 12.5, true], ["second", "wb2", null, null, null, null, null, false]]));

        var outcome = await ImportAsync(book);

        outcome.Counts.ShouldBe("2, 0, 0, 0, 0", outcome.Result.ToString());
        (await server.ListAsync("gadget", "name,day,moment,size,rate,price,active", "code", """{"field": "code", "op": "startsWith", "value": "wb"}""")).ShouldBe(
            ["first|2026-02-28|2026-02-28T13:45:00Z|42|0.3|12.50|True", "second||||||False"]);
    }

    [Fact]
    public async Task Dates_of_a_workbook_are_dates_whatever_form_its_texts_have()
    {
        var outcome = await ImportAsync(Workbook(("A", [["name", "code", "day"], ["a", "wd1", new DateTime(2026, 3, 4)], ["b", "wd2", "5/6/2026"]])), "\"dateFormat\": \"M/d/yyyy\"");

        outcome.Counts.ShouldBe("2, 0, 0, 0, 0", outcome.Result.ToString());
        (await server.ListAsync("gadget", "day", "code", """{"field": "code", "op": "startsWith", "value": "wd"}""")).ShouldBe(["2026-03-04", "2026-05-06"]);
    }

    [Fact]
    public async Task A_sheet_is_chosen_by_name()
    {
        var book = Workbook(("One", [["name", "code"], ["one", "ws1"]]), ("Two", [["name", "code"], ["two", "ws2"]]));

        (await ImportAsync(book, "\"sheet\": \"Two\"")).Counts.ShouldBe("1, 0, 0, 0, 0");

        (await server.ListAsync("gadget", "name", "code", """{"field": "code", "op": "startsWith", "value": "ws"}""")).ShouldBe(["two"]);
        (await server.SendAsync("gadget", book, "\"sheet\": \"Three\"", "a.xlsx")).Problems.ShouldBe("sheet: import.sheet");
    }

    [Fact]
    public async Task What_is_no_workbook_is_refused()
    {
        (await server.SendAsync("gadget", "not a zip"u8.ToArray(), "", "a.xlsx")).Problems.ShouldBe("file: import.xlsx");
        (await server.SendAsync("gadget", "BEGIN:VCALENDAR"u8.ToArray(), "", "a.vcf")).Problems.ShouldBe("file: import.vcf");
    }

    private async Task<ImportOutcome> ImportAsync(byte[] book, string options = "")
    {
        var accepted = await server.SendAsync("gadget", book, options, "book.xlsx");
        accepted.Status.ShouldBe(202, accepted.Text);
        return new(await server.FinishedAsync(accepted.Json.GetProperty("id").GetString()!));
    }

    private static byte[] Workbook(params (string Name, object?[][] Rows)[] sheets)
    {
        using var stream = new MemoryStream();
        using (var document = SpreadsheetDocument.Create(stream, SpreadsheetDocumentType.Workbook))
        {
            var workbook = document.AddWorkbookPart();
            workbook.Workbook = new(new Sheets());
            var texts = workbook.AddNewPart<SharedStringTablePart>();
            texts.SharedStringTable = new();
            workbook.AddNewPart<WorkbookStylesPart>().Stylesheet = new(new Fonts(new Font()), new Fills(new Fill()), new Borders(new Border()), new CellStyleFormats(new CellFormat()), new CellFormats(new CellFormat(), new CellFormat { NumberFormatId = 14 }, new CellFormat { NumberFormatId = 22 }));
            foreach (var (name, rows) in sheets)
            {
                var part = workbook.AddNewPart<WorksheetPart>();
                part.Worksheet = new(new SheetData(rows.Select(r => new Row(r.Select((value, i) => (value, i)).Where(c => c.value is not null).Select(c => CellOf(c.value!, c.i, Array.IndexOf(rows, r) + 1, texts.SharedStringTable))))));
                workbook.Workbook.Sheets!.Append(new Sheet { Name = name, SheetId = (uint)workbook.Workbook.Sheets.Count() + 1, Id = workbook.GetIdOfPart(part) });
            }
        }
        return stream.ToArray();
    }

    private static Cell CellOf(object value, int column, int row, SharedStringTable texts)
    {
        var reference = $"{(char)('A' + column)}{row}";
        switch (value)
        {
            case string text:
                texts.AppendChild(new SharedStringItem(new Text(text)));
                return new() { CellReference = reference, DataType = CellValues.SharedString, CellValue = new(texts.Count() - 1) };
            case bool truth: return new() { CellReference = reference, DataType = CellValues.Boolean, CellValue = new(truth) };
            case DateTime moment: return new() { CellReference = reference, StyleIndex = moment.TimeOfDay == TimeSpan.Zero ? 1U : 2U, CellValue = new(moment.ToOADate()) };
            default: return new() { CellReference = reference, CellValue = new(Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture)) };
        }
    }
}
