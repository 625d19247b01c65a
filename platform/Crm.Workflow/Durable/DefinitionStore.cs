using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Data.Common;
using System.Text.Json.Nodes;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Workflow;

/// <summary>A version of a definition, without its model.</summary>
public sealed record DefinitionVersion(string Id, string DefinitionId, int Version, string Name, string TypeName, bool IsLatest, bool IsPublished, bool UsableAsActivity, string Layer, long Revision, DateTimeOffset ChangedAt)
{
    public string? Description { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public bool IsReadonly { get; init; }

    public bool IsSystem { get; init; }
}

/// <summary>
/// The versions of all definitions: those of the product's files, and over them those that were made here. What is published is compiled when
/// it is first needed; how many others there are costs nothing.
/// </summary>
public sealed partial class DefinitionStore(Database database, WorkflowParts parts, IdSource ids, TimeProvider time)
{
    public const string ProductLayer = "product", CustomerLayer = "customer";

    /// <summary>Where a definition carries the revision that its editor saw, so that two editors cannot overwrite each other.</summary>
    public const string RevisionProperty = "crm:revision";

    /// <summary>The number that whoever changes definitions holds until the change is committed.</summary>
    private const string ChangeNumber = "3172027";

    private const string Columns =
        "\"id\", \"definition_id\", \"version\", \"name\", \"type_name\", \"is_latest\", \"is_published\", \"usable_as_activity\", \"layer\", \"revision\", \"changed_at\", \"created_at\", \"description\", \"is_readonly\", \"is_system\"";

    private readonly ConcurrentDictionary<string, Lazy<Task<WorkflowGraph?>>> _graphs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, WorkflowDefinition> _models = new(StringComparer.Ordinal);
    private readonly Lock _refreshing = new();
    private volatile Index _index = new([]);
    private DateTimeOffset _seen;

    /// <summary>What begins with changes of records, by kind of change and entity.</summary>
    internal FrozenDictionary<(string Kind, string Entity), IReadOnlyList<RecordStart>> RecordStarts { get; private set; } = FrozenDictionary<(string Kind, string Entity), IReadOnlyList<RecordStart>>.Empty;

    /// <summary>What begins with requests, by the hash of method and pattern.</summary>
    internal FrozenDictionary<string, IReadOnlyList<HttpTarget>> HttpStarts { get; private set; } = FrozenDictionary<string, IReadOnlyList<HttpTarget>>.Empty;

    /// <summary>Reads which versions there are, and lays the product's files under them.</summary>
    /// <param name="folders">Folders of JSON files.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What was wrong in the files; the rest is there.</returns>
    public async Task<IReadOnlyList<string>> LoadAsync(IEnumerable<string> folders, CancellationToken cancellationToken = default)
    {
        await RefreshAsync(cancellationToken);
        var problems = new List<string>();
        var effective = new Dictionary<string, (string File, WorkflowDefinition Definition)>(StringComparer.Ordinal);
        foreach (var file in folders.Where(Directory.Exists).SelectMany(f => Directory.EnumerateFiles(f, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal)))
        {
            try
            {
                // A file of a later folder takes the place of one that defines the same in an earlier.
                var definition = parts.Reader.Read(await File.ReadAllTextAsync(file, cancellationToken));
                effective[definition.DefinitionId] = (file, definition);
            }
            catch (ProblemException e)
            {
                problems.Add($"{file}: {e.Message}");
            }
        }
        await LayAsync(effective.Values, problems, cancellationToken);
        return problems;
    }

    /// <summary>Lays files down until none is left that waits for another which it uses.</summary>
    private async Task LayAsync(IEnumerable<(string File, WorkflowDefinition Definition)> files, List<string> problems, CancellationToken cancellationToken)
    {
        for (var left = files.ToList(); left.Count > 0;)
        {
            var failed = new List<((string File, WorkflowDefinition Definition) Item, string Problem)>();
            foreach (var item in left)
            {
                try
                {
                    await LayAsync(item.Definition, cancellationToken);
                }
                catch (ProblemException e)
                {
                    failed.Add((item, $"{item.File}: {e.Message}"));
                }
            }
            if (failed.Count == left.Count)
            {
                problems.AddRange(failed.Select(f => f.Problem));
                return;
            }
            left = [.. failed.Select(f => f.Item)];
        }
    }

