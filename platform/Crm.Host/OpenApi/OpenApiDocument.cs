using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Crm.Host.Api;
using Crm.Host.Elsa;
using Crm.Metadata;

namespace Crm.Host.OpenApi;

/// <summary>Writes the description of the API (OpenAPI 3.1): the calls, in English, and the entities that somebody may see, called as in their language.</summary>
internal sealed class OpenApiDocument(Model model, IReadOnlyList<Entity> entities)
{
    private const string Fixed = """
        {
          "Any": {},
          "Money": {"type": ["object", "null"], "required": ["amount", "currency"], "properties": {"amount": {"type": "string", "pattern": "^-?[0-9]+(\\.[0-9]{1,4})?$"}, "currency": {"type": "string", "minLength": 3, "maxLength": 3}}},
          "File": {"type": ["object", "null"], "required": ["id"], "properties": {"id": {"type": "string", "format": "uuid"}, "name": {"type": "string"}, "type": {"type": "string"}, "size": {"type": "integer", "format": "int64"}, "sha256": {"type": "string"}, "width": {"type": "integer"}, "height": {"type": "integer"}}},
          "List": {"type": "object", "required": ["items"], "properties": {"items": {"type": "array", "items": {"type": "object"}}, "next": {"type": ["string", "null"]}}},
          "Rows": {"type": "object", "required": ["rows"], "properties": {"rows": {"type": "array", "items": {"type": "object"}}}},
          "Accepted": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "format": "uuid"}}},
          "Job": {"type": "object", "required": ["id", "kind", "state", "done"], "properties": {"id": {"type": "string", "format": "uuid"}, "kind": {"type": "string"}, "state": {"enum": ["queued", "running", "succeeded", "failed", "cancelled"]}, "done": {"type": "integer"}, "total": {"type": ["integer", "null"]}, "result": {"type": "object"}, "problem": {"$ref": "#/components/schemas/Problem"}}},
          "SignIn": {"type": "object", "required": ["email", "password"], "properties": {"email": {"type": "string"}, "password": {"type": "string", "format": "password"}, "code": {"type": "string"}}},
          "SignedIn": {"type": "object", "required": ["accessToken", "expiresAt"], "properties": {"accessToken": {"type": "string"}, "expiresAt": {"type": "string", "format": "date-time"}}},
          "Token": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "maxLength": 100}, "scopes": {"type": "array", "items": {"enum": ["read", "write"]}}, "expiresAt": {"type": "string", "format": "date-time"}}},
          "Problem": {"type": "object", "required": ["type", "title", "status", "detail", "code"], "properties": {"type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"}, "detail": {"type": "string"}, "code": {"type": "string"}, "errors": {"type": "array", "items": {"type": "object", "required": ["code", "message"], "properties": {"field": {"type": ["string", "null"]}, "code": {"type": "string"}, "message": {"type": "string"}, "rule": {"type": "string"}}}}}}
        }
        """;

