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
            """)
        .WithEntity("vault", """{"name": "name", "type": "text"}""", """ "roles": {"administrator": {"read": "all", "create": "all", "update": "all", "delete": "all"} } """)
        .WithEntity("remark", """{"name": "memo", "type": "lookup", "target": "memo"}, {"name": "text", "type": "text"}, {"name": "on", "type": "anyLookup"}""")
        .WithEntity(
            "memo",
            """
            {"name": "name", "type": "text"}, {"name": "about", "type": "anyLookup", "targets": ["person", "article", "vault"]},
            {"name": "parent", "type": "lookup", "target": "memo", "onDelete": "clear"}, {"name": "remarks", "type": "rows", "target": "remark"}
            """);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _metadata.Dispose();
    }
}
