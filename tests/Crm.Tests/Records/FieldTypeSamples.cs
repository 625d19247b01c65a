using System.Text.Json;
using Crm.Data;
using Crm.Metadata;
using Crm.Tests.Metadata;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>The samples of each field type, in the form in which tests use them. A type that has none fails the battery, so that a new one is tested by existing.</summary>
internal static class FieldTypeSamples
{
    /// <summary>Every registered type and every further shape that has samples.</summary>
    public static TheoryData<string> Names => [.. Shipped.ValueTypes.Union(FieldSamples.Names).Order(StringComparer.Ordinal)];

    /// <summary>The types whose values are records of their own; they are tried with their records and need only be drawn like the others.</summary>
    public static IEnumerable<string> Collections => Shipped.FieldTypes.Names.Where(name => typeof(CollectionFieldType).IsAssignableFrom(Shipped.FieldTypes.Find(name)));

    public static IReadOnlyList<JsonElement> ValuesOf(string name) => [.. Find(name).Values.Select(v => JsonElement.Parse(v))];

    /// <summary>The definition of a field called <c>value</c>.</summary>
    public static string Field(string name) => Find(name).Definition("value");

    private static FieldSample Find(string name) => name switch
    {
        "rows" => new("rows", ", \"target\": \"line\"", ["""[{"name": "a", "size": 2}, {"name": "b", "size": 3}]"""]),
        "links" => new("links", ", \"target\": \"other\", \"columns\": [{\"name\": \"role\", \"type\": \"text\"}]", [$$"""[{"id": "{{TargetId(1)}}", "role": "x"}, {"id": "{{TargetId(2)}}"}]"""]),
        _ => FieldSamples.Find(name),
    };

    /// <summary>Everything that fields of the samples refer to: other records, currencies and what they are worth.</summary>
    public static MetadataFolder WithSurroundings(this MetadataFolder folder) => folder
        .With("organisation.json", """{"currency": "USD", "currencies": ["EUR", "JPY", "KWD"]}""")
        .WithEntity("other", """{"name": "name", "type": "text"}""")
        .WithEntity("team", """{"name": "name", "type": "text"}""")
        .WithEntity("exchange_rate", """{"name": "currency", "type": "text"}, {"name": "date", "type": "date"}, {"name": "rate", "type": "decimal", "scale": 9}""");

    /// <summary>The records among <see cref="WithSurroundings"/>.</summary>
    public static async Task FillSurroundingsAsync(this TestStore store)
    {
        foreach (var target in new[] { "other", "user", "team" })
        {
            await store.WriteAsync(atomic: true, store.Creation(target, "{}", TargetId(1)), store.Creation(target, "{}", TargetId(2)));
        }
        await store.WriteAsync(atomic: true,
            store.Creation("exchange_rate", """{"currency": "EUR", "date": "2000-01-01", "rate": 1.1}"""),
            store.Creation("exchange_rate", """{"currency": "JPY", "date": "2000-01-01", "rate": 0.0067}"""),
            store.Creation("exchange_rate", """{"currency": "KWD", "date": "2000-01-01", "rate": 3.25}"""));
        await store.Database.WriteAsync(async session =>
        {
            for (var i = 1; i <= 4; i++)
            {
                await FileRows.InsertAsync(session, StoredFile(i), TestContext.Current.CancellationToken);
            }
            return 0;
        }, TestContext.Current.CancellationToken);
    }

    /// <summary>Lookups of the samples point to these records.</summary>
    public static Guid TargetId(int number) => FieldSamples.TargetId(number);

    public static object? Parse(Field field, JsonElement json)
    {
        var parsed = field.Type.FromJson(json);
        return parsed.Fault is { } fault ? throw new ArgumentException($"{field}: {json} is refused as {fault.Code}") : parsed.Value;
    }

    /// <summary>Files of the samples; the battery puts them there.</summary>
    public static StoredFile StoredFile(int number) => new(
        FieldSamples.FileId(number), number > 2 ? $"picture {number}.png" : $"文件 {number}.txt", number > 2 ? "image/png" : "text/plain", number, new('0', 64), null, null, ManualTimeProvider.Start, null, ManualTimeProvider.Start);
}
