using System.Text.Json;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Dashboards;
using Crm.Ui.Shell;
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
            JsonSerializer.Serialize(json, MenuEntries.Menus(model, actor), MetadataFiles.Json);
            json.WritePropertyName("dashboards");
            JsonSerializer.Serialize(json, DashboardsOf.All(model, actor).Select(d => d with { Widgets = [.. DashboardsOf.Widgets(d, model, actor)] }), MetadataFiles.Json);
            json.WritePropertyName("imports");
            JsonSerializer.Serialize(json, model.Imports.Values.Where(p => MayImport(p, model, actor)).OrderBy(p => p.Name, StringComparer.Ordinal), MetadataFiles.Json);
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
        Write(json, "label", entity.Label);
        Write(json, "pluralLabel", entity.PluralLabel);
        json.WriteString("icon", entity.Icon);
        json.WriteString("template", JsonNamingPolicy.CamelCase.ConvertName(entity.Definition.Template.ToString()));
        json.WriteString("titleField", entity.TitleField?.Name);
        Write(json, "help", entity.Definition.Help);
        Write(json, "searchFields", entity.SearchPaths.Select(p => p.ToString()));
        json.WriteBoolean("audit", entity.Definition.Audit);
        Write(json, "unique", entity.Definition.Unique);
        Write(json, "indexes", entity.Definition.Indexes);
        Write(json, "duplicates", entity.Definition.Duplicates);
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
            Write(json, "label", field.Label);
            json.WriteBoolean("system", field.IsSystem);
            json.WriteBoolean("required", field.Definition.Required);
            json.WriteBoolean("readOnly", !field.IsWritable);
            json.WriteBoolean("unique", field.Definition.Unique);
            json.WriteBoolean("audit", field.Definition.Audit);
            json.WriteBoolean("sensitive", field.IsSensitive);
            Write(json, "help", field.Definition.Help);
            Write(json, "default", field.Definition.Default);
            Write(json, "dependsOn", field.Definition.DependsOn);
            json.WriteStartArray("operators");
            foreach (var op in field.Type.Operators)
            {
                json.WriteStringValue(Operators.NameOf(op));
            }
            json.WriteEndArray();
            Write(json, "visibleWhen", field.Definition.VisibleWhen);
            Write(json, "requiredWhen", field.Definition.RequiredWhen);
            Write(json, "readOnlyWhen", field.Definition.ReadOnlyWhen);
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

    /// <summary>Writes a member as the file has it; nothing where the file says nothing.</summary>
    private static void Write<T>(Utf8JsonWriter json, string name, T value)
    {
        if (value is not null)
        {
            json.WritePropertyName(name);
            JsonSerializer.Serialize(json, value, MetadataFiles.Json);
        }
    }

    private static bool MayImport(ImportProfile profile, Model model, Actor actor) => profile.Runs().All(r => model.Find(r.Entity) is { } entity && Authority.May(actor, Operation.Create, entity));
}
