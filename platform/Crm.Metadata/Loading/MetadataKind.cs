using System.Text.Json;

namespace Crm.Metadata;

/// <summary>
/// A kind of metadata: the folder that its files lie in and the record that they are read into. A further kind is one more line in
/// <see cref="All"/>; reading, layers, publishing, schemas and export follow from it.
/// </summary>
public abstract class MetadataKind
{
    /// <summary>Entities: what there are records of.</summary>
    public static readonly MetadataKind<EntityDefinition> Entities = new("entities", d => d.Name);

    /// <summary>Views beside those in the files of the entities.</summary>
    public static readonly MetadataKind<ViewFile> Views = new("views", d => d.Name);

    /// <summary>The groups of the navigation.</summary>
    public static readonly MetadataKind<MenuDefinition> Menus = new("menus", d => d.Name);

    /// <summary>How kinds of files are imported.</summary>
    public static readonly MetadataKind<ImportProfile> Imports = new("imports", d => d.Name);

    /// <summary>Pages of figures.</summary>
    public static readonly MetadataKind<DashboardDefinition> Dashboards = new("dashboards", d => d.Name);

    /// <summary>Records that an installation begins with.</summary>
    public static readonly MetadataKind<SeedDefinition> Seeds = new("seeds", d => d.Name);

    /// <summary>What holds for the whole company: one file beside the folders.</summary>
    public static readonly MetadataKind<OrganisationDefinition> Organisation = new("organisation", nameOf: null) { IsSingle = true };

    /// <summary>Texts of the product, one file a language; a later layer adds to an earlier one's file.</summary>
    public static readonly MetadataKind<Dictionary<string, string>> Texts = new("i18n", nameOf: null) { Merges = true };

    private protected MetadataKind(string name, Type definition) => (Name, Definition) = (name, definition);

    /// <summary>All kinds, in the order in which they are read.</summary>
    public static IReadOnlyList<MetadataKind> All { get; } = [Entities, Views, Menus, Dashboards, Imports, Seeds, Organisation, Texts];

    /// <summary>Name of the kind, of its folder and of its schema.</summary>
    public string Name { get; }

    /// <summary>The record that a file is read into.</summary>
    public Type Definition { get; }

    /// <summary>Whether there is one file of it, <c>name.json</c>, and not a folder of them.</summary>
    public bool IsSingle { get; init; }

    /// <summary>Whether the members of a later layer's file are laid over an earlier one's instead of taking the place of the whole.</summary>
    public bool Merges { get; init; }

    public static MetadataKind? Find(string name) => All.FirstOrDefault(k => k.Name == name);

    /// <summary>Path of a file, relative to the metadata folder.</summary>
    public string PathOf(string name) => IsSingle ? $"{Name}.json" : $"{Name}/{name}.json";

    /// <summary>Reads a file's text.</summary>
    /// <exception cref="JsonException">It is no file of this kind.</exception>
    internal object Read(string content) => JsonSerializer.Deserialize(content, Definition, MetadataFiles.Json) ?? throw new JsonException("The file holds null.");

    /// <summary>The name that a file gives itself; null where only the file's own name counts.</summary>
    internal abstract string? NameIn(object definition);

    public override string ToString() => Name;
}

/// <summary>A kind whose files are read into <typeparamref name="T"/>.</summary>
public sealed class MetadataKind<T> : MetadataKind where T : class
{
    private readonly Func<T, string>? _nameOf;

    internal MetadataKind(string name, Func<T, string>? nameOf) : base(name, typeof(T)) => _nameOf = nameOf;

    internal override string? NameIn(object definition) => _nameOf?.Invoke((T)definition);
}
