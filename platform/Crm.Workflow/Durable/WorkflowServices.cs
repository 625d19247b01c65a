using Crm.Data;
using Microsoft.Extensions.DependencyInjection;

namespace Crm.Workflow;

/// <summary>Registers the engine.</summary>
public static class WorkflowServices
{
    /// <param name="services">Where to register.</param>
    /// <param name="folders">Folders of the product's workflow files.</param>
    public static IServiceCollection AddCrmWorkflow(this IServiceCollection services, params string[] folders)
    {
        // A pattern that runs wild must not hold a thread; this is read when the first pattern is made, so it is said as early as can be.
        AppDomain.CurrentDomain.SetData("REGEX_DEFAULT_MATCH_TIMEOUT", TimeSpan.FromSeconds(5));
        services.AddSingleton(new WorkflowParts());
        services.AddSingleton(new WorkflowFolders(folders));
        services.AddSingleton<WorkflowOptions>();
        services.AddSingleton<DefinitionStore>();
        services.AddSingleton<WorkflowEngine>();
        services.AddOutboxHandlers(typeof(WorkflowServices).Assembly);
        services.AddHostedService<WorkflowWorker>();
        return services;
    }
}
