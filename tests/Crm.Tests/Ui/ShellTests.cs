using Bunit;
using Crm.Data;
using Crm.Ui.Shell;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Shouldly;
using Xunit;

namespace Crm.Tests.Ui;

/// <summary>Palette, places and bell over a real database, hostile texts included.</summary>
public sealed class ShellTests
{
    public static TheoryData<string> Hostile =>
    [
        "<script>document.title='taken'</script>",
        "<img src=x onerror=alert(1)>",
        "\u202Egnirts\u202C مرحبا",
        "👩‍💻🏴‍☠️ e\u0301\u0301\u0301",
        new string('W', 180),
    ];

    [Fact]
    public async Task The_palette_finds_pages_what_to_create_and_records_by_parts_of_words()
    {
        Screen.Speak("en-US");
        await using var screen = await Screen.OpenAsync();
        var customer = await screen.Data.CreateAsync("customer", """{"name": "Brightwater Pumps"}""");
        var palette = await OpenAsync(screen);

        await TypeAsync(palette, "custom");
        palette.WaitForAssertion(() => Items(palette).ShouldContain("Customers"));
        Items(palette).ShouldContain("New customer");
        palette.FindAll(".palette-item mark").Select(m => m.TextContent).ShouldContain("Custom");

        await TypeAsync(palette, "bright pum");
        screen.Data.Clock.Advance(TimeSpan.FromSeconds(1));
        palette.WaitForAssertion(() => Items(palette).ShouldContain("Brightwater Pumps"));
        await palette.Find("#palette-text").KeyDownAsync(new KeyboardEventArgs { Key = "Enter" });
        screen.Service<NavigationManager>().Uri.ShouldEndWith($"/e/customer/{customer.Id}");
        palette.FindAll("[data-testid=palette]").ShouldBeEmpty();
    }

