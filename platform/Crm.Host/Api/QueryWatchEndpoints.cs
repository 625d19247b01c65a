using System.Globalization;
using System.Text.Json;
using Crm.Data;
using Crm.Rules;
using static Crm.Host.Api.ApiRequest;

namespace Crm.Host.Api;

/// <summary><c>/api/admin/queries</c>: queries that took long, how the database runs them, and the index that would help.</summary>
internal static class QueryWatchEndpoints
{
    public static void MapQueryWatch(this IEndpointRouteBuilder api) => api.MapGet("/admin/queries", ListAsync);

    private static async Task ListAsync(HttpContext context, RecordStore store, Database database)
    {
        if (!(await ActorAsync(context)).IsAdministrator)
        {
            throw new ProblemException(Problem.Of(ProblemKind.Forbidden, "forbidden.administrator"));
        }
        var plans = new List<(SlowQuery Query, QueryPlan Plan)>();
        foreach (var query in database.Queries.Slow)
        {
            plans.Add((query, await store.ExplainAsync(query, context.RequestAborted)));
        }
        await WriteJsonAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteNumber("threshold", database.Queries.Threshold.TotalMilliseconds);
            json.WriteStartArray("queries");
            plans.ForEach(p => Write(json, p.Query, p.Plan));
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static void Write(Utf8JsonWriter json, SlowQuery query, QueryPlan plan)
    {
        json.WriteStartObject();
        json.WriteString("entity", query.Entity.Name);
        json.WriteString("sql", query.Sql);
        json.WriteNumber("count", query.Count);
        json.WriteNumber("totalMilliseconds", Math.Round(query.Total.TotalMilliseconds));
        json.WriteNumber("worstMilliseconds", Math.Round(query.Worst.TotalMilliseconds));
        // A plan repeats the values.
        WriteTexts(json, "example", query.IsSensitive ? [] : query.Example.Select(p => Convert.ToString(p.Value, CultureInfo.InvariantCulture)));
        WriteTexts(json, "plan", query.IsSensitive ? [] : plan.Lines);
        json.WriteBoolean("scans", plan.Scans);
        if (plan.Scans && query.Proposal is { } proposal)
        {
            // As it goes into the entity's file.
            json.WriteStartObject("proposal");
            json.WriteStartArray("indexes");
            json.WriteStartArray();
            foreach (var field in proposal)
            {
                json.WriteStringValue(field);
            }
            json.WriteEndArray();
            json.WriteEndArray();
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("proposal");
        }
        json.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string?> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }
        json.WriteEndArray();
    }
}
