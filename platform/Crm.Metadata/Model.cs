using System.Collections.Frozen;

namespace Crm.Metadata;

/// <summary>
/// Everything the platform knows about the business, compiled once from metadata and never changed: forms, lists, API, import and
/// search ask only this. A change makes a new Model, which takes the place of the old one in one step.
/// </summary>
public sealed class Model
{
    private Model(FrozenDictionary<string, Entity> entities, MetadataFiles files, IReadOnlyList<MetadataProblem> problems)
    {
        Entities = entities;
        Problems = problems;
        Organisation = files.Organisation;
        Texts = new(files.Texts);
        Menus = [.. files.Menus.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => m.Value.Definition)];
        Imports = files.Imports.ToFrozenDictionary(i => i.Key, i => i.Value.Definition, StringComparer.Ordinal);
    }

    public FrozenDictionary<string, Entity> Entities { get; }

    public OrganisationDefinition Organisation { get; }

    public Texts Texts { get; }

    public IReadOnlyList<MenuDefinition> Menus { get; }

    public FrozenDictionary<string, ImportProfile> Imports { get; }

    /// <summary>What was wrong in the metadata; whatever it concerned was left out, the rest is here.</summary>
    public IReadOnlyList<MetadataProblem> Problems { get; }

    public Entity? Find(string entity) => Entities.GetValueOrDefault(entity);

    public Entity this[string entity] => Find(entity) ?? throw new KeyNotFoundException($"There is no entity '{entity}'.");

    /// <summary>Fields that can point to records of <paramref name="target"/>, in a fixed order.</summary>
    public IEnumerable<Field> ReferencesTo(Entity target) => Entities.Values
        .OrderBy(e => e.Name, StringComparer.Ordinal)
        .SelectMany(e => e.OwnFields)
        .Where(f => f.Targets.Contains(target));

    /// <summary>Compiles what the files say. Faulty parts are reported in <see cref="Problems"/> and left out.</summary>
    public static Model Compile(MetadataFiles files, Registry<FieldTypeAttribute, FieldType> fieldTypes) => new ModelCompiler(files, fieldTypes).Compile();

    internal static Model Create(IEnumerable<Entity> entities, MetadataFiles files, IReadOnlyList<MetadataProblem> problems) =>
        new(entities.ToFrozenDictionary(e => e.Name, StringComparer.Ordinal), files, problems);
}
