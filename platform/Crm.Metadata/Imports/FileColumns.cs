namespace Crm.Metadata;

/// <summary>The columns of a file as an entity of texts, so that conditions can be written over them as over records.</summary>
public static class FileColumns
{
    /// <param name="names">The columns; a field has the ordinal of its column.</param>
    public static Entity Of(IEnumerable<string> names) => new(
        new EntityDefinition { Name = "file", Fields = [] },
        entity => [.. names.Distinct(StringComparer.Ordinal).Select((name, i) => new Field(entity, i, new() { Name = name, Type = "text" }, new TextFieldType { Name = "text", MaxLength = int.MaxValue }, isSystem: false))]);
}