    /// <summary>Looks whether another node changed something.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken = default)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        var changed = await session.FirstAsync($"SELECT max(\"changed_at\") FROM \"{WorkflowTables.Definition}\"", [], row => row.Timestamp(0), cancellationToken);
        if (changed == _seen)
        {
            return;
        }
        var index = new Index(await session.QueryAsync($"SELECT {Columns} FROM \"{WorkflowTables.Definition}\"", [], Read, cancellationToken));
        var starts = await session.QueryAsync(
            $"SELECT \"definition_id\", \"activity_id\", \"name\", \"payload\" FROM \"{WorkflowTables.Trigger}\" WHERE \"name\" IN ('Crm.RecordCreated', 'Crm.RecordChanged', 'Crm.RecordDeleted')", [], ReadStart, cancellationToken);
        var requests = await session.QueryAsync(
            $"SELECT \"hash\", \"definition_id\", \"version_id\", \"activity_id\", \"payload\" FROM \"{WorkflowTables.Trigger}\" WHERE \"name\" = $1", [Param.Text(HttpEndpoint.TypeName)],
            r => (Hash: r.Text(0)!, Target: HttpTarget.ToStart(r.Text(1)!, r.Text(2)!, r.Text(3)!, r.Text(4)!)), cancellationToken);
        lock (_refreshing)
        {
            // Somebody who looked later may have been faster.
            if (changed < _seen)
            {
                return;
            }
            var before = _index;
            foreach (var id in _models.Keys)
            {
                // A version may change without a new revision: another one becomes the latest.
                if (!before.ById.TryGetValue(id, out var known) || index.ById.GetValueOrDefault(id) != known)
                {
                    _models.TryRemove(id, out _);
                }
            }
            RecordStarts = starts.GroupBy(s => (s.Name, s.Entity)).ToFrozenDictionary(g => g.Key, g => (IReadOnlyList<RecordStart>)[.. g]);
            HttpStarts = requests.GroupBy(r => r.Hash).ToFrozenDictionary(g => g.Key, g => (IReadOnlyList<HttpTarget>)[.. g.Select(r => r.Target)], StringComparer.Ordinal);
            _index = index;
            _seen = changed ?? default;
            // What others use as an activity is compiled into them.
            if (before.Versions.Count > 0)
            {
                _graphs.Clear();
            }
        }
    }

    /// <summary>All versions of a definition, the newest first.</summary>
    public IReadOnlyList<DefinitionVersion> Versions(string definitionId) => [.. _index.Versions.Where(v => v.DefinitionId == definitionId).OrderByDescending(v => v.Version)];

    /// <summary>All definitions, each in its latest version.</summary>
    public IReadOnlyList<DefinitionVersion> Latest() => [.. _index.Versions.Where(v => v.IsLatest).OrderBy(v => v.Name, StringComparer.Ordinal)];

    public DefinitionVersion? Published(string definitionId) => _index.Published.GetValueOrDefault(definitionId);

    public DefinitionVersion? LatestOf(string definitionId) => _index.Latest.GetValueOrDefault(definitionId);

    /// <summary>The published version, compiled; null if none is published.</summary>
    /// <param name="definitionId">The definition.</param>
    /// <param name="session">The transaction in progress, which must wait for no further connection; null outside of one.</param>
    internal async ValueTask<WorkflowGraph?> FindPublishedAsync(string definitionId, Session? session = null)
    {
        if (Published(definitionId) is not { } version)
        {
            return null;
        }
        if (session is null || (_graphs.TryGetValue(version.Id, out var known) && known is { IsValueCreated: true, Value.IsCompletedSuccessfully: true }))
        {
            return await GraphAsync(version.Id);
        }
        var graph = await CompileAsync(version.Id, session);
        if (graph is not null)
        {
            _graphs[version.Id] = new(Task.FromResult<WorkflowGraph?>(graph));
        }
        return graph;
    }

