using System.Collections.Concurrent;
using System.Collections.Frozen;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Workflow;

/// <summary>
/// The versions of all definitions: those of the product's files, and over them those that were made here. What is published is compiled when
/// it is first needed; how many others there are costs nothing.
/// </summary>
public sealed partial class DefinitionStore(Database database, WorkflowParts parts, IdSource ids, TimeProvider time)
{
    public const string ProductLayer = "product", CustomerLayer = "customer";

    /// <summary>Where a definition carries the revision that its editor saw, so that two editors cannot overwrite each other.</summary>
    public const string RevisionProperty = "crm:revision";

    private const string Columns =
        "\"id\", \"definition_id\", \"version\", \"name\", \"type_name\", \"is_latest\", \"is_published\", \"usable_as_activity\", \"layer\", \"revision\", \"changed_at\", \"created_at\", \"description\", \"is_readonly\", \"is_system\"";

    private readonly ConcurrentDictionary<string, Lazy<Task<WorkflowGraph?>>> _graphs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, WorkflowDefinition> _models = new(StringComparer.Ordinal);
    private readonly DefinitionTriggers _triggers = new(parts, ids, time);
    private readonly Lock _refreshing = new();
    private volatile Index _index = new([]);
    private DateTimeOffset _seen;

    /// <summary>What begins with changes of records, by kind of change and entity.</summary>
    internal FrozenDictionary<(string Kind, string Entity), IReadOnlyList<RecordStart>> RecordStarts { get; private set; } = FrozenDictionary<(string Kind, string Entity), IReadOnlyList<RecordStart>>.Empty;

    /// <summary>What begins with requests, by the hash of method and pattern.</summary>
    internal FrozenDictionary<string, IReadOnlyList<HttpTarget>> HttpStarts { get; private set; } = FrozenDictionary<string, IReadOnlyList<HttpTarget>>.Empty;

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
        return WithRevision(parts.Reader.ReadStored(model).With(("isLatest", isLatest), ("isPublished", isPublished)), revision);
    }

    /// <summary>What is wrong with a definition; nothing is kept.</summary>
    public async Task<IReadOnlyList<Problem>> CheckAsync(WorkflowDefinition definition) => (await CompileAsync(definition)).Problems;

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

    private void Forget(string versionId)
    {
        _models.TryRemove(versionId, out _);
        _graphs.Clear();
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
}
