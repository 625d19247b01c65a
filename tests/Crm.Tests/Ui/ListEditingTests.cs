using System.Globalization;
using Bunit;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Tests.Metadata;
using Crm.Ui.Fields;
using Crm.Ui.Lists;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Shouldly;
using Xunit;

namespace Crm.Tests.Ui;

/// <summary>What can be done in a list besides reading it: cells edited where they stand, records selected, changes of others followed.</summary>
public sealed class ListEditingTests
{
    private static CancellationToken Token => Xunit.TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cell_is_edited_in_place_and_goes_the_way_of_every_write()
    {
        await using var screen = await OpenAsync(2);
        var list = Show(screen);
        var (id, column) = (Rows(list)[0], ColumnOf(list, screen, "city"));

        await list.InvokeAsync(() => list.Instance.EditAsync(id, column));
        await list.InvokeAsync(() => list.Find("td[data-editing] input").Input("Ulm"));
        await list.InvokeAsync(() => list.Find("td[data-editing] input").Change("Ulm"));
        await list.InvokeAsync(() => list.Instance.CommitAsync(0));

        list.FindAll("td[data-editing]").ShouldBeEmpty();
        list.Find($"tr[data-id='{id:D}']").TextContent.ShouldContain("Ulm");
        var stored = await screen.Data.Store.GetAsync(screen["customer"], id, Actor.Platform, Token);
        (stored["city"], stored.Version).ShouldBe(("Ulm", 2L));
    }

    [Fact]
    public async Task Tab_saves_and_goes_on_to_the_next_cell_and_escape_leaves_everything()
    {
        await using var screen = await OpenAsync(1);
        var list = Show(screen);
        var (id, column) = (Rows(list)[0], ColumnOf(list, screen, "name"));

        await list.InvokeAsync(() => list.Instance.EditAsync(id, column));
        await list.InvokeAsync(() => list.Find("td[data-editing] input").Input("Renamed"));
        await list.InvokeAsync(() => list.Instance.CommitAsync(1));

        list.Find("td[data-editing]").GetAttribute("data-c").ShouldNotBe(column.ToString(CultureInfo.InvariantCulture));
        await list.InvokeAsync(list.Instance.CancelEdit);
        list.FindAll("td[data-editing]").ShouldBeEmpty();
        (await screen.Data.Store.GetAsync(screen["customer"], id, Actor.Platform, Token)).Title.ShouldBe("Renamed");
    }

    [Fact]
    public async Task What_is_refused_stays_in_the_cell_with_the_reason()
    {
        await using var screen = await OpenAsync(1);
        var list = Show(screen);
        var id = Rows(list)[0];

        await list.InvokeAsync(() => list.Instance.EditAsync(id, ColumnOf(list, screen, "name")));
        await list.InvokeAsync(() => list.Find("td[data-editing] input").Input(""));
        await list.InvokeAsync(() => list.Instance.CommitAsync(0));

        list.Find("td[data-editing] .cell-problem").TextContent.ShouldNotBeEmpty();
        (await screen.Data.Store.GetAsync(screen["customer"], id, Actor.Platform, Token)).Title.ShouldBe("Customer 000");
    }

    [Fact]
    public async Task A_cell_that_somebody_else_changed_meanwhile_says_so_before_it_is_written_over()
    {
        await using var screen = await OpenAsync(1);
        var list = Show(screen);
        var (id, column) = (Rows(list)[0], ColumnOf(list, screen, "city"));
        await list.InvokeAsync(() => list.Instance.EditAsync(id, column));
        await screen.Data.UpdateAsync(await screen.Data.Store.GetAsync(screen["customer"], id, Actor.Platform, Token), """{"city": "Bonn"}""");

        await list.InvokeAsync(() => list.Find("td[data-editing] input").Input("Ulm"));
        await list.InvokeAsync(() => list.Instance.CommitAsync(0));

        list.Find(".cell-problem").TextContent.ShouldContain("Bonn");
        await list.InvokeAsync(() => list.Instance.CommitAsync(0));
        (await screen.Data.Store.GetAsync(screen["customer"], id, Actor.Platform, Token))["city"].ShouldBe("Ulm");
    }

