using System.Text.Json;
using Crm.Metadata;
using Crm.Tests.Databases;
using NJsonSchema;
using NJsonSchema.Validation;
using Shouldly;
using Xunit;

namespace Crm.Tests.Metadata;

/// <summary>
/// The JSON Schemas beside the files are those that the records give (CRM_UPDATE_SCHEMAS=1 writes them anew), the files follow them, and
/// what the loader refuses they refuse too.
/// </summary>
[NoDatabase]
public sealed class MetadataSchemasTests
{
    private static readonly MetadataSchemas Schemas = new(Shipped.FieldTypes);

    public static TheoryData<string> Kinds => [.. MetadataKind.All.Select(k => k.Name)];

    public static TheoryData<string> Files =>
    [
        .. Directory.EnumerateFiles(Repository.File("metadata"), "*.json", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(Repository.File("metadata"), f).Replace('\\', '/')).Where(f => !f.StartsWith("schemas/", StringComparison.Ordinal)),
    ];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_shipped_schema_is_the_one_that_the_records_give(string kind)
    {
        var file = Repository.File("metadata", "schemas", kind + ".json");
        if (Environment.GetEnvironmentVariable("CRM_UPDATE_SCHEMAS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, Schemas.TextOf(kind));
        }
        var isSame = File.ReadAllText(file).ReplaceLineEndings("\n") == Schemas.TextOf(kind);
        isSame.ShouldBeTrue($"the records of '{kind}' have changed: run this test once with CRM_UPDATE_SCHEMAS=1");
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_shipped_file_names_its_schema_and_follows_it(string file)
    {
        var text = await File.ReadAllTextAsync(Repository.File("metadata", file), TestContext.Current.CancellationToken);
        var kind = file.Split('/', '.')[0];

        using var json = JsonDocument.Parse(text, new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        json.RootElement.GetProperty("$schema").GetString().ShouldBe((file.Contains('/', StringComparison.Ordinal) ? "../" : "") + $"schemas/{kind}.json");
        (await ValidateAsync(kind, text)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"name": "x", "fields": [{"name": "a", "type": "text", "maxLength": 5, "renamedFrom": "b", "label": {"en": "A"}}], "renamedFrom": ["y", "z"]}""")]
    [InlineData("""{"name": "x", "fields": [{"name": "a", "type": "choice", "options": [{"value": "v", "color": "#ffffff"}]}], "views": [{"name": "v", "columns": ["a", {"field": "a", "width": 3}]}]}""")]
    [InlineData("""{"name": "x", "fields": [{"name": "a", "type": "links", "target": "x", "columns": [{"name": "b", "type": "integer", "min": 1}]}], "template": "ledger"}""")]
    public async Task What_the_loader_takes_the_schema_takes(string json)
    {
        using var folder = new MetadataFolder().With("entities/x.json", json);
        folder.Compile().Problems.ShouldBeEmpty();
        (await ValidateAsync("entities", json)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"name": "x", "fields": [{"name": "a", "type": "txt"}]}""")]
    [InlineData("""{"name": "x", "fields": [{"name": "a", "type": "text", "scale": 2}]}""")]
    [InlineData("""{"name": "x", "fields": [{"name": "a", "type": "decimal", "scale": "two"}]}""")]
    [InlineData("""{"name": "x", "fields": [{"type": "text"}]}""")]
    [InlineData("""{"name": "x", "fields": [], "template": "robot"}""")]
    [InlineData("""{"name": "x", "fields": [], "colour": 1}""")]
    [InlineData("""{"name": "x", "fields": [{"name": "a", "type": "links", "target": "x", "columns": [{"name": "b", "type": "integer", "maxLength": 1}]}]}""")]
    public async Task What_the_loader_refuses_the_schema_refuses(string json)
    {
        using var folder = new MetadataFolder().With("entities/x.json", json);
        folder.Compile().Problems.ShouldNotBeEmpty();
        (await ValidateAsync("entities", json)).ShouldNotBeEmpty();
    }

    [Fact]
    public void Every_option_of_every_field_type_is_in_the_schema()
    {
        var types = Schemas.Of("entities")!["definitions"]!["field"]!["oneOf"]!.AsArray();

        types.Select(t => t!["title"]!.GetValue<string>()).ShouldBe(Shipped.FieldTypes.Names);
        var money = types.Single(t => t!["title"]!.GetValue<string>() == "money")!["properties"]!;
        money["currency"]!["description"]!.GetValue<string>().ShouldContain("Currency");
        types.Single(t => t!["title"]!.GetValue<string>() == "percent")!["properties"]!["scale"]!["default"]!.GetValue<int>().ShouldBe(4);
    }

    private static async Task<IReadOnlyList<string>> ValidateAsync(string kind, string json)
    {
        var schema = await JsonSchema.FromJsonAsync(Schemas.TextOf(kind), TestContext.Current.CancellationToken);
        return [.. schema.Validate(json).SelectMany(Flatten)];
    }

    private static IEnumerable<string> Flatten(ValidationError error) => error is ChildSchemaValidationError child ? child.Errors.SelectMany(e => e.Value).SelectMany(Flatten).Append(error.ToString()) : [error.ToString()];
}
