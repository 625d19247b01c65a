using System.Collections.Frozen;
using System.Reflection;

namespace Crm.Metadata;

/// <summary>Gives a class the name under which metadata refers to it.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public abstract class RegisteredAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}

/// <summary>
/// The one way in which the platform finds its parts: classes that carry an attribute with a name, found by scanning.
/// Two classes of one name stop the start, because which of them answers would depend on load order.
/// </summary>
public sealed class Registry<TAttribute, TBase> where TAttribute : RegisteredAttribute
{
    private readonly FrozenDictionary<string, Type> _types;

    private Registry(FrozenDictionary<string, Type> types) => _types = types;

    public IEnumerable<string> Names => _types.Keys.Order(StringComparer.Ordinal);

    public Type? Find(string name) => _types.GetValueOrDefault(name);

    /// <exception cref="InvalidOperationException">Two classes claim one name, or a class is not a <typeparamref name="TBase"/>.</exception>
    public static Registry<TAttribute, TBase> Scan(params IEnumerable<Assembly> assemblies)
    {
        var types = new Dictionary<string, Type>(StringComparer.Ordinal);
        foreach (var type in assemblies.Distinct().SelectMany(a => a.GetTypes()))
        {
            if (type.GetCustomAttribute<TAttribute>() is not { } attribute)
            {
                continue;
            }
            if (!typeof(TBase).IsAssignableFrom(type))
            {
                throw new InvalidOperationException($"{type} carries {typeof(TAttribute).Name} but is no {typeof(TBase).Name}.");
            }
            if (!types.TryAdd(attribute.Name, type))
            {
                throw new InvalidOperationException($"'{attribute.Name}' is claimed by both {types[attribute.Name]} and {type}.");
            }
        }
        return new(types.ToFrozenDictionary(StringComparer.Ordinal));
    }
}
