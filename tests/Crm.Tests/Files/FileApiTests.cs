using System.Net;
using System.Security.Cryptography;
using System.Text;
using Crm.Tests.Api;
using Shouldly;
using Xunit;

namespace Crm.Tests.Files;

/// <summary>Files in and out over HTTP: what they are, who may have them, and when they go.</summary>
public sealed class FileApiTests(FileServer server) : IClassFixture<FileServer>
{
    [Fact]
    public async Task A_file_comes_back_as_it_was_sent()
    {
        var content = new byte[12_000_000];
        new Random(1).NextBytes(content);
        "%PDF-1.7"u8.CopyTo(content);

        var sent = await FileServer.UploadAsync(server.Person, "合同 final.pdf", content);

        sent.Status.ShouldBe(201, sent.Text);
        sent.Json.GetProperty("name").GetString().ShouldBe("合同 final.pdf");
        sent.Json.GetProperty("type").GetString().ShouldBe("application/pdf");
        sent.Json.GetProperty("sha256").GetString().ShouldBe(Convert.ToHexStringLower(SHA256.HashData(content)));
        using var got = await server.Person.GetAsync(sent.Headers.Location, TestContext.Current.CancellationToken);
        (await got.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).ShouldBe(content);
        got.Content.Headers.ContentDisposition!.DispositionType.ShouldBe("attachment");
        got.Content.Headers.ContentDisposition.FileNameStar.ShouldBe("合同 final.pdf");
        got.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        using var request = new HttpRequestMessage(HttpMethod.Get, sent.Headers.Location);
        request.Headers.Range = new(5, 9);
        using var part = await server.Person.SendAsync(request, TestContext.Current.CancellationToken);
        part.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
        (await part.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).ShouldBe(content[5..10]);
        (await server.Person.SendAsync("GET", sent.Headers.Location!.ToString(), (string?)null, "If-None-Match: " + got.Headers.ETag)).Status.ShouldBe(304);
    }

    [Fact]
    public async Task A_body_by_itself_is_a_file_too()
    {
        using var body = new ByteArrayContent("hello"u8.ToArray());

        var sent = await server.Person.SendAsync("POST", "/api/files?name=../../etc/note.txt", body);

        sent.Status.ShouldBe(201, sent.Text);
        sent.Json.GetProperty("name").GetString().ShouldBe("note.txt");
        sent.Json.GetProperty("type").GetString().ShouldBe("text/plain");
    }

    [Theory]
    [InlineData("photo.png", "GIF89a.....", "file.mismatch")]
    [InlineData("letter.pdf", "<html><script>alert(1)</script></html>", "file.mismatch")]
    [InlineData("tool.exe", "MZ......", "file.program")]
    [InlineData("letter.docx", "MZ......", "file.program")]
    [InlineData("run.bat", "echo hello", "file.program")]
    public async Task What_is_not_what_it_says_or_can_be_run_is_refused(string name, string content, string code)
    {
        var answer = await FileServer.UploadAsync(server.Person, name, Encoding.UTF8.GetBytes(content));

        (answer.Status, answer.Code).ShouldBe((422, code), answer.Text);
    }

    [Theory]
    [InlineData("page.html", "<html><script>alert(1)</script></html>", "text/html")]
    [InlineData("drawing.svg", "<?xml version=\"1.0\"?><svg onload=\"alert(1)\"/>", "image/svg+xml")]
    public async Task What_can_hold_a_script_is_never_shown_on_our_page(string name, string content, string type)
    {
        var sent = await FileServer.UploadAsync(server.Person, name, Encoding.UTF8.GetBytes(content));
        sent.Json.GetProperty("type").GetString().ShouldBe(type);

        using var got = await server.Person.GetAsync(sent.Headers.Location + "?inline=true", TestContext.Current.CancellationToken);

        got.Content.Headers.ContentDisposition!.DispositionType.ShouldBe("attachment");
        got.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("sandbox");
        (await server.Person.ReadAsync(sent.Headers.Location + "/thumbnail")).Code.ShouldBe("file.noThumbnail");
    }

