using Crm.Metadata;

namespace Crm.Data;

/// <summary>The tables that a Model needs, in plain terms: what schema changes are computed from and what is kept in the database.</summary>
public sealed record DatabaseSchema(IReadOnlyList<TableSchema> Tables)
{
    /// <summary>
    /// The same with whatever <paramref name="existing"/> has besides: a start with new product files must not throw data away.
    /// Dropping is a decision of its own.
    /// </summary>
    public DatabaseSchema Keeping(DatabaseSchema existing)
    {
        var wanted = Tables.ToDictionary(t => t.Name, StringComparer.Ordinal);
        var tables = new List<TableSchema>();
        foreach (var table in Tables)
        {
            var old = existing.Tables.FirstOrDefault(t => t.Name == table.Name);
            var lost = old?.Columns.Where(c => table.Columns.All(w => w.Name != c.Name)).Select(c => c with { Nullable = true }) ?? [];
            tables.Add(table with { Columns = [.. table.Columns, .. lost] });
        }
        tables.AddRange(existing.Tables.Where(t => !wanted.ContainsKey(t.Name)));
        return new([.. tables.OrderBy(t => t.Name, StringComparer.Ordinal)]);
    }
}

/// <summary>One table; its key is the column or columns marked so.</summary>
public sealed record TableSchema(string Name, IReadOnlyList<ColumnSchema> Columns, IReadOnlyList<IndexSchema> Indexes, IReadOnlyList<ForeignKeySchema> ForeignKeys)
{
    /// <summary>Folded texts over which the database keeps a search index.</summary>
    public IReadOnlyList<string> Search { get; init; } = [];
}

public sealed record ColumnSchema(string Name, ColumnKind Kind, int Scale = 0, bool Nullable = true, bool Key = false);

/// <param name="LiveOnly">Covers only records that are not in the recycle bin.</param>
public sealed record IndexSchema(string Name, IReadOnlyList<string> Columns, bool Unique = false, bool LiveOnly = false);

public sealed record ForeignKeySchema(string Name, string Column, string Target);
