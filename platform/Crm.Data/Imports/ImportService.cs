using System.Text.Json;
using System.Text.Json.Nodes;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>What a file holds and where it would go, before anything is written.</summary>
public sealed record ImportPreview(ImportTable Table, IReadOnlyList<ImportPlan> Plans, IReadOnlyList<Problem> Problems)
{
    /// <summary>The first of the plans; null if there is none.</summary>
    public ImportPlan? Plan => Plans.Count > 0 ? Plans[0] : null;
}

/// <summary>Takes files in and turns them into import jobs.</summary>
public sealed class ImportService(ModelSource models, JobStore jobs, FileArea files)
{
    private const string Folder = "imports";

    private readonly Lock _handing = new();

    /// <summary>What was read last, for the job that usually comes right after.</summary>
    private (string File, ImportTable Table)? _atHand;

    /// <summary>Encodings to choose from; any other that there is can be named as well.</summary>
    public static IReadOnlyList<string> Encodings => FileEncoding.Known;

    /// <summary>Reads a file and shows how its columns would be understood.</summary>
    /// <exception cref="ProblemException">The file cannot be read at all.</exception>
    public ImportPreview Preview(string fileName, byte[] content, ImportProfile options)
    {
        options = Resolve(options);
        var table = ReadTable(fileName, content, options);
        try
        {
            return new(table, ImportPlan.MakeAll(options, table, models.Current), []);
        }
        catch (ProblemException refusal)
        {
            return new(table, [], refusal.Problems);
        }
    }

    /// <summary>The profiles that fit a file, the ones that know most of its columns first.</summary>
    public IReadOnlyList<ImportProfile> ProfilesFor(ImportTable table, Actor actor) =>
    [
        .. models.Current.Imports.Values.Where(p => Runs(p).All(e => Authority.May(actor, Operation.Create, e)))
            .Select(p => (Profile: p, Fit: Fit(p, table))).Where(p => p.Fit > 0).OrderByDescending(p => p.Fit).ThenBy(p => p.Profile.Name, StringComparer.Ordinal).Select(p => p.Profile),
    ];

    /// <summary>What the person did with the last file of the same shape; null if there was none, or the Model has changed since.</summary>
    public async Task<ImportProfile?> RememberedAsync(ImportTable table, Actor actor, CancellationToken cancellationToken)
    {
        var job = await jobs.LastAsync(ImportJob.KindName, actor.UserId!.Value, input => input["shape"]?.GetValue<string>() == table.Shape, cancellationToken);
        try
        {
            var options = job?.Input["options"].Deserialize<ImportProfile>(MetadataFiles.Json);
            if (options is not null)
            {
                ImportPlan.MakeAll(options, table, models.Current);
            }
            var profile = job?.Input["profile"]?.GetValue<string>();
            return options is null || (profile is not null && !models.Current.Imports.ContainsKey(profile)) ? null : options with { DryRun = false, Profile = profile };
        }
        catch (Exception e) when (e is ProblemException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Keeps the file and queues its import. What is wrong with the file as a whole or the options is said at once.</summary>
    /// <exception cref="ProblemException">The file or the options cannot be used, or the actor may not.</exception>
    public async Task<Job> StartAsync(string fileName, byte[] content, ImportProfile options, Actor actor, CancellationToken cancellationToken)
    {
        var profile = options.Profile;
        options = Resolve(options);
        var table = ReadTable(fileName, content, options);
        foreach (var plan in ImportPlan.MakeAll(options, table, models.Current))
        {
            if ((plan.Mode != "update" && !Authority.May(actor, Operation.Create, plan.Entity)) || (plan.Mode != "create" && !Authority.May(actor, Operation.Update, plan.Entity)))
            {
                throw new ProblemException(Problem.Of(ProblemKind.Forbidden, "forbidden.import", plan.Entity.PluralLabel));
            }
            if (plan.ChangedAt is not null && !actor.IsAdministrator)
            {
                throw new ProblemException(Problem.At("changedAt", ProblemKind.Forbidden, "forbidden.import", plan.Entity.PluralLabel));
            }
        }
        var stored = await files.WriteAsync(Folder, content, cancellationToken);
        lock (_handing)
        {
            _atHand = (stored, table);
        }
        var input = new JsonObject
        {
            ["file"] = stored,
            ["fileName"] = fileName,
            ["language"] = System.Globalization.CultureInfo.CurrentUICulture.Name,
            ["shape"] = table.Shape,
            ["profile"] = profile,
            ["options"] = JsonSerializer.SerializeToNode(options, MetadataFiles.Json),
        };
        return await jobs.EnqueueAsync(ImportJob.KindName, input, actor.UserId!.Value, cancellationToken);
    }

    /// <summary>The table of a file that was kept: the one that was read when it came in, or, later and on other nodes, read anew.</summary>
    internal async Task<ImportTable> ReadKeptAsync(string file, string fileName, ImportProfile options, CancellationToken cancellationToken)
    {
        lock (_handing)
        {
            if (_atHand is var (kept, table) && kept == file)
            {
                _atHand = null;
                return table;
            }
        }
        return ReadTable(fileName, await files.ReadAsync(file, cancellationToken), options);
    }

    /// <summary>The options with the profile that they name laid under them.</summary>
    /// <exception cref="ProblemException">There is no such profile.</exception>
    public ImportProfile Resolve(ImportProfile options) => options.Profile is not { Length: > 0 } name ? options
        : models.Current.Imports.TryGetValue(name, out var profile) ? options.Over(profile)
        : throw new ProblemException(Problem.At("profile", ProblemKind.Invalid, "import.profile", name));

    private IEnumerable<Entity> Runs(ImportProfile profile) => profile.Runs().Select(r => models.Current.Find(r.Entity)).OfType<Entity>();

    /// <summary>How much of a file a profile knows; 0 where the file lacks a column that the profile needs.</summary>
    private static double Fit(ImportProfile profile, ImportTable table)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var run in profile.Runs())
        {
            var made = (run.Computed ?? []).Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
            known.UnionWith((run.Mapping ?? new Dictionary<string, string>()).Keys.Where(k => !made.Contains(k)));
            known.UnionWith(run.Where is { } where ? ImportRules.NamesIn(where).Where(n => !made.Contains(n)) : []);
            known.UnionWith((run.Computed ?? []).Select(c => c.Of).OfType<string>().Where(c => !made.Contains(c)));
        }
        return known.Count == 0 || !known.IsSubsetOf(table.Columns) ? 0 : known.Count / (double)table.Columns.Count;
    }

    /// <summary>Reads the options of a request.</summary>
    /// <exception cref="ProblemException">They are no JSON of the right shape.</exception>
    public static ImportProfile ReadOptions(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<ImportProfile>(json, MetadataFiles.Json) ?? throw new JsonException("null");
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
        ".csv" or ".txt" or ".tsv" => ImportTable.ReadCsv(content, options),
        ".xlsx" => XlsxReader.Read(content, options.Sheet, options.Header),
        ".vcf" or ".vcard" => VCardReader.Read(content),
        ".ics" or ".ical" => CalendarReader.Read(content),
        ".json" => CardNotations.ReadJson(content),
        ".xml" => CardNotations.ReadXml(content),
        _ => throw new ProblemException(Problem.At("file", ProblemKind.Invalid, "import.kind")),
    };
}
