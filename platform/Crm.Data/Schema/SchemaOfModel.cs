using Crm.Metadata;

namespace Crm.Data;

/// <summary>Derives the tables from a Model: one table an entity, one column for each part of a field, real foreign keys and indexes.</summary>
public static class SchemaOfModel
{
    /// <param name="model">The Model that the tables are for.</param>
    /// <param name="previous">The Model that they are for until now: what it renamed gets its former name back where <paramref name="model"/> uses that again.</param>
    /// <param name="further">Tables that a layer above keeps for itself; their names begin with an underscore.</param>
    public static DatabaseSchema Derive(Model model, Model? previous = null, params IEnumerable<TableSchema> further) =>
        new([.. model.Entities.Values.Where(e => !e.IsSystem).Select(e => Table(e, model, previous)).Concat(SystemTables.All).Concat(further).OrderBy(t => t.Name, StringComparer.Ordinal)])
        {
            Views = [.. model.Entities.Values.Where(e => e.IsSystem).Select(SystemViews.Of).OrderBy(v => v.Name, StringComparer.Ordinal)],
        };

    private static TableSchema Table(Entity entity, Model model, Model? previous)
    {
        var taken = previous?.Entities.Values.Where(p => Was(p.Definition.RenamedFrom, entity.Name) && model.Find(p.Name) is null).Select(p => p.Name).ToList() ?? [];
        var before = previous?.Find(entity.Name) ?? (taken.Count > 0 ? previous![taken[0]] : null);
        var columns = entity.Fields.SelectMany(f => f.Columns.Select(c => new ColumnSchema(
            c.Name, c.Kind, c.Part.Scale, Nullable: f.Ordinal is not (Entity.IdOrdinal or Entity.VersionOrdinal), Key: f.Ordinal == Entity.IdOrdinal)
        {
            Derived = !c.Part.Read,
            Field = f,
            RenamedFrom = FormerNames(f),
        }));
        return new(entity.Table, [.. columns], [.. Indexes(entity)], [.. ForeignKeys(entity)])
        {
            Entity = entity.Name,
            RenamedFrom = [.. entity.Definition.RenamedFrom ?? [], .. taken],
            Lists = [.. entity.Collections.Select(f => new ListSchema(f.Name) { RenamedFrom = FormerNames(f) })],
            Search = [.. entity.Fields.Where(f => f.IsSearched).Select(f => f.Columns[f.Type.TextPart].Name)],
        };

        IReadOnlyList<string> FormerNames(Field field) =>
            [.. field.Definition.RenamedFrom ?? [], .. before?.OwnFields.Where(p => Was(p.Definition.RenamedFrom, field.Name) && entity.Find(p.Name) is null).Select(p => p.Name) ?? []];
    }

    private static bool Was(IReadOnlyList<string>? formerNames, string name) => formerNames?.Contains(name) == true;

    private static IEnumerable<ForeignKeySchema> ForeignKeys(Entity entity) => entity.Fields
        // Who created and changed a record is always somebody who was signed in; the platform itself writes it.
        // And what the platform keeps in tables of its own it also clears away. What points to either of two tables a key cannot hold.
        .Where(f => f is { Target.IsSystem: false, OtherTarget: null } && f.Name is not (SystemFields.CreatedBy or SystemFields.UpdatedBy))
        .Select(f => new ForeignKeySchema(Name("fk", entity.Name, [f.Name]), f.Columns[0].Name, f.Target!.Table));

    /// <summary>The indexes of an entity's table.</summary>
    internal static IEnumerable<IndexSchema> Indexes(Entity entity)
    {
        var made = new HashSet<string>(StringComparer.Ordinal);
        var unique = entity.OwnFields.Where(f => f.Definition.Unique || f.Type is AutonumberFieldType).Select(f => (IReadOnlyList<string>)[f.Name])
            .Concat(entity.Definition.Unique);
        foreach (var set in unique.Where(s => s.All(n => entity.Find(n) is { IsStored: true })))
        {
            var index = new IndexSchema(Name("uq", entity.Name, set), [.. set.Select(n => entity[n].Columns[0].Name)], Unique: true, LiveOnly: true);
            if (made.Add(index.Name))
            {
                yield return index;
            }
        }
        var declared = entity.Definition.Indexes.Where(s => s.All(n => entity.Find(n) is { IsStored: true }));
        var lookups = entity.Fields.Where(f => f.Targets.Count > 0 && f.Name is not (SystemFields.CreatedBy or SystemFields.UpdatedBy)).Select(f => (IReadOnlyList<string>)[f.Name]);
        foreach (var set in declared.Concat(lookups))
        {
            // Lists page by key: the id ends every index so that one walk along it is the order of the list.
            var columns = set.Select(n => entity[n]).Select(f => f.Columns[f.Type.SortPart].Name).Append(SystemFields.Id);
            var index = new IndexSchema(Name("ix", entity.Name, set), [.. columns], LiveOnly: true);
            if (made.Add(index.Name))
            {
                yield return index;
            }
        }
    }

    internal static string Name(string prefix, string table, IReadOnlyList<string> columns) => Identifier.Fit($"{prefix}_{table}__{string.Join('_', columns)}");
}
