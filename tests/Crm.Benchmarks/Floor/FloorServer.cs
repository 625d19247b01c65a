using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Crm.Benchmarks.Floor;

/// <summary>
/// The least that a server over a database can do: prepared statements, source-generated JSON, no sign-in, no rules, no audit.
/// It is what the product is measured against.
/// </summary>
internal static class FloorServer
{
    public static async Task<int> RunAsync(string kind, string database, string address)
    {
        IFloorStore store = kind == "postgres" ? await PostgresFloor.OpenAsync(database) : new SqliteFloor(database);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(address);
        builder.WebHost.ConfigureKestrel(k => k.Limits.MaxRequestBodySize = null);
        builder.Services.ConfigureHttpJsonOptions(o => o.SerializerOptions.TypeInfoResolverChain.Insert(0, FloorJson.Default));
        var app = builder.Build();
        app.MapGet("/health", () => Results.Ok());
        app.MapGet("/items/{id}", async (string id) => await store.ByIdAsync(id) is { } item ? Results.Json(item, FloorJson.Default.FloorItem) : Results.NotFound());
        app.MapGet("/items", async (string status, string region) => Results.Json(new FloorPage(await store.PageAsync(status, region)), FloorJson.Default.FloorPage));
        app.MapPost("/items", async (FloorItem item) =>
        {
            await store.InsertAsync(item);
            return Results.Json(item, FloorJson.Default.FloorItem, statusCode: 201);
        });
        app.MapPatch("/items/{id}", async (string id, FloorPatch patch) => Results.Json(await store.UpdateAsync(id, patch.Quantity), FloorJson.Default.FloorItem));
        app.MapPost("/import", async (List<FloorItem> items) =>
        {
            await store.ImportAsync(items);
            return Results.Ok();
        });
        await app.RunAsync();
        return 0;
    }
}
