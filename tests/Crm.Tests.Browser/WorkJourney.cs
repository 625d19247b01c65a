using Crm.Tests.Browser.Harness;
using Microsoft.Playwright;
using Shouldly;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Crm.Tests.Browser;

/// <summary>A day's work around records: writing down what happened, merging what is there twice, and all of it by keyboard, on a phone, in Chinese.</summary>
public sealed class WorkJourney(RunningServer server, Chromium chromium) : Journey(server, chromium)
{
    [Fact]
    public async Task A_call_a_note_and_a_task_are_written_beside_the_record_and_stand_in_its_timeline()
    {
        var page = await OpenSignedInAsync();
        var id = await Api.CreateAsync(page, "customer", new() { ["name"] = "Talked to" });
        await page.GotoAsync($"/e/customer/{id}");

        await ComposeAsync(page, "call", "subject", "Asked about pumps");
        await ComposeAsync(page, "note", "title", "Likes blue");
        await ComposeAsync(page, "task", "subject", "Send the brochure");
        await Expect(page.Locator("[data-kind=task]").GetByTestId("timeline-done")).ToBeVisibleAsync();
        await page.Locator("[data-kind=task]").GetByTestId("timeline-done").ClickAsync();
        await Expect(page.GetByTestId("timeline-done").And(page.Locator("[data-kind=task] *"))).ToHaveCountAsync(0);
        await page.ReloadAsync();
        foreach (var text in new[] { "Asked about pumps", "Likes blue", "Send the brochure" })
        {
            await Expect(page.GetByTestId("timeline")).ToContainTextAsync(text);
        }
    }

    [Fact]
    public async Task Two_records_of_the_same_customer_become_one_and_that_is_taken_back()
    {
        var page = await OpenSignedInAsync();
        var stays = await Api.CreateAsync(page, "customer", new() { ["name"] = "Twice Ltd", ["city"] = "Bergen" });
        var goes = await Api.CreateAsync(page, "customer", new() { ["name"] = "Twice Limited", ["website"] = "https://twice.example" });
        var contact = await Api.CreateAsync(page, "contact", new() { ["name"] = "Nora Twice", ["customer"] = goes });
        await page.GotoAsync($"/e/customer/{stays}/merge");
        await page.GetByTestId("finder").FillAsync("Twice Limited");
        await page.GetByRole(AriaRole.Option).First.ClickAsync();
        await page.Locator("[data-merge=name] input[type=radio]").Nth(1).CheckAsync();
        await page.GetByTestId("merge-now").ClickAsync();

        await Expect(page.GetByTestId("record-title")).ToHaveTextAsync("Twice Limited");
        (await Api.GetAsync(page, $"/api/records/contact/{contact}")).GetProperty("customer").GetString().ShouldBe(stays);
        await Expect(page.Locator("[data-field=city] .value")).ToHaveTextAsync("Bergen");
        await page.GetByTestId("toast-action").First.ClickAsync();
        await Expect(page.GetByTestId("record-title")).ToHaveTextAsync("Twice Ltd");
        (await Api.GetAsync(page, $"/api/records/contact/{contact}")).GetProperty("customer").GetString().ShouldBe(goes);
    }

    /// <summary>From the door to a saved record and through a list without touching the mouse.</summary>
    [Fact]
    public async Task A_whole_errand_is_done_by_keyboard_alone()
    {
        var page = await OpenAsync();
        await page.GotoAsync(SignIn.Path);
        await page.Locator("input[name=email]").FocusAsync();
        await page.Keyboard.TypeAsync(Server.Settings.AdminEmail);
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync(Server.Settings.AdminPassword);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByTestId("shell")).ToBeVisibleAsync();

        foreach (var name in new[] { "Keys alone one", "Keys alone two" })
        {
            await CommandAsync(page, "new customer", "New customer");
            await Expect(page.GetByTestId("create-dialog").Locator("[data-field=name] input")).ToBeFocusedAsync();
            await page.Keyboard.TypeAsync(name);
            await page.Keyboard.PressAsync("Control+Enter");
            await Expect(page.Locator("#create-open")).ToBeFocusedAsync();
            await page.Keyboard.PressAsync("Enter");
            await Expect(page.GetByTestId("record-title")).ToHaveTextAsync(name);
        }

        await CommandAsync(page, "customers", "Customers");
        await Expect(page.Locator("[data-testid=list][data-ready]")).ToHaveCountAsync(1);
        await page.Keyboard.PressAsync("/");
        await Expect(page.Locator("[data-shortcut='/']")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("keys alone");
        await Expect(page.GetByTestId("row")).ToHaveCountAsync(2);
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("j");
        await Expect(page.Locator("tr:has(td:focus)")).ToHaveCountAsync(1);
        await page.Keyboard.PressAsync("x");
        await Expect(page.GetByTestId("bulk")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("o");
        await Expect(page.GetByTestId("record-title")).ToContainTextAsync("Keys alone");
    }

    [Fact]
    public async Task A_customer_is_made_and_changed_on_a_dark_phone_in_Chinese()
    {
        var page = await OpenSignedInAsync(Visitor.Phone with { Locale = "zh-CN", Dark = true });
        await page.GotoAsync("/e/customer/new");
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await Expect(page.GetByTestId("save")).ToContainTextAsync("创建");
        await page.Locator("[data-field=name] input").FillAsync("苏州精密仪器");
        await page.GetByTestId("save").ClickAsync();
        await Expect(page.GetByTestId("record-title")).ToHaveTextAsync("苏州精密仪器");
        await page.GetByTestId("edit").ClickAsync();
        await page.Locator("[data-field=city] input").FillAsync("苏州");
        await page.GetByTestId("save").ClickAsync();
        await Expect(page.GetByTestId("save")).ToHaveCountAsync(0);

        await page.GotoAsync("/e/customer?q=" + Uri.EscapeDataString("精密"));
        await Expect(page.GetByTestId("row")).ToContainTextAsync("苏州精密仪器");
        (await Overflow.OfAsync(page)).ShouldBeNull();
    }

    private static async Task CommandAsync(IPage page, string typed, string wanted)
    {
        await page.Keyboard.PressAsync("Control+k");
        await Expect(page.Locator("#palette-text")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync(typed);
        await Expect(page.GetByTestId("palette-item").First).ToContainTextAsync(wanted);
        await page.Keyboard.PressAsync("Enter");
    }

    private static async Task ComposeAsync(IPage page, string kind, string field, string text)
    {
        var button = page.Locator($"[data-compose={kind}]");
        if (!await button.IsVisibleAsync() && await page.GetByTestId("compose-more").IsVisibleAsync())
        {
            await page.GetByTestId("compose-more").ClickAsync();
        }
        await button.ClickAsync();
        var form = page.GetByTestId("composer-form");
        await form.Locator($"[data-field={field}] input").FillAsync(text);
        await form.GetByTestId("compose-save").ClickAsync();
        await Expect(form).ToHaveCountAsync(0);
        await Expect(page.GetByTestId("timeline")).ToContainTextAsync(text);
    }
}