    [Fact]
    public async Task The_arrows_go_round_and_escape_closes_the_palette()
    {
        await using var screen = await Screen.OpenAsync();
        var palette = await OpenAsync(screen);
        var count = Items(palette).Length;

        await palette.Find("#palette-text").KeyDownAsync(new KeyboardEventArgs { Key = "ArrowUp" });
        palette.FindAll(".palette-item")[count - 1].GetAttribute("aria-selected").ShouldBe("true");
        palette.Find("#palette-text").GetAttribute("aria-activedescendant").ShouldBe($"palette-{count - 1}");
        await palette.Find("#palette-text").KeyDownAsync(new KeyboardEventArgs { Key = "ArrowDown" });
        palette.FindAll(".palette-item")[0].GetAttribute("aria-selected").ShouldBe("true");

        await palette.Find("#palette-text").KeyDownAsync(new KeyboardEventArgs { Key = "Escape" });
        palette.FindAll("[data-testid=palette]").ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task Hostile_titles_are_texts_in_palette_and_places(string title)
    {
        await using var screen = await Screen.OpenAsync();
        var customer = await screen.Data.CreateAsync("customer", new FieldValue(screen["customer"]["name"], title));
        screen.Service<NavigationManager>().NavigateTo(Addresses.Record(screen["customer"], customer.Id));

        var places = screen.Render<SidePlaces>(_ => { });
        var stored = (string)customer[screen["customer"]["name"]]!;
        places.WaitForAssertion(() => places.Find(".side-place .side-label").TextContent.Trim('…').ShouldBe(stored[..Math.Min(stored.Length, 120)]));
        var palette = await OpenAsync(screen);
        palette.WaitForAssertion(() => stored.ShouldStartWith(Items(palette)[0].Trim('…')));
        Items(palette)[0].ShouldNotBeEmpty();

        places.FindAll("script, img").ShouldBeEmpty();
        palette.FindAll("script, img").ShouldBeEmpty();
    }

    [Fact]
    public async Task Records_that_were_opened_are_remembered_and_can_be_kept_at_hand()
    {
        await using var screen = await Screen.OpenAsync();
        var (first, second) = (await screen.Data.CreateAsync("customer", """{"name": "First"}"""), await screen.Data.CreateAsync("customer", """{"name": "Second"}"""));
        var places = screen.Render<SidePlaces>(_ => { });
        foreach (var record in new[] { first, second, first })
        {
            screen.Service<NavigationManager>().NavigateTo(Addresses.Record(screen["customer"], record.Id));
        }
        places.WaitForAssertion(() => Names(places, "recent").ShouldBe(["First", "Second"]));

        await places.InvokeAsync(() => places.FindAll("[data-testid=recent] .side-pin")[1].ClickAsync(new()));
        places.WaitForAssertion(() => Names(places, "pinned").ShouldBe(["Second"]));
        Names(places, "recent").ShouldBe(["First"]);

        // On the server, so that another tab has it too; what is gone is not shown.
        await screen.Data.DeleteAsync(first);
        var (pinned, recent) = await Tab(screen).ReadAsync(Xunit.TestContext.Current.CancellationToken);
        pinned.Select(p => p.Title).ShouldBe(["Second"]);
        recent.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_one_tab_keeps_at_hand_or_has_opened_is_not_forgotten_by_another()
    {
        await using var screen = await Screen.OpenAsync();
        var (customer, token) = (screen["customer"], Xunit.TestContext.Current.CancellationToken);
        var records = new List<Guid>();
        foreach (var name in new[] { "Kept here", "Kept there", "Seen here", "Seen there" })
        {
            records.Add((await screen.Data.CreateAsync("customer", new FieldValue(customer["name"], name))).Id);
        }
        var (here, there) = (Tab(screen), Tab(screen));
        await here.ReadAsync(token);
        await there.ReadAsync(token);

        await here.PinAsync(customer, records[0], pinned: true, token);
        await there.PinAsync(customer, records[1], pinned: true, token);
        await here.VisitAsync(customer, records[2], token);
        await there.VisitAsync(customer, records[3], token);

        var (pinned, recent) = await Tab(screen).ReadAsync(token);
        pinned.Select(p => p.Title).ShouldBe(["Kept here", "Kept there"]);
        recent.Select(p => p.Title).ShouldBe(["Seen there", "Seen here"]);
    }

    [Fact]
    public async Task Groups_of_the_menu_that_are_folded_stay_folded()
    {
        await using var screen = await Screen.OpenAsync();
        var menu = screen.Render<SideMenu>(_ => { });
        var entries = menu.FindAll(".side-item").Count;

        await menu.InvokeAsync(() => menu.Find("[data-group=sales]").ClickAsync(new()));

        menu.FindAll(".side-item").Count.ShouldBeLessThan(entries);
        var next = screen.Render<SideMenu>(_ => { });
        next.WaitForAssertion(() => next.Find("[data-group=sales]").GetAttribute("aria-expanded").ShouldBe("false"));
    }

    [Fact]
    public async Task A_notification_is_there_at_once_and_once_read_it_no_longer_counts()
    {
        await using var screen = await Screen.OpenAsync();
        var bell = screen.Render<NotificationBell>(_ => { });
        bell.FindAll("[data-testid=unread]").ShouldBeEmpty();
        bell.Find(".widget-none").ShouldNotBeNull();

        await NotifyAsync(screen, "A customer was assigned to you", "/e/customer");
        await NotifyAsync(screen, "Somebody else's", "/", (await screen.Data.PersonAsync("Bob")).UserId);

        bell.WaitForAssertion(() => bell.Find("[data-testid=unread]").TextContent.ShouldBe("1"), TimeSpan.FromSeconds(20));
        await bell.InvokeAsync(() => bell.Find("[data-testid=notification]").ClickAsync(new()));
        bell.WaitForAssertion(() => bell.FindAll("[data-testid=unread]").ShouldBeEmpty(), TimeSpan.FromSeconds(20));
        screen.Service<NavigationManager>().Uri.ShouldEndWith("/e/customer");
    }

    [Theory]
    [InlineData("/e/customer", true)]
    [InlineData("/", true)]
    [InlineData("//evil.example", false)]
    [InlineData("/\\evil.example", false)]
    [InlineData("https://evil.example", false)]
    [InlineData("javascript:alert(1)", false)]
    [InlineData(null, false)]
    public void A_notification_leads_to_pages_of_the_product_only(string? link, bool leads) =>
        (new Notice(SequentialIds.Unknown, "info", "Text", link, default, IsRead: false).SafeLink is not null).ShouldBe(leads);

    [Fact]
    public async Task A_notification_of_5000_hostile_characters_is_a_text()
    {
        await using var screen = await Screen.OpenAsync();
        var text = string.Concat(Enumerable.Repeat("<b>\u202E👾</b>", 450));
        await NotifyAsync(screen, text, "/");

        var bell = screen.Render<NotificationBell>(_ => { });

        bell.WaitForAssertion(() => bell.Find(".bell-text").TextContent.ShouldBe(text));
        bell.FindAll(".bell-text b").ShouldBeEmpty();
    }

    /// <summary>The same person in a further tab of the browser.</summary>
    private static PersonalPlaces Tab(Screen screen) => new(screen.Service<PersonalSettings>(), screen.Data.Store, screen.Service<CurrentActor>(), screen.Service<ModelSource>());

    private static Task NotifyAsync(Screen screen, string text, string link, Guid? user = null)
    {
        var entity = screen["notification"];
        return screen.Data.CreateAsync("notification", new FieldValue(entity["user"], user ?? screen.Person.UserId), new FieldValue(entity["text"], text), new FieldValue(entity["link"], link));
    }

    private static async Task<IRenderedComponent<Palette>> OpenAsync(Screen screen)
    {
        var palette = screen.Render<Palette>(_ => { });
        await palette.InvokeAsync(() => palette.Find("[data-testid=palette-open]").ClickAsync(new()));
        palette.WaitForElement("[data-testid=palette-item]");
        return palette;
    }

    private static Task TypeAsync(IRenderedComponent<Palette> palette, string text)
    {
        // What is typed is answered twice: at once, and after a pause; the test lets the clock go on.
        _ = palette.Find("#palette-text").InputAsync(new ChangeEventArgs { Value = text });
        return Task.CompletedTask;
    }

    private static string[] Items(IRenderedComponent<Palette> palette) => [.. palette.FindAll(".palette-item .palette-title").Select(i => i.TextContent.ReplaceLineEndings("").Trim())];

    private static string[] Names(IRenderedComponent<SidePlaces> places, string group) => [.. places.FindAll($"[data-testid={group}] .side-label").Select(l => l.TextContent)];
}
