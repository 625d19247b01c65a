using System.Globalization;
using System.Text;
using Crm.Data;
using Crm.Metadata;
using Crm.Tests.Records;
using Shouldly;
using Xunit;

namespace Crm.Tests.Databases;

/// <summary>Texts that the platform keeps without a folded form are folded by the database, as they would be in memory.</summary>
public sealed class FoldedTextTests
{
    /// <summary>Scripts that have cases or marks, in blocks that have long been settled.</summary>
    private static readonly (int First, int Last)[] Blocks =
        [(0x20, 0x7E), (0xA0, 0x377), (0x386, 0x52F), (0x531, 0x58A), (0x5B0, 0x5EA), (0x10A0, 0x10FF), (0x1E00, 0x1FFE), (0x2100, 0x218B), (0x3041, 0x30FF), (0x4E00, 0x4E3F), (0xFB00, 0xFB06), (0xFF01, 0xFF5E), (0x10400, 0x1044F)];

    [Fact]
    public async Task The_database_folds_as_memory_does()
    {
        await using var data = await TestStore.OpenAsync("thing", """{"name": "name", "type": "text"}""");
        await using var session = await data.Database.ReadAsync(TestContext.Current.CancellationToken);
        string[] texts = ["", "PLAIN", "Über Straße", "GROẞ", "ΣΊΣΥΦΟΣ", "e\u0301\u0323", "a\uFFFEb", .. Letters().Chunk(32).Select(letters => string.Concat(letters))];

        foreach (var text in texts)
        {
            var folded = await session.FirstAsync("SELECT crm_fold($1)", [Param.Text(text)], row => row.Text(0), TestContext.Current.CancellationToken);

            folded.ShouldBe(Folding.Fold(text), text);
        }
        (await session.FirstAsync("SELECT crm_fold($1)", [Param.Text(null)], row => row.Text(0), TestContext.Current.CancellationToken)).ShouldBeNull();
    }

    private static IEnumerable<string> Letters() => Blocks.SelectMany(b => Enumerable.Range(b.First, b.Last - b.First + 1)).Select(code => new Rune(code))
        .Where(r => Rune.GetUnicodeCategory(r) is not (UnicodeCategory.OtherNotAssigned or UnicodeCategory.Control or UnicodeCategory.PrivateUse)).Select(r => r.ToString());
}
