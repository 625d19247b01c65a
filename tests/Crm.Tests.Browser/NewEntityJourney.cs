using System.Globalization;
using System.Text.RegularExpressions;
using Crm.Tests.Browser.Harness;
using Microsoft.Playwright;
using Shouldly;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Crm.Tests.Browser;

/// <summary>The example of <c>metadata/README.md</c>, done as it says; the picture there is made here.</summary>
public sealed partial class NewEntityJourney(RunningServer server, Chromium chromium) : Journey(server, chromium)
{
    private static readonly (string Customer, string Product, string Status, int Days)[] Loans = [("Bergmann Pumps", "Gauge 40", "out", -3), ("Acme Tools", "Gauge 40", "planned", 20), ("Northwind Labs", "Meter 7", "back", -30), ("Harbour Foods", "Meter 7", "out", 9)];

    [Fact]
    public async Task One_file_gives_an_entity_its_list_and_its_form()
    {
        var folder = Directory.CreateTempSubdirectory("crm-more-");
        await File.WriteAllTextAsync(Path.Combine(folder.CreateSubdirectory("entities").FullName, "loan.json"), Example().Match(await File.ReadAllTextAsync(Repository.File("metadata", "README.md"), TestContext.Current.CancellationToken)).Groups["json"].Value, TestContext.Current.CancellationToken);
        await using var running = await RunningServer.StartAsync(new ServerSettings { Environment = new Dictionary<string, string> { ["Crm__MetadataPath"] = folder.FullName } });
        var page = await OpenSignedInAsync(on: running);
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (customer, product, status, days) in Loans)
        {
            await CreateAsync(page, "loan", new() { ["customer"] = await IdAsync("customer", customer), ["product"] = await IdAsync("product", product), ["status"] = status, ["until"] = TimeProvider.System.GetUtcNow().AddDays(days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) });
        }

        await page.GotoAsync("/e/loan");
        await Expect(page.GetByTestId("row")).ToHaveCountAsync(Loans.Length);
        await Screenshots.ForReadmeAsync(page, "entity");
        await page.GotoAsync("/e/loan/new");
        await Expect(page.GetByTestId("form")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-field=damage]")).ToHaveCountAsync(0);

        await page.GotoAsync("/e/loan/late");
        await Expect(page.GetByTestId("row")).ToHaveCountAsync(1);
        await page.CloseAsync();
        folder.Delete(recursive: true);

        async Task<string> IdAsync(string entity, string name) => ids.TryGetValue(name, out var id) ? id : ids[name] = await CreateAsync(page, entity, new() { ["name"] = name });
    }

    private static async Task<string> CreateAsync(IPage page, string entity, Dictionary<string, string> values)
    {
        var answer = await page.APIRequest.PostAsync($"/api/records/{entity}", new() { DataObject = values });
        answer.Status.ShouldBe(201);
        return (await answer.JsonAsync())!.Value.GetProperty("id").GetString()!;
    }

    [GeneratedRegex("```json\\n(?<json>.*?)```", RegexOptions.Singleline, 1000)]
    private static partial Regex Example();
}