    /// <summary>A version by its id, compiled; null if there is none.</summary>
    public Task<WorkflowGraph?> GraphAsync(string versionId) => _graphs.TryGetValue(versionId, out var known) ? known.Value : CompileOnceAsync(versionId);

    public async Task<WorkflowDefinition?> FindAsync(string versionId, CancellationToken cancellationToken = default)
    {
        if (_models.TryGetValue(versionId, out var known))
        {
            return known;
        }
        await using var session = await database.ReadAsync(cancellationToken);
        return await ReadAsync(session, versionId, cancellationToken) is { } definition ? (_models[versionId] = definition) : null;
    }

    private async Task<WorkflowDefinition?> ReadAsync(Session session, string versionId, CancellationToken cancellationToken)
    {
        var row = await session.FirstAsync(
            $"SELECT \"model\", \"is_latest\", \"is_published\", \"revision\" FROM \"{WorkflowTables.Definition}\" WHERE \"id\" = $1", [Param.Text(versionId)],
            r => ((string, bool, bool, long)?)(r.Text(0)!, (bool)r.Value(1, ColumnKind.Boolean)!, (bool)r.Value(2, ColumnKind.Boolean)!, r.Integer(3)!.Value), cancellationToken);
        if (row is not var (model, isLatest, isPublished, revision))
        {
            return null;
        }
        return WithRevision(parts.Reader.Read(model).With(("isLatest", isLatest), ("isPublished", isPublished)), revision);
    }

    /// <summary>What is wrong with a definition; nothing is kept.</summary>
    public async Task<IReadOnlyList<Problem>> CheckAsync(WorkflowDefinition definition) => (await CompileAsync(definition)).Problems;

    /// <summary>
    /// Keeps a draft: over a published latest version as a new one, over a draft in its place. With <paramref name="publish"/> it becomes the
    /// version that runs.
    /// </summary>
    /// <exception cref="ProblemException">Somebody else saved meanwhile, or it is to be published and something is wrong with it.</exception>
    public async Task<WorkflowDefinition> SaveAsync(WorkflowDefinition definition, bool publish, Actor actor, CancellationToken cancellationToken = default)
    {
        await RefreshAsync(cancellationToken);
        if (publish && await CheckAsync(definition) is { Count: > 0 } problems)
        {
            throw new ProblemException(problems);
        }
        CheckTexts(definition);
        var id = definition.DefinitionId.Length > 0 ? definition.DefinitionId : ids.Next().ToString("N")[16..];
        var latest = LatestOf(id);
        if (latest is { IsReadonly: true })
        {
            throw new ProblemException(Problem.Of(ProblemKind.Forbidden, "workflow.readonly", latest.Name));
        }
        var seen = long.TryParse(JsonShape.TextOf((definition.Model["customProperties"] as JsonObject)?[RevisionProperty]), out var number) ? number : (long?)null;
        // Revisions are counted for each version, so the version that was seen counts too.
        if (latest is not null && seen is { } revision && (revision != latest.Revision || (definition.Id.Length > 0 && definition.Id != latest.Id)))
        {
            throw new ProblemException(Problem.Of(ProblemKind.VersionConflict, "workflow.saved", definition.Name, latest.Version));
        }
        var replaces = latest is { IsPublished: false, Layer: CustomerLayer };
        var kept = WithRevision(
            definition.With(
                ("definitionId", id), ("id", replaces ? latest!.Id : ids.Next().ToString("N")[16..]), ("version", replaces ? latest!.Version : Versions(id).Select(v => v.Version).FirstOrDefault() + 1), ("isLatest", true), ("isPublished", publish),
                ("toolVersion", "3.8.0.0"), ("createdAt", definition.Model["createdAt"]?.DeepClone() ?? JsonValue.Create(Iso8601.ToText(time.GetUtcNow())))),
            (replaces ? latest!.Revision : 0) + 1);
        var triggers = publish ? TriggersOf(await CompileAsync(kept)) : [];
        await WriteAsync(
            id, definition.Name, latest,
            async session =>
            {
                var now = await StampAsync(session, cancellationToken);
                // The latest version is what the check was made against; whoever came in between moved it.
                if (latest is not null && await session.ExecuteAsync(
                    $"UPDATE \"{WorkflowTables.Definition}\" SET \"is_latest\" = $3 WHERE \"id\" = $1 AND \"revision\" = $2 AND \"is_latest\" = $4",
                    [Param.Text(latest.Id), Param.Integer(latest.Revision), Flag(false), Flag(true)], cancellationToken) == 0)
                {
                    throw new ProblemException(Problem.Of(ProblemKind.VersionConflict, "workflow.saved", definition.Name, latest.Version));
                }
                if (publish)
                {
                    await UnpublishAsync(session, id, now, cancellationToken);
                }
                await PutAsync(session, kept, CustomerLayer, replaces, actor, now, cancellationToken);
                if (publish)
                {
                    await PutTriggersAsync(session, triggers, cancellationToken);
                }
                return 0;
            },
            cancellationToken);
        Forget(kept.Id);
        await RefreshAsync(cancellationToken);
        if (publish && kept.UpdatesConsumers)
        {
            await UpdateReferencesAsync(id, actor, cancellationToken);
        }
        return (await FindAsync(kept.Id, cancellationToken))!;
    }

