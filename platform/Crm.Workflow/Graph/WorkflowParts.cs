using System.Reflection;
using Crm.Metadata;

namespace Crm.Workflow;

/// <summary>What workflows are made of in this installation: activities and expression languages, found by scanning.</summary>
public sealed class WorkflowParts
{
    public WorkflowParts(params IEnumerable<Assembly> further)
    {
        Assembly[] assemblies = [typeof(WorkflowParts).Assembly, .. further];
        Activities = new(Registry<ActivityAttribute, Activity>.Scan(assemblies));
        Expressions = new(Registry<ExpressionKindAttribute, IExpressionKind>.Scan(assemblies));
        Reader = new(Activities);
    }

    public ActivityTypes Activities { get; }

    public ExpressionKinds Expressions { get; }

    public DefinitionReader Reader { get; }

    public Scripts Scripts { get; } = new();

    public ScriptOutside Outside { get; } = new();
}
