using Bunit;
using Crm.Ui.Records;
using Microsoft.AspNetCore.Components.Forms;
using Shouldly;
using Xunit;

namespace Crm.Tests.Ui;

/// <summary>Files about a record, dropped beside it.</summary>
public sealed class AttachmentsPanelTests
{
    [Fact]
    public async Task More_files_at_once_than_are_taken_are_refused_and_the_page_goes_on()
    {
        Screen.Speak("en");
        await using var screen = await Screen.OpenAsync();
        var customer = await screen.Data.CreateAsync("customer", """{"name": "Acme"}""");
        var place = AttachmentPlace.For(screen.Model, screen["customer"], screen.Person).ShouldNotBeNull();
        var panel = screen.Render<AttachmentsPanel>(p => p.Add(a => a.Record, customer).Add(a => a.Place, place));

        panel.FindComponent<InputFile>().UploadFiles([.. Enumerable.Range(0, 21).Select(i => InputFileContent.CreateFromText("hello", $"note{i}.txt"))]);
        panel.WaitForAssertion(() => panel.Find("[role=alert]").TextContent.ShouldBe("There may be at most 20 files here, not 21."));

        panel.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromText("hello", "note.txt"));
        panel.WaitForAssertion(() => panel.FindAll("[data-testid=attachment]").Count.ShouldBe(1));
    }
}