    /// <summary>Makes the latest version the one that runs.</summary>
    /// <exception cref="ProblemException">There is none, or something is wrong with it.</exception>
    public async Task<WorkflowDefinition> PublishAsync(string definitionId, Actor actor, CancellationToken cancellationToken = default)
    {
        await RefreshAsync(cancellationToken);
        var latest = LatestOf(definitionId) ?? throw Missing(definitionId);
        return latest.IsPublished ? (await FindAsync(latest.Id, cancellationToken))! : await SaveAsync((await FindAsync(latest.Id, cancellationToken))!, publish: true, actor, cancellationToken);
    }

    /// <summary>Takes the published version back: nothing starts any more, what runs goes on.</summary>
    /// <exception cref="ProblemException">Nothing is published.</exception>
    public async Task RetractAsync(string definitionId, CancellationToken cancellationToken = default)
    {
        await RefreshAsync(cancellationToken);
        if (Published(definitionId) is null)
        {
            throw Missing(definitionId);
        }
        await database.WriteAsync(
            async session =>
            {
                await UnpublishAsync(session, definitionId, await StampAsync(session, cancellationToken), cancellationToken);
                return 0;
            },
            cancellationToken);
        _models.Clear();
        await RefreshAsync(cancellationToken);
    }

    internal IReadOnlyList<(string Id, string DefinitionId, string VersionId, string ActivityId, Stimulus Stimulus)> TriggersOf(WorkflowGraph graph)
    {
        var run = new WorkflowRun(graph, graph.Definition.Id, new PublishSurroundings(parts, time, ids));
        var triggers = new List<(string, string, string, string, Stimulus)>();
        foreach (var node in graph.Starters)
        {
            var context = new ActivityContext(run, node, null, 0);
            try
            {
                foreach (var (number, stimulus) in node.Activity.Triggers(context).Index())
                {
                    triggers.Add(($"{graph.Definition.DefinitionId}:{node.NodeId}:{number}", graph.Definition.DefinitionId, graph.Definition.Id, node.Id, stimulus));
                }
            }
            catch (WorkflowException fault)
            {
                throw new ProblemException(Problem.At(node.NodeId, ProblemKind.Invalid, "workflow.trigger.input", fault.Message));
            }
            catch (ArgumentOutOfRangeException)
            {
                throw new ProblemException(Problem.At(node.NodeId, ProblemKind.Invalid, "workflow.trigger.due"));
            }
        }
        return triggers;
    }

