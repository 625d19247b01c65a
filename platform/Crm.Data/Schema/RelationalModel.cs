using Crm.Rules;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;

namespace Crm.Data;

/// <summary>
/// EF Core knows how to compare two models and to write the ALTERs of both databases. This is the bridge: a plain schema becomes
/// a run-time EF model of property bags, and nothing else of EF is used.
/// </summary>
internal sealed class RelationalModel(DbContext context, Func<ColumnSchema, (Type Clr, string Store)> storage)
{
    private const string LiveRecords = "\"deleted_at\" IS NULL";

    /// <summary>
    /// How full PostgreSQL makes the pages of new tables with records, in percent: where a changed record finds room beside its former version, no index
    /// has to learn of it. Tables that are there already stay as they are.
    /// </summary>
    private const int FilledPart = 90;

    /// <summary>The SQL commands that lead from <paramref name="from"/> to <paramref name="to"/>, in order.</summary>
    public IReadOnlyList<string> Commands(DatabaseSchema from, DatabaseSchema to)
    {
        var target = Build(to);
        var operations = context.GetService<IMigrationsModelDiffer>().GetDifferences(Build(from).GetRelationalModel(), target.GetRelationalModel());
        if (operations.FirstOrDefault(o => o is RenameColumnOperation or RenameTableOperation) is { } guess)
        {
            throw new InvalidOperationException($"The schema change would rename by guessing: {guess}.");
        }
        return [.. context.GetService<IMigrationsSqlGenerator>().Generate(operations, target).Select(c => c.CommandText)];
    }

    /// <summary>The SQL commands that give things the names that they have in <paramref name="renamed"/>.</summary>
    public IReadOnlyList<string> Commands(IReadOnlyList<SchemaRename> renames, DatabaseSchema renamed, bool namesConstraints)
    {
        var operations = renames
            .Where(r => r.Part != RenamedPart.Constraint || namesConstraints)
            .Select(r => (MigrationOperation)(r.Part switch
            {
                RenamedPart.Table => new RenameTableOperation { Name = r.From, NewName = r.To },
                RenamedPart.Column => new RenameColumnOperation { Table = r.Table, Name = r.From, NewName = r.To },
                RenamedPart.Index => new RenameIndexOperation { Table = r.Table, Name = r.From, NewName = r.To },
                // EF knows no operation for it.
                _ => new SqlOperation { Sql = $"ALTER TABLE {SqlDialect.Quote(r.Table)} RENAME CONSTRAINT {SqlDialect.Quote(r.From)} TO {SqlDialect.Quote(r.To)}" },
            }))
            .ToList();
        return operations.Count == 0 ? [] : [.. context.GetService<IMigrationsSqlGenerator>().Generate(operations, Build(renamed)).Select(c => c.CommandText)];
    }

    private IModel Build(DatabaseSchema schema)
    {
        var builder = new ModelBuilder();
        foreach (var table in schema.Tables)
        {
            builder.SharedTypeEntity<Dictionary<string, object>>(table.Name, entity => Build(entity, table));
        }
        foreach (var table in schema.Tables)
        {
            foreach (var key in table.ForeignKeys)
            {
                builder.SharedTypeEntity<Dictionary<string, object>>(table.Name)
                    .HasOne(key.Target, navigationName: null).WithMany()
                    .HasForeignKey(key.Column).HasConstraintName(key.Name).OnDelete(DeleteBehavior.NoAction);
            }
        }
        return context.GetService<IModelRuntimeInitializer>().Initialize(builder.FinalizeModel(), designTime: true);
    }

    private void Build(EntityTypeBuilder<Dictionary<string, object>> entity, TableSchema table)
    {
        entity.ToTable(table.Name);
        if (table.Columns.Any(c => c.Name == "deleted_at"))
        {
            entity.HasStorageParameter("fillfactor", FilledPart);
        }
        foreach (var column in table.Columns)
        {
            var (clr, store) = storage(column);
            entity.IndexerProperty(column.Nullable && clr.IsValueType ? typeof(Nullable<>).MakeGenericType(clr) : clr, column.Name)
                .HasColumnName(column.Name).HasColumnType(store).IsRequired(!column.Nullable).ValueGeneratedNever();
        }
        entity.HasKey([.. table.Columns.Where(c => c.Key).Select(c => c.Name)]).HasName("pk_" + table.Name);
        foreach (var index in table.Indexes)
        {
            entity.HasIndex([.. index.Columns], index.Name).HasDatabaseName(index.Name).IsUnique(index.Unique).HasFilter(index.LiveOnly ? LiveRecords : null);
        }
    }
}
