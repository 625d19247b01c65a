using Crm.Tests.Api;
using Shouldly;
using Xunit;

namespace Crm.Tests.Files;

/// <summary>How long a file lives.</summary>
public sealed class FileLifeTests : IAsyncLifetime
{
    private readonly FileServer _server = new();

    public ValueTask InitializeAsync() => _server.InitializeAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_file_lives_as_long_as_a_record_needs_it()
    {
        var (left, kept) = (await UploadAsync("left.txt"), await UploadAsync("kept.txt"));
        var record = (await _server.CreateAsync("deal", $$"""{"contract": "{{kept}}"}""")).GetProperty("id").GetString()!;

        await SweepAsync(TimeSpan.FromHours(23), 0);
        await SweepAsync(TimeSpan.FromHours(2), 1);
        (await ReadAsync(left)).ShouldBe(404);
        (await ReadAsync(kept)).ShouldBe(200);

        await SendAsync("DELETE", record);
        await SweepAsync(TimeSpan.FromDays(29), 0);
        await SendAsync("POST", record + "/restore");
        await SweepAsync(TimeSpan.FromDays(2), 0);
        (await ReadAsync(kept)).ShouldBe(200);

        await SendAsync("PATCH", record + "?force=true", """{"contract": null}""");
        await SweepAsync(TimeSpan.FromDays(29), 0);
        await SweepAsync(TimeSpan.FromDays(2), 1);
        (await ReadAsync(kept)).ShouldBe(404);
    }

    [Fact]
    public async Task A_file_that_several_records_hold_lives_until_the_last_of_them_lets_go()
    {
        var file = await UploadAsync("shared.txt");
        var made = await _server.Admin.PostAsync("/api/records/deal/batch", $$"""{"create": [{"contract": "{{file}}"}, {"contract": "{{file}}"}, {"contract": "{{file}}"}]}""");
        made.Status.ShouldBe(200, made.Text);
        string[] deals = [.. made.Json.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetString()!)];
        await LetGoAsync(deals[0], deals[1]);

        await SweepAsync(TimeSpan.FromDays(31), 0);
        (await ReadAsync(file)).ShouldBe(200);

        await LetGoAsync(deals[2]);
        await SweepAsync(TimeSpan.FromDays(31), 1);
        (await ReadAsync(file)).ShouldBe(404);

        Task LetGoAsync(params string[] ids)
        {
            var items = string.Join(',', ids.Select(id => $$"""{"id": "{{id}}", "contract": null}"""));
            return SendAsync("POST", "batch", $$"""{"atomic": true, "update": [{{items}}]}""");
        }
    }

    private async Task<string> UploadAsync(string name) => (await FileServer.UploadAsync(_server.Admin, name, "text"u8.ToArray())).Json.GetProperty("id").GetString()!;

    private async Task SweepAsync(TimeSpan after, int expected)
    {
        _server.Clock.Advance(after);
        (await _server.Files.SweepAsync(TestContext.Current.CancellationToken)).ShouldBe(expected);
    }

    /// <summary>Sign-ins end while the clock is moved, so each call signs in anew.</summary>
    private async Task<int> ReadAsync(string id)
    {
        using var client = await _server.SignInAsync(ApiServer.AdminEmail, ApiServer.Password);
        return (await client.ReadAsync($"/api/files/{id}")).Status;
    }

    private async Task SendAsync(string method, string path, string? json = null)
    {
        using var client = await _server.SignInAsync(ApiServer.AdminEmail, ApiServer.Password);
        var answer = await client.SendAsync(method, "/api/records/deal/" + path, json);
        answer.Status.ShouldBeLessThan(300, answer.Text);
    }
}