    private async Task LayAsync(WorkflowDefinition file, CancellationToken cancellationToken)
    {
        var hash = StimulusHash.Of(file.ToJson(), null, null)[..12].ToLowerInvariant();
        var id = $"{file.DefinitionId}-{hash}";
        var known = Versions(file.DefinitionId);
        if (known.Any(v => v.Id == id))
        {
            return;
        }
        var isOurs = known.All(v => v.Layer == ProductLayer);
        var laid = file.With(("id", id), ("version", (known.Count == 0 ? 0 : known[0].Version) + 1), ("isLatest", isOurs), ("isPublished", isOurs));
        var graph = await CompileAsync(laid);
        if (graph.Problems.Count > 0)
        {
            throw new ProblemException(graph.Problems);
        }
        try
        {
            await database.WriteAsync(
                async session =>
                {
                    var now = await StampAsync(session, cancellationToken);
                    if (isOurs)
                    {
                        await session.ExecuteAsync($"UPDATE \"{WorkflowTables.Definition}\" SET \"is_latest\" = $2 WHERE \"definition_id\" = $1", [Param.Text(file.DefinitionId), Flag(false)], cancellationToken);
                        await UnpublishAsync(session, file.DefinitionId, now, cancellationToken);
                    }
                    await PutAsync(session, laid, ProductLayer, replaces: false, Actor.Platform, now, cancellationToken);
                    if (isOurs)
                    {
                        await PutTriggersAsync(session, TriggersOf(graph), cancellationToken);
                    }
                    return 0;
                },
                cancellationToken);
        }
        catch (DbException)
        {
            // Another node that started at the same moment may have laid it, or another version of it.
            await RefreshAsync(cancellationToken);
            if (Versions(file.DefinitionId).Count == known.Count)
            {
                throw;
            }
            await LayAsync(file, cancellationToken);
            return;
        }
        await RefreshAsync(cancellationToken);
    }

    /// <summary>Compiles a version, however many ask for it at once; what failed is tried again by whoever asks next.</summary>
    private async Task<WorkflowGraph?> CompileOnceAsync(string versionId)
    {
        var compiling = _graphs.GetOrAdd(versionId, id => new(() => CompileAsync(id, session: null)));
        WorkflowGraph? graph = null;
        try
        {
            graph = await compiling.Value;
            return graph;
        }
        finally
        {
            if (graph is null)
            {
                _graphs.TryRemove(KeyValuePair.Create(versionId, compiling));
            }
        }
    }

    private async Task<WorkflowGraph?> CompileAsync(string versionId, Session? session) => await ModelAsync(versionId, session) is { } definition ? await CompileAsync(definition, session) : null;

    /// <summary>Compiles, reading beforehand whatever the definition uses.</summary>
    private async Task<WorkflowGraph> CompileAsync(WorkflowDefinition definition, Session? session = null)
    {
        var used = new Dictionary<string, WorkflowDefinition>(StringComparer.Ordinal);
        while (true)
        {
            var missing = new HashSet<string>(StringComparer.Ordinal);
            var graph = new GraphCompiler(parts, reference =>
            {
                if (VersionOf(reference) is not { } version)
                {
                    return null;
                }
                if (used.TryGetValue(version.Id, out var found))
                {
                    return found;
                }
                missing.Add(version.Id);
                return null;
            }).Compile(definition);
            if (missing.Count == 0)
            {
                return graph;
            }
            foreach (var id in missing)
            {
                used[id] = (await ModelAsync(id, session))!;
            }
        }
    }

    private async Task<WorkflowDefinition?> ModelAsync(string versionId, Session? session) =>
        session is null ? await FindAsync(versionId) : _models.TryGetValue(versionId, out var known) ? known : await ReadAsync(session, versionId, CancellationToken.None);

    private DefinitionVersion? VersionOf(WorkflowReference reference)
    {
        var index = _index;
        if (reference.VersionId is { } versionId && index.ById.TryGetValue(versionId, out var exact))
        {
            return exact;
        }
        if (reference.DefinitionId is { } definitionId && (index.Versions.FirstOrDefault(v => v.DefinitionId == definitionId && v.Version == reference.Version) ?? Published(definitionId) ?? LatestOf(definitionId)) is { } named)
        {
            return named;
        }
        // Ids are those of the installation that a file comes from; the type is what it is called.
        return index.Versions.FirstOrDefault(v => v is { UsableAsActivity: true, IsPublished: true } && v.TypeName == reference.TypeName);
    }

