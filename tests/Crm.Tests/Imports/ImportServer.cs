using System.Text.Json;
using Crm.Tests.Api;
using Crm.Tests.Metadata;

namespace Crm.Tests.Imports;

/// <summary>A server with a few entities that imports are tried on.</summary>
public sealed class ImportServer : ApiServer
{
    private readonly MetadataFolder _metadata = new();

    public ImportServer()
    {
        _metadata
            .WithEntity("maker", """{"name": "name", "type": "text", "required": true}, {"name": "city", "type": "text"}""")
            .WithEntity("guild", """{"name": "name", "type": "text"}, {"name": "country", "type": "text", "required": true}""")
            .WithEntity("part", """{"name": "name", "type": "text", "unique": true}, {"name": "maker", "type": "lookup", "target": "maker", "required": true}, {"name": "guild", "type": "lookup", "target": "guild"}""")
            .WithEntity(
                "gadget",
                """
                {"name": "name", "type": "text", "required": true, "maxLength": 40},
                {"name": "code", "type": "text", "unique": true, "aliases": ["article no"]},
                {"name": "day", "type": "date"}, {"name": "moment", "type": "dateTime"}, {"name": "size", "type": "integer", "min": 0}, {"name": "rate", "type": "decimal", "scale": 2},
                {"name": "price", "type": "money"}, {"name": "place", "type": "address"}, {"name": "active", "type": "boolean"}, {"name": "phone", "type": "phone"}, {"name": "notes", "type": "longText"},
                {"name": "kind", "type": "choice", "options": [{"value": "a", "label": {"en": "First kind", "zh-CN": "第一种"}}, {"value": "b", "aliases": ["second"]}]},
                {"name": "maker", "type": "lookup", "target": "maker"},
                {"name": "parent", "type": "lookup", "target": "gadget", "onDelete": "clear"},
                {"name": "twin", "type": "lookup", "target": "gadget", "onDelete": "clear"}
                """);
        _metadata
            .WithEntity(
                "crew",
                """
                {"name": "name", "type": "text"}, {"name": "grade", "type": "integer"}, {"name": "mate", "type": "lookup", "target": "crew", "onDelete": "clear"},
                {"name": "boss", "type": "lookup", "target": "crew", "onDelete": "clear", "filter": {"field": "grade", "op": "ge", "value": 5}}
                """,
                """ "duplicates": [{"name": "same_mate", "match": [{"field": "mate", "how": "exact"}], "action": "warn"}] """)
            .WithEntity("trip", """{"name": "number", "type": "text", "unique": true}, {"name": "traveller", "type": "text"}, {"name": "state", "type": "text"}, {"name": "source", "type": "text"}, {"name": "legs", "type": "rows", "target": "leg"}""")
            .WithEntity("leg", """{"name": "goal", "type": "text"}, {"name": "trip", "type": "lookup", "target": "trip", "onDelete": "cascade"}, {"name": "miles", "type": "decimal", "scale": 2}, {"name": "no", "type": "integer"}""")
            .With("imports/trips.json", """
                {"name": "trips", "label": "Trips", "nullValues": ["?"],
                 "steps": [
                   {"entity": "trip", "onlyMapped": true, "key": ["number"], "repeats": "skip", "mapping": {"Trip": "number", "who": "traveller", "from": "source"},
                    "computed": [{"name": "who", "text": "{First} {Last}"}, {"name": "from", "text": "file"}]},
                   {"entity": "leg", "label": "Legs", "onlyMapped": true, "mapping": {"Trip": "trip", "Goal": "goal", "away": "miles", "place": "no"},
                    "where": {"field": "Goal", "op": "notNull"},
                    "computed": [{"name": "away", "of": "Km", "times": 0.5}, {"name": "place", "text": "{row}"}]}]}
                """);
        MetadataPath = _metadata.Path;
    }

    /// <summary>One field of all records, in the order of <paramref name="sort"/>; paths are allowed.</summary>
    public async Task<string[]> ListAsync(string entity, string fields, string sort = "id", string? filter = null)
    {
        var page = (await Admin.ReadAsync($"/api/records/{entity}?limit=1000&sort={sort}&fields={fields}{(filter is null ? "" : "&filter=" + Uri.EscapeDataString(filter))}")).Json;
        return [.. page.GetProperty("items").EnumerateArray().Select(item => string.Join('|', fields.Split(',').Select(path => Follow(item, path))))];
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _metadata.Dispose();
    }

    private static string Follow(JsonElement item, string path)
    {
        foreach (var step in path.Split('.'))
        {
            item = item.GetProperty(step);
            if (item.ValueKind == JsonValueKind.Null)
            {
                return "";
            }
        }
        return item.ValueKind == JsonValueKind.Object && item.TryGetProperty("amount", out var amount) ? amount.ToString() : item.ToString();
    }
}
