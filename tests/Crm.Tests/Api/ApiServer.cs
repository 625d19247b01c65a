using System.Net.Http.Headers;
using System.Text.Json;
using Crm.Host.Startup;
using Crm.Tests.Databases;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Crm.Tests.Api;

/// <summary>
/// The product's own server on an empty database and data folder, over real HTTP, so that limits of the server itself hold too. An administrator and an
/// ordinary person are signed in; tests of one class share it.
/// </summary>
public class ApiServer : WebApplicationFactory<Program>, IAsyncLifetime
{
    public const string AdminEmail = "admin@example.com", PersonEmail = "ada@example.com", Password = "correct horse";

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("crm-api-");

    private TestDatabase? _database;

    /// <summary>A further metadata folder, laid over the product's.</summary>
    public string? MetadataPath { get; protected init; }

    public HttpClient Anonymous { get; private set; } = default!;

    public HttpClient Admin { get; private set; } = default!;

    /// <summary>Somebody without any special right.</summary>
    public HttpClient Person { get; private set; } = default!;

    public Guid PersonId { get; private set; }

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        UseKestrel(0);
        StartServer();
        Anonymous = CreateClient();
        Admin = await SignInAsync(AdminEmail, Password);
        PersonId = await CreatePersonAsync("Ada", PersonEmail);
        Person = await SignInAsync(PersonEmail, Password);
    }

    /// <summary>A user who can sign in with <see cref="Password"/>.</summary>
    public async Task<Guid> CreatePersonAsync(string name, string email)
    {
        var user = await Admin.PostAsync("/api/records/user", $$"""{"name": "{{name}}", "email": "{{email}}"}""");
        user.Status.ShouldBe(201, user.Text);
        var id = user.Json.GetProperty("id").GetGuid();
        await Services.GetRequiredService<FirstStart>().SetPasswordAsync(id, Password);
        return id;
    }

    /// <summary>A client that carries a bearer token.</summary>
    public async Task<HttpClient> SignInAsync(string email, string password)
    {
        var answer = await Anonymous.PostAsync("/api/auth/token", $$"""{"email": "{{email}}", "password": "{{password}}"}""");
        answer.Status.ShouldBe(200, answer.Text);
        var client = CreateClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", answer.Json.GetProperty("accessToken").GetString());
        return client;
    }

    /// <summary>How many records there are.</summary>
    public async Task<long> CountAsync(string entity) =>
        (await Admin.SendAsync("GET", $"/api/records/{entity}?count=exact&limit=1")).Json.GetProperty("count").GetInt64();

    /// <summary>A record made by the administrator.</summary>
    public async Task<JsonElement> CreateAsync(string entity, string json)
    {
        var answer = await Admin.PostAsync($"/api/records/{entity}", json);
        answer.Status.ShouldBe(201, answer.Text);
        return answer.Json;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
        _data.Delete(recursive: true);
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment("Production");
        builder.UseSetting("Crm:DataPath", _data.FullName);
        foreach (var (name, value) in _database!.Settings)
        {
            builder.UseSetting(name, value);
        }
        builder.UseSetting("Crm:Admin:Email", AdminEmail);
        builder.UseSetting("Crm:Admin:Password", Password);
        if (MetadataPath is not null)
        {
            builder.UseSetting("Crm:MetadataPath", MetadataPath);
        }
    }
}
