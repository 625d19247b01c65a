using System.Text.Json;
using Microsoft.Playwright;
using Shouldly;

namespace Crm.Tests.Browser.Harness;

/// <summary>What a journey makes beforehand, as the person who is signed in on the page.</summary>
internal static class Api
{
    /// <returns>The id of the new record.</returns>
    public static async Task<string> CreateAsync(IPage page, string entity, Dictionary<string, object?> values)
    {
        var answer = await page.APIRequest.PostAsync($"/api/records/{entity}", new() { DataObject = values });
        answer.Status.ShouldBe(201, await answer.TextAsync());
        return (await answer.JsonAsync())!.Value.GetProperty("id").GetString()!;
    }

    /// <summary>The id of the first record of a list.</summary>
    public static async Task<string> FirstAsync(IPage page, string entity, string query = "")
    {
        var answer = await GetAsync(page, $"/api/records/{entity}?limit=1&fields=id{query}");
        return answer.GetProperty("items")[0].GetProperty("id").GetString()!;
    }

    public static async Task<JsonElement> GetAsync(IPage page, string address)
    {
        var answer = await page.APIRequest.GetAsync(address);
        answer.Status.ShouldBe(200, await answer.TextAsync());
        return (await answer.JsonAsync())!.Value;
    }
}
