using System.Globalization;
using System.Security.Claims;
using Bunit;
using Crm.Data;
using Crm.Metadata;
using Crm.Tests.Metadata;
using Crm.Tests.Records;
using Crm.Ui;
using Crm.Ui.Shell;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.DependencyInjection;

namespace Crm.Tests.Ui;

/// <summary>Components over a real record store, as a signed-in person sees them.</summary>
internal sealed class Screen : IAsyncDisposable
{
    private readonly BunitContext _context = new();
    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("crm-files-");

    /// <summary>A slow machine slows a test down and does not fail it.</summary>
    static Screen() => BunitContext.DefaultWaitTimeout = TimeSpan.FromSeconds(30);

    private Screen(TestStore data, Actor person)
    {
        (Data, Person) = (data, person);
        _context.JSInterop.Mode = JSRuntimeMode.Loose;
        var models = new ModelSource(data.Model);
        _context.Services.AddSingleton(models).AddSingleton(data.Store).AddSingleton(data.Feed).AddSingleton<IdSource>(data.Ids).AddSingleton<TimeProvider>(data.Clock)
            .AddSingleton(new ActorDirectory(models, data.Store, data.Feed, data.Clock)).AddSingleton<CredentialStore>().AddSingleton<SignIns>()
            .AddSingleton(new FileStore(data.Database, data.Store, models, new FileArea(_files.FullName, data.Ids), data.Ids, data.Clock))
            .AddSingleton(new ChangeSets(data.Database, data.Store, models)).AddSingleton(new Merging(data.Database, data.Store, models)).AddSingleton(new Timeline(data.Database, data.Store, models)).AddSingleton(new DuplicateFinder(data.Database, data.Store))
            .AddSingleton<AuthenticationStateProvider>(new SignedIn(person.UserId!.Value))
            .AddSingleton(data.Database).AddSingleton(data.ChangeSets).AddSingleton<JobStore>().AddSingleton<MassChanges>().AddSingleton<ExportService>().AddSingleton<PersonalSettings>()
            .AddCrmUi();
    }

    public TestStore Data { get; }

    public Actor Person { get; }

    public Model Model => Data.Model;

    public Entity this[string entity] => Data[entity];

    /// <summary>What the browser was asked to focus, the latest last.</summary>
    public IEnumerable<string> Focused => _context.JSInterop.Invocations["crm.focus"].Select(i => (string)i.Arguments[0]!);

    public T Service<T>() where T : notnull => _context.Services.GetRequiredService<T>();

    /// <summary>A screen over the shipped metadata, an empty database and one person.</summary>
    public static Task<Screen> OpenAsync() => OpenAsync(Shipped.Model);

    public static async Task<Screen> OpenAsync(Model model, bool mayHaveProblems = false)
    {
        var data = await TestStore.OpenAsync(model, mayHaveProblems: mayHaveProblems);
        var screen = new Screen(data, await data.PersonAsync("Ada Lovelace"));
        await screen.Service<CurrentActor>().RefreshAsync();
        return screen;
    }

    /// <summary>The language of the person in front of the screen, for the rest of the test.</summary>
    public static void Speak(string language) =>
        (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = (new CultureInfo(language), new CultureInfo(language));

    public IRenderedComponent<T> Render<T>(Action<ComponentParameterCollectionBuilder<T>> parameters) where T : Microsoft.AspNetCore.Components.IComponent =>
        _context.Render(parameters);

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        await Data.DisposeAsync();
        _files.Delete(recursive: true);
    }

    private sealed class SignedIn(Guid user) : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() =>
            Task.FromResult(new AuthenticationState(new(new ClaimsIdentity([new(ClaimTypes.NameIdentifier, user.ToString("D"))], "test"))));
    }
}
