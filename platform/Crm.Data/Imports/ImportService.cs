using System.Text.Json;
using System.Text.Json.Nodes;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>What a file holds and where it would go, before anything is written.</summary>
public sealed record ImportPreview(ImportTable Table, ImportPlan? Plan, IReadOnlyList<Problem> Problems);

/// <summary>Takes files in and turns them into import jobs.</summary>
public sealed class ImportService(ModelSource models, JobStore jobs, FileArea files)
{
    private const string Folder = "imports";

    private static readonly JsonSerializerOptions OptionsJson = new(MetadataFiles.Json);

    /// <summary>Reads a file and shows how its columns would be understood.</summary>
    /// <exception cref="ProblemException">The file cannot be read at all.</exception>
    public ImportPreview Preview(string fileName, byte[] content, ImportProfile options)
    {
        var table = ReadTable(fileName, content, options);
        try
        {
            return new(table, ImportPlan.Make(options, table, models.Current), []);
        }
        catch (ProblemException refusal)
        {
            return new(table, null, refusal.Problems);
        }
    }

    /// <summary>Keeps the file and queues its import. What is wrong with the file as a whole or the options is said at once.</summary>
    /// <exception cref="ProblemException">The file or the options cannot be used, or the actor may not.</exception>
    public async Task<Job> StartAsync(string fileName, byte[] content, ImportProfile options, Actor actor, CancellationToken cancellationToken)
    {
        var plan = ImportPlan.Make(options, ReadTable(fileName, content, options), models.Current);
        if ((plan.Mode != "update" && !Authority.May(actor, Operation.Create, plan.Entity)) || (plan.Mode != "create" && !Authority.May(actor, Operation.Update, plan.Entity)))
        {
            throw new ProblemException(Problem.Of(ProblemKind.Forbidden, "forbidden.import", plan.Entity.PluralLabel));
        }
        var stored = await files.WriteAsync(Folder, content, cancellationToken);
        var input = new JsonObject
        {
            ["file"] = stored,
            ["fileName"] = fileName,
            ["language"] = System.Globalization.CultureInfo.CurrentUICulture.Name,
            ["options"] = JsonSerializer.SerializeToNode(options, OptionsJson),
        };
        return await jobs.EnqueueAsync(ImportJob.KindName, input, actor.UserId!.Value, cancellationToken);
    }

    /// <summary>Reads the options of a request.</summary>
    /// <exception cref="ProblemException">They are no JSON of the right shape.</exception>
    public static ImportProfile ReadOptions(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<ImportProfile>(json, OptionsJson) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            var at = (e.Path ?? "").TrimStart('$').TrimStart('.');
            throw new ProblemException(Problem.At(at.Length == 0 ? "options" : "options." + at, ProblemKind.Invalid, "import.options", JsonMessage.Clean(e)));
        }
    }

    /// <summary>A file of any kind that is understood, as rows of text.</summary>
    /// <exception cref="ProblemException">It is none of them, or cannot be read.</exception>
    public static ImportTable ReadTable(string fileName, byte[] content, ImportProfile options) => Path.GetExtension(fileName).ToLowerInvariant() switch
    {
        ".csv" or ".txt" or ".tsv" => ImportTable.ReadCsv(content, options.Delimiter),
        ".xlsx" => XlsxReader.Read(content, options.Sheet),
        ".vcf" or ".vcard" => VCardReader.Read(content),
        _ => throw new ProblemException(Problem.At("file", ProblemKind.Invalid, "import.kind")),
    };
}
