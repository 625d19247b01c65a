using Crm.Tests.Api;
using Crm.Tests.Metadata;

namespace Crm.Tests.Collections;

/// <summary>A server with deals that own lines and link people.</summary>
public sealed class CollectionServer : ApiServer
{
    private readonly MetadataFolder _metadata = new();

    public CollectionServer()
    {
        Write(_metadata);
        MetadataPath = _metadata.Path;
    }

    public static void Write(MetadataFolder metadata) => metadata
        .WithEntity("article", """{"name": "name", "type": "text"}, {"name": "price", "type": "money"}""")
        .WithEntity("person", """{"name": "name", "type": "text", "required": true}, {"name": "age", "type": "integer"}""")
        .WithEntity(
            "deal_line",
            """
            {"name": "deal", "type": "lookup", "target": "deal", "required": true}, {"name": "number", "type": "integer"}, {"name": "article", "type": "lookup", "target": "article"},
            {"name": "quantity", "type": "integer", "required": true, "min": 1}, {"name": "note", "type": "text", "default": "as usual"}
            """)
        .WithEntity(
            "deal",
            """
            {"name": "name", "type": "text"}, {"name": "parent", "type": "lookup", "target": "deal", "onDelete": "clear"},
            {"name": "lines", "type": "rows", "target": "deal_line", "position": "number", "max": 5},
            {"name": "people", "type": "links", "target": "person", "columns": [
                {"name": "role", "type": "choice", "options": [{"value": "decider"}, {"value": "user"}]}, {"name": "since", "type": "date"}]}
            """);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _metadata.Dispose();
    }
}
