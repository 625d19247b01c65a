using System.Text.Json.Serialization;
using Crm.Metadata;

namespace Crm.Data;

/// <summary>The tables that a Model needs, in plain terms: what schema changes are computed from and what is kept in the database.</summary>
public sealed record DatabaseSchema(IReadOnlyList<TableSchema> Tables)
{
    /// <summary>Tables of the platform as records.</summary>
    public IReadOnlyList<ViewSchema> Views { get; init; } = [];

    public TableSchema? Find(string table) => Tables.FirstOrDefault(t => t.Name == table);

    /// <summary>The same without some indexes.</summary>
    public DatabaseSchema Without(IReadOnlyList<string> indexes) =>
        indexes.Count == 0 ? this : this with { Tables = [.. Tables.Select(t => t with { Indexes = [.. t.Indexes.Where(i => !indexes.Contains(i.Name))] })] };
}

/// <summary>One table; its key is the column or columns marked so.</summary>
public sealed record TableSchema(string Name, IReadOnlyList<ColumnSchema> Columns, IReadOnlyList<IndexSchema> Indexes, IReadOnlyList<ForeignKeySchema> ForeignKeys)
{
    /// <summary>Folded texts over which the database keeps a search index; they are compared with what it has, not with what was asked before.</summary>
    public IReadOnlyList<string> Search { get; init; } = [];

    /// <summary>
    /// The rows and links that its records have or had: nothing but history knows them by name. Null where nobody noted them, as in the
    /// platform's own tables and in what was remembered before they were.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ListSchema>? Lists { get; init; }

    /// <summary>Whether no Model asks for it any more and only its data is still here.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Kept { get; init; }

    /// <summary>The entity whose records it holds; null for the platform's own tables.</summary>
    [JsonIgnore]
    public string? Entity { get; init; }

    /// <summary>Names that the entity had in earlier Models.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> RenamedFrom { get; init; } = [];

    public ColumnSchema? Find(string column) => Columns.FirstOrDefault(c => c.Name == column);
}

public sealed record ColumnSchema(string Name, ColumnKind Kind, int Scale = 0, bool Nullable = true, bool Key = false)
{
    /// <summary>Whether it follows from the field's other columns, so that nothing is lost with it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Derived { get; init; }

    /// <summary>Whether no Model asks for it any more and only its data is still here.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Kept { get; init; }

    /// <summary>Names that the field had in earlier Models.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> RenamedFrom { get; init; } = [];

    /// <summary>The field that it belongs to, where the Model asks for it; converts what an earlier type left.</summary>
    [JsonIgnore]
    public Field? Field { get; init; }

    /// <summary>The field's name: a column's name up to the suffix of its part.</summary>
    [JsonIgnore]
    public string FieldName => Name.IndexOf('$', StringComparison.Ordinal) is > 0 and var suffix ? Name[..suffix] : Name;

    /// <summary>Which part of the field it is; a sign alone only tells its name from one that a database keeps for itself.</summary>
    [JsonIgnore]
    public string Suffix => Name[FieldName.Length..] is { Length: > 1 } suffix ? suffix : "";

    /// <summary>Whether the two store their values alike.</summary>
    public bool StoresLike(ColumnSchema other) => Kind == other.Kind && (Kind != ColumnKind.Decimal || Scale == other.Scale);
}

/// <param name="LiveOnly">Covers only records that are not in the recycle bin.</param>
public sealed record IndexSchema(string Name, IReadOnlyList<string> Columns, bool Unique = false, bool LiveOnly = false)
{
    /// <summary>Whether it is the same index, whatever its name.</summary>
    public bool IsLike(IndexSchema other) => Unique == other.Unique && LiveOnly == other.LiveOnly && Columns.SequenceEqual(other.Columns);
}

public sealed record ForeignKeySchema(string Name, string Column, string Target);

/// <summary>A field of rows or links; it has no column.</summary>
public sealed record ListSchema(string Name)
{
    /// <summary>Names that the field had in earlier Models.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> RenamedFrom { get; init; } = [];
}
