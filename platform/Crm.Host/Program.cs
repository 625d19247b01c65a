using Crm.Data;
using Crm.Host;
using Crm.Host.Api;
using Crm.Host.Elsa;
using Crm.Host.Identity;
using Crm.Host.OpenApi;
using Crm.Host.Secrets;
using Crm.Host.Startup;
using Crm.Ui;
using Crm.Workflow;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Localization;

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.WebHost.UseStaticWebAssets();
if (!builder.Environment.IsDevelopment())
{
    // The files of a build are as they are: else each request, of whatever address, would first be looked for among them on the disk.
    builder.Configuration["ReloadStaticAssetsAtRuntime"] = "false";
}
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.Limits.MaxRequestBodySize = 10 * 1024 * 1024;
    // Room for a condition with as many ids as one may have; what is longer the server refuses.
    kestrel.Limits.MaxRequestLineSize = 256 * 1024;
});

var options = builder.Configuration.GetSection("Crm").Get<CrmOptions>() ?? new();
var layers = ModelStartup.Layers(options);
Database database;
try
{
    database = await ModelStartup.OpenDatabaseAsync(options, builder.Configuration.GetConnectionString("Crm"));
}
catch (InvalidOperationException e)
{
    StartupLog.CannotStart(e.Message);
    return 1;
}
var (model, refused) = await ModelStartup.LoadModelAsync(layers, database);

builder.Services.AddSingleton(options);
builder.Services.AddCrmData(database, layers, model, Path.GetFullPath(options.DataPath));
builder.Services.AddCrmWorkflow(ModelStartup.WorkflowFolders(options));
builder.Services.AddCrmIdentity();
builder.Services.AddSingleton<ISecretProtector, SecretProtector>();
builder.Services.AddSingleton<Crm.Host.Demo.DemoLoader>();
builder.Services.AddSingleton<FirstStart>();
builder.Services.AddDataProtection().SetApplicationName("Crm").PersistKeysToFileSystem(new(Path.Combine(Path.GetFullPath(options.DataPath), "keys")));
builder.Services.AddRazorComponents().AddInteractiveServerComponents().AddHubOptions(hub => hub.MaximumReceiveMessageSize = 1024 * 1024);
builder.Services.AddCrmUi();

var app = builder.Build();
UnreadableRequests.Answer(app.Services);
string[] languages = [model.Organisation.Language, .. model.Texts.Languages];
app.UseRequestLocalization(localization =>
{
    localization.SetDefaultCulture(languages[0]).AddSupportedCultures(languages).AddSupportedUICultures(languages);
    localization.RequestCultureProviders = [new CookieRequestCultureProvider { CookieName = SignInEndpoints.CultureCookie }, new AcceptLanguageHeaderRequestCultureProvider()];
});
app.UseWhen(ApiErrors.IsCall, api => api.UseMiddleware<ApiErrors>());
app.UseWhen(ApiErrors.IsPage, pages => pages.UseStatusCodePagesWithReExecute("/unknown", createScopeForStatusCodePages: true));
app.UseRouting();
app.UseAuthentication();
app.UseMiddleware<RateLimits>();
app.UseAuthorization();
app.Use(HttpManners.CheckAsync);
app.UseAntiforgery();
app.MapStaticAssets();
app.MapHealth();
app.MapSignIn();
app.MapOpenApiDocument();
var api = app.MapGroup("/api").RequireAuthorization().DisableAntiforgery();
api.AnswerHead();
api.MapRecords();
api.MapModel();
api.MapImports();
api.MapExports();
api.MapFiles();
api.MapJobs();
api.MapOutbox();
api.MapChanges();
api.MapPasswords();
api.MapSearch();
api.MapQueryWatch();
api.MapTokens();
api.MapSessions();
api.MapTasks();
app.MapElsa();
app.MapHttpWorkflows();
app.MapUnknownCalls();
if (!app.Environment.IsDevelopment())
{
    // What is only for those who work on the screens is not there for others.
    app.MapGet("/gallery", () => Results.NotFound()).AllowAnonymous().WithOrder(-1);
}
app.MapRazorComponents<App>().AddInteractiveServerRenderMode().AddAdditionalAssemblies(typeof(CrmUi).Assembly);

foreach (var problem in model.Problems.Select(p => p.ToString()).Concat(refused.Select(p => p.Message(model.Texts))))
{
    StartupLog.Problem(app.Logger, problem);
}
database.Queries.Threshold = TimeSpan.FromMilliseconds(options.SlowQueryMilliseconds);
if (!database.SearchIsIndexed)
{
    StartupLog.SearchWithoutIndex(app.Logger);
}
foreach (var problem in await app.Services.GetRequiredService<Seeds>().BringAsync())
{
    StartupLog.Problem(app.Logger, problem.ToString());
}
var announcement = await app.Services.GetRequiredService<FirstStart>().RunAsync(CancellationToken.None);
await app.StartAsync();
StartupLog.Ready(app.Urls, announcement);
await app.WaitForShutdownAsync();
return 0;
