using System.Globalization;
using System.Text;
using Crm.Data;
using Crm.Metadata;
using Crm.Tests.Records;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Validation;
using Shouldly;
using Xunit;

namespace Crm.Tests.Exports;

/// <summary>What is exported can be imported again and is the same: every field type, every value of its samples, both formats.</summary>
public sealed class ExportRoundTripTests
{
    public static TheoryData<string, string> Cases => [.. from type in FieldSamples.Names from format in new[] { "csv", "xlsx" } select (type, format)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task What_is_exported_reads_back_to_the_same_values(string type, string format)
    {
        await using var data = await OpenAsync(type);
        var field = data["thing"]["value"];
        Assert.SkipWhen(field.Type.IsComputed || !field.IsStored || field.Type is SecretFieldType, "Values of this type are given by the platform itself, are records of their own, or are not to be exported.");
        foreach (var json in FieldTypeSamples.ValuesOf(type))
        {
            await data.CreateAsync("thing", new FieldValue(field, FieldTypeSamples.Parse(field, json)));
        }
        var expected = (await data.QueryAsync("thing", fields: "value", sort: "id")).Items.Select(r => r[0]).ToList();

        var (content, table) = await ExportAsync(data, "thing", format, "id,value", labels: false);

        var columns = table.Columns.Index().Where(c => c.Item == "value.id" || (!table.Columns.Contains("value.id") && c.Item.StartsWith("value", StringComparison.Ordinal))).ToList();
        var read = table.Rows.Select(r => columns.Where(c => c.Index < r.Values.Length && r.Values[c.Index].Length > 0)
            .ToDictionary(c => c.Item is "value" or "value.id" ? "" : c.Item["value.".Length..], c => r.Values[c.Index]) is { Count: > 0 } texts ? field.Type.FromParts(texts, TextFormat.Invariant) : Parsed.Ok(null)).ToList();
        read.ShouldAllBe(r => r.Fault == null);
        read.Count.ShouldBe(expected.Count);
        for (var i = 0; i < expected.Count; i++)
        {
            // Words without markup become a paragraph, which reads the same.
            (field.Type.AreEqual(expected[i], read[i].Value) || (field.Type is RichTextFieldType && field.Type.ToText(expected[i]!, CultureInfo.InvariantCulture) == field.Type.ToText(read[i].Value!, CultureInfo.InvariantCulture))).ShouldBeTrue($"{expected[i]} became {read[i].Value}\n{(format == "csv" ? Encoding.UTF8.GetString(content) : "")}");
        }
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("xlsx")]
    public async Task Texts_that_a_spreadsheet_would_run_come_back_as_they_were(string format)
    {
        string[] texts = ["=1+1", "+1", "-1", "@SUM(A1)", "'=1", "''", "'", "plain", "a,b;\"c\"", "_x0041_ _x", "tab\tin", "\uFFFE", "客户"];
        await using var data = await OpenAsync("text");
        foreach (var text in texts)
        {
            await data.CreateAsync("thing", new FieldValue(data["thing"]["value"], text));
        }

        var (content, table) = await ExportAsync(data, "thing", format, "id,value", labels: false);

        table.Rows.Select(r => r.Values[1]).ShouldBe(texts);
        if (format == "csv")
        {
            Encoding.UTF8.GetString(content).Split("\r\n").Where(l => l.Contains(',', StringComparison.Ordinal)).Select(l => l.Split(',', 2)[1]).ShouldAllBe(cell => !"=+-@".Contains(cell[0]));
        }
    }

    [Fact]
    public async Task Workbooks_are_valid_and_keep_their_heading_in_sight()
    {
        await using var data = await TestStore.OpenAsync("thing", """{"name": "name", "type": "text"}, {"name": "day", "type": "date"}, {"name": "at", "type": "dateTime"}, {"name": "price", "type": "money"}, {"name": "ok", "type": "boolean"}, {"name": "size", "type": "integer"}""");
        await data.CreateAsync("thing", """{"name": "a & <b>", "day": "2026-02-28", "at": "2026-02-28T12:30:00Z", "price": "12.50", "ok": true, "size": 9007199254740993}""");

        var (content, _) = await ExportAsync(data, "thing", "xlsx", null, labels: true);

        using var workbook = SpreadsheetDocument.Open(new MemoryStream(content), isEditable: false);
        new OpenXmlValidator().Validate(workbook, TestContext.Current.CancellationToken).Select(e => $"{e.Path?.XPath}: {e.Description}").ShouldBeEmpty();
        workbook.WorkbookPart!.WorksheetParts.Single().Worksheet.OuterXml.ShouldContain("state=\"frozen\"");
    }

    [Fact]
    public async Task Labels_and_choices_by_label_are_understood_by_an_import()
    {
        await using var data = await TestStore.OpenAsync("thing", """{"name": "kind", "label": "Sort of thing", "type": "choice", "options": [{"value": "a", "label": "Alpha"}, {"value": "b", "label": "Beta"}]}""");
        await data.CreateAsync("thing", """{"kind": "b"}""");

        var (_, table) = await ExportAsync(data, "thing", "csv", "kind", labels: true);

        table.Columns.ShouldBe(["Sort of thing"]);
        table.Rows.Single().Values.ShouldBe(["Beta"]);
        ImportPlan.Make(new ImportProfile { Entity = "thing" }, table, data.Model).Columns.Single().Field.ShouldBe(data["thing"]["kind"]);
    }

    internal static async Task<(byte[] Content, ImportTable Table)> ExportAsync(TestStore data, string entity, string format, string? fields, bool labels)
    {
        await using var export = await new ExportService(data.Store).PrepareAsync(format, new(new RecordQuery(data[entity]) { Sort = Crm.Data.SortTerm.Parse("id", data[entity]) }, fields) { Labels = labels, Ids = true }, Actor.Platform, TestContext.Current.CancellationToken);
        using var stream = new MemoryStream();
        await export.WriteAsync(stream, TestContext.Current.CancellationToken);
        var content = stream.ToArray();
        return (content, ImportService.ReadTable("file." + format, content, new ImportProfile { Entity = entity }));
    }

    private static Task<TestStore> OpenAsync(string type) => FieldTypeBatteryTests.OpenAsync(type);
}
