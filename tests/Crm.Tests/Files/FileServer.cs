using Crm.Data;
using Crm.Tests.Api;
using Crm.Tests.Metadata;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Crm.Tests.Files;

/// <summary>A server with records that hold files, and its clock in the test's hand.</summary>
public sealed class FileServer : ApiServer
{
    /// <summary>The smallest picture there is: one pixel.</summary>
    public static readonly byte[] Png = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    private readonly MetadataFolder _metadata = new();

    public FileServer()
    {
        _metadata
            .WithEntity("deal", """{"name": "name", "type": "text"}, {"name": "contract", "type": "file", "accept": ["application/pdf", ".txt"], "maxSize": 20000000}, {"name": "papers", "type": "files", "maxCount": 2}, {"name": "photo", "type": "image", "maxSize": 1000}""")
            .WithEntity("secret_deal", """{"name": "paper", "type": "file"}""", """ "roles": {"administrator": {"read": "all", "create": "all", "update": "all", "delete": "all"}}""");
        MetadataPath = _metadata.Path;
    }

    public ManualTimeProvider Clock { get; } = new();

    public FileStore Files => Services.GetRequiredService<FileStore>();

    public static async Task<Answer> UploadAsync(HttpClient client, string name, byte[] content)
    {
        using var form = new MultipartFormDataContent();
        using var part = new ByteArrayContent(content);
        form.Add(part, "file", name);
        return await client.SendAsync("POST", "/api/files", form);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _metadata.Dispose();
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.ConfigureServices(services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(Clock)));
    }
}
