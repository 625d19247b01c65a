using Crm.Metadata;

namespace Crm.Tests.Metadata;

/// <summary>The metadata that the product brings along, read once: what a test says about it holds for what people get.</summary>
public static class Shipped
{
    private static readonly Lazy<Model> LazyModel = new(() => Compile(Repository.File("metadata")));

    public static Registry<FieldTypeAttribute, FieldType> FieldTypes { get; } = Registry<FieldTypeAttribute, FieldType>.Scan(typeof(FieldType).Assembly);

    /// <summary>The types whose values are stored with the record; collections are records of their own, and rollups have the values of other types.</summary>
    public static IEnumerable<string> ValueTypes => FieldTypes.Names.Where(name => !typeof(CollectionFieldType).IsAssignableFrom(FieldTypes.Find(name)) && FieldTypes.Find(name) != typeof(RollupFieldType));

    public static Model Model => LazyModel.Value;

    public static Model Compile(params string[] folders) => Model.Compile(MetadataFiles.Read(folders), FieldTypes, Crm.Data.ModelChecks.All);
}
