using System.Text.Json;
using Crm.Data;
using Crm.Host.Api;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Host.Identity;

/// <summary><c>/api/tokens</c>: tokens that people make for their programs. The token itself is shown once.</summary>
internal static class TokenEndpoints
{
    public static void MapTokens(this IEndpointRouteBuilder api)
    {
        api.MapGet("/tokens", ListAsync);
        api.MapPost("/tokens", CreateAsync);
        api.MapDelete("/tokens/{id}", RevokeAsync);
    }

    private static async Task ListAsync(HttpContext context, AccessTokens tokens)
    {
        var actor = await ApiRequest.ActorAsync(context);
        var list = await tokens.ListAsync(actor.UserId!.Value, context.RequestAborted);
        await ApiRequest.WriteJsonAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("items");
            foreach (var token in list)
            {
                Write(json, token, null);
            }
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static async Task CreateAsync(HttpContext context, AccessTokens tokens, TimeProvider time)
    {
        var actor = await ApiRequest.ActorAsync(context);
        using var body = await RecordJson.ReadBodyAsync(context.Request);
        var (name, scope, expires) = Read(body.RootElement, time.GetUtcNow());
        var (token, secret) = await tokens.CreateAsync(actor.UserId!.Value, name, scope, expires, context.RequestAborted);
        context.Response.Headers.Location = $"/api/tokens/{token.Id:D}";
        context.Response.Headers.CacheControl = "no-store";
        await ApiRequest.WriteJsonAsync(context, StatusCodes.Status201Created, json => Write(json, token, secret));
    }

    private static async Task RevokeAsync(HttpContext context, string id, AccessTokens tokens)
    {
        var actor = await ApiRequest.ActorAsync(context);
        if (!Guid.TryParseExact(id, "D", out var tokenId) || !await tokens.RevokeAsync(actor.UserId!.Value, tokenId, context.RequestAborted))
        {
            throw new ProblemException(Problem.Of(ProblemKind.NotFound, "token.unknown"));
        }
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static (string Name, string Scope, DateTimeOffset Expires) Read(JsonElement json, DateTimeOffset now)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new ProblemException(Problem.Of(ProblemKind.Invalid, "json.object"));
        }
        var (name, scope, expires) = ("", "read", now + AccessTokens.DefaultLifetime);
        foreach (var member in json.EnumerateObject())
        {
            switch (member.Name)
            {
                case "name" when member.Value.ValueKind == JsonValueKind.String: name = member.Value.GetString()!.Trim(); break;
                case "scopes" when member.Value.ValueKind == JsonValueKind.Array && member.Value.GetArrayLength() > 0 && member.Value.EnumerateArray().All(s => s.ValueKind == JsonValueKind.String && s.GetString() is "read" or "write"):
                    scope = member.Value.EnumerateArray().Any(s => s.GetString() == "write") ? "write" : "read";
                    break;
                case "scopes": throw new ProblemException(Problem.At("scopes", ProblemKind.Invalid, "token.scopes"));
                case "expiresAt" when member.Value.ValueKind == JsonValueKind.String && Iso8601.TryParse(member.Value.GetString()!, out var wanted): expires = wanted; break;
                case "name" or "expiresAt": throw new ProblemException(Problem.At(member.Name, ProblemKind.Invalid, member.Name == "name" ? "value.text" : "value.dateTime"));
                default: throw new ProblemException(Problem.At(member.Name, ProblemKind.Invalid, "parameter.unknown", member.Name));
            }
        }
        if (name.Length is 0 or > AccessTokens.MaxName || name.Any(char.IsControl))
        {
            throw new ProblemException(Problem.At("name", ProblemKind.Invalid, "token.name", AccessTokens.MaxName));
        }
        return expires > now && expires <= now + AccessTokens.MaxLifetime
            ? (name, scope, expires)
            : throw new ProblemException(Problem.At("expiresAt", ProblemKind.Invalid, "token.expires", AccessTokens.MaxLifetime.Days));
    }

    private static void Write(Utf8JsonWriter json, AccessToken token, string? secret)
    {
        json.WriteStartObject();
        json.WriteString("id", token.Id);
        json.WriteString("name", token.Name);
        json.WriteStartArray("scopes");
        json.WriteStringValue("read");
        if (token.Scope == "write")
        {
            json.WriteStringValue("write");
        }
        json.WriteEndArray();
        json.WriteString("createdAt", Iso8601.ToText(token.CreatedAt));
        json.WriteString("expiresAt", Iso8601.ToText(token.ExpiresAt));
        if (secret is not null)
        {
            json.WriteString("token", secret);
        }
        json.WriteEndObject();
    }
}
