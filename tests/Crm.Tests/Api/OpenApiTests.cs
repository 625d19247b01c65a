using System.Text.Json;
using Crm.Tests.Databases;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Crm.Tests.Api;

/// <summary>The description of the API: sound in itself, and true.</summary>
[SqliteOnly("it is the same over any database")]
public sealed class OpenApiTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task Every_reference_leads_somewhere_and_every_call_has_a_name_of_its_own()
    {
        foreach (var client in new[] { server.Admin, server.Person, server.Anonymous })
        {
            var document = (await client.ReadAsync("/openapi/v1.json")).Json;

            document.GetProperty("openapi").GetString().ShouldBe("3.1.0");
            foreach (var reference in References(document))
            {
                var at = document;
                foreach (var step in reference[2..].Split('/'))
                {
                    at.TryGetProperty(step, out at).ShouldBeTrue(reference);
                }
            }
            var calls = Calls(document).ToList();
            calls.Select(c => c.Call.GetProperty("operationId").GetString()).ShouldBeUnique();
            foreach (var (path, _, call) in calls)
            {
                var places = path.Split('/').Where(s => s.StartsWith('{')).Select(s => s.Trim('{', '}'));
                call.GetProperty("parameters").EnumerateArray().Where(p => p.GetProperty("in").GetString() == "path").Select(p => p.GetProperty("name").GetString()).ShouldBe(places, path);
                call.GetProperty("responses").EnumerateObject().ShouldContain(r => r.Name.StartsWith('2'));
            }
        }
    }

    [Fact]
    public async Task Calls_that_read_the_version_seen_from_a_header_say_so()
    {
        var calls = Calls((await server.Admin.ReadAsync("/openapi/v1.json")).Json);

        calls.Where(c => c.Call.GetProperty("parameters").EnumerateArray().Any(p => p.GetProperty("name").GetString() == "If-Match")).Select(c => (c.Path, c.Method))
            .Where(c => c.Path.Contains("/customer/", StringComparison.Ordinal)).ShouldBe([("/api/records/customer/{id}", "patch"), ("/api/records/customer/{id}", "delete")], ignoreOrder: true);
    }

    [Fact]
    public async Task Entities_are_described_with_their_fields_to_who_may_see_them()
    {
        var schemas = (await server.Person.ReadAsync("/openapi/v1.json")).Json.GetProperty("components").GetProperty("schemas");

        var customer = schemas.GetProperty("customer_input").GetProperty("properties");
        customer.GetProperty("name").GetProperty("maxLength").GetInt32().ShouldBeGreaterThan(0);
        customer.GetProperty("status").GetProperty("enum").EnumerateArray().Select(v => v.GetString()).ShouldContain("active");
        customer.TryGetProperty("version", out _).ShouldBeFalse();
        (await server.Anonymous.ReadAsync("/openapi/v1.json")).Text.ShouldNotContain("customer");
    }

    [Fact]
    public async Task Every_call_that_is_described_is_there_and_every_call_that_is_there_is_described()
    {
        var document = (await server.Anonymous.ReadAsync("/openapi/v1.json")).Json;
        var described = Calls(document).Select(c => $"{c.Method.ToUpperInvariant()} {c.Path}").ToHashSet();

        var there = Endpoints(server).Select(e => $"{e.Method} {e.Path}").ToHashSet();

        there.Count.ShouldBeGreaterThan(20);
        described.ShouldBe(there, ignoreOrder: true);
        foreach (var (path, method, _) in Calls((await server.Admin.ReadAsync("/openapi/v1.json")).Json).Where(c => !c.Path.Contains("/user/", StringComparison.Ordinal)))
        {
            var answer = await server.Admin.SendAsync(method.ToUpperInvariant(), path.Replace("{id}", "0190aaaa-bbbb-7ccc-8ddd-000000000001").Replace("{kind}", "entities"), method is "post" or "patch" ? "{}" : null);
            (answer.Status is not 405 and < 500 && (answer.Status != 404 || answer.Code != "address.unknown")).ShouldBeTrue($"{method} {path}: {answer.Status} {answer.Text}");
        }
    }

    [Fact]
    public async Task What_is_described_is_taken_and_answered()
    {
        var calls = Calls((await server.Anonymous.ReadAsync("/openapi/v1.json")).Json).ToDictionary(c => c.Call.GetProperty("operationId").GetString()!, c => c.Call);

        var mass = await server.Admin.PostAsync("/api/records/customer/mass", """{"filter": {"field": "name", "op": "eq", "value": "nobody at all"}, "set": {"city": "Ulm"}}""");
        mass.Status.ShouldBe(202, mass.Text);
        calls["massChange"].GetProperty("responses").GetProperty("202").GetProperty("content").GetProperty("application/json").GetProperty("schema").GetProperty("$ref").GetString().ShouldBe("#/components/schemas/Accepted");
        var export = await server.Admin.ReadAsync("/api/model/export");
        calls["exportModel"].GetProperty("responses").GetProperty("200").GetProperty("content").EnumerateObject().Select(c => c.Name).ShouldBe([export.ContentType]);
        foreach (var bare in new[] { "undo", "rollBack" })
        {
            calls[bare].TryGetProperty("requestBody", out _).ShouldBeFalse(bare);
        }
    }

    [Fact]
    public async Task The_parameters_that_are_described_are_those_that_are_taken()
    {
        var document = (await server.Anonymous.ReadAsync("/openapi/v1.json")).Json;
        var taken = server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.RoutePattern.RawText!.TrimStart('/').StartsWith("api/", StringComparison.Ordinal))
            .SelectMany(e => (e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []).Select(m => (Call: $"{m} /{e.RoutePattern.RawText!.Trim('/')}", Parameters: Crm.Host.Api.HttpManners.ParametersOf(e))))
            .ToDictionary(e => e.Call, e => e.Parameters);

        foreach (var (path, method, call) in Calls(document).Where(c => c.Path.StartsWith("/api/", StringComparison.Ordinal)))
        {
            var described = call.GetProperty("parameters").EnumerateArray().Where(p => p.GetProperty("in").GetString() == "query").Select(p => p.GetProperty("name").GetString()!);
            described.ShouldBe(taken[$"{method.ToUpperInvariant()} {path}"], ignoreOrder: true, $"{method} {path}");
        }
    }

    [Fact]
    public async Task A_parameter_that_a_call_does_not_take_is_refused_by_every_call()
    {
        foreach (var (method, path) in Endpoints(server).Where(e => e.Path.StartsWith("/api/", StringComparison.Ordinal)))
        {
            var answer = await server.Admin.SendAsync(method, path.Replace("{entity}", "customer", StringComparison.Ordinal) + "?nothing=1", method is "POST" or "PATCH" ? "{}" : null);

            (answer.Status, answer.Problems).ShouldBe((400, "nothing: parameter.unknown"), $"{method} {path}: {answer.Text}");
        }
    }

    /// <summary>Every endpoint of the API as the server itself has it; HEAD is GET without a body.</summary>
    internal static IEnumerable<(string Method, string Path)> Endpoints(ApiServer server) =>
        from endpoint in server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        let path = "/" + endpoint.RoutePattern.RawText!.Trim('/')
        where path.StartsWith("/api/", StringComparison.Ordinal) || path.StartsWith("/elsa/api/", StringComparison.Ordinal)
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []
        where method != "HEAD"
        orderby path, method
        select (method, path);

    private static IEnumerable<(string Path, string Method, JsonElement Call)> Calls(JsonElement document) =>
        document.GetProperty("paths").EnumerateObject().SelectMany(p => p.Value.EnumerateObject().Select(c => (p.Name, c.Name, c.Value)));

    private static IEnumerable<string> References(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().SelectMany(m => m is { Name: "$ref", Value.ValueKind: JsonValueKind.String } ? [m.Value.GetString()!] : References(m.Value)),
        JsonValueKind.Array => json.EnumerateArray().SelectMany(References),
        _ => [],
    };
}
