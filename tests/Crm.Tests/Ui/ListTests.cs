using System.Globalization;
using Bunit;
using Crm.Rules;
using Crm.Tests.Metadata;
using Crm.Ui.Lists;
using Shouldly;
using Xunit;

namespace Crm.Tests.Ui;

/// <summary>The list over a real database.</summary>
public sealed class ListTests
{
    [Fact]
    public async Task A_list_shows_a_page_and_reads_on_at_its_end()
    {
        await using var screen = await OpenAsync(customers: 60);
        var list = Show(screen);

        list.WaitForAssertion(() => list.FindAll("[data-testid=row]").Count.ShouldBe(50));
        list.Find("[data-testid=count]").TextContent.Trim().ShouldBe("60 records");
        await list.InvokeAsync(() => list.Find(".load-more button").Click());

        list.WaitForAssertion(() => list.FindAll("[data-testid=row]").Count.ShouldBe(60));
        list.FindAll(".load-more").ShouldBeEmpty();
        list.FindAll("[data-testid=row]").Select(r => r.GetAttribute("data-id")).ShouldBeUnique();
    }

    [Fact]
    public async Task A_row_leads_to_its_record_and_shows_titles_of_lookups()
    {
        await using var screen = await OpenAsync(customers: 1);
        var list = Show(screen);

        var row = list.WaitForElement("[data-testid=row]");

        row.QuerySelector("a.row-link")!.GetAttribute("href").ShouldBe($"/e/customer/{row.GetAttribute("data-id")}");
        row.QuerySelector("a.row-link")!.TextContent.Trim().ShouldBe("Customer 000");
        row.TextContent.ShouldContain(screen.Person.Name);
    }

    [Fact]
    public async Task A_click_on_a_heading_sorts_up_then_down_then_as_the_view_says()
    {
        await using var screen = await OpenAsync(customers: 3);
        var asked = new List<string?>();
        var list = Show(screen, s => asked.Add(s.Sort), new(string.Empty, null, []), view: "all");
        var heading = screen["customer"].Find("city")!.Label.ToString();

        await list.InvokeAsync(() => Heading(list, heading).Click());
        list.Render(p => p.Add(l => l.State, new ListState("", "city", [])));
        await list.InvokeAsync(() => Heading(list, heading).Click());
        list.Render(p => p.Add(l => l.State, new ListState("", "-city", [])));
        await list.InvokeAsync(() => Heading(list, heading).Click());

        asked.ShouldBe(["city", "-city", null]);
    }

    [Fact]
    public async Task Nothing_there_says_what_it_is_for_and_nothing_found_says_so()
    {
        await using var screen = await OpenAsync(customers: 0);

        Show(screen).WaitForElement("[data-testid=empty]").TextContent.ShouldContain("New customer");
        Show(screen, state: new("zzz", null, [])).WaitForElement("[data-testid=empty]").TextContent.ShouldContain("Nothing found");
    }

    [Fact]
    public async Task Sums_are_named_in_the_currency_of_the_organisation_whatever_that_of_the_field()
    {
        Screen.Speak("en");
        using var folder = new MetadataFolder();
        folder.WithEntity("deal", """{"name": "name", "type": "text"}, {"name": "amount", "type": "money", "currency": "EUR"}""", "\"titleField\": \"name\"");
        await using var screen = await Screen.OpenAsync(Shipped.Compile(Repository.File("metadata"), folder.Path));
        await screen.Data.CreateAsync("deal", """{"name": "A", "amount": {"amount": "5.00", "currency": "USD"}}""");

        var list = screen.Render<ListBody>(p => p.Add(l => l.Entity, screen["deal"]).Add(l => l.View, EntityViews.Find(screen["deal"], null)!).Add(l => l.State, ListState.Empty));

        list.WaitForElement("[data-testid=total]").TextContent.ShouldContain("5 USD");
    }

    [Fact]
    public async Task The_state_of_a_list_survives_its_address()
    {
        await using var screen = await Screen.OpenAsync();
        var entity = screen["opportunity"];
        var state = new ListState("a & b", "-amount", [ConditionReader.Read("""{"field":"stage","op":"in","value":["won"]}""", entity), ConditionReader.Read("""{"field":"name","op":"contains","value":"ö+%"}""", entity)]);

        var query = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(new Uri("http://crm" + state.Address("/e/opportunity")).Query);
        var read = ListState.Read(entity, query["q"], query["sort"], query["filter"]);

        read.Address("/e/opportunity").ShouldBe(state.Address("/e/opportunity"));
        read.Filters.Count.ShouldBe(2);
    }

    [Fact]
    public async Task An_address_with_a_broken_filter_is_refused_in_words()
    {
        await using var screen = await Screen.OpenAsync();

        Should.Throw<ProblemException>(() => ListState.Read(screen["opportunity"], null, null, "{bad"));
        Should.Throw<ProblemException>(() => ListState.Read(screen["opportunity"], null, "nonsense", null));
    }

    private static async Task<Screen> OpenAsync(int customers)
    {
        Screen.Speak("en");
        var screen = await Screen.OpenAsync();
        for (var i = 0; i < customers; i++)
        {
            await screen.Data.CreateAsync("customer", string.Create(CultureInfo.InvariantCulture, $$"""{"name":"Customer {{i:000}}"}"""), screen.Person);
        }
        return screen;
    }

    private static IRenderedComponent<ListBody> Show(Screen screen, Action<ListState>? changed = null, ListState? state = null, string view = "all") =>
        screen.Render<ListBody>(p => p
            .Add(l => l.Entity, screen["customer"])
            .Add(l => l.View, EntityViews.Find(screen["customer"], view)!)
            .Add(l => l.State, state ?? ListState.Empty)
            .Add(l => l.StateChanged, changed ?? (_ => { })));

    private static AngleSharp.Dom.IElement Heading(IRenderedComponent<ListBody> list, string label)
    {
        // A heading sorts by what is shown, which stays until the next order has been read.
        list.WaitForElement("[data-testid=list][aria-busy=false] th .sort");
        return list.FindAll("th .sort").First(b => b.TextContent.Trim().StartsWith(label, StringComparison.Ordinal));
    }
}
