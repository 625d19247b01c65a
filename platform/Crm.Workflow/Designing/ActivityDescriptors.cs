using System.Text;
using System.Text.Json.Nodes;

namespace Crm.Workflow;

/// <summary>Describes kinds of activities by what their classes say, and workflows that can be used as activities by what they declare.</summary>
public static class ActivityDescriptors
{
    /// <summary>Every activity there is, and every published workflow that can be used as one.</summary>
    public static async Task<IReadOnlyList<ActivityDescriptor>> AllAsync(WorkflowParts parts, DefinitionStore definitions, CancellationToken cancellationToken = default)
    {
        var all = parts.Activities.All.Select(Of).ToList();
        foreach (var version in definitions.All().Where(v => v is { UsableAsActivity: true, IsPublished: true }).OrderBy(v => v.Name, StringComparer.Ordinal))
        {
            if (await definitions.FindAsync(version.Id, cancellationToken) is { } definition && parts.Activities.Find(definition.TypeName) is null)
            {
                all.Add(Of(definition));
            }
        }
        return all;
    }

    public static ActivityDescriptor Of(ActivityType type)
    {
        var dot = type.Name.LastIndexOf('.');
        var name = type.Name[(dot + 1)..];
        return new()
        {
            TypeName = type.Name,
            Namespace = dot < 0 ? "" : type.Name[..dot],
            Name = name,
            Category = type.Attribute.Category,
            DisplayName = type.Attribute.DisplayName ?? Words(name),
            Description = Text(type.Attribute.Description),
            Kind = type.Attribute.Kind.ToString(),
            Inputs = [.. type.Inputs.Select(Of)],
            Outputs = [.. type.Outputs.Select(o => new OutputDescriptor(o.Name, TypeAlias.NameOf(o.Attribute.Type), Words(o.Name), Text(o.Attribute.Description)))],
            Ports =
            [
                .. Split(type.Attribute.CodePorts).Select(p => new PortDescriptor(p, p, "Embedded", IsBrowsable: false)),
                .. type.Ports.Where(p => !p.IsList).Select(p => new PortDescriptor(p.Name, p.Name, "Embedded", type.Attribute.IsBrowsable)),
                .. Split(type.Attribute.Outcomes).Select(o => new PortDescriptor(o, o, "Flow")),
            ],
            CustomProperties = new() { ["Type"] = type.Name },
            IsContainer = type.Attribute.IsContainer,
            IsBrowsable = type.Attribute.IsBrowsable,
            IsStart = type.Attribute.IsStart,
            IsTerminal = type.Attribute.IsTerminal,
        };
    }

    /// <summary>A workflow as the activity that others use it as.</summary>
    public static ActivityDescriptor Of(WorkflowDefinition definition) => new()
    {
        TypeName = definition.TypeName,
        Namespace = "",
        Name = definition.TypeName,
        Version = definition.Version,
        Category = definition.ActivityCategory,
        DisplayName = definition.Name,
        Description = JsonShape.TextOf(definition.Model["description"]),
        Kind = nameof(ActivityKind.Action),
        Inputs = [.. definition.Inputs.Select(Of)],
        Outputs = [.. definition.Outputs.Select(o => new OutputDescriptor(o.Name, o.TypeName, o.DisplayName, o.Description, IsSynthetic: true))],
        Ports = [.. definition.Outcomes.Select(o => new PortDescriptor(o, o, "Flow"))],
        CustomProperties = new()
        {
            ["RootType"] = "WorkflowDefinitionActivity",
            ["WorkflowDefinitionId"] = definition.DefinitionId,
            ["WorkflowDefinitionVersionId"] = definition.Id,
        },
        ConstructionProperties = new()
        {
            ["workflowDefinitionId"] = definition.DefinitionId,
            ["workflowDefinitionVersionId"] = definition.Id,
        },
    };

    private static InputDescriptor Of(InputType input)
    {
        var about = input.Attribute;
        var isChoice = input.ValueType.IsEnum || about.Options.Length > 0;
        return new()
        {
            Name = input.Name,
            TypeName = about.TypeName ?? TypeAlias.NameOf(input.ValueType),
            DisplayName = about.DisplayName ?? Words(input.Name),
            Description = Text(about.Description),
            IsWrapped = input.IsWrapped,
            UiHint = about.UiHint,
            Category = about.Category,
            DefaultValue = about.Default is Enum choice ? choice.ToString() : about.Default,
            DefaultSyntax = about.DefaultSyntax,
            IsSensitive = about.IsSensitive,
            AutoEvaluate = !about.IsLazy,
            UiSpecifications = isChoice ? Choices(about.UiHint, about.Options.Length > 0 ? Split(about.Options) : Enum.GetNames(input.ValueType)) : [],
        };
    }

    private static InputDescriptor Of(PortDefinition input) => new()
    {
        Name = input.Name,
        TypeName = input.TypeName,
        DisplayName = input.DisplayName,
        Description = input.Description,
        IsSynthetic = true,
        UiHint = input.UiHint ?? "singleline",
        Category = input.Category,
    };

    private static JsonObject Choices(string hint, IEnumerable<string> options)
    {
        var items = new JsonArray();
        foreach (var option in options)
        {
            items.Add(new JsonObject { ["text"] = option, ["value"] = option });
        }
        // A drop-down offers a list of its own kind, a check list and radio buttons another.
        return hint switch
        {
            "checklist" => new() { ["checklist"] = new JsonObject { ["checkList"] = new JsonObject { ["items"] = items } } },
            "radiolist" => new() { ["radiolist"] = new JsonObject { ["radioList"] = new JsonObject { ["items"] = items } } },
            _ => new() { ["dropdown"] = new JsonObject { ["selectList"] = new JsonObject { ["items"] = items } } },
        };
    }

    /// <summary>"CurrentValue" as people write it.</summary>
    private static string Words(string name)
    {
        var words = new StringBuilder(name.Length + 4);
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]) && (char.IsLower(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1]))))
            {
                words.Append(' ');
            }
            words.Append(name[i]);
        }
        return words.ToString();
    }

    private static string? Text(string text) => text.Length == 0 ? null : text;

    private static string[] Split(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
