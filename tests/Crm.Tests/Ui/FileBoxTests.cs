using System.IO.Pipelines;
using Bunit;
using Crm.Data;
using Crm.Metadata;
using Crm.Tests.Metadata;
using Crm.Ui.Fields;
using Crm.Ui.Forms;
using Crm.Ui.Records;
using Microsoft.AspNetCore.Components.Forms;
using Shouldly;
using Xunit;

namespace Crm.Tests.Ui;

/// <summary>The editor of fields with files: what is chosen is kept and handed to the form, what does not belong is refused.</summary>
public sealed class FileBoxTests
{
    [Fact]
    public async Task What_is_chosen_is_kept_and_handed_to_the_form()
    {
        await using var screen = await OpenAsync();
        var (draft, row) = Papers(screen);

        row.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromText("hello", "note.txt"), InputFileContent.CreateFromText("a,b", "list.csv"));

        row.WaitForAssertion(() => Names(draft).ShouldBe(["note.txt", "list.csv"]));
        var files = ((FileSet)draft.Current["papers"]!).Files;
        files.Select(f => (f.Name, f.Type, f.Size)).ShouldBe([("note.txt", "text/plain", 5L), ("list.csv", "text/csv", 3L)]);
        (await screen.Service<FileStore>().FindAsync(files[0].Id, screen.Person, Xunit.TestContext.Current.CancellationToken)).ShouldNotBeNull();
    }

    [Fact]
    public async Task What_does_not_belong_is_refused_with_the_reason()
    {
        await using var screen = await OpenAsync();
        FieldInput? input = null;
        var editor = screen.Render<EditorOf>(p => p.Add(e => e.Field, screen["paper"]["photo"]).Add(e => e.InputId, "photo").Add(e => e.Changed, i => input = i));

        editor.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromText("hello", "note.txt"));

        editor.WaitForAssertion(() => editor.Find("[role=alert]").TextContent.ShouldContain("problem.file.type"));
        input.ShouldBeNull();
    }

    [Fact]
    public async Task Files_are_renamed_and_removed()
    {
        await using var screen = await OpenAsync();
        var (first, second) = (new AttachedFile(screen.Data.Ids.Next(), "a.txt", "text/plain", 1), new AttachedFile(screen.Data.Ids.Next(), "b.txt", "text/plain", 2));
        FieldInput? input = null;
        var editor = screen.Render<EditorOf>(p => p.Add(e => e.Field, screen["paper"]["papers"]).Add(e => e.Value, new FileSet([first, second])).Add(e => e.InputId, "papers").Add(e => e.Changed, i => input = i));

        await editor.InvokeAsync(() => editor.FindAll("[data-testid=file-item] input")[1].Change("contract.txt"));
        ((FileSet)input!.Value!).Files.Select(f => f.Name).ShouldBe(["a.txt", "contract.txt"]);

        await editor.InvokeAsync(() => editor.FindAll("[data-testid=file-item] button")[0].Click());
        ((FileSet)input.Value!).Files.ShouldBe([second]);
    }

    [Fact]
    public async Task What_is_removed_or_renamed_while_a_file_comes_in_stays_so()
    {
        await using var screen = await OpenAsync();
        var (draft, row) = Papers(screen, "a.txt", "b.txt", "c.txt");
        var coming = new Pipe();

        var upload = row.InvokeAsync(() => row.FindComponent<InputFile>().Instance.OnChange.InvokeAsync(new([new FileOnItsWay("d.txt", coming.Reader)])));
        row.FindAll("input[type=file]").Count.ShouldBe(1, "the browser reads the file out of it");
        await row.InvokeAsync(() => row.FindAll("[data-testid=file-item] button")[0].Click());
        await row.InvokeAsync(() => row.FindAll("[data-testid=file-item] input")[1].Change("contract.txt"));
        await coming.Writer.WriteAsync("hello"u8.ToArray(), Xunit.TestContext.Current.CancellationToken);
        await coming.Writer.CompleteAsync();
        await upload;

        Names(draft).ShouldBe(["b.txt", "contract.txt", "d.txt"]);
    }

    /// <summary>The field in a form, which gives its editor what the editor has made of the value.</summary>
    private static (RecordDraft Draft, IRenderedComponent<FieldRow> Row) Papers(Screen screen, params string[] names)
    {
        var record = new Record(screen["paper"]);
        record["papers"] = names.Length == 0 ? null : new FileSet(names.Select(n => new AttachedFile(screen.Data.Ids.Next(), n, "text/plain", 1)));
        var draft = new RecordDraft(record, new Dictionary<string, string>(), isNew: true);
        return (draft, screen.Render<FieldRow>(p => p.Add(r => r.Field, screen["paper"]["papers"]).Add(r => r.Draft, draft)));
    }

    private static string[] Names(RecordDraft draft) => [.. ((draft.Current["papers"] as FileSet)?.Files ?? []).Select(f => f.Name)];

    private static async Task<Screen> OpenAsync()
    {
        using var folder = new MetadataFolder();
        folder.WithEntity("user", """{"name":"name","type":"text"},{"name":"email","type":"email"},{"name":"active","type":"boolean"},{"name":"administrator","type":"boolean"},{"name":"language","type":"text"}""").WithEntity("unit", """{"name":"name","type":"text"}""")
            .WithEntity("paper", """{"name": "papers", "type": "files"}, {"name": "photo", "type": "image"}""");
        return await Screen.OpenAsync(folder.Compile());
    }

    private sealed class FileOnItsWay(string name, PipeReader content) : IBrowserFile
    {
        public string Name => name;

        public DateTimeOffset LastModified => default;

        public long Size => 5;

        public string ContentType => "text/plain";

        public Stream OpenReadStream(long maxAllowedSize = 512_000, CancellationToken cancellationToken = default) => content.AsStream();
    }
}