    /// <summary>The moment of a change. Changes are committed one after the other, each later than all before, so that whoever saw the last has missed none.</summary>
    private async ValueTask<DateTimeOffset> StampAsync(Session session, CancellationToken cancellationToken)
    {
        if (database.Dialect.HoldNumbers is { Length: > 0 } hold)
        {
            await session.ForEachAsync(hold, [Param.Text(ChangeNumber)], _ => { }, cancellationToken);
        }
        return After(await session.FirstAsync($"SELECT max(\"changed_at\") FROM \"{WorkflowTables.Definition}\"", [], row => row.Timestamp(0), cancellationToken) ?? default);
    }

    private async Task PutAsync(Session session, WorkflowDefinition definition, string layer, bool replaces, Actor actor, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var revision = long.Parse(JsonShape.TextOf((definition.Model["customProperties"] as JsonObject)?[RevisionProperty]) ?? "1", System.Globalization.CultureInfo.InvariantCulture);
        var created = DateTimeOffset.TryParse(JsonShape.TextOf(definition.Model["createdAt"]), System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var said) ? Iso8601.ToMicroseconds(said) : now;
        if (replaces)
        {
            await session.ExecuteAsync($"DELETE FROM \"{WorkflowTables.Definition}\" WHERE \"id\" = $1", [Param.Text(definition.Id)], cancellationToken);
        }
        await session.ExecuteAsync(
            $"INSERT INTO \"{WorkflowTables.Definition}\" (\"id\", \"definition_id\", \"version\", \"name\", \"type_name\", \"is_latest\", \"is_published\", \"usable_as_activity\", \"layer\", \"model\", \"revision\", \"created_at\", \"changed_at\", \"changed_by\", \"description\", \"is_readonly\", \"is_system\") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $14, $12, $13, $15, $16, $17)",
            [
                Param.Text(definition.Id), Param.Text(definition.DefinitionId), Param.Integer(definition.Version), Param.Text(definition.Name), Param.Text(definition.TypeName), Flag(definition.IsLatest), Flag(definition.IsPublished),
                Flag(definition.UsableAsActivity), Param.Text(layer), Param.Text(definition.ToJson()), Param.Integer(revision), Param.Timestamp(now), Param.Uuid(actor.UserId),
                Param.Timestamp(created), Param.Text(JsonShape.TextOf(definition.Model["description"])), Flag(definition.IsReadonly), Flag(definition.IsSystem),
            ],
            cancellationToken);
    }

    private static async Task UnpublishAsync(Session session, string definitionId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await session.ExecuteAsync(
            $"UPDATE \"{WorkflowTables.Definition}\" SET \"is_published\" = $2, \"revision\" = \"revision\" + 1, \"changed_at\" = $3 WHERE \"definition_id\" = $1 AND \"is_published\" = $4",
            [Param.Text(definitionId), Flag(false), Param.Timestamp(now), Flag(true)], cancellationToken);
        await session.ExecuteAsync($"DELETE FROM \"{WorkflowTables.Trigger}\" WHERE \"definition_id\" = $1", [Param.Text(definitionId)], cancellationToken);
    }

