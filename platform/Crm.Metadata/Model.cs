using System.Collections.Frozen;

namespace Crm.Metadata;

/// <summary>
/// Everything the platform knows about the business, compiled once from metadata and never changed: forms, lists, API, import and
/// search ask only this. A change makes a new Model, which takes the place of the old one in one step.
/// </summary>
public sealed class Model
{
    private readonly Dictionary<Entity, IReadOnlyList<Field>> _rollups;

    private Model(FrozenDictionary<string, Entity> entities, MetadataFiles files, IReadOnlyList<MetadataProblem> problems)
    {
        Entities = entities;
        _rollups = entities.Values.SelectMany(e => e.OwnFields).Where(f => f.Type is RollupFieldType)
            .GroupBy(f => ((RollupFieldType)f.Type).Through.Entity)
            .ToDictionary(g => g.Key, g => (IReadOnlyList<Field>)[.. g.OrderBy(f => f.ToString(), StringComparer.Ordinal)]);
        Problems = problems;
        Files = files;
        Organisation = files.Organisation;
        Texts = new(files.Texts);
        Menus = [.. files.Menus.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => m.Value.Definition)];
        Dashboards = [.. files.Dashboards.Values.Select(d => d.Definition).OrderBy(d => d.Order).ThenBy(d => d.Name, StringComparer.Ordinal)];
        Imports = files.Imports.ToFrozenDictionary(i => i.Key, i => i.Value.Definition, StringComparer.Ordinal);
    }

    /// <summary>Number of the last published change that is in it; 0 before the first.</summary>
    public long Version { get; private init; }

    public FrozenDictionary<string, Entity> Entities { get; }

    public OrganisationDefinition Organisation { get; }

    public Texts Texts { get; }

    public IReadOnlyList<MenuDefinition> Menus { get; }

    /// <summary>The pages of figures, in their order.</summary>
    public IReadOnlyList<DashboardDefinition> Dashboards { get; }

    public FrozenDictionary<string, ImportProfile> Imports { get; }

    /// <summary>The figures that are kept over the records of <paramref name="source"/>.</summary>
    public IReadOnlyList<Field> RollupsOver(Entity source) => _rollups.TryGetValue(source, out var rollups) ? rollups : [];

    /// <summary>What was wrong in the metadata; whatever it concerned was left out or does nothing, the rest is here.</summary>
    public IReadOnlyList<MetadataProblem> Problems { get; private set; }

    public Entity? Find(string entity) => Entities.GetValueOrDefault(entity);

    public Entity this[string entity] => Find(entity) ?? throw new KeyNotFoundException($"There is no entity '{entity}'.");

    /// <summary>Fields that can point to records of <paramref name="target"/>, in a fixed order.</summary>
    public IEnumerable<Field> ReferencesTo(Entity target) => Entities.Values
        .Where(e => !e.IsSystem)
        .OrderBy(e => e.Name, StringComparer.Ordinal)
        .SelectMany(e => e.OwnFields)
        .Where(f => f.Targets.Contains(target));

    /// <summary>The files that it was compiled from.</summary>
    public MetadataFiles Files { get; }

    /// <summary>The file that says what an entity is, links in that of the entity that holds them.</summary>
    public string FileOf(Entity entity) => Files.Entities[entity.LinkOf?.Entity.Name ?? entity.Name].File;

    /// <summary>Compiles what the files say. Faulty parts are reported in <see cref="Problems"/> and left out.</summary>
    public static Model Compile(MetadataFiles files, Registry<FieldTypeAttribute, FieldType> fieldTypes, IReadOnlyList<IModelCheck>? checks = null, long version = 0)
    {
        var model = new ModelCompiler(files, fieldTypes).Compile(version);
        model.Problems =
        [
            .. model.Problems,
            .. (checks ?? []).SelectMany(c => c.Check(model)).Select(p => p with { Layer = files.LayerOf(p.File) }),
        ];
        return model;
    }

    internal static Model Create(IEnumerable<Entity> entities, MetadataFiles files, IReadOnlyList<MetadataProblem> problems, long version) =>
        new(entities.ToFrozenDictionary(e => e.Name, StringComparer.Ordinal), files, problems) { Version = version };
}
