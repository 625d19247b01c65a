using Crm.Data;
using Crm.Tests.Records;
using Shouldly;
using Xunit;

namespace Crm.Tests.Exports;

/// <summary>More records than a sheet of Excel can hold.</summary>
public sealed class XlsxSheetsTests
{
    [Fact]
    public async Task What_has_no_room_in_a_sheet_goes_on_in_the_next()
    {
        await using var data = await TestStore.OpenAsync("thing", """{"name": "name", "type": "text"}""");
        for (var i = 0; i < 7; i++)
        {
            await data.CreateAsync("thing", $$"""{"name": "thing {{i}}"}""");
        }
        using var export = new XlsxExport { RowsOfSheet = 4 };
        export.Prepare(new(new RecordQuery(data["thing"]) { Sort = SortTerm.Parse("name", data["thing"]) }, "name"), Actor.Platform);
        await using var session = await data.Store.SnapshotAsync(TestContext.Current.CancellationToken);
        using var file = new MemoryStream();

        export.Begin(file);
        (await export.WritePageAsync(data.Store, session, null, TestContext.Current.CancellationToken)).ShouldBeNull();
        export.End();

        var sheets = XlsxReader.Read(file.ToArray(), null, header: true).Sheets;
        sheets.ShouldBe(["Thing", "Thing (2)", "Thing (3)"]);
        sheets.Select(s => string.Join(", ", XlsxReader.Read(file.ToArray(), s, header: true).Rows.Select(r => r.Values[0])))
            .ShouldBe(["thing 0, thing 1, thing 2", "thing 3, thing 4, thing 5", "thing 6"]);
    }
}
