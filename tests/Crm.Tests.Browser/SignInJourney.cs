using Crm.Tests.Browser.Harness;
using Microsoft.Playwright;
using Shouldly;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Crm.Tests.Browser;

public sealed class SignInJourney(RunningServer server, Chromium chromium) : Journey(server, chromium)
{
    [Fact]
    public async Task A_wrong_password_is_refused_in_words_and_only_the_password_is_asked_for_again()
    {
        var page = await OpenAsync();
        Complaints.Expect("401");

        await SignIn.WithAsync(page, Server.Settings.AdminEmail, "not-the-password");

        await Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        new Uri(page.Url).AbsolutePath.ShouldBe(SignIn.Path);
        await Expect(page.GetByTestId("shell")).ToHaveCountAsync(0);
        await Expect(page.Locator("input[name=email]")).ToHaveValueAsync(Server.Settings.AdminEmail);
        await Expect(page.Locator("input[name=password]")).ToBeFocusedAsync();
    }

    [Fact]
    public async Task The_right_password_opens_the_shell_and_signing_out_closes_it_again()
    {
        var page = await OpenSignedInAsync();
        new Uri(page.Url).AbsolutePath.ShouldBe("/");

        await page.GetByTestId("user-menu").ClickAsync();
        await page.GetByTestId("sign-out").ClickAsync();

        await Expect(page.Locator("input[name=password]")).ToBeVisibleAsync();
        await page.GotoAsync("/");
        await Expect(page).ToHaveURLAsync(Places.Door);
    }

    [Fact]
    public async Task A_visitor_who_is_not_signed_in_is_led_to_the_door()
    {
        var page = await OpenAsync();

        await page.GotoAsync("/");

        await Expect(page).ToHaveURLAsync(Places.Door);
        await Expect(page.Locator("input[name=email]")).ToBeVisibleAsync();
    }
}
