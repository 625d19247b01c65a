using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using static Crm.Host.Api.ApiRequest;

namespace Crm.Host.Api;

/// <summary><c>/api/search</c>: words over every entity that the person may read.</summary>
internal static class SearchEndpoints
{
    private const int Usual = 20, Most = 100;

    public static void MapSearch(this IEndpointRouteBuilder api) => api.MapGet("/search", SearchAsync).Takes("q", "limit", "entity");

    private static async Task SearchAsync(HttpContext context, RecordStore store, ModelSource models)
    {
        var parameters = context.Request.Query;
        var actor = await ActorAsync(context);
        var text = QueryParameters.Text(parameters, "q") ?? throw new ProblemException(Problem.At("q", ProblemKind.Invalid, "parameter.missing", "q"));
        var (limit, _) = QueryParameters.ReadPage(parameters, Usual, Most);
        IEnumerable<Entity> entities = models.Current.Entities.Values.OrderBy(e => e.Name, StringComparer.Ordinal);
        if (QueryParameters.Text(parameters, "entity") is { } name)
        {
            var entity = EntityOf(context, name);
            Authority.Demand(actor, Operation.Read, entity);
            entities = [entity];
        }
        var hits = await store.SearchAsync(entities, text, limit, actor, context.RequestAborted);
        await WriteJsonAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("hits");
            foreach (var hit in hits)
            {
                json.WriteStartObject();
                json.WriteString("entity", hit.Entity.Name);
                json.WriteString("id", hit.Id);
                json.WriteString("title", hit.Title);
                json.WriteString("field", hit.Field.ToString());
                json.WriteString("snippet", hit.Snippet.Text);
                json.WriteStartArray("marks");
                foreach (var (start, length) in hit.Snippet.Marks)
                {
                    json.WriteStartArray();
                    json.WriteNumberValue(start);
                    json.WriteNumberValue(length);
                    json.WriteEndArray();
                }
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }
}
