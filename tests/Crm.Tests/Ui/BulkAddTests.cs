using Bunit;
using Crm.Data;
using Crm.Ui.Fields;
using Crm.Ui.Lists;
using Crm.Ui.Shell;
using Shouldly;
using Xunit;

namespace Crm.Tests.Ui;

/// <summary>What is selected is added to another record, as the metadata offers it.</summary>
public sealed class BulkAddTests
{
    private static CancellationToken Token => Xunit.TestContext.Current.CancellationToken;

    [Fact]
    public async Task Selected_customers_are_added_to_a_segment_once_and_it_can_be_taken_back()
    {
        Screen.Speak("en");
        await using var screen = await Screen.OpenAsync();
        var segment = await screen.Data.CreateAsync("segment", """{"name": "Water works"}""");
        var (first, second) = (await screen.Data.CreateAsync("customer", """{"name": "First"}"""), await screen.Data.CreateAsync("customer", """{"name": "Second"}"""));
        var choices = Gathering.Of(screen.Model, screen["customer"]);
        choices.Select(c => c.Into.Name).ShouldBe(["segment", "target_list"], ignoreOrder: true);

        await AddAsync(screen, choices, [first.Id], segment);
        screen.Service<Toaster>().Toasts[^1].Message.ShouldBe("1 added to Water works");
        await AddAsync(screen, choices, [first.Id, second.Id], segment);
        screen.Service<Toaster>().Toasts[^1].Message.ShouldBe("1 added to Water works");
        (await LinksAsync(screen)).ShouldBe(2);
        await AddAsync(screen, choices, [first.Id, second.Id], segment);
        screen.Service<Toaster>().Toasts[^1].Message.ShouldBe("All of them are in Water works already");
        (await LinksAsync(screen)).ShouldBe(2);

        await screen.Service<Toaster>().Toasts[1].Action!();

        (await LinksAsync(screen)).ShouldBe(1);
    }

    [Fact]
    public async Task What_was_added_before_something_was_refused_stays_and_can_be_taken_back()
    {
        Screen.Speak("en");
        await using var screen = await Screen.OpenAsync();
        var segment = await screen.Data.CreateAsync("segment", """{"name": "Water works"}""");
        Guid[] ids = [.. Enumerable.Range(0, 200).Select(_ => screen.Data.Ids.Next())];
        await screen.Data.WriteAsync(atomic: true, [.. ids.Select((id, i) => screen.Data.Creation("customer", $$"""{"name": "Customer {{i}}"}""", id))]);

        await AddAsync(screen, Gathering.Of(screen.Model, screen["customer"]), [.. ids, screen.Data.Ids.Next()], segment);

        var toasts = screen.Service<Toaster>().Toasts;
        toasts.Select(t => t.Tone).ShouldBe([ToastTone.Problem, ToastTone.Done]);
        toasts[1].Message.ShouldBe("200 added to Water works");
        (await LinksAsync(screen)).ShouldBe(200);
        await toasts[1].Action!();
        (await LinksAsync(screen)).ShouldBe(0);
    }

    private static async Task AddAsync(Screen screen, IReadOnlyList<Gathering> choices, Guid[] ids, Record into)
    {
        var isDone = false;
        var panel = screen.Render<BulkAdd>(p => p.Add(a => a.Choices, [.. choices.Where(c => c.Into == into.Entity)]).Add(a => a.Ids, ids).Add(a => a.Done, () => isDone = true));
        await panel.InvokeAsync(() => panel.FindComponent<EditorOf>().Instance.Changed.InvokeAsync(new(into.Id, into.Title)));
        await panel.InvokeAsync(() => panel.Find("form").Submit());
        panel.WaitForAssertion(() => isDone.ShouldBeTrue());
    }

    private static async Task<long?> LinksAsync(Screen screen) =>
        (await screen.Data.Store.QueryAsync(new(Gathering.Of(screen.Model, screen["customer"]).Single(g => g.Into.Name == "segment").Links) { Limit = 1, Count = CountMode.Exact }, screen.Person, Token)).Count;
}