    [Fact]
    public async Task A_record_names_its_files_and_says_nothing_wrong_about_them()
    {
        var photo = await UploadAsync("me.png", FileServer.Png);
        var record = await server.CreateAsync("deal", $$"""{"name": "a", "photo": {"id": "{{photo}}", "name": "face", "type": "text/html", "size": 1}, "papers": ["{{await UploadAsync("a.txt", "a"u8.ToArray())}}", "{{await UploadAsync("b.txt", "b"u8.ToArray())}}"]}""");

        record.GetProperty("photo").ToString().ShouldBe($$"""{"id":"{{photo}}","name":"face.png","type":"image/png","size":{{FileServer.Png.Length}}}""");
        record.GetProperty("papers").EnumerateArray().Select(f => f.GetProperty("name").GetString()).ShouldBe(["a.txt", "b.txt"]);
        using var thumbnail = await server.Person.GetAsync($"/api/files/{photo}/thumbnail?size=64", TestContext.Current.CancellationToken);
        (thumbnail.StatusCode, thumbnail.Content.Headers.ContentType!.MediaType).ShouldBe((HttpStatusCode.OK, "image/png"));
    }

    [Fact]
    public async Task A_field_takes_only_what_it_is_for()
    {
        var png = await UploadAsync("a.png", FileServer.Png);
        var text = await UploadAsync("a.txt", "a"u8.ToArray());
        var large = await UploadAsync("large.gif", [.. "GIF89a"u8, .. new byte[2_000]]);

        (await server.Admin.PostAsync("/api/records/deal", $$"""{"contract": "{{png}}", "photo": "{{text}}"}""")).Problems.ShouldBe("contract: file.type; photo: file.type");
        (await server.Admin.PostAsync("/api/records/deal", $$"""{"photo": "{{large}}"}""")).Problems.ShouldBe("photo: file.tooLarge");
        (await server.Admin.PostAsync("/api/records/deal", $$"""{"papers": ["{{png}}", "{{text}}", "{{large}}"]}""")).Problems.ShouldBe("papers: value.files");
        (await server.Admin.PostAsync("/api/records/deal", """{"contract": "0190aaaa-bbbb-7ccc-8ddd-000000000001"}""")).Problems.ShouldBe("contract: file.unknown");
    }

    [Fact]
    public async Task Who_may_read_the_record_may_read_the_file_and_before_that_only_who_brought_it()
    {
        var mine = await UploadAsync("mine.txt", "mine"u8.ToArray());
        (await server.Person.ReadAsync($"/api/files/{mine}")).Status.ShouldBe(404);
        (await server.Person.PostAsync("/api/records/deal", $$"""{"contract": "{{mine}}"}""")).Problems.ShouldBe("contract: file.unknown");

        await server.CreateAsync("secret_deal", $$"""{"paper": "{{mine}}"}""");
        (await server.Person.ReadAsync($"/api/files/{mine}")).Status.ShouldBe(404);

        await server.CreateAsync("deal", $$"""{"contract": "{{mine}}"}""");
        (await server.Person.ReadAsync($"/api/files/{mine}")).Text.ShouldBe("mine");
    }

    [Fact]
    public async Task More_than_any_field_takes_is_refused_while_it_comes_in()
    {
        // Who asks before sending is answered before sending.
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/files?name=a.bin") { Content = new ByteArrayContent(new byte[27_000_000]) };
        request.Headers.ExpectContinue = true;
        using var answer = await server.Person.SendAsync(request, TestContext.Current.CancellationToken);

        answer.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("\"tooLarge\"");
    }

    private async Task<string> UploadAsync(string name, byte[] content)
    {
        var sent = await FileServer.UploadAsync(server.Admin, name, content);
        sent.Status.ShouldBe(201, sent.Text);
        return sent.Json.GetProperty("id").GetString()!;
    }
}
