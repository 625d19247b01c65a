using System.Reflection;
using Crm.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Crm.Data;

/// <summary>Registers what this layer offers.</summary>
public static class DataServices
{
    /// <param name="services">Where to register.</param>
    /// <param name="database">An open database; the container closes it.</param>
    /// <param name="layers">Where the Model comes from.</param>
    /// <param name="model">The Model to start with.</param>
    /// <param name="dataPath">Folder under which files are kept.</param>
    public static IServiceCollection AddCrmData(this IServiceCollection services, Database database, ModelLayers layers, Model model, string dataPath)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IdSource, TimeOrderedIds>();
        services.AddSingleton(_ => database);
        services.AddSingleton(new ModelSource(model));
        services.AddSingleton(layers);
        services.AddSingleton<ModelPublisher>();
        services.AddHostedService<ModelListener>();
        services.AddSingleton<ChangeFeed>();
        services.AddOutboxHandlers(typeof(OutboxHandler).Assembly);
        services.AddSingleton(provider => Registry<OutboxHandlerAttribute, OutboxHandler>.Scan(provider.GetServices<OutboxAssembly>().Select(a => a.Assembly)));
        services.AddSingleton(provider => new OutboxHandlers(provider.GetRequiredService<Registry<OutboxHandlerAttribute, OutboxHandler>>(), provider));
        services.AddSingleton<Outbox>();
        services.AddSingleton<OutboxQueue>();
        services.AddSingleton<OutboxDispatcher>();
        services.AddHostedService(provider => provider.GetRequiredService<OutboxDispatcher>());
        foreach (var extension in WriteExtensions())
        {
            services.AddSingleton(extension);
        }
        services.AddSingleton<ModelRefresh>();
        services.AddHostedService<ModelRefreshStarter>();
        services.AddSingleton<Seeds>();
        services.AddHostedService<SeedBringer>();
        services.AddSingleton<DuplicateFinder>();
        services.AddSingleton<MassChanges>();
        services.AddSingleton<PersonalSettings>();
        services.AddSingleton<WritePath>();
        services.AddSingleton<SecretStore>();
        services.AddSingleton<RecordStore>();
        services.AddSingleton<BulkLoad>();
        services.AddSingleton<ChangeSets>();
        services.AddSingleton<Merging>();
        services.AddSingleton<ActorDirectory>();
        services.AddSingleton<CredentialStore>();
        services.AddSingleton<AccessTokens>();
        services.AddSingleton<SignIns>();
        services.AddSingleton(provider => new FileArea(dataPath, provider.GetRequiredService<IdSource>()));
        services.AddSingleton(Registry<JobKindAttribute, IJobKind>.Scan(typeof(IJobKind).Assembly));
        services.AddSingleton<JobStore>();
        services.AddHostedService<JobRunner>();
        services.AddSingleton<ImportService>();
        services.AddSingleton<ExportService>();
        services.AddSingleton<Timeline>();
        services.AddSingleton<FileStore>();
        services.AddSingleton<Thumbnails>();
        services.AddHostedService<FileSweeper>();
        return services;
    }

    /// <summary>The steps that this layer itself adds to the write path.</summary>
    public static IReadOnlyList<IWriteExtension> WriteExtensions() => [new LedgerStep(), new StoredConditionsStep(), new DuplicatesStep(), new MatchIndexStep()];

    /// <summary>Lets the outbox find the handlers of a further assembly.</summary>
    public static IServiceCollection AddOutboxHandlers(this IServiceCollection services, Assembly assembly) => services.AddSingleton(new OutboxAssembly(assembly));

    private sealed record OutboxAssembly(Assembly Assembly);
}
