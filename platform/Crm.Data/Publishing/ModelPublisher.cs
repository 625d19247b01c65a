using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>What publishing some changed files would mean.</summary>
/// <param name="Model">The Model with the changes in it.</param>
/// <param name="Problems">What is wrong in it that is not wrong already.</param>
/// <param name="Plan">What happens to the tables.</param>
public sealed record ModelCheck(Model Model, IReadOnlyList<MetadataProblem> Problems, SchemaPlan Plan);

/// <summary>
/// Publishes changes of the metadata: tables, published files and version in one transaction, then the new Model in one step. What is
/// refused leaves everything as it was.
/// </summary>
public sealed class ModelPublisher(Database database, ModelSource models, ModelLayers layers, IdSource ids, TimeProvider time)
{
    /// <summary>The name under which nodes tell each other of a new Model.</summary>
    public const string Channel = "crm_model";

    /// <summary>Entities and fields without which nobody could sign in.</summary>
    private static readonly Dictionary<string, string[]> Needed = new(StringComparer.Ordinal)
    {
        ["user"] = ["name", "email", "language", "active", "administrator"],
        ["unit"] = ["name"],
    };

    /// <summary>What publishing <paramref name="files"/> would mean; nothing changes.</summary>
    public async Task<ModelCheck> CheckAsync(IReadOnlyList<MetadataFile> files, CancellationToken cancellationToken = default)
    {
        var published = await ReadAsync(cancellationToken);
        var model = layers.Compile(published.With(published.Version + 1, Changes(published, files)));
        return new(model, NewProblems(model), await database.PlanAsync(layers.SchemaOf(model, models.Current), cancellationToken));
    }

    /// <summary>Publishes changed files; one without content takes away what lies below it.</summary>
    /// <exception cref="ProblemException">A file is faulty, or the data does not allow the change; nothing has changed.</exception>
    public Task<ModelVersion> PublishAsync(string title, IReadOnlyList<MetadataFile> files, Actor actor, bool allowDestructive = false, CancellationToken cancellationToken = default) =>
        PublishAsync(title, published => Changes(published, files), actor, allowDestructive, cancellationToken);

    /// <summary>Publishes the inverse of a version.</summary>
    /// <exception cref="ProblemException">There is no such version, or a later one changed the same file.</exception>
    public async Task<ModelVersion> RollbackAsync(long number, Actor actor, bool allowDestructive = false, CancellationToken cancellationToken = default)
    {
        var versions = await VersionsAsync(cancellationToken);
        var undone = versions.FirstOrDefault(v => v.Number == number) ?? throw new ProblemException(Problem.Of(ProblemKind.NotFound, "model.version", number));
        foreach (var change in undone.Changes)
        {
            if (versions.FirstOrDefault(v => v.Number > number && v.Changes.Any(c => c.Kind == change.Kind && c.Name == change.Name)) is { } later)
            {
                throw new ProblemException(Problem.At(PathOf(change.Kind, change.Name), ProblemKind.Conflict, "model.laterChange", PathOf(change.Kind, change.Name), later.Number));
            }
        }
        List<PublishedChange> inverse = [.. undone.Changes.Select(c => c with { Before = c.After, After = c.Before })];
        return await PublishAsync(models.Current.Texts["model.rollback", number], _ => inverse, actor, allowDestructive, cancellationToken);
    }

    /// <summary>All versions, the latest first.</summary>
    public async Task<IReadOnlyList<ModelVersion>> VersionsAsync(CancellationToken cancellationToken = default)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        return await PublishedStore.VersionsAsync(session, cancellationToken);
    }

    /// <summary>Takes over what another node published.</summary>
    public async Task ReloadAsync(CancellationToken cancellationToken = default)
    {
        var published = await ReadAsync(cancellationToken);
        if (published.Version != models.Current.Version)
        {
            var model = layers.Compile(published);
            await database.RenewAsync();
            models.Replace(model);
        }
    }

    private async Task<ModelVersion> PublishAsync(string title, Func<PublishedMetadata, IReadOnlyList<PublishedChange>> changesOf, Actor actor, bool allowDestructive, CancellationToken cancellationToken)
    {
        if (!actor.IsAdministrator)
        {
            throw new ProblemException(Problem.Of(ProblemKind.Forbidden, "forbidden.model"));
        }
        var published = await ReadAsync(cancellationToken);
        var changes = changesOf(published);
        if (changes.Count == 0)
        {
            throw new ProblemException(Problem.Of(ProblemKind.Refused, "model.unchanged"));
        }
        var number = published.Version + 1;
        var model = layers.Compile(published.With(number, changes));
        var problems = NewProblems(model);
        if (problems.Count > 0)
        {
            throw new ProblemException([.. problems.Select(Refusal)]);
        }
        var version = new ModelVersion(number, Iso8601.ToMicroseconds(time.GetUtcNow()), actor.UserId, actor.Name, title, changes);
        return await database.ChangeAsync(
            layers.SchemaOf(model, models.Current),
            allowDestructive,
            async (session, _) =>
            {
                if ((await PublishedStore.ReadAsync(session, cancellationToken)).Version != published.Version)
                {
                    throw new ProblemException(Problem.Of(ProblemKind.Conflict, "model.meanwhile"));
                }
                await PublishedStore.WriteAsync(session, version, ids.Next(), cancellationToken);
                await database.AnnounceAsync(session, Channel, cancellationToken);
                session.AfterCommit.Add(() => models.Replace(model));
                return version;
            },
            cancellationToken);
    }

    private async Task<PublishedMetadata> ReadAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        return await PublishedStore.ReadAsync(session, cancellationToken);
    }

    private List<MetadataProblem> NewProblems(Model model) => [.. model.Problems.Except(models.Current.Problems), .. Needed.SelectMany(need => MissingIn(model, need.Key, need.Value))];

    /// <summary>What the platform itself works with and has until now.</summary>
    private IEnumerable<MetadataProblem> MissingIn(Model model, string entity, string[] fields)
    {
        if (models.Current.Find(entity) is not { } current)
        {
            yield break;
        }
        var file = MetadataKind.Entities.PathOf(entity);
        if (model.Find(entity) is not { } next)
        {
            yield return new(file, "", $"The entity '{entity}' cannot be removed: the platform works with it.");
            yield break;
        }
        foreach (var field in fields.Where(f => current.Find(f) is { } had && next.Find(f)?.Type.ValueType != had.Type.ValueType))
        {
            yield return new(file, "fields", $"The field '{field}' must stay as it is: the platform works with it.");
        }
    }

    private static Problem Refusal(MetadataProblem problem)
    {
        var place = problem.Path.Length == 0 ? problem.File : $"{problem.File}#{problem.Path}";
        return Problem.At(place, ProblemKind.Refused, "model.file", problem.File, problem.Path, problem.Message);
    }

    private static List<PublishedChange> Changes(PublishedMetadata published, IReadOnlyList<MetadataFile> files) =>
    [
        .. files
            .Select(file => new PublishedChange(
                file.Kind, file.Name, published.Files.Where(f => f.Kind == file.Kind && f.Name == file.Name).Select(f => new PublishedContent(f.Content)).FirstOrDefault(), new(file.Content)))
            .Where(change => change.Before != change.After),
    ];

    private static string PathOf(string kind, string name) => MetadataKind.Find(kind)?.PathOf(name) ?? $"{kind}/{name}";
}
