using Bunit;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Tests.Metadata;
using Crm.Ui.Fields;
using Crm.Ui.Forms;
using Crm.Ui.Records;
using Crm.Ui.Shell;
using Shouldly;
using Xunit;
using TestContext = Xunit.TestContext;

namespace Crm.Tests.Ui;

/// <summary>One record's page: read, edited in place, moved through its stages, told of, merged.</summary>
public sealed class RecordPageTests
{
    private const string Hostile = "<script>alert(1)</script><img src=x onerror=alert(2)> \u202Eabc\u202C 👩‍👩‍👧 & \"'";

    [Fact]
    public async Task A_stored_record_shows_values_and_a_pencil_opens_one_field()
    {
        await using var screen = await OpenAsync();
        var draft = await DraftAsync(screen, await screen.Data.CreateAsync("contact", """{"name":"Ada","job_title":"Analyst"}"""));
        var form = screen.Render<RecordForm>(p => p.Add(f => f.Draft, draft).Add(f => f.Opening, new FormOpening()));

        form.FindAll("input, textarea").ShouldBeEmpty();
        form.Find("[data-field=job_title] .value").TextContent.ShouldBe("Analyst");
        form.Find("[data-field=job_title] [data-testid=pencil]").GetAttribute("aria-label").ShouldBe("Edit Job title");
        await form.InvokeAsync(() => form.Find("[data-field=job_title] [data-testid=pencil]").Click());

        form.FindAll("input").Single().GetAttribute("value").ShouldBe("Analyst");
        await form.InvokeAsync(() => form.Find("[data-field=name] .value").DoubleClick());
        form.FindAll("input").Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_change_is_counted_stays_open_and_is_taken_back_by_itself()
    {
        await using var screen = await OpenAsync();
        var draft = await DraftAsync(screen, await screen.Data.CreateAsync("contact", """{"name":"Ada","job_title":"Analyst"}"""));
        var opening = new FormOpening();
        opening.OpenAll();
        var form = screen.Render<RecordForm>(p => p.Add(f => f.Draft, draft).Add(f => f.Opening, opening));

        await form.InvokeAsync(() => form.Find("[data-field=job_title] input").Input("Admiral"));
        draft.Changed.Count.ShouldBe(1);
        await form.InvokeAsync(() => form.Find("[data-field=job_title] [data-testid=revert]").Click());

        draft.HasChanges.ShouldBeFalse();
        form.Find("[data-field=job_title] input").GetAttribute("value").ShouldBe("Analyst");
    }

    [Fact]
    public async Task The_stages_tell_how_long_it_was_where_and_a_click_moves_it()
    {
        await using var screen = await OpenAsync();
        var deal = await screen.Data.CreateAsync("opportunity", """{"name":"Pumps","stage":"prospecting"}""");
        screen.Data.Clock.Advance(TimeSpan.FromDays(3));
        deal = await screen.Data.UpdateAsync(deal, """{"stage":"proposal"}""");
        screen.Data.Clock.Advance(TimeSpan.FromDays(8));
        FieldInput? moved = null;

        var bar = screen.Render<StageBar>(p => p.Add(b => b.Draft, new(deal, new Dictionary<string, string>(), isNew: false)).Add(b => b.Move, input => moved = input));

        bar.WaitForAssertion(() => bar.Find("[data-stage=proposal]").TextContent.ShouldContain("8 days"));
        bar.Find("[data-stage=prospecting]").TextContent.ShouldContain("3 days");
        bar.Find("[data-stage=proposal]").GetAttribute("aria-current").ShouldBe("step");
        await bar.InvokeAsync(() => bar.Find("[data-stage=won]").Click());
        moved!.Value.ShouldBe("won");
    }

    [Fact]
    public async Task A_form_that_was_published_anew_keeps_what_was_typed()
    {
        await using var screen = await OpenAsync();
        var contact = await screen.Data.CreateAsync("contact", """{"name":"Ada"}""");
        var draft = (await screen.Service<RecordDrafts>().LoadAsync(screen["contact"], contact.Id, TestContext.Current.CancellationToken))!;
        draft.Set(screen["contact"]["job_title"], new("Countess"));
        var other = Shipped.Compile(Repository.File("metadata"));
        screen.Service<ModelSource>().Replace(other);
        var saving = screen.Service<RecordSaving>();

        saving.IsOfOldForm(draft).ShouldBeTrue();
        var (renewed, written) = await saving.SaveAsync(draft, TestContext.Current.CancellationToken);

        written.ShouldBeNull();
        renewed.Entity.ShouldBe(other["contact"]);
        renewed.Current["job_title"].ShouldBe("Countess");
        renewed.Changed.Select(f => f.Name).ShouldBe(["job_title"]);
        (await saving.SaveAsync(renewed, TestContext.Current.CancellationToken)).Written.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_new_record_can_begin_as_a_copy_without_what_must_be_unique()
    {
        await using var screen = await OpenAsync();
        var deal = await screen.Data.CreateAsync("opportunity", """{"name":"Pumps","stage":"proposal","amount":100}""");

        var copy = await screen.Service<RecordDrafts>().BeginAsync(screen["opportunity"], $"?copyOf={deal.Id:D}", TestContext.Current.CancellationToken);

        copy.IsNew.ShouldBeTrue();
        copy.Current["name"].ShouldBe("Pumps");
        copy.Current["stage"].ShouldBe("proposal");
        copy.Current["code"].ShouldBeNull();
    }

    [Fact]
    public async Task A_call_stands_in_the_timeline_where_it_took_place_and_only_what_is_open_is_unprocessed()
    {
        await using var screen = await OpenAsync();
        var customer = await screen.Data.CreateAsync("customer", """{"name":"Acme"}""");
        await screen.Data.CreateAsync("call", $$$"""{"subject":"Long ago","start":"2020-01-02T10:00:00Z","status":"completed","customer":"{{{customer.Id}}}","regarding":{"entity":"customer","id":"{{{customer.Id}}}"} }""");
        await screen.Data.CreateAsync("task", $$$"""{"subject":"Send it","due":"2030-01-02T10:00:00Z","customer":"{{{customer.Id}}}"}""");
        var feed = screen.Service<TimelineFeed>();
        var sources = Timeline.Sources(screen.Model, screen["customer"], screen.Person);
        var groups = TimelineKind.Groups(sources).ToDictionary(g => g.Name);

        async Task<string> TitlesAsync(string group) =>
            string.Join(',', (await feed.ReadAsync(customer, groups[group].Filter, 50, null, TestContext.Current.CancellationToken)).Items.Select(i => i.Title ?? i.Kind));

        (await TitlesAsync("all")).ShouldBe("Send it,created,Long ago");
        (await TitlesAsync("open")).ShouldBe("Send it");
        (await TitlesAsync("finished")).ShouldBe("Long ago");
        (await TitlesAsync("changes")).ShouldBe("created");
        (await screen.Service<InteractionDesk>().OpenAsync(customer, 5, TestContext.Current.CancellationToken)).Select(s => s.Title).ShouldBe(["Send it"]);
    }

    [Fact]
    public async Task Somebody_who_takes_part_in_a_meeting_finds_it_in_their_timeline_once()
    {
        await using var screen = await OpenAsync();
        var contact = await screen.Data.CreateAsync("contact", """{"name":"Ada"}""");
        await screen.Data.CreateAsync("meeting", $$$"""{"subject":"Kick-off","start":"2026-01-02T10:00:00Z","regarding":{"entity":"contact","id":"{{{contact.Id}}}"},"contacts":["{{{contact.Id}}}"]}""");

        var view = await screen.Service<TimelineFeed>().ReadAsync(contact, TimelineFilter.Everything, 50, null, TestContext.Current.CancellationToken);

        view.Items.Count(i => i.Title == "Kick-off").ShouldBe(1);
        view.Items.Single(i => i.Title == "Kick-off").Of.ShouldBe(screen["meeting"]);
    }

    [Theory]
    [InlineData("en", "Ada changed stage from Prospecting to Won")]
    [InlineData("zh-CN", "Ada 将销售阶段从 初步接洽 改为 赢单")]
    public async Task A_change_is_told_in_a_sentence(string language, string sentence)
    {
        await using var screen = await OpenAsync();
        Screen.Speak(language);
        var words = screen.Service<ChangeWords>();
        var change = new FieldChange(screen["opportunity"]["stage"], "prospecting", "won");

        $"Ada {words.Of(change, new Dictionary<Guid, string>())}".ShouldBe(sentence);
    }

    [Fact]
    public void A_text_is_cut_between_characters_as_people_see_them()
    {
        var family = "👩‍👩‍👧";

        ChangeWords.Cut("abc" + family + family, 5).ShouldBe("abc…");
        ChangeWords.Cut("short", 5).ShouldBe("short");
    }

    [Fact]
    public async Task Lists_that_point_here_are_counted_in_one_statement_each_with_its_own_condition()
    {
        await using var screen = await OpenAsync();
        var customer = await screen.Data.CreateAsync("customer", """{"name":"Acme"}""");
        await screen.Data.CreateAsync("contact", $$"""{"name":"A","customer":"{{customer.Id}}"}""");
        await screen.Data.CreateAsync("contact", $$"""{"name":"B","customer":"{{customer.Id}}"}""");
        await screen.Data.CreateAsync("opportunity", $$"""{"name":"O","customer":"{{customer.Id}}"}""");
        await screen.Data.CreateAsync("opportunity", """{"name":"Elsewhere"}""");
        var lists = Related.ListsOf(screen.Model, screen["customer"]);

        var counts = await screen.Data.Store.CountAsync([.. lists.Select(l => (l.Entity, (Condition)l.Filter(customer.Id)))], screen.Person, TestContext.Current.CancellationToken);

        counts.Count.ShouldBe(lists.Count);
        counts[lists.ToList().FindIndex(l => l.Name == "contact.customer")].ShouldBe(2);
        counts[lists.ToList().FindIndex(l => l.Name == "opportunity.customer")].ShouldBe(1);
        counts.Sum().ShouldBe(3);
    }

    [Fact]
    public async Task Of_records_to_be_merged_the_winners_values_stay_unless_it_has_none_or_somebody_chose()
    {
        await using var screen = await OpenAsync();
        var one = await screen.Data.CreateAsync("contact", """{"name":"Ada","department":"Logic"}""");
        var two = await screen.Data.CreateAsync("contact", """{"name":"Ada L.","job_title":"Countess","department":"Numbers"}""");
        var (contact, merge) = (screen["contact"], new MergeDraft(screen["contact"]));
        merge.Add(one);
        merge.Add(two);

        merge.Fields(all: false).Select(f => f.Name).ShouldBe(["name", "job_title", "department"], ignoreOrder: true);
        merge.Values.Select(v => (v.Field.Name, v.Value)).ShouldBe([("job_title", "Countess")]);
        merge.Choose(contact["department"], two.Id);
        merge.Values.Select(v => v.Field.Name).ShouldBe(["job_title", "department"]);
        merge.Keep(two.Id);
        merge.Losers.ShouldBe([one.Id]);
        merge.Values.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("text")]
    [InlineData("longText")]
    [InlineData("markdown")]
    [InlineData("richText")]
    [InlineData("tags")]
    [InlineData("json")]
    public async Task Hostile_text_stays_text_wherever_a_record_shows_it(string type)
    {
        await using var screen = await Screen.OpenAsync(HostileModel(type));
        Screen.Speak("en");
        var field = screen["thing"]["value"];
        var typed = type == "json" ? System.Text.Json.JsonSerializer.Serialize(Hostile) : type == "tags" ? Hostile.Replace(";", "", StringComparison.Ordinal) : Hostile + new string('x', 5_000 - Hostile.Length);
        var value = field.Type.FromText(type == "text" ? Hostile : typed, TextFormat.Invariant).Value.ShouldNotBeNull();

        foreach (var markup in new[]
        {
            screen.Render<CellOf>(p => p.Add(c => c.Field, field).Add(c => c.Value, value).Add(c => c.Full, true)).Nodes,
            screen.Render<CellOf>(p => p.Add(c => c.Field, field).Add(c => c.Value, value)).Nodes,
            screen.Render<EditorOf>(p => p.Add(c => c.Field, field).Add(c => c.Value, value).Add(c => c.InputId, "x")).Nodes,
        })
        {
            var elements = markup.OfType<AngleSharp.Dom.IElement>().SelectMany(e => e.QuerySelectorAll("*").Prepend(e)).ToList();
            elements.Where(e => e.LocalName == "script" || e.HasAttribute("onerror") || (e.LocalName == "img" && e.GetAttribute("src") == "x")).ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task Fifty_records_opened_one_after_the_other_leave_nothing_behind()
    {
        await using var screen = await OpenAsync();
        var ids = new List<Guid>();
        for (var i = 0; i < 50; i++)
        {
            ids.Add((await screen.Data.CreateAsync("contact", $$"""{"name":"Contact {{i}}","description":"{{new string('x', 4_000)}}"}""")).Id);
        }
        screen.Service<CurrentActor>().IsKnown.ShouldBeTrue();
        var sheet = screen.Render<RecordSheet>(p => p.Add(s => s.EntityName, "contact").Add(s => s.Id, ids[0]));
        var seen = new List<WeakReference>();
        long early = 0;
        for (var i = 1; i < ids.Count; i++)
        {
            sheet.Render(p => p.Add(s => s.EntityName, "contact").Add(s => s.Id, ids[i]));
            sheet.WaitForAssertion(() => sheet.Find("[data-testid=record-title]").TextContent.ShouldBe($"Contact {i}"));
            Note(sheet, seen);
            early = i == 10 ? Collected() : early;
        }

        var late = Collected();

        TestContext.Current.TestOutputHelper?.WriteLine($"after 10 pages {early / 1024:N0} KB, after 50 pages {late / 1024:N0} KB");
        seen.Take(40).Count(r => r.IsAlive).ShouldBeLessThan(5);
    }

    private static void Note(IRenderedComponent<RecordSheet> sheet, List<WeakReference> seen) => seen.Add(new(sheet.FindComponent<RecordForm>().Instance.Draft));

    private static long Collected()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static Model HostileModel(string type)
    {
        using var folder = new MetadataFolder();
        folder.WithEntity("user", """{"name":"name","type":"text"},{"name":"email","type":"email"},{"name":"active","type":"boolean"},{"name":"administrator","type":"boolean"},{"name":"language","type":"text"}""").WithEntity("unit", """{"name":"name","type":"text"}""");
        folder.WithEntity("thing", $$"""{"name":"name","type":"text"},{"name":"value","type":"{{type}}"}""");
        return folder.Compile();
    }

    private static async Task<Screen> OpenAsync()
    {
        Screen.Speak("en");
        return await Screen.OpenAsync();
    }

    private static async Task<RecordDraft> DraftAsync(Screen screen, Record record) =>
        (await screen.Service<RecordDrafts>().LoadAsync(record.Entity, record.Id, TestContext.Current.CancellationToken))!;
}
