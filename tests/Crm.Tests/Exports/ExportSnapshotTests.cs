using System.Text;
using Crm.Data;
using Crm.Tests.Records;
using Shouldly;
using Xunit;

namespace Crm.Tests.Exports;

/// <summary>A file shows one moment: what others write while it is being made is not in it, on whichever page it would be.</summary>
public sealed class ExportSnapshotTests
{
    /// <summary>More than two pages.</summary>
    private const int Count = 2_100;

    [Theory]
    [InlineData("csv")]
    [InlineData("json")]
    public async Task What_is_written_while_an_export_is_on_its_way_is_not_in_it(string format)
    {
        await using var data = await TestStore.OpenAsync("thing", """{"name": "name", "type": "text"}, {"name": "size", "type": "integer"}""");
        var made = await data.WriteAsync(atomic: true, [.. Enumerable.Range(0, Count).Select(i => data.Creation("thing", $$"""{"name": "thing {{i:0000}}", "size": 1}"""))]);
        var before = await ReadAsync(data, format, () => Task.CompletedTask);

        var during = await ReadAsync(data, format, async () =>
        {
            await data.WriteAsync(atomic: true, [data.Creation("thing", """{"name": "thing 1500b", "size": 2}"""), data.Change(made[^1].After!, """{"size": 2}"""), data.Change(made[10].After!, """{"name": "thing 9999"}""")]);
            await data.DeleteAsync(made[^2].After!);
        });

        Lines(before).ShouldBe(Count);
        during.ShouldBe(before);
        var after = await ReadAsync(data, format, () => Task.CompletedTask);
        (after.Contains("thing 1500b", StringComparison.Ordinal), after.Contains("thing 9999", StringComparison.Ordinal), Lines(after)).ShouldBe((true, true, Count));
    }

    [Fact]
    public async Task Exports_that_are_given_up_leave_room_for_others()
    {
        await using var data = await TestStore.OpenAsync("thing", """{"name": "name", "type": "text"}""");
        await data.CreateAsync("thing", """{"name": "only"}""");

        for (var i = 0; i < 20; i++)
        {
            await using var dropped = await PrepareAsync(data, "csv");
        }

        (await ReadAsync(data, "csv", () => Task.CompletedTask)).ShouldContain("only");
    }

    private static int Lines(string file) => file.Split("thing ").Length - 1;

    private static Task<PreparedExport> PrepareAsync(TestStore data, string format) =>
        new ExportService(data.Store).PrepareAsync(format, new(new RecordQuery(data["thing"]) { Sort = SortTerm.Parse("name", data["thing"]) }, "name"), Actor.Platform, TestContext.Current.CancellationToken);

    private static async Task<string> ReadAsync(TestStore data, string format, Func<Task> meanwhile)
    {
        await using var export = await PrepareAsync(data, format);
        await meanwhile();
        using var file = new MemoryStream();
        await export.WriteAsync(file, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(file.ToArray());
    }
}