    public byte[] Write()
    {
        var buffer = new ArrayBufferWriter<byte>(64 * 1024);
        using (var json = new Utf8JsonWriter(buffer, RecordJson.Readable))
        {
            json.WriteStartObject();
            json.WriteString("openapi", "3.1.0");
            json.WriteStartObject("info");
            json.WriteString("title", model.Organisation.Name.ToString() + " API");
            json.WriteString("version", "v1");
            json.WriteEndObject();
            json.WriteStartArray("servers");
            json.WriteStartObject();
            json.WriteString("url", "/");
            json.WriteEndObject();
            json.WriteEndArray();
            WriteSecurity(json);
            WriteTags(json);
            WritePaths(json);
            WriteComponents(json);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteSecurity(Utf8JsonWriter json)
    {
        json.WriteStartArray("security");
        foreach (var scheme in new[] { "bearer", "cookie" })
        {
            json.WriteStartObject();
            json.WriteStartArray(scheme);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private void WriteTags(Utf8JsonWriter json)
    {
        json.WriteStartArray("tags");
        foreach (var (name, description) in entities.Select(e => (e.Name, e.PluralLabel.ToString())).Append(("platform", "Jobs, files, tokens and the Model")))
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("description", description);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private void WritePaths(Utf8JsonWriter json)
    {
        json.WriteStartObject("paths");
        foreach (var path in ApiCall.All.GroupBy(c => c.Path))
        {
            IReadOnlyList<Entity?> of = path.First().IsOfEntity && entities.Count > 0 ? [.. entities] : [null];
            foreach (var entity in of)
            {
                json.WriteStartObject(entity is null ? path.Key : path.Key.Replace("{entity}", entity.Name, StringComparison.Ordinal));
                foreach (var call in path)
                {
                    json.WriteStartObject(call.Method);
                    WriteCall(json, call, entity);
                    json.WriteEndObject();
                }
                json.WriteEndObject();
            }
        }
        json.WriteEndObject();
    }

    private static void WriteCall(Utf8JsonWriter json, ApiCall call, Entity? entity)
    {
        json.WriteString("operationId", entity is null ? call.Id : $"{call.Id}_{entity.Name}");
        json.WriteString("summary", call.Summary);
        json.WriteStartArray("tags");
        json.WriteStringValue(entity?.Name ?? "platform");
        json.WriteEndArray();
        if (call.Path.StartsWith("/api/auth", StringComparison.Ordinal) || call.Path == EventLinks.Path)
        {
            json.WriteStartArray("security");
            json.WriteEndArray();
        }
        WriteParameters(json, call, entity);
        if (call.Body is { } body)
        {
            json.WriteStartObject("requestBody");
            json.WriteBoolean("required", true);
            WriteContent(json, body == "*" ? entity is null ? "Any" : entity.Name + "_input" : body);
            json.WriteEndObject();
        }
        json.WriteStartObject("responses");
        json.WriteStartObject(call.Success.ToString(CultureInfo.InvariantCulture));
        json.WriteString("description", Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(call.Success));
        if (call.Answer is { } answer)
        {
            WriteContent(json, answer switch { "*" => entity?.Name ?? "Any", "*Page" => entity is null ? "List" : entity.Name + "_page", _ => answer });
        }
        json.WriteEndObject();
        foreach (var status in (string[])["400", "401", "403", "404", "default"])
        {
            json.WriteStartObject(status);
            json.WriteString("$ref", "#/components/responses/Problem");
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void WriteParameters(Utf8JsonWriter json, ApiCall call, Entity? entity)
    {
        var inPath = call.Path.Split('/').Where(s => s is ['{', .., '}']).Select(s => s[1..^1]).Where(name => name != "entity" || entity is null).ToList();
        json.WriteStartArray("parameters");
        foreach (var (name, place) in inPath.Select(n => (n, "path")).Concat(call.Query.Select(n => (n, "query"))).Concat(call.TakesVersion ? [("If-Match", "header")] : []))
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("in", place);
            if (place == "path")
            {
                json.WriteBoolean("required", true);
            }
            json.WriteStartObject("schema");
            json.WriteString("type", name is "limit" or "size" ? "integer" : "string");
            if (name == "id" && !call.Path.StartsWith("/elsa/", StringComparison.Ordinal) && !call.Path.StartsWith("/api/tasks/", StringComparison.Ordinal))
            {
                json.WriteString("format", "uuid");
            }
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteContent(Utf8JsonWriter json, string schemaOrType)
    {
        var isFile = schemaOrType.Contains('/', StringComparison.Ordinal);
        json.WriteStartObject("content");
        json.WriteStartObject(isFile ? schemaOrType : "application/json");
        json.WriteStartObject("schema");
        if (schemaOrType == "multipart/form-data")
        {
            json.WriteString("type", "object");
            json.WriteStartObject("properties");
            foreach (var (part, format) in new[] { ("file", "binary"), ("options", "json") })
            {
                json.WriteStartObject(part);
                json.WriteString("type", "string");
                json.WriteString("format", format);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        else if (!isFile)
        {
            FieldSchema.Reference(json, schemaOrType);
        }
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteComponents(Utf8JsonWriter json)
    {
        json.WriteStartObject("components");
        json.WritePropertyName("securitySchemes");
        json.WriteRawValue("""{"bearer": {"type": "http", "scheme": "bearer"}, "cookie": {"type": "apiKey", "in": "cookie", "name": "crm.session"}}""");
        json.WritePropertyName("responses");
        json.WriteRawValue("""{"Problem": {"description": "What was wrong, where, and what to do.", "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}}""");
        json.WriteStartObject("schemas");
        using (var schemas = JsonDocument.Parse(Fixed))
        {
            foreach (var schema in schemas.RootElement.EnumerateObject())
            {
                schema.WriteTo(json);
            }
        }
        foreach (var entity in entities)
        {
            WriteEntity(json, entity.Name, entity, [.. entity.Fields.Where(f => f.IsStored && f.Ordinal != Entity.DeletedAtOrdinal)], isInput: false);
            WriteEntity(json, entity.Name + "_input", entity, [.. entity.Fields.Where(f => f.IsWritable)], isInput: true);
            json.WritePropertyName(entity.Name + "_page");
            json.WriteRawValue("""{"type": "object", "required": ["items", "next"], "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/ENTITY"}}, "next": {"type": ["string", "null"]}, "count": {"type": "integer"}, "countIsExact": {"type": "boolean"}}}""".Replace("ENTITY", entity.Name, StringComparison.Ordinal));
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteEntity(Utf8JsonWriter json, string name, Entity entity, IReadOnlyList<Field> fields, bool isInput)
    {
        json.WriteStartObject(name);
        json.WriteString("type", "object");
        json.WriteString("title", entity.Label.ToString());
        json.WriteStartObject("properties");
        foreach (var field in fields)
        {
            json.WritePropertyName(field.Name);
            FieldSchema.Write(json, field, isInput);
        }
        json.WriteEndObject();
        // Only a new record needs all of them; a change names what it changes.
        var required = isInput ? [] : fields.Where(f => f.Name is SystemFields.Id or SystemFields.Version).ToList();
        if (required.Count > 0)
        {
            json.WriteStartArray("required");
            required.ForEach(f => json.WriteStringValue(f.Name));
            json.WriteEndArray();
        }
        if (isInput)
        {
            json.WriteBoolean("additionalProperties", false);
        }
        json.WriteEndObject();
    }
}