    private static async Task PutTriggersAsync(Session session, IReadOnlyList<(string Id, string DefinitionId, string VersionId, string ActivityId, Stimulus Stimulus)> triggers, CancellationToken cancellationToken)
    {
        foreach (var (id, definitionId, versionId, activityId, stimulus) in triggers)
        {
            await session.ExecuteAsync(
                $"INSERT INTO \"{WorkflowTables.Trigger}\" (\"id\", \"definition_id\", \"version_id\", \"name\", \"activity_id\", \"hash\", \"payload\", \"due_at\") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                [
                    Param.Text(id), Param.Text(definitionId), Param.Text(versionId), Param.Text(stimulus.Name), Param.Text(activityId), Param.Text(stimulus.Hash()), Param.Text(Values.ToJson(stimulus.Payload)),
                    Param.Timestamp(stimulus.DueAt is { } due ? Iso8601.ToMicroseconds(due) : null),
                ],
                cancellationToken);
        }
    }

    private void Forget(string versionId)
    {
        _models.TryRemove(versionId, out _);
        _graphs.Clear();
    }

    private static WorkflowDefinition WithRevision(WorkflowDefinition definition, long revision)
    {
        var custom = definition.Model["customProperties"] is JsonObject given ? given.DeepClone().AsObject() : [];
        custom[RevisionProperty] = revision;
        return definition.With(("customProperties", custom));
    }

    internal static SqlParameter Flag(bool value) => new(value, ColumnKind.Boolean, 0);

    /// <summary>A text as LIKE finds it, with a backslash before what means something there.</summary>
    internal static string Escaped(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);

    private static DefinitionVersion Read(Row row) => new(
        row.Text(0)!, row.Text(1)!, (int)row.Integer(2)!.Value, row.Text(3)!, row.Text(4)!, (bool)row.Value(5, ColumnKind.Boolean)!, (bool)row.Value(6, ColumnKind.Boolean)!, (bool)row.Value(7, ColumnKind.Boolean)!, row.Text(8)!,
        row.Integer(9)!.Value, row.Timestamp(10)!.Value)
    {
        CreatedAt = row.Timestamp(11)!.Value,
        Description = row.Text(12),
        IsReadonly = row.Value(13, ColumnKind.Boolean) is true,
        IsSystem = row.Value(14, ColumnKind.Boolean) is true,
    };

    private static RecordStart ReadStart(Row row)
    {
        var payload = (Dictionary<string, object?>)Values.Parse(row.Text(3)!)!;
        return new(
            row.Text(0)!, row.Text(1)!, row.Text(2)!, payload.GetValueOrDefault("Entity") as string ?? "", [.. Values.ToList(payload.GetValueOrDefault("Fields")).OfType<string>()], payload.GetValueOrDefault("Condition") as string, payload.GetValueOrDefault("OldCondition") as string,
            Enum.TryParse<Reentry>(payload.GetValueOrDefault("Reentry") as string, out var reentry) ? reentry : Reentry.EachChange);
    }

    private static ProblemException Missing(string definitionId) => new(Problem.Of(ProblemKind.NotFound, "workflow.missing", definitionId));

    private sealed class Index(IReadOnlyList<DefinitionVersion> versions)
    {
        public IReadOnlyList<DefinitionVersion> Versions { get; } = versions;

        public FrozenDictionary<string, DefinitionVersion> ById { get; } = versions.ToFrozenDictionary(v => v.Id, StringComparer.Ordinal);

        public FrozenDictionary<string, DefinitionVersion> Published { get; } =
            versions.Where(v => v.IsPublished).GroupBy(v => v.DefinitionId).ToFrozenDictionary(g => g.Key, g => g.MaxBy(v => v.Version)!, StringComparer.Ordinal);

        public FrozenDictionary<string, DefinitionVersion> Latest { get; } =
            versions.Where(v => v.IsLatest).GroupBy(v => v.DefinitionId).ToFrozenDictionary(g => g.Key, g => g.MaxBy(v => v.Version)!, StringComparer.Ordinal);
    }

    /// <summary>Where inputs of triggers are evaluated when a version is published: nothing happens there.</summary>
    private sealed class PublishSurroundings(WorkflowParts parts, TimeProvider time, IdSource ids) : RunSurroundings
    {
        public override TimeProvider Time => time;

        public override WorkflowParts Parts => parts;

        public override Guid NewGuid() => ids.Next();

        public override ValueTask<WorkflowGraph?> FindPublishedAsync(string definitionId) => ValueTask.FromResult<WorkflowGraph?>(null);

        public override ValueTask<ChildResult> ExecuteChildAsync(WorkflowRun parent, ChildStart child, CancellationToken cancellationToken) => throw new NotSupportedException();

        public override void Dispatch(WorkflowRun parent, ChildStart child) => throw new NotSupportedException();

        public override void Send(StimulusRequest request) => throw new NotSupportedException();

        public override void CreateTask(WorkflowRun run, string taskId, string name, IReadOnlyDictionary<string, object?>? payload) => throw new NotSupportedException();
    }
}
