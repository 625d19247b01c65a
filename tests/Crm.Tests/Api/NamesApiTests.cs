using System.Text;
using System.Text.Json;
using Crm.Tests.Metadata;
using Shouldly;
using Xunit;

namespace Crm.Tests.Api;

/// <summary>A server whose entities and fields bear names that mean something in SQL, as administrators who know none will choose them.</summary>
public sealed class KeywordServer : ApiServer
{
    private readonly MetadataFolder _metadata = new();

    public KeywordServer()
    {
        foreach (var name in Names)
        {
            var fields = Names.Select(n => $$"""{"name": "{{n}}", "type": "text"{{(n == "order" ? ", \"required\": true" : "")}}}""")
                .Append("""{"name": "amount", "type": "money"}, {"name": "counter", "type": "autonumber"}, {"name": "all", "type": "integer", "unique": true}""")
                .Append($$"""{"name": "parent", "type": "lookup", "target": "{{name}}", "onDelete": "cascade"}, {"name": "next", "type": "lookup", "target": "{{Names[(Array.IndexOf(Names, name) + 1) % Names.Length]}}", "onDelete": "cascade"}""");
            _metadata.WithEntity(name, string.Join(", ", fields), """ "indexes": [["order", "group"]], "unique": [["select", "from"]], "searchFields": ["order", "parent.group"] """);
        }
        MetadataPath = _metadata.Path;
    }

    public static string[] Names { get; } = ["order", "group", "select", "from", "table", "index", "where", "column", "join", "view", "end", "ctid", "x" + new string('9', 39)];

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _metadata.Dispose();
    }
}

/// <summary>Names are only names: every call works whatever an entity and its fields are called, and deletions that come round end.</summary>
public sealed class NamesApiTests(KeywordServer server) : IClassFixture<KeywordServer>
{
    public static TheoryData<string> Entities => [.. KeywordServer.Names];

    private static readonly string Longest = KeywordServer.Names[^1];

    [Theory]
    [MemberData(nameof(Entities))]
    public async Task Every_call_works_on_an_entity_that_is_called(string entity)
    {
        var url = $"/api/records/{entity}";
        var first = await server.CreateAsync(entity, $$"""{"order": "first", "group": "g", "select": "s", "from": "f", "{{Longest}}": "long", "amount": "1.10", "all": 1}""");
        var id = first.GetProperty("id").GetString();
        var second = await server.CreateAsync(entity, $$"""{"order": "second", "group": "h", "amount": "2.20", "all": 2, "parent": "{{id}}"}""");

        var filter = Uri.EscapeDataString("""{"all": [{"field": "order", "op": "startsWith", "value": "SEC"}, {"field": "parent.group", "op": "eq", "value": "g"}, {"field": "where", "op": "isNull"}]}""");
        var list = await server.Admin.ReadAsync($"{url}?filter={filter}&sort=-group,order,parent.{Longest}&fields=order,group,parent.{Longest}&count=exact");
        list.Status.ShouldBe(200, list.Text);
        list.Json.GetProperty("items")[0].GetProperty("parent").GetProperty(Longest).GetString().ShouldBe("long");
        (await server.Admin.ReadAsync($"{url}?q=first&limit=1")).Json.GetProperty("items").GetArrayLength().ShouldBe(1);

        var sums = await server.Admin.PostAsync($"{url}/aggregate", """{"groupBy": ["group", {"field": "created_at", "by": "year"}], "measures": [{"fn": "count"}, {"fn": "sum", "field": "amount", "as": "select"}, {"fn": "max", "field": "all"}], "sort": "-select"}""");
        sums.Status.ShouldBe(200, sums.Text);
        sums.Json.GetProperty("rows")[0].GetProperty("group").GetString().ShouldBe("h");

        var patched = await server.Admin.SendAsync("PATCH", $"{url}/{id}", """{"where": "here", "table": "t"}""", "If-Match: \"1\"");
        patched.Status.ShouldBe(200, patched.Text);
        (await server.Admin.PostAsync(url, """{"order": "x", "select": "s", "from": "f"}""")).Status.ShouldBe(422);
        (await server.Admin.PostAsync(url, """{"group": "nothing required"}""")).Status.ShouldBe(422);

        var batch = await server.Admin.PostAsync($"{url}/batch", $$"""{"atomic": true, "create": [{"order": "third", "all": 3}], "update": [{"id": "{{id}}", "version": 2, "index": "i"}], "upsert": {"key": ["all"], "items": [{"all": 2, "order": "second again"}, {"all": 4, "order": "fourth"}]}, "delete": []}""");
        batch.Status.ShouldBe(200, batch.Text);
        (await server.CountAsync(entity)).ShouldBe(4);

        var history = await server.Admin.ReadAsync($"{url}/{id}/history");
        history.Json.GetProperty("items").GetArrayLength().ShouldBe(3, history.Text);
        history.Json.GetProperty("items")[0].GetProperty("changes").EnumerateArray().Select(c => c.GetProperty("field").GetString()).ShouldContain("index");
        (await ImportAsync(entity, $"order,group,{Longest},all\nfifth,g,long,5\n")).ShouldBe("succeeded");
        (await server.CountAsync(entity)).ShouldBe(5);

        (await server.Admin.SendAsync("DELETE", $"{url}/{id}")).Status.ShouldBe(204);
        (await server.Admin.ReadAsync($"{url}/{second.GetProperty("id").GetString()}")).Status.ShouldBe(404);
        (await server.Admin.SendAsync("POST", $"{url}/{id}/restore")).Status.ShouldBe(200);
        (await server.Admin.ReadAsync($"{url}/{id}")).Json.GetProperty(Longest).GetString().ShouldBe("long");
    }

    [Fact]
    public async Task A_deletion_that_comes_round_in_a_circle_ends()
    {
        var ids = new List<string>();
        foreach (var name in KeywordServer.Names)
        {
            ids.Add((await server.CreateAsync(name, """{"order": "ring"}""")).GetProperty("id").GetString()!);
        }
        for (var i = 0; i < ids.Count; i++)
        {
            var next = await server.Admin.SendAsync("PATCH", $"/api/records/{KeywordServer.Names[i]}/{ids[i]}", $$"""{"next": "{{ids[(i + 1) % ids.Count]}}"}""", "If-Match: \"1\"");
            next.Status.ShouldBe(200, next.Text);
        }

        (await server.Admin.SendAsync("DELETE", $"/api/records/{KeywordServer.Names[0]}/{ids[0]}")).Status.ShouldBe(204);

        for (var i = 0; i < ids.Count; i++)
        {
            (await server.Admin.ReadAsync($"/api/records/{KeywordServer.Names[i]}/{ids[i]}")).Status.ShouldBe(404);
        }
    }

    private async Task<string> ImportAsync(string entity, string csv)
    {
        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent(Encoding.UTF8.GetBytes(csv)), "file", "rows.csv" },
            { new StringContent(JsonSerializer.Serialize(new { entity })), "options" },
        };
        var started = await server.Admin.SendAsync("POST", "/api/imports", form);
        started.Status.ShouldBe(202, started.Text);
        while (true)
        {
            var job = await server.Admin.ReadAsync($"/api/jobs/{started.Json.GetProperty("id").GetString()}");
            if (job.Json.GetProperty("state").GetString() is { } state and not ("queued" or "running"))
            {
                return state;
            }
            await Task.Yield();
        }
    }
}
