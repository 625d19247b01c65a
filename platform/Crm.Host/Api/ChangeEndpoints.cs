using System.Text.Json;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using static Crm.Host.Api.ApiRequest;

namespace Crm.Host.Api;

/// <summary><c>/api/changes/{changeSet}</c>: what an import, a mass update, a merge or a batch did, and how to take it back.</summary>
internal static class ChangeEndpoints
{
    public static void MapChanges(this IEndpointRouteBuilder api)
    {
        api.MapGet("/changes/{changeSet}", GetAsync);
        api.MapPost("/changes/{changeSet}/undo", UndoAsync);
    }

    private static async Task GetAsync(HttpContext context, string changeSet, ChangeSets sets)
    {
        var set = await sets.ReadAsync(IdOf(changeSet), await ActorAsync(context), context.RequestAborted);
        await WriteJsonAsync(context, StatusCodes.Status200OK, json => Write(json, set));
    }

    private static async Task UndoAsync(HttpContext context, string changeSet, ChangeSets sets)
    {
        var changes = await sets.UndoAsync(IdOf(changeSet), await ActorAsync(context), Door.Api, context.RequestAborted);
        await WriteJsonAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteString("changeSet", changes[0].ChangeSet);
            json.WriteNumber("deleted", changes.Count(c => c.Kind == ChangeKind.Delete));
            json.WriteNumber("updated", changes.Count(c => c.Kind == ChangeKind.Update));
            json.WriteNumber("restored", changes.Count(c => c.Kind == ChangeKind.Restore));
            json.WriteEndObject();
        });
    }

    private static Guid IdOf(string changeSet) => Guid.TryParseExact(changeSet, "D", out var id)
        ? id
        : throw new ProblemException(Problem.Of(ProblemKind.NotFound, "changeSet.unknown", changeSet));

    private static void Write(Utf8JsonWriter json, ChangeSet set)
    {
        json.WriteStartObject();
        json.WriteString("changeSet", set.Id);
        json.WriteString("at", Iso8601.ToText(set.At));
        json.WriteString("door", JsonNamingPolicy.CamelCase.ConvertName(set.Door.ToString()));
        json.WriteString("cause", set.Cause);
        if (set.By is { } by)
        {
            json.WriteString("by", by);
        }
        json.WriteBoolean("whole", set.IsWhole);
        json.WriteStartArray("items");
        foreach (var record in set.Records)
        {
            json.WriteStartObject();
            json.WriteString("entity", record.Entity.Name);
            json.WriteString("id", record.Id);
            json.WriteString("kind", JsonNamingPolicy.CamelCase.ConvertName(record.Kind.ToString()));
            json.WriteNumber("version", record.Version);
            HistoryJson.WriteChanges(json, record.Changes);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
