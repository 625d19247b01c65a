using System.Text.Json;
using Crm.Data;
using Crm.Rules;
using Crm.Tests.Records;
using Shouldly;
using Xunit;

namespace Crm.Tests.Exports;

/// <summary>A JSON export has the form of the API, with what is read beyond the records themselves.</summary>
public sealed class JsonExportTests
{
    [Fact]
    public async Task Titles_of_references_and_rows_that_were_asked_for_are_in_the_file()
    {
        await using var data = await OpenAsync();
        var firm = await data.CreateAsync("firm", """{"name": "Acme"}""");
        await data.CreateAsync("deal", $$"""{"name": "one", "about": {"entity": "firm", "id": "{{firm.Id}}"}, "lines": [{"size": 1}, {"size": 2}]}""");
        await data.CreateAsync("deal", """{"name": "two"}""");

        var deals = JsonElement.Parse(await ExportAsync(data, "name,about.title,lines.size", Actor.Platform));

        deals.GetArrayLength().ShouldBe(2);
        (deals[0].GetProperty("name").GetString(), deals[0].GetProperty("about").GetProperty("title").GetString()).ShouldBe(("one", "Acme"));
        deals[0].GetProperty("lines").EnumerateArray().Select(l => l.GetProperty("size").GetInt64()).ShouldBe([1, 2]);
        (deals[1].GetProperty("about").ValueKind, deals[1].GetProperty("lines").GetArrayLength()).ShouldBe((JsonValueKind.Null, 0));
    }

    [Fact]
    public async Task Rows_that_the_actor_may_not_read_are_refused()
    {
        await using var data = await OpenAsync();
        var ada = await data.PersonAsync("Ada");

        var refusal = await Should.ThrowAsync<ProblemException>(() => ExportAsync(data, "name,lines", ada));

        refusal.Kind.ShouldBe(ProblemKind.Forbidden);
    }

    private static Task<TestStore> OpenAsync() => TestStore.OpenAsync(folder => folder
        .WithEntity("firm", """{"name": "name", "type": "text"}""")
        .WithEntity("deal", """{"name": "name", "type": "text"}, {"name": "about", "type": "anyLookup", "targets": ["firm"]}, {"name": "lines", "type": "rows", "target": "line"}""")
        .WithEntity("line", """{"name": "deal", "type": "lookup", "target": "deal"}, {"name": "size", "type": "integer"}""", """ "roles": {"administrator": {"read": "all"}} """));

    private static async Task<byte[]> ExportAsync(TestStore data, string fields, Actor actor)
    {
        var query = new RecordQuery(data["deal"]) { Sort = SortTerm.Parse("name", data["deal"]) };
        await using var export = await new ExportService(data.Store).PrepareAsync("json", new(query, fields), actor, TestContext.Current.CancellationToken);
        using var file = new MemoryStream();
        await export.WriteAsync(file, TestContext.Current.CancellationToken);
        return file.ToArray();
    }
}
