using System.Text;
using Shouldly;
using Xunit;

namespace Crm.Tests.Imports;

/// <summary>Files as they come: whatever wrote them, their rows arrive.</summary>
public sealed class ImportReadingTests(ImportServer server) : IClassFixture<ImportServer>
{
    private const string Commas = "name,code\nMüller,{0}1\nÄrger,{0}2\n";

    public static TheoryData<string, byte[]> Files => new()
    {
        { "comma", Bytes("comma") },
        { "semicolon", Bytes("semicolon", ';') },
        { "tab", Bytes("tab", '\t') },
        { "pipe", Bytes("pipe", '|') },
        { "mark", [0xEF, 0xBB, 0xBF, .. Bytes("mark")] },
        { "utf16", [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(Text("utf16"))] },
        { "utf16be", [.. Encoding.BigEndianUnicode.GetPreamble(), .. Encoding.BigEndianUnicode.GetBytes(Text("utf16be"))] },
        { "latin1", Encoding.Latin1.GetBytes(Text("latin1")) },
        { "crlf", Encoding.UTF8.GetBytes(Text("crlf").Replace("\n", "\r\n", StringComparison.Ordinal)) },
        { "noend", Encoding.UTF8.GetBytes(Text("noend").TrimEnd()) },
        { "blank", Encoding.UTF8.GetBytes(Text("blank").Replace("\n", "\n\n", StringComparison.Ordinal) + "\n\n") },
        { "quoted", Encoding.UTF8.GetBytes("\"name\",\"code\"\n\"Müller\",\"quoted1\"\n\"Ärger\",\"quoted2\"\n") },
        { "spaced", Encoding.UTF8.GetBytes(" name , code \n  Müller , spaced1\n Ärger, spaced2 \n") },
        { "labels", Encoding.UTF8.GetBytes("NAME;Article-No\nMüller;labels1\nÄrger;labels2\n") },
        { "more", Encoding.UTF8.GetBytes("unheard of,name,code,,\nx,Müller,more1,y,\nx,Ärger,more2,y,\n") },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_file_of_any_common_form_is_read(string form, byte[] file)
    {
        var outcome = await server.ImportAsync("gadget", file);

        outcome.Counts.ShouldBe("2, 0, 0, 0, 0");
        (await ByCodeAsync("name,code", form)).ShouldBe([$"Müller|{form}1", $"Ärger|{form}2"]);
    }

    [Fact]
    public async Task Quotes_hold_delimiters_line_breaks_and_quotes()
    {
        var outcome = await server.ImportAsync("gadget", "name,code,notes\n\"A, \"\"B\"\"\",inner1,\"one\ntwo\"\n");

        outcome.Counts.ShouldBe("1, 0, 0, 0, 0");
        (await ByCodeAsync("name,notes", "inner")).ShouldBe(["A, \"B\"|one\ntwo"]);
    }

    [Fact]
    public async Task A_delimiter_that_is_named_wins_over_the_guess()
    {
        var outcome = await server.ImportAsync("gadget", "name;code~size\nx~5\n", "\"delimiter\": \"~\", \"mapping\": {\"name;code\": \"name\"}");

        outcome.Counts.ShouldBe("1, 0, 0, 0, 0");
    }

    [Fact]
    public async Task Rows_that_are_too_short_or_too_long_are_left_out_and_the_rest_goes_in()
    {
        var outcome = await server.ImportAsync("gadget", "name,code\nragged,r1\nonly\nragged,r2,more\nragged,r3\n");

        outcome.Counts.ShouldBe("2, 0, 0, 0, 2");
        outcome.Problems.ShouldBe(["3 : import.columns", "4 : import.columns"]);
    }

    [Theory]
    [InlineData("", "", "import.empty")]
    [InlineData("\n\n", "", "import.empty")]
    [InlineData("name,code\n", "", "import.empty")]
    [InlineData("name,code,Name\na,b,c\n", "", "import.duplicateColumn")]
    [InlineData("nothing,known\n1,2\n", "", "import.nothing")]
    [InlineData("name\na\n", "\"mapping\": {\"absent\": \"name\"}", "import.column")]
    [InlineData("name\na\n", "\"mapping\": {\"name\": \"absent\"}", "field.unknown")]
    [InlineData("name\na\n", "\"mapping\": {\"name\": \"version\"}", "field.readOnly")]
    [InlineData("name,code\na,b\n", "\"mapping\": {\"name\": \"code\", \"code\": \"code\"}", "import.mappedTwice")]
    [InlineData("name\na\n", "\"key\": [\"code\"]", "import.key")]
    [InlineData("name\na\n", "\"mode\": \"upsert\"", "import.keyMissing")]
    [InlineData("name\na\n", "\"mode\": \"merge\"", "import.mode")]
    [InlineData("name,maker\na,b\n", "\"lookups\": {\"maker\": \"absent\"}", "import.lookupField")]
    [InlineData("name\na\n", "\"more\": 1", "import.options")]
    [InlineData("name\na\n", "\"key\": \"name\"", "import.options")]
    [InlineData("name\na\n", "\"key\": [null]", "import.options")]
    [InlineData("name\na\n", "\"delimiter\": \"\\\"\"", "import.delimiter")]
    [InlineData("name\na\n", "\"delimiter\": \"\\n\"", "import.delimiter")]
    [InlineData("name\na\n", "\"delimiter\": \"  \"", "import.delimiter")]
    public async Task What_is_wrong_with_the_file_or_the_options_is_said_at_once(string csv, string options, string code)
    {
        var answer = await server.SendAsync("gadget", csv, options);

        (answer.Status, answer.Code, answer.IsProblem).ShouldBe((400, code, true), answer.Text);
    }

    [Fact]
    public async Task Other_entities_files_and_people_are_refused()
    {
        (await server.SendAsync("nothing", "name\na\n")).Code.ShouldBe("entity.unknown");
        (await server.SendAsync("gadget", "name\na\n", fileName: "file.exe")).Code.ShouldBe("import.kind");
        (await server.SendAsync("product", "name\na\n"u8.ToArray(), client: server.Person)).Code.ShouldBe("forbidden.import");
    }

    private static string Text(string form) => string.Format(System.Globalization.CultureInfo.InvariantCulture, Commas, form);

    private static byte[] Bytes(string form, char delimiter = ',') => Encoding.UTF8.GetBytes(Text(form).Replace(',', delimiter));

    private Task<string[]> ByCodeAsync(string fields, string start) => server.ListAsync("gadget", fields, "code", $$"""{"field": "code", "op": "startsWith", "value": "{{start}}"}""");
}
