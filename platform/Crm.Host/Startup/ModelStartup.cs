using Crm.Data;
using Crm.Data.Postgres;
using Crm.Data.Sqlite;
using Crm.Metadata;
using Crm.Rules;
using Crm.Workflow;

namespace Crm.Host.Startup;

/// <summary>Loads the Model and opens the database that goes with it.</summary>
internal static class ModelStartup
{
    /// <summary>The folders that the settings name, the product's own first.</summary>
    public static ModelLayers Layers(CrmOptions options)
    {
        return new([Path.Combine(AppContext.BaseDirectory, "metadata"), .. Further(options)], Registry<FieldTypeAttribute, FieldType>.Scan(typeof(FieldType).Assembly), WorkflowTables.All);
    }

    /// <summary>Where workflow files lie: the product's own, then those of the further folders.</summary>
    public static string[] WorkflowFolders(CrmOptions options) => [Path.Combine(AppContext.BaseDirectory, "workflows"), .. Further(options).Select(f => Path.Combine(f, "workflows"))];

    private static IEnumerable<string> Further(CrmOptions options) =>
        (options.MetadataPath ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Path.GetFullPath);

    /// <exception cref="InvalidOperationException">The settings name no database that there is.</exception>
    public static async Task<Database> OpenDatabaseAsync(CrmOptions options, string? connectionString) => options.Database switch
    {
        "sqlite" => await SqliteDatabase.OpenAsync(Path.Combine(Path.GetFullPath(options.DataPath), "crm.db")),
        "postgres" => await OpenPostgresAsync(connectionString is { Length: > 0 } ? connectionString : throw new InvalidOperationException("Crm__Database is 'postgres', so ConnectionStrings__Crm must say where it is.")),
        _ => throw new InvalidOperationException($"Crm__Database is '{options.Database}'; it must be 'sqlite' or 'postgres'."),
    };

    private static async Task<Database> OpenPostgresAsync(string connectionString)
    {
        var database = PostgresDatabase.Open(connectionString);
        await database.DemandAnswerAsync();
        return database;
    }

    /// <summary>Compiles the Model and brings the tables to it. What the data does not allow is left out and named, so that the server starts.</summary>
    public static async Task<(Model Model, IReadOnlyList<Problem> Refused)> LoadModelAsync(ModelLayers layers, Database database)
    {
        var (model, refused) = await ApplyAsync(layers, database);
        // What has no records yet needs no job for its figures.
        await new ModelRefresh(database, new(model), TimeProvider.System).IsNeededAsync();
        return (model, refused);
    }

    private static async Task<(Model Model, IReadOnlyList<Problem> Refused)> ApplyAsync(ModelLayers layers, Database database)
    {
        var model = layers.Compile(await PublishedStore.ReadAsync(database));
        var schema = layers.SchemaOf(model);
        try
        {
            await database.ApplyAsync(schema);
            return (model, []);
        }
        catch (ProblemException)
        {
            var plan = await database.PlanAsync(schema);
            await database.ApplyAsync(schema.Without(plan.RefusedIndexes));
            return (model, plan.Refusals);
        }
    }
}
