using Bunit;
using Crm.Metadata;
using Crm.Ui.Boards;
using Crm.Ui.Lists;
using Crm.Ui.Shell;
using Shouldly;
using Xunit;

namespace Crm.Tests.Ui;

/// <summary>Records as cards in columns, over a real database.</summary>
public sealed class BoardTests
{
    private static CancellationToken Token => Xunit.TestContext.Current.CancellationToken;

    [Fact]
    public async Task Columns_follow_the_choice_and_say_how_many_and_how_much()
    {
        await using var screen = await OpenAsync();
        await CreateAsync(screen, "A", "prospecting", 100, 10);
        await CreateAsync(screen, "B", "prospecting", 50, 50);
        await CreateAsync(screen, "C", "won", 7, 100);

        var board = Show(screen);

        var first = board.Find("[data-column='0']");
        (Text(first, "column-count"), Text(first, "column-sum")).ShouldBe(("2", "150 USD"));
        first.QuerySelector(".board-weighted")!.TextContent.ShouldContain("35");
        board.FindAll("[data-column]").Count.ShouldBe(((ChoiceFieldType)screen["opportunity"]["stage"].Type).Options.Count);
        board.FindAll("[data-testid=card]").Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_card_that_is_moved_is_written_and_the_figures_follow()
    {
        await using var screen = await OpenAsync();
        var card = await CreateAsync(screen, "<em>A</em>", "prospecting", 100, 10);
        screen.Data.Clock.Advance(TimeSpan.FromDays(3));
        var board = Show(screen);
        board.Find(".card-days").TextContent.ShouldContain("3 d");
        board.FindAll("em").ShouldBeEmpty();

        await board.InvokeAsync(() => board.Instance.DropAsync(card.Id, 1));

        board.Find("[data-column='1'] [data-testid=card]").GetAttribute("data-card").ShouldBe(card.Id.ToString("D"));
        Text(board.Find("[data-column='0']"), "column-count").ShouldBe("0");
        Text(board.Find("[data-column='1']"), "column-sum").ShouldBe("100 USD");
        board.Find(".card-days").TextContent.ShouldContain("0 d");
        (await screen.Data.GetAsync(card))["stage"].ShouldBe("engaging");
    }

    [Fact]
    public async Task A_move_can_be_taken_back_from_its_notice()
    {
        await using var screen = await OpenAsync();
        var card = await CreateAsync(screen, "A", "prospecting", 100, 10);
        var board = Show(screen);

        await board.InvokeAsync(() => board.Instance.DropAsync(card.Id, 1));
        var toast = screen.Service<Toaster>().Toasts.ShouldHaveSingleItem();
        toast.Message.ShouldBe("A moved to Engaging");
        await board.InvokeAsync(() => toast.Action!());

        (await screen.Data.GetAsync(card))["stage"].ShouldBe("prospecting");
    }

    [Theory]
    [InlineData(29, "")]
    [InlineData(31, "is-old")]
    [InlineData(61, "is-rotten")]
    public async Task A_card_ages_by_what_its_stage_says_is_usual(int days, string age)
    {
        await using var screen = await OpenAsync();
        await CreateAsync(screen, "A", "prospecting", 100, 10);
        await CreateAsync(screen, "Won", "won", 100, 100);
        screen.Data.Clock.Advance(TimeSpan.FromDays(days));

        var board = Show(screen);

        board.Find("[data-column='0'] .card-days").ClassName.ShouldBe($"card-days {age}");
        board.Find("[data-column='4'] .card-days").ClassName.ShouldBe("card-days ", "what is over does not rot");
    }

    [Fact]
    public async Task A_card_says_what_is_next_and_hears_of_something_more_pressing()
    {
        await using var screen = await OpenAsync();
        var card = await CreateAsync(screen, "A", "prospecting", 100, 10);
        await TaskAsync("<i>Call</i>", "2026-04-02T09:00:00Z", "planned");
        await TaskAsync("Done already", "2026-03-19T09:00:00Z", "completed");
        var board = Show(screen);
        board.WaitForElement("[data-testid=card-next] .card-next-title").TextContent.ShouldBe("<i>Call</i>");

        await TaskAsync("Visit", "2026-03-01T09:00:00Z", "planned");
        screen.Data.Clock.Advance(TimeSpan.FromSeconds(1));

        board.WaitForAssertion(() => board.Find("[data-testid=card-next].is-late .card-next-title").TextContent.ShouldBe("Visit"));

        Task<Record> TaskAsync(string subject, string due, string status) => screen.Data.CreateAsync("task", System.Text.Json.JsonSerializer.Serialize(new { subject, due, status, regarding = new { entity = "opportunity", id = card.Id } }), screen.Person);
    }

    [Fact]
    public async Task A_move_that_is_refused_springs_back_and_says_why()
    {
        await using var screen = await OpenAsync();
        var card = await CreateAsync(screen, "A", "prospecting", 100, 10);
        var board = Show(screen);
        await screen.Data.UpdateAsync(card, """{"stage": "won"}""");

        await board.InvokeAsync(() => board.Instance.DropAsync(card.Id, 1));

        board.Find("[data-column='0'] [data-testid=card]").GetAttribute("data-card").ShouldBe(card.Id.ToString("D"));
        Text(board.Find("[data-column='0']"), "column-count").ShouldBe("1");
        screen.Service<Toaster>().Toasts.ShouldHaveSingleItem().Tone.ShouldBe(ToastTone.Problem);
        (await screen.Data.GetAsync(card))["stage"].ShouldBe("won");
    }

    [Fact]
    public async Task Each_column_reads_on_by_itself()
    {
        await using var screen = await OpenAsync();
        for (var i = 0; i < 25; i++)
        {
            await CreateAsync(screen, $"Card {i}", "prospecting", 1, 10);
        }
        await CreateAsync(screen, "Other", "won", 1, 100);
        var board = Show(screen);
        board.FindAll("[data-column='0'] [data-testid=card]").Count.ShouldBe(20);

        await board.InvokeAsync(() => board.Find("[data-column='0'] .load-more button").Click());

        board.WaitForAssertion(() => board.FindAll("[data-column='0'] [data-testid=card]").Count.ShouldBe(25));
        board.FindAll("[data-column='0'] [data-testid=card]").Select(c => c.GetAttribute("data-card")).ShouldBeUnique();
    }

    [Fact]
    public async Task A_column_without_records_is_not_read_and_takes_a_card_all_the_same()
    {
        await using var screen = await OpenAsync();
        var card = await CreateAsync(screen, "A", "prospecting", 100, 10);
        var read = await Board.ReadAsync(screen.Data.Store, screen["opportunity"], new() { Name = "board", Kind = ViewKinds.Kanban, GroupBy = "stage" }, ListState.Empty, [], screen.Person, Token);
        var (page, row) = read.Columns[0].Window.Find(card.Id)!.Value;

        var empty = read.Columns[1].Window;
        empty.Pages.ShouldHaveSingleItem().Content!.Columns.ShouldBeEmpty("nothing was asked for");
        empty.HasMore.ShouldBeFalse();
        var undo = empty.PutFirst(row, page);

        empty.Find(card.Id)!.Value.Page.IndexOf("stage").ShouldBe(page.IndexOf("stage"));
        undo();
        empty.Rows.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_others_move_moves_here_too()
    {
        await using var screen = await OpenAsync();
        var card = await CreateAsync(screen, "A", "prospecting", 100, 10);
        var board = Show(screen);

        await screen.Data.UpdateAsync(card, """{"stage": "won"}""");
        screen.Data.Clock.Advance(TimeSpan.FromSeconds(1));

        board.WaitForAssertion(() => board.FindAll("[data-column='0'] [data-testid=card]").ShouldBeEmpty());
        board.FindAll("[data-testid=card]").Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_menu_of_a_card_moves_it_without_dragging()
    {
        await using var screen = await OpenAsync();
        var card = await CreateAsync(screen, "A", "prospecting", 100, 10);
        var board = Show(screen);

        await board.InvokeAsync(() => board.Instance.Choose(card.Id));
        await board.InvokeAsync(() => board.FindAll("[data-testid=move-menu] [role=menuitem]")[0].Click());

        board.WaitForAssertion(() => board.FindAll("[data-column='1'] [data-testid=card]").Count.ShouldBe(1));
    }

    [Fact]
    public async Task Lookups_are_columns_too_under_their_titles()
    {
        await using var screen = await OpenAsync();
        await CreateAsync(screen, "A", "prospecting", 100, 10);

        var board = Show(screen, "owner");

        board.WaitForElement("[data-column] h2").TextContent.ShouldBe(screen.Person.Name);
        (await screen.Data.Store.SinceAsync(screen["opportunity"]["owner"], [], screen.Person, Token)).ShouldBeEmpty();
    }

    private static Task<Screen> OpenAsync()
    {
        Screen.Speak("en");
        return Screen.OpenAsync();
    }

    private static Task<Record> CreateAsync(Screen screen, string name, string stage, int amount, int probability) =>
        screen.Data.CreateAsync("opportunity", System.Text.Json.JsonSerializer.Serialize(new { name, stage, probability, amount = new { amount = amount.ToString(System.Globalization.CultureInfo.InvariantCulture), currency = "USD" } }), screen.Person);

    private static IRenderedComponent<KanbanBody> Show(Screen screen, string groupBy = "stage")
    {
        var view = new ViewDefinition { Name = "board", Kind = ViewKinds.Kanban, GroupBy = groupBy, Measure = "amount", Weight = "probability" };
        var board = screen.Render<KanbanBody>(p => p.Add(b => b.Entity, screen["opportunity"]).Add(b => b.View, view).Add(b => b.State, ListState.Empty));
        board.WaitForElement("[data-testid=board][aria-busy=false]");
        return board;
    }

    private static string Text(AngleSharp.Dom.IElement element, string testId) => element.QuerySelector($"[data-testid={testId}]")!.TextContent.Trim();
}