    [Fact]
    public async Task Whoever_somebody_else_chose_meanwhile_is_called_by_name()
    {
        await using var screen = await OpenAsync(1);
        var (grace, alan) = (await screen.Data.PersonAsync("Grace Hopper"), await screen.Data.PersonAsync("Alan Turing"));
        var list = Show(screen);
        var id = Rows(list)[0];
        await list.InvokeAsync(() => list.Instance.EditAsync(id, ColumnOf(list, screen, "owner")));
        await screen.Data.UpdateAsync(await screen.Data.Store.GetAsync(screen["customer"], id, Actor.Platform, Token), $$"""{"owner": "{{grace.UserId}}"}""");

        await list.InvokeAsync(() => list.FindComponent<EditorOf>().Instance.Changed.InvokeAsync(new(alan.UserId, "Alan Turing")));
        await list.InvokeAsync(() => list.Instance.CommitAsync(0));

        list.Find(".cell-problem").TextContent.ShouldContain("Grace Hopper");
    }

    [Fact]
    public async Task Whoever_may_not_change_records_gets_no_editor()
    {
        await using var screen = await OpenAsync(0);
        await screen.Data.CreateAsync("team", """{"name": "Red"}""");
        var list = screen.Render<ListBody>(p => p.Add(l => l.Entity, screen["team"]).Add(l => l.View, EntityViews.Find(screen["team"], "all")!).Add(l => l.State, ListState.Empty));
        list.WaitForElement("[data-testid=row]");

        await list.InvokeAsync(() => list.Instance.EditAsync(Rows(list)[0], 0));

        list.FindAll("td[data-editing], td[data-can-edit]").ShouldBeEmpty();
    }

    [Fact]
    public async Task What_others_save_appears_and_what_no_longer_belongs_goes()
    {
        await using var screen = await OpenAsync(2);
        var city = ConditionReader.Read("""{"field": "name", "op": "startsWith", "value": "Customer"}""", screen["customer"]);
        var list = Show(screen, ListState.Empty.With(city));
        var (first, second) = (Rows(list)[0], Rows(list)[1]);

        await screen.Data.UpdateAsync(await screen.Data.Store.GetAsync(screen["customer"], first, Actor.Platform, Token), """{"city": "Xanten"}""");
        await screen.Data.UpdateAsync(await screen.Data.Store.GetAsync(screen["customer"], second, Actor.Platform, Token), """{"name": "Other"}""");
        screen.Data.Clock.Advance(TimeSpan.FromSeconds(1));

        list.WaitForAssertion(() => list.FindAll("[data-testid=row]").Count.ShouldBe(1));
        list.Find("[data-testid=row]").TextContent.ShouldContain("Xanten");
    }

