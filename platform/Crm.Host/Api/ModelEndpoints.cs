using System.Text.Json;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using static Crm.Host.Api.ApiRequest;

namespace Crm.Host.Api;

/// <summary><c>/api/model</c>: what this person may see of the Model, and the schemas of its files.</summary>
internal static class ModelEndpoints
{
    public static void MapModel(this IEndpointRouteBuilder api)
    {
        api.MapGet("/model", GetAsync);
        api.MapGet("/model/schemas/{kind}", GetSchemaAsync);
        api.MapModelVersions();
    }

    private static async Task GetAsync(HttpContext context, ModelSource models)
    {
        var actor = await ActorAsync(context);
        var model = models.Current;
        await WriteJsonAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteNumber("version", model.Version);
            json.WritePropertyName("organisation");
            JsonSerializer.Serialize(json, model.Organisation, MetadataFiles.Json);
            json.WriteStartArray("entities");
            foreach (var entity in model.Entities.Values.Where(e => e.LinkOf is null && Authority.May(actor, Operation.Read, e)).OrderBy(e => e.Name, StringComparer.Ordinal))
            {
                Write(json, entity, actor);
            }
            json.WriteEndArray();
            json.WritePropertyName("menus");
            JsonSerializer.Serialize(json, model.Menus, MetadataFiles.Json);
            if (actor.IsAdministrator)
            {
                json.WriteStartArray("problems");
                foreach (var problem in model.Problems)
                {
                    JsonSerializer.Serialize(json, problem, MetadataFiles.Json);
                }
                json.WriteEndArray();
            }
            json.WriteEndObject();
        });
    }

    private static async Task GetSchemaAsync(HttpContext context, string kind, ModelLayers layers)
    {
        var schema = layers.Schemas.Of(kind) ?? throw new ProblemException(Problem.Of(ProblemKind.NotFound, "schema.unknown", kind));
        await WriteJsonAsync(context, StatusCodes.Status200OK, json => schema.WriteTo(json));
    }

    /// <summary>The entity as its file says it, with the system fields, the operators of each field and what this person may do.</summary>
    private static void Write(Utf8JsonWriter json, Entity entity, Actor actor)
    {
        json.WriteStartObject();
        json.WriteString("name", entity.Name);
        WriteLabel(json, "label", entity.Label);
        WriteLabel(json, "pluralLabel", entity.PluralLabel);
        json.WriteString("icon", entity.Icon);
        json.WriteString("titleField", entity.TitleField?.Name);
        json.WriteStartArray("may");
        foreach (var operation in Enum.GetValues<Operation>().Where(o => Authority.May(actor, o, entity)))
        {
            json.WriteStringValue(JsonNamingPolicy.CamelCase.ConvertName(operation.ToString()));
        }
        json.WriteEndArray();
        json.WriteStartArray("fields");
        foreach (var field in entity.Fields)
        {
            json.WriteStartObject();
            json.WriteString("name", field.Name);
            json.WriteString("type", field.Type.Name);
            WriteLabel(json, "label", field.Label);
            json.WriteBoolean("system", field.IsSystem);
            json.WriteBoolean("required", field.Definition.Required);
            json.WriteBoolean("readOnly", !field.IsWritable);
            json.WriteBoolean("unique", field.Definition.Unique);
            json.WriteStartArray("operators");
            foreach (var op in field.Type.Operators)
            {
                json.WriteStringValue(Operators.NameOf(op));
            }
            json.WriteEndArray();
            WriteRule(json, "visibleWhen", field.Definition.VisibleWhen);
            WriteRule(json, "requiredWhen", field.Definition.RequiredWhen);
            WriteRule(json, "readOnlyWhen", field.Definition.ReadOnlyWhen);
            foreach (var (name, option) in field.Definition.Options)
            {
                json.WritePropertyName(name);
                option.WriteTo(json);
            }
            if (field.Target is { } target && !field.Definition.Options.ContainsKey("target"))
            {
                json.WriteString("target", target.Name);
            }
            if (field.Type is AnyLookupFieldType any && !field.Definition.Options.ContainsKey("targets"))
            {
                json.WriteStartArray("targets");
                any.Entities.Where(e => Authority.May(actor, Operation.Read, e)).ToList().ForEach(e => json.WriteStringValue(e.Name));
                json.WriteEndArray();
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WritePropertyName("form");
        JsonSerializer.Serialize(json, entity.Form, MetadataFiles.Json);
        json.WritePropertyName("views");
        JsonSerializer.Serialize(json, entity.Views, MetadataFiles.Json);
        json.WriteEndObject();
    }

    private static void WriteRule(Utf8JsonWriter json, string name, JsonElement? condition)
    {
        if (condition is { } rule)
        {
            json.WritePropertyName(name);
            rule.WriteTo(json);
        }
    }

    private static void WriteLabel(Utf8JsonWriter json, string name, Label label)
    {
        json.WritePropertyName(name);
        JsonSerializer.Serialize(json, label, MetadataFiles.Json);
    }
}
