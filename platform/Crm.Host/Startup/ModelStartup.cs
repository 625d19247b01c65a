using Crm.Data;
using Crm.Data.Postgres;
using Crm.Data.Sqlite;
using Crm.Metadata;
using Crm.Workflow;

namespace Crm.Host.Startup;

/// <summary>Loads the Model and opens the database that goes with it.</summary>
internal static class ModelStartup
{
    public static Model LoadModel(CrmOptions options)
    {
        var folders = new List<string> { Path.Combine(AppContext.BaseDirectory, "metadata") };
        if (options.MetadataPath is { Length: > 0 } further)
        {
            folders.Add(Path.GetFullPath(further));
        }
        return Model.Compile(MetadataFiles.Read(folders), Registry<FieldTypeAttribute, FieldType>.Scan(typeof(FieldType).Assembly));
    }

    /// <exception cref="InvalidOperationException">The settings name no database that there is.</exception>
    public static async Task<Database> OpenDatabaseAsync(CrmOptions options, string? connectionString, Model model)
    {
        Database database = options.Database switch
        {
            "sqlite" => await SqliteDatabase.OpenAsync(Path.Combine(Path.GetFullPath(options.DataPath), "crm.db")),
            "postgres" => PostgresDatabase.Open(connectionString ?? throw new InvalidOperationException("Crm__Database is 'postgres', so ConnectionStrings__Crm must say where it is.")),
            _ => throw new InvalidOperationException($"Crm__Database is '{options.Database}'; it must be 'sqlite' or 'postgres'."),
        };
        await database.ApplyAsync(SchemaOfModel.Derive(model, WorkflowTables.All));
        return database;
    }
}