    [Theory]
    [InlineData("""{"field": "customer", "op": "under", "value": "TOP"}""")]
    [InlineData("""{"field": "customer.parent", "op": "eq", "value": "TOP"}""")]
    public async Task What_comes_below_a_record_or_leaves_it_is_followed_by_lists_that_look_there(string filter)
    {
        Screen.Speak("en");
        await using var screen = await Screen.OpenAsync();
        var top = await screen.Data.CreateAsync("customer", """{"name": "Top"}""");
        var (stays, moves) = (await screen.Data.CreateAsync("customer", $$"""{"name": "Stays", "parent": "{{top.Id}}"}"""), await screen.Data.CreateAsync("customer", """{"name": "Moves"}"""));
        foreach (var (name, customer) in new[] { ("Ada", stays), ("Bob", moves), ("Cyd", moves) })
        {
            await screen.Data.CreateAsync("contact", $$"""{"name": "{{name}}", "customer": "{{customer.Id}}"}""");
        }
        var state = ListState.Empty.With(ConditionReader.Read(filter.Replace("TOP", top.Id.ToString("D"), StringComparison.Ordinal), screen["contact"]));
        var list = screen.Render<ListBody>(p => p.Add(l => l.Entity, screen["contact"]).Add(l => l.View, EntityViews.Find(screen["contact"], null)!).Add(l => l.State, state));
        list.WaitForAssertion(() => Rows(list).Count.ShouldBe(1));

        moves = await screen.Data.UpdateAsync(moves, $$"""{"parent": "{{top.Id}}"}""");
        screen.Data.Clock.Advance(TimeSpan.FromSeconds(1));
        list.WaitForElement("[data-testid=list-news]").TextContent.ShouldContain("2 new records");
        await list.InvokeAsync(() => list.Find("[data-testid=list-news]").Click());
        list.WaitForAssertion(() => Rows(list).Count.ShouldBe(3));

        await screen.Data.UpdateAsync(moves, """{"parent": null}""");
        screen.Data.Clock.Advance(TimeSpan.FromSeconds(1));

        list.WaitForAssertion(() => list.Find("[data-testid=row]").TextContent.ShouldContain("Ada"));
        list.WaitForAssertion(() => Rows(list).Count.ShouldBe(1));
        list.FindAll("[data-testid=list-news]").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_list_of_what_is_below_a_record_follows_all_levels_of_its_own_tree()
    {
        Screen.Speak("en");
        await using var screen = await Screen.OpenAsync();
        var top = await screen.Data.CreateAsync("customer", """{"name": "Top"}""");
        var middle = await screen.Data.CreateAsync("customer", $$"""{"name": "Middle", "parent": "{{top.Id}}"}""");
        await screen.Data.CreateAsync("customer", $$"""{"name": "Low", "parent": "{{middle.Id}}"}""");
        var list = Show(screen, ListState.Empty.With(ConditionReader.Read($$"""{"field": "id", "op": "under", "value": "{{top.Id}}"}""", screen["customer"])));
        Rows(list).Count.ShouldBe(3);

        middle = await screen.Data.UpdateAsync(middle, """{"parent": null}""");
        screen.Data.Clock.Advance(TimeSpan.FromSeconds(1));
        list.WaitForAssertion(() => Rows(list).ShouldBe([top.Id]));

        await screen.Data.UpdateAsync(middle, $$"""{"parent": "{{top.Id}}"}""");
        screen.Data.Clock.Advance(TimeSpan.FromSeconds(1));
        list.WaitForElement("[data-testid=list-news]").TextContent.ShouldContain("2 new records");
    }

    [Fact]
    public async Task New_records_of_others_are_announced_and_shown_when_asked_for()
    {
        await using var screen = await OpenAsync(1);
        var list = Show(screen);

        await screen.Data.CreateAsync("customer", """{"name": "<b>Fresh</b>"}""");
        screen.Data.Clock.Advance(TimeSpan.FromSeconds(1));
        list.WaitForElement("[data-testid=list-news]");
        await list.InvokeAsync(() => list.Find("[data-testid=list-news]").Click());

        list.WaitForAssertion(() => list.FindAll("[data-testid=row]").Count.ShouldBe(2));
        list.FindAll("b").ShouldBeEmpty();
    }

    [Fact]
    public async Task Of_the_new_records_only_those_that_belong_here_are_announced()
    {
        await using var screen = await OpenAsync(1);
        var list = Show(screen, ListState.Empty.With(ConditionReader.Read("""{"field": "name", "op": "startsWith", "value": "Customer"}""", screen["customer"])));

        await screen.Data.WriteAsync(atomic: true, screen.Data.Creation("customer", """{"name": "Customer from afar"}"""), screen.Data.Creation("customer", """{"name": "Somebody else"}"""));
        screen.Data.Clock.Advance(TimeSpan.FromSeconds(1));

        list.WaitForElement("[data-testid=list-news]").TextContent.ShouldContain("1 new record");
    }

    [Fact]
    public async Task A_list_too_long_to_count_keeps_its_number_and_announces_what_is_new()
    {
        Screen.Speak("en");
        using var folder = new MetadataFolder();
        folder.WithEntity("thing", """{"name": "name", "type": "text"}""", "\"titleField\": \"name\", \"audit\": false");
        await using var screen = await Screen.OpenAsync(Shipped.Compile(Repository.File("metadata"), folder.Path));
        await screen.Data.Bulk.InsertAsync(screen["thing"], Enumerable.Range(0, RecordStore.CountCap + 1).Select(i => new Record(screen["thing"])
        {
            ["name"] = $"Thing {i}", [SystemFields.Id] = screen.Data.Ids.Next(), [SystemFields.Version] = 1L, [SystemFields.CreatedAt] = screen.Data.Clock.GetUtcNow(), [SystemFields.UpdatedAt] = screen.Data.Clock.GetUtcNow(),
        }), Token);
        var list = screen.Render<ListBody>(p => p.Add(l => l.Entity, screen["thing"]).Add(l => l.View, EntityViews.Find(screen["thing"], null)!).Add(l => l.State, ListState.Empty));
        list.WaitForElement("[data-testid=row]");
        list.Find("[data-testid=count]").TextContent.Trim().ShouldBe("10,000+ records");

        await screen.Data.CreateAsync("thing", """{"name": "Fresh"}""");
        screen.Data.Clock.Advance(TimeSpan.FromSeconds(1));

        list.WaitForElement("[data-testid=list-news]").TextContent.ShouldContain("1 new record");
        list.Find("[data-testid=count]").TextContent.Trim().ShouldBe("10,000+ records");
    }

    [Fact]
    public async Task When_all_that_is_shown_is_deleted_the_rest_of_the_list_comes_up()
    {
        await using var screen = await OpenAsync(55);
        var list = Show(screen);
        Rows(list).Count.ShouldBe(50);

        await screen.Data.WriteAsync(atomic: true, [.. Rows(list).Select(id => RecordChange.Delete(screen["customer"], id))]);
        screen.Data.Clock.Advance(TimeSpan.FromSeconds(1));

        list.WaitForAssertion(() => Rows(list).Count.ShouldBe(5));
        list.FindAll("[data-testid=empty]").ShouldBeEmpty();
        list.Find("[data-testid=count]").TextContent.Trim().ShouldBe("5 records");
    }

    [Fact]
    public async Task While_other_columns_are_being_read_heads_and_cells_are_those_of_before()
    {
        await using var screen = await OpenAsync(1);
        var list = Show(screen);
        var view = list.Instance.View with { Columns = [new("name"), new("industry"), new("city"), new("owner")] };

        await list.InvokeAsync(async () =>
        {
            var reading = list.Instance.SetParametersAsync(ParameterView.FromDictionary(new Dictionary<string, object?> { [nameof(ListBody.View)] = view }));
            // Whoever selects a row meanwhile has it drawn anew.
            list.Find("[data-testid=row] input[type=checkbox]").Click();
            list.FindAll("thead th").Count.ShouldBe(list.FindAll("[data-testid=row] td").Count);
            await reading;
        });

        list.WaitForAssertion(() => list.FindAll("thead th").Count.ShouldBe(5));
        list.FindAll("[data-testid=row] td").Count.ShouldBe(5);
    }

    [Fact]
    public async Task A_deletion_that_is_taken_back_brings_the_rows_back_into_the_list()
    {
        await using var screen = await OpenAsync(2);
        var list = Show(screen);
        var deleted = (await screen.Data.Store.WriteAsync(new(screen.Person, Door.Form, [RecordChange.Delete(screen["customer"], Rows(list)[0])]), Token))[0];
        screen.Data.Clock.Advance(TimeSpan.FromSeconds(1));
        list.WaitForAssertion(() => list.FindAll("[data-testid=row]").Count.ShouldBe(1));

        await screen.Service<ChangeSets>().UndoAsync(deleted.ChangeSet, screen.Person, Door.Form, Token);
        screen.Data.Clock.Advance(TimeSpan.FromSeconds(1));

        list.WaitForAssertion(() => list.FindAll("[data-testid=row]").Count.ShouldBe(2));
        list.FindAll("[data-testid=list-news]").ShouldBeEmpty();
    }

    [Fact]
    public async Task Selected_records_are_counted_and_a_range_is_selected_with_shift()
    {
        await using var screen = await OpenAsync(5);
        var list = Show(screen);

        await list.InvokeAsync(() => list.FindAll("[data-testid=row] input[type=checkbox]")[0].Click());
        list.WaitForAssertion(() => list.Find("[data-testid=bulk]").TextContent.ShouldContain("1 selected"));
        await list.InvokeAsync(() => list.FindAll("[data-testid=row] input[type=checkbox]")[3].Click(new MouseEventArgs { ShiftKey = true }));

        list.WaitForAssertion(() => list.Find("[data-testid=bulk]").TextContent.ShouldContain("4 selected"));
        await list.InvokeAsync(() => list.Find("[data-bulk-clear]").Click());
        list.WaitForAssertion(() => list.FindAll("[data-testid=bulk]").ShouldBeEmpty());
    }

    [Fact]
    public async Task Beyond_what_is_shown_all_that_the_filter_finds_can_be_meant()
    {
        await using var screen = await OpenAsync(60);
        var list = Show(screen);

        await list.InvokeAsync(() => list.Find("[data-testid=select-shown]").Change(true));
        list.WaitForAssertion(() => list.Find("[data-testid=bulk]").TextContent.ShouldContain("50 selected"));
        list.WaitForElement("[data-testid=select-all]");
        await list.InvokeAsync(() => list.Find("[data-testid=select-all]").Click());

        list.WaitForAssertion(() => list.Find("[data-testid=bulk]").TextContent.ShouldContain("60 selected"));
    }

    [Fact]
    public async Task The_recycle_bin_lists_what_was_deleted_and_nothing_else()
    {
        await using var screen = await OpenAsync(2);
        var gone = await screen.Data.CreateAsync("customer", """{"name": "Gone"}""");
        await screen.Data.DeleteAsync(gone);

        var bin = Show(screen, ListState.Empty with { InBin = true });

        bin.FindAll("[data-testid=row]").ShouldHaveSingleItem().TextContent.ShouldContain("Gone");
        await bin.InvokeAsync(() => bin.FindAll("[data-testid=row] input")[0].Click());
        bin.WaitForElement("[data-testid=bulk-restore]");
    }

    [Fact]
    public async Task Groups_of_amounts_are_what_these_are_worth_in_the_organisations_currency()
    {
        Screen.Speak("en");
        using var folder = new MetadataFolder();
        folder.With("organisation.json", """{"currency": "USD", "currencies": ["EUR"]}""");
        await using var screen = await Screen.OpenAsync(Shipped.Compile(Repository.File("metadata"), folder.Path));
        await screen.Data.CreateAsync("exchange_rate", """{"currency": "EUR", "date": "2000-01-01", "rate": 1.5}""");
        foreach (var amount in new[] { "15", """{"amount": "10", "currency": "EUR"}""", "1234.5", "null" })
        {
            await screen.Data.CreateAsync("opportunity", $$"""{"name": "O", "amount": {{amount}}}""");
        }
        var view = EntityViews.Find(screen["opportunity"], "all")! with { GroupBy = "amount" };

        var list = screen.Render<ListBody>(p => p.Add(l => l.Entity, screen["opportunity"]).Add(l => l.View, view).Add(l => l.State, ListState.Empty));

        list.WaitForElement(".row-group");
        list.FindAll(".row-group").Select(g => string.Join(' ', g.QuerySelectorAll(".cell-number, .untitled, .group-figures").Select(part => part.TextContent.Trim())))
            .ShouldBe(["15 USD 2 · 30 USD", "1,234.50 USD 1 · 1,234.50 USD", "empty 1 · 0 USD"]);
    }

    [Fact]
    public async Task Groups_have_their_own_heading_with_count()
    {
        await using var screen = await OpenAsync(3);
        await screen.Data.CreateAsync("customer", """{"name": "Zed", "industry": "energy"}""");
        var view = EntityViews.Find(screen["customer"], "all")! with { GroupBy = "industry" };

        var list = screen.Render<ListBody>(p => p.Add(l => l.Entity, screen["customer"]).Add(l => l.View, view).Add(l => l.State, ListState.Empty));

        list.WaitForElement(".row-group");
        list.FindAll(".row-group").Select(g => g.QuerySelector(".group-figures")!.TextContent.Split(' ')[0]).ShouldBe(["1", "3"]);
    }

    [Fact]
    public async Task Pages_far_away_leave_memory_and_come_back_by_their_key()
    {
        await using var screen = await OpenAsync(30);
        var window = new RecordWindow(screen.Data.Store, screen.Person, new(screen["customer"]) { Sort = SortTerm.Parse("name", screen["customer"]), Limit = 2, Count = CountMode.Capped });
        while (window.HasMore)
        {
            await window.LoadMoreAsync(Token);
        }
        var all = window.Rows.Select(r => r.Id).ToList();

        (await window.ShowAsync(13, 14, Token)).ShouldBeTrue();
        window.Pages[0].Content.ShouldBeNull();
        window.Pages[0].Rows.ShouldBe(2);
        (await window.ShowAsync(0, 1, Token)).ShouldBeTrue();

        window.Pages[0].Content!.Items.Select(r => r.Id).ShouldBe(all.Take(2));
        window.Pages[14].Content.ShouldBeNull();
        window.Pages.Count.ShouldBe(15);
    }

    [Fact]
    public async Task Saved_views_are_shown_to_those_they_are_shared_with_and_to_nobody_else()
    {
        await using var screen = await OpenAsync(0);
        var views = screen.Service<SavedViews>();
        var view = new ViewDefinition { Name = "x", Columns = [new("name", 300)], Sort = "-name", Filter = System.Text.Json.JsonDocument.Parse("""{"field":"city","op":"eq","value":"Ulm"}""").RootElement };
        var name = await views.CreateAsync(screen["customer"], "Mine", ViewSharing.Nobody, view, Token);
        var other = await screen.Data.PersonAsync("Grace Hopper");
        foreach (var shared in new[] { "private", "all" })
        {
            await screen.Data.CreateAsync("saved_view", $$"""{"name": "Hers {{shared}}", "entity": "customer", "shared": "{{shared}}", "owner": "{{other.UserId}}", "definition": "{\"name\":\"y\"}"}""", other);
        }

        var seen = await views.OfAsync(screen["customer"], Token);

        seen.Select(v => (v.View.Label!.ToString(), v.IsMine)).ShouldBe([("Mine", true), ("Hers all", false)]);
        seen[0].View.Name.ShouldBe(name);
        seen[0].View.Columns.ShouldBe(view.Columns);
        ListState.Empty.Query(screen["customer"], seen[0].View).Sort.ShouldHaveSingleItem().Descending.ShouldBeTrue();
    }

    [Fact]
    public async Task What_a_person_arranged_is_kept_for_that_person_alone()
    {
        await using var screen = await OpenAsync(0);
        var personal = screen.Service<PersonalSettings>();
        var other = await screen.Data.PersonAsync("Grace Hopper");
        var settings = new ListSettings { Density = ListDensity.Compact, Columns = [new("name", 300), new("gone")] };

        await personal.WriteAsync(screen.Person, "list:customer:all", settings, Token);

        var read = (await personal.ReadAsync<ListSettings>(screen.Person, "list:customer:all", Token)).ShouldNotBeNull();
        read.ApplyTo(EntityViews.Find(screen["customer"], "all")!, screen["customer"]).Columns.ShouldBe([new("name", 300)]);
        (await personal.ReadAsync<ListSettings>(other, "list:customer:all", Token)).ShouldBeNull();
        await personal.WriteAsync<ListSettings>(screen.Person, "list:customer:all", null, Token);
        (await personal.ReadAsync<ListSettings>(screen.Person, "list:customer:all", Token)).ShouldBeNull();
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

    private static IRenderedComponent<ListBody> Show(Screen screen, ListState? state = null)
    {
        var list = screen.Render<ListBody>(p => p
            .Add(l => l.Entity, screen["customer"])
            .Add(l => l.View, EntityViews.Find(screen["customer"], "all")! with { Columns = [new("name"), new("city"), new("owner")], Sort = "name" })
            .Add(l => l.State, state ?? ListState.Empty));
        list.WaitForElement("[data-testid=row]");
        return list;
    }

    private static List<Guid> Rows(IRenderedComponent<ListBody> list) => [.. list.FindAll("[data-testid=row]").Select(r => Guid.Parse(r.GetAttribute("data-id")!))];

    private static int ColumnOf(IRenderedComponent<ListBody> list, Screen screen, string field) =>
        list.FindAll("[data-testid=row]")[0].QuerySelectorAll("td[data-c]").ToList().FindIndex(c => c.GetAttribute("data-label") == screen["customer"][field].Label.ToString());
}
