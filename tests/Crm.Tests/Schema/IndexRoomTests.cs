using Crm.Tests.Databases;
using Crm.Tests.Records;
using Shouldly;
using Xunit;

namespace Crm.Tests.Schema;

/// <summary>What an index takes: PostgreSQL refuses long entries, SQLite has no such limit.</summary>
public sealed class IndexRoomTests
{
    [Theory]
    [InlineData("longText")]
    [InlineData("url")]
    [InlineData("json")]
    [InlineData("text")]
    public async Task Any_text_can_be_kept_unique(string type)
    {
        await using var store = await TestStore.OpenAsync("thing", $$"""{"name": "code", "type": "{{type}}", "unique": true}""");

        await store.CreateAsync("thing", """{"code": "https://example.com/1"}""");

        (await Refusal.ExceptionOfAsync(() => store.CreateAsync("thing", """{"code": "https://example.com/1"}"""))).Problems.ShouldHaveSingleItem().Code.ShouldBe("unique");
    }

    [Fact]
    public async Task A_text_that_has_no_room_in_an_index_is_refused_in_words_or_stored()
    {
        await using var store = await TestStore.OpenAsync("thing", """{"name": "notes", "type": "longText", "unique": true}""");
        var random = new Random(5);
        var text = string.Concat(Enumerable.Range(0, 3_000).Select(_ => (char)random.Next(0x4E00, 0x9FA0)));

        var create = () => store.CreateAsync("thing", $$"""{"notes": "{{text}}"}""");

        if (PostgresServer.Current is null)
        {
            (await create())["notes"].ShouldBe(text);
        }
        else
        {
            (await Refusal.ExceptionOfAsync(create)).Problems.ShouldHaveSingleItem().Code.ShouldBe("value.indexRoom");
            (await store.CountAsync("thing")).ShouldBe(0);
        }
    }
}
