using Crm.Metadata;

namespace Crm.Data;

/// <summary>A choice at the top of a dashboard, bound to each entity that has the field.</summary>
public sealed record DashboardFilter(DashboardFilterDefinition Definition, IReadOnlyDictionary<Entity, FieldPath> Paths)
{
    public string Name => Definition.Field;

    /// <summary>The field as the first widget's entity has it, which says what can be chosen.</summary>
    public FieldPath Path => Paths.Values.First();

    /// <returns>Null if no widget's entity has such a field, or none whose values can be chosen from.</returns>
    public static DashboardFilter? Of(DashboardFilterDefinition definition, IEnumerable<Entity> entities)
    {
        var paths = new Dictionary<Entity, FieldPath>();
        foreach (var entity in entities.Distinct())
        {
            if (entity.Resolve(definition.Field) is { Field.IsStored: true } path && MayBeChosen(path.Field) && (paths.Count == 0 || IsSame(paths.Values.First().Field, path.Field)))
            {
                paths[entity] = path;
            }
        }
        return paths.Count == 0 ? null : new(definition, paths);
    }

    private static bool MayBeChosen(Field field) => field.Type is ChoiceFieldType or BooleanFieldType || field.Target is not null;

    /// <summary>Whether a value that is chosen for one means the same for the other.</summary>
    private static bool IsSame(Field one, Field other) => one.Type.Name == other.Type.Name && one.Target == other.Target;
}
