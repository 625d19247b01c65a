using Crm.Data;
using Crm.Host.Api;

namespace Crm.Host.Startup;

/// <summary>Whether the process lives, and whether it can serve; in development also what it holds on to.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/health/live", context => ApiRequest.WriteJsonAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteString("status", "live");
            json.WriteEndObject();
        })).AllowAnonymous();
        app.MapGet("/health/ready", ReadyAsync).AllowAnonymous();
        // Forcing a collection is nothing for strangers at a server at work.
        if (app.ServiceProvider.GetRequiredService<IHostEnvironment>().IsDevelopment())
        {
            app.MapGet("/health/memory", MemoryAsync).AllowAnonymous();
        }
    }

    /// <summary>What is still referred to after everything else was let go of.</summary>
    private static Task MemoryAsync(HttpContext context)
    {
        for (var round = 0; round < 3; round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        return ApiRequest.WriteJsonAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteNumber("managedBytes", GC.GetTotalMemory(forceFullCollection: true));
            json.WriteEndObject();
        });
    }

    private static async Task ReadyAsync(HttpContext context, Database database, ModelSource models)
    {
        var reasons = new List<string>();
        try
        {
            await using var session = await database.ReadAsync(context.RequestAborted);
            await session.FirstAsync("SELECT 1", [], row => row.Integer(0), context.RequestAborted);
        }
        catch (System.Data.Common.DbException)
        {
            reasons.Add("database");
        }
        if (models.Current.Entities.Count == 0)
        {
            reasons.Add("model");
        }
        await ApiRequest.WriteJsonAsync(context, reasons.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, json =>
        {
            json.WriteStartObject();
            json.WriteString("status", reasons.Count == 0 ? "ready" : "unavailable");
            json.WriteStartArray("reasons");
            reasons.ForEach(json.WriteStringValue);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }
}
