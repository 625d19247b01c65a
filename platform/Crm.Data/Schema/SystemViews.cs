using System.Text.Json.Serialization;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>A view over a table of the platform with the columns that an entity's table would have, so that every kind of reading works on it as it is.</summary>
public sealed record ViewSchema(string Name, string Table, IReadOnlyList<ViewColumnSchema> Columns)
{
    /// <summary>SQL that says which rows are records, with the table as <c>e</c>; null for all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Rows { get; init; }
}

/// <param name="Name">Column of the view.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="Source">Column of the table; null where it has none for it.</param>
/// <param name="SourceKind">What that holds.</param>
/// <param name="Folded">Whether it is the folded form of a text; ids are folded as they are.</param>
public sealed record ViewColumnSchema(string Name, ColumnKind Kind, string? Source, ColumnKind SourceKind, bool Folded)
{
    /// <summary>SQL for a value that is no column but a figure over others, with the table as <c>e</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Figure { get; init; }
}

/// <summary>Which tables of the platform are shown as which entities, and which column gives which field.</summary>
internal static class SystemViews
{
    /// <summary>The function of the database that does what <see cref="Folding.Fold"/> does.</summary>
    public const string Fold = "crm_fold";

    private static readonly Dictionary<string, ViewSource> Sources = new(StringComparer.Ordinal)
    {
        [SystemEntities.Job] = new(SystemTables.Job, new()
        {
            [SystemFields.Owner] = "created_by", [SystemFields.CreatedAt] = "created_at", [SystemFields.CreatedBy] = "created_by", [SystemFields.UpdatedAt] = "created_at",
            ["kind"] = "kind", ["state"] = "state", ["done"] = "done", ["total"] = "total", ["started_at"] = "started_at", ["finished_at"] = "finished_at",
        }),
        [SystemEntities.AuditEntry] = new(SystemTables.Audit, new()
        {
            [SystemFields.Owner] = "by", [SystemFields.CreatedAt] = "at", [SystemFields.CreatedBy] = "by", [SystemFields.UpdatedAt] = "at",
            ["entity"] = "entity", ["record"] = "record_id", ["kind"] = "kind", ["at"] = "at", ["by"] = "by", ["door"] = "door", ["cause"] = "cause", ["change_set"] = "change_set", ["changes"] = "changes",
        }),
        [SystemEntities.ModelVersion] = new(SystemTables.ModelVersion, new()
        {
            [SystemFields.Owner] = "by", [SystemFields.CreatedAt] = "at", [SystemFields.CreatedBy] = "by", [SystemFields.UpdatedAt] = "at",
            ["number"] = "number", ["title"] = "title", ["at"] = "at", ["by"] = "by",
        }),
        // What signs in has no id; only what people made for programs has one. The hash is shown to nobody.
        [SystemEntities.AccessToken] = new(SystemTables.AccessToken, new()
        {
            [SystemFields.Owner] = "user_id", [SystemFields.CreatedAt] = "created_at", [SystemFields.CreatedBy] = "user_id", [SystemFields.UpdatedAt] = "created_at",
            ["name"] = "name", ["user"] = "user_id", ["scope"] = "scope", ["expires_at"] = "expires_at", ["used_at"] = "used_at",
        })
        { Rows = "e.\"id\" IS NOT NULL" },
        // Its first entry stands for a change set.
        [SystemEntities.ChangeSet] = new(SystemTables.Audit, new()
        {
            [SystemFields.Id] = "change_set", [SystemFields.Owner] = "by", [SystemFields.CreatedAt] = "at", [SystemFields.CreatedBy] = "by", [SystemFields.UpdatedAt] = "at",
            ["entity"] = "entity", ["at"] = "at", ["by"] = "by", ["door"] = "door", ["cause"] = "cause",
        })
        {
            Rows = $"NOT EXISTS (SELECT 1 FROM \"{SystemTables.Audit}\" f WHERE f.\"change_set\" = e.\"change_set\" AND f.\"id\" < e.\"id\")",
            Figures = new() { ["records"] = $"(SELECT count(DISTINCT c.\"record_id\") FROM \"{SystemTables.Audit}\" c WHERE c.\"change_set\" = e.\"change_set\")" },
        },
    };

    /// <summary>The view of an entity whose records the platform keeps.</summary>
    public static ViewSchema Of(Entity entity)
    {
        var from = Sources[entity.Name];
        var table = SystemTables.All.First(t => t.Name == from.Table);
        return new(entity.Table, from.Table, [.. entity.Fields.SelectMany(f => f.Columns.Select((column, part) => Column(f, column, part)))]) { Rows = from.Rows };

        ViewColumnSchema Column(Field field, Column column, int part)
        {
            // A value of several columns has its first one here; the others stay empty.
            var folded = part > 0 && part == field.Type.TextPart;
            var source = part == 0 || folded ? from.Columns.GetValueOrDefault(field.Name) ?? (field.Ordinal == Entity.IdOrdinal ? SystemFields.Id : null) : null;
            var kind = source is null ? column.Kind : table.Find(source)!.Kind;
            return new(column.Name, column.Kind, source, kind, folded && kind == ColumnKind.Text) { Figure = part == 0 ? from.Figures.GetValueOrDefault(field.Name) : null };
        }
    }

    /// <summary>The statement that makes a view.</summary>
    public static string Sql(ViewSchema view, Func<ColumnKind, string> typeOf, bool isSqlite)
    {
        var columns = view.Columns.Select(c => $"{Expression(c)} AS {SqlDialect.Quote(c.Name)}");
        return $"CREATE VIEW {SqlDialect.Quote(view.Name)} AS SELECT {string.Join(", ", columns)} FROM {SqlDialect.Quote(view.Table)} e{(view.Rows is null ? "" : " WHERE " + view.Rows)}";

        string Expression(ViewColumnSchema column)
        {
            if (column.Figure is not null)
            {
                return column.Figure;
            }
            if (column.Source is null)
            {
                // Records that only the platform writes have no versions.
                return $"CAST({(column.Name == SystemFields.Version ? "1" : "NULL")} AS {typeOf(column.Kind)})";
            }
            var source = "e." + SqlDialect.Quote(column.Source);
            return (column.SourceKind, column.Kind) switch
            {
                (ColumnKind.Uuid, ColumnKind.Text) => isSqlite ? UuidText(source) : $"CAST({source} AS text) COLLATE \"C\"",
                _ => column.Folded ? $"{Fold}({source})" : source,
            };
        }
    }

    private static string UuidText(string column) =>
        $"lower(substr(hex({column}), 1, 8) || '-' || substr(hex({column}), 9, 4) || '-' || substr(hex({column}), 13, 4) || '-' || substr(hex({column}), 17, 4) || '-' || substr(hex({column}), 21))";

    /// <param name="Table">Where the rows are.</param>
    /// <param name="Columns">Which of its columns gives which field.</param>
    private sealed record ViewSource(string Table, Dictionary<string, string> Columns)
    {
        public string? Rows { get; init; }

        public Dictionary<string, string> Figures { get; init; } = [];
    }
}
