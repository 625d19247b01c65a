using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Crm.Metadata;

namespace Crm.Workflow;

/// <summary>One kind of activity: its class, and what its properties say about inputs, outputs and ports.</summary>
public sealed class ActivityType
{
    internal ActivityType(Type clr)
    {
        Attribute = clr.GetCustomAttribute<ActivityAttribute>()!;
        Create = System.Linq.Expressions.Expression.Lambda<Func<Activity>>(System.Linq.Expressions.Expression.New(clr)).Compile();
        var properties = clr.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
        Inputs = [.. properties.Where(p => p.IsDefined(typeof(InputAttribute))).Select(p => new InputType(p))];
        Outputs = [.. properties.Where(p => p.IsDefined(typeof(OutputAttribute))).Select(p => new OutputType(p, p.GetCustomAttribute<OutputAttribute>()!))];
        Ports = [.. properties.Where(p => p.IsDefined(typeof(PortAttribute))).Select(p => new PortType(p))];
    }

    public ActivityAttribute Attribute { get; }

    public string Name => Attribute.Name;

    public IReadOnlyList<InputType> Inputs { get; }

    public IReadOnlyList<OutputType> Outputs { get; }

    public IReadOnlyList<PortType> Ports { get; }

    internal Func<Activity> Create { get; }
}

/// <summary>An input of a kind of activity.</summary>
public sealed class InputType
{
    internal InputType(PropertyInfo property)
    {
        Property = property;
        Attribute = property.GetCustomAttribute<InputAttribute>()!;
        JsonName = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
        IsWrapped = typeof(Input).IsAssignableFrom(property.PropertyType);
        ValueType = IsWrapped ? property.PropertyType.GenericTypeArguments[0] : property.PropertyType;
    }

    public string Name => Property.Name;

    public string JsonName { get; }

    public InputAttribute Attribute { get; }

    /// <summary>Whether a definition gives it as an expression; a plain one is read as it stands.</summary>
    public bool IsWrapped { get; }

    public Type ValueType { get; }

    internal PropertyInfo Property { get; }
}

/// <summary>An output of a kind of activity.</summary>
public sealed record OutputType(PropertyInfo Property, OutputAttribute Attribute)
{
    public string Name => Property.Name;

    public string JsonName { get; } = JsonNamingPolicy.CamelCase.ConvertName(Property.Name);
}

/// <summary>A place of a kind of activity for other activities.</summary>
public sealed record PortType(PropertyInfo Property)
{
    public string JsonName { get; } = Property.GetCustomAttribute<PortAttribute>()!.Name ?? JsonNamingPolicy.CamelCase.ConvertName(Property.Name);

    public string Name => char.ToUpperInvariant(JsonName[0]) + JsonName[1..];

    public bool IsList => Property.PropertyType != typeof(ActivityNode);
}

/// <summary>All kinds of activities by name.</summary>
public sealed class ActivityTypes
{
    private readonly FrozenDictionary<string, ActivityType> _types;

    internal ActivityTypes(Registry<ActivityAttribute, Activity> registry) =>
        _types = registry.Names.ToFrozenDictionary(n => n, n => new ActivityType(registry.Find(n)!), StringComparer.Ordinal);

    public IEnumerable<ActivityType> All => _types.Values.OrderBy(t => t.Name, StringComparer.Ordinal);

    public ActivityType? Find(string name) => _types.GetValueOrDefault(name);

    /// <summary>The activities inside an activity's JSON, each with the name of its place.</summary>
    public IEnumerable<(string Place, JsonObject Child)> ChildrenOf(JsonObject activity)
    {
        foreach (var (place, _, node) in PlacesOf(activity))
        {
            if (node is JsonObject child && child["type"] is not null)
            {
                yield return (place, child);
            }
        }
    }

    /// <summary>Whatever stands where activities stand, each with the name of its place and the way to it.</summary>
    internal IEnumerable<(string Place, string Path, JsonNode Node)> PlacesOf(JsonObject activity)
    {
        if (JsonShape.TextOf(activity["type"]) is not { } name || Find(name) is not { } type)
        {
            yield break;
        }
        foreach (var port in type.Ports)
        {
            foreach (var (path, node) in JsonShape.Items(JsonShape.Member(activity, port.JsonName), port.JsonName))
            {
                yield return (port.JsonName, path, node);
            }
        }
        foreach (var input in type.Inputs.Where(i => !i.IsWrapped && (i.ValueType == typeof(IReadOnlyList<SwitchCase>) || i.ValueType == typeof(IReadOnlyList<HttpStatusCase>))))
        {
            foreach (var (path, item) in JsonShape.Items(JsonShape.Member(activity, input.JsonName), input.JsonName))
            {
                if (item is JsonObject map && JsonShape.Member(map, "activity") is { } node)
                {
                    yield return (input.JsonName, path + ".activity", node);
                }
            }
        }
        if (name == StateMachine.TypeName)
        {
            foreach (var (list, members) in StateMachine.Places)
            {
                foreach (var (path, item) in JsonShape.Items(activity[list], list))
                {
                    foreach (var member in members)
                    {
                        if (item is JsonObject map && map[member] is { } node)
                        {
                            yield return (member, $"{path}.{member}", node);
                        }
                    }
                }
            }
        }
    }
}
