using System.Text.Json.Nodes;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Workflow;

/// <content>What administrators do with definitions beside saving and publishing them.</content>
public sealed partial class DefinitionStore
{
    /// <summary>All versions of all definitions.</summary>
    public IReadOnlyList<DefinitionVersion> All() => _index.Versions;

    /// <summary>The JSON of a definition as designers can show it, whatever activities it has.</summary>
    public System.Text.Json.Nodes.JsonObject ModelForDesigners(WorkflowDefinition definition) =>
        DesignerModel.Of(definition, parts.Activities, name => _index.Versions.Any(v => v.UsableAsActivity && v.TypeName == name));

    /// <summary>The newest version of a definition that <paramref name="choice"/> includes; a published one before a draft.</summary>
    public DefinitionVersion? Choose(string definitionId, VersionChoice choice) => Versions(definitionId).Where(choice.Includes).OrderByDescending(v => v.IsPublished && choice != VersionChoice.All).FirstOrDefault();

    /// <summary>Whether no other definition is called so.</summary>
    public bool IsNameFree(string name, string? definitionId) => !_index.Versions.Any(v => v.IsLatest && v.DefinitionId != definitionId && string.Equals(v.Name, name.Trim(), StringComparison.OrdinalIgnoreCase));

    /// <summary>Makes a draft of what an older version says.</summary>
    /// <exception cref="ProblemException">There is no such version, or the definition may not be changed.</exception>
    public async Task<WorkflowDefinition> RevertAsync(string definitionId, int version, Actor actor, CancellationToken cancellationToken = default)
    {
        await RefreshAsync(cancellationToken);
        var old = Versions(definitionId).FirstOrDefault(v => v.Version == version) ?? throw Missing(definitionId);
        var definition = WithoutRevision((await FindAsync(old.Id, cancellationToken))!);
        return await SaveAsync(definition.With(("createdAt", JsonValue.Create(Iso8601.ToText(time.GetUtcNow())))), publish: false, actor, cancellationToken);
    }

    /// <summary>Deletes versions; the newest that is left becomes the latest, and what was published before is not published again.</summary>
    /// <returns>How many there were.</returns>
    /// <exception cref="ProblemException">One of them came with the product or is read-only.</exception>
    public async Task<int> DeleteVersionsAsync(IReadOnlyCollection<string> versionIds, CancellationToken cancellationToken = default)
    {
        await RefreshAsync(cancellationToken);
        var versions = versionIds.Distinct(StringComparer.Ordinal).Select(id => _index.ById.GetValueOrDefault(id)).OfType<DefinitionVersion>().ToList();
        foreach (var kept in versions.Where(v => v.IsReadonly || v.Layer == ProductLayer))
        {
            throw new ProblemException(Problem.Of(kept.IsReadonly ? ProblemKind.Forbidden : ProblemKind.Conflict, kept.IsReadonly ? "workflow.readonly" : "workflow.product", kept.Name));
        }
        if (versions.Count == 0)
        {
            return 0;
        }
        var deleted = await database.WriteAsync(
            async session =>
            {
                var (count, now) = (0, await StampAsync(session, cancellationToken));
                foreach (var version in versions)
                {
                    count += await session.ExecuteAsync($"DELETE FROM \"{WorkflowTables.Definition}\" WHERE \"id\" = $1", [Param.Text(version.Id)], cancellationToken);
                    await session.ExecuteAsync($"DELETE FROM \"{WorkflowTables.Trigger}\" WHERE \"version_id\" = $1", [Param.Text(version.Id)], cancellationToken);
                }
                foreach (var definitionId in versions.Select(v => v.DefinitionId).Distinct(StringComparer.Ordinal))
                {
                    await session.ExecuteAsync(
                        $"UPDATE \"{WorkflowTables.Definition}\" SET \"is_latest\" = $2, \"revision\" = \"revision\" + 1, \"changed_at\" = $3 WHERE \"definition_id\" = $1 AND \"is_latest\" = $4 " +
                        $"AND \"version\" = (SELECT max(\"version\") FROM \"{WorkflowTables.Definition}\" d WHERE d.\"definition_id\" = $1)",
                        [Param.Text(definitionId), Flag(true), Param.Timestamp(now), Flag(false)], cancellationToken);
                }
                // Other nodes see by the last change that something is gone; whatever is left carries it.
                await session.ExecuteAsync(
                    $"UPDATE \"{WorkflowTables.Definition}\" SET \"changed_at\" = $1 WHERE \"id\" = (SELECT \"id\" FROM \"{WorkflowTables.Definition}\" ORDER BY \"changed_at\" DESC LIMIT 1)", [Param.Timestamp(now)], cancellationToken);
                return count;
            },
            cancellationToken);
        versions.ForEach(v => Forget(v.Id));
        await RefreshAsync(cancellationToken);
        return deleted;
    }

    /// <summary>Definitions whose latest version uses this one as an activity.</summary>
    public async Task<IReadOnlyList<string>> ConsumersAsync(string definitionId, CancellationToken cancellationToken = default)
    {
        await RefreshAsync(cancellationToken);
        if (LatestOf(definitionId) is not { } used)
        {
            return [];
        }
        List<string> candidates;
        await using (var session = await database.ReadAsync(cancellationToken))
        {
            // The text says where it may be used, the definition whether it is.
            candidates = await session.QueryAsync(
                $"SELECT \"id\" FROM \"{WorkflowTables.Definition}\" WHERE \"is_latest\" = $1 AND \"definition_id\" <> $2 AND (\"model\" LIKE $3 ESCAPE '\\' OR \"model\" LIKE $4 ESCAPE '\\')",
                [Flag(true), Param.Text(definitionId), Param.Text(Like(definitionId)), Param.Text(Like(used.TypeName))], r => r.Text(0)!, cancellationToken);
        }
        var consumers = new List<string>();
        foreach (var id in candidates)
        {
            if (await FindAsync(id, cancellationToken) is { Root: { } root } definition && Uses(root, used))
            {
                consumers.Add(definition.DefinitionId);
            }
        }
        return consumers;
    }

    /// <summary>Has the definitions that use this one as an activity use its published version.</summary>
    /// <returns>Ids of the definitions that changed.</returns>
    public async Task<IReadOnlyList<string>> UpdateReferencesAsync(string definitionId, Actor actor, CancellationToken cancellationToken = default)
    {
        var changed = new List<string>();
        if (Published(definitionId) is not { } used)
        {
            return changed;
        }
        foreach (var consumer in await ConsumersAsync(definitionId, cancellationToken))
        {
            if (LatestOf(consumer) is { IsReadonly: false } latest && await FindAsync(latest.Id, cancellationToken) is { } definition)
            {
                var root = definition.Root!.DeepClone().AsObject();
                if (Repoint(root, used) && await TrySaveAsync(definition.With(("root", root)), latest.IsPublished, actor, cancellationToken))
                {
                    changed.Add(consumer);
                }
            }
        }
        return changed;
    }

    /// <summary>A definition that does not fit the new version any more stays with the old one until somebody looks at it.</summary>
    private async Task<bool> TrySaveAsync(WorkflowDefinition definition, bool publish, Actor actor, CancellationToken cancellationToken)
    {
        try
        {
            await SaveAsync(definition, publish, actor, cancellationToken);
            return true;
        }
        catch (ProblemException)
        {
            return false;
        }
    }

    private static string Like(string text) => $"%\"{Escaped(text)}\"%";

    private bool Uses(JsonObject activity, DefinitionVersion used) => IsUse(activity, used) || parts.Activities.ChildrenOf(activity).Any(c => Uses(c.Child, used));

    private bool IsUse(JsonObject activity, DefinitionVersion used) =>
        JsonShape.TextOf(activity["type"]) is { } type && parts.Activities.Find(type) is null && (JsonShape.TextOf(activity["workflowDefinitionId"]) is { Length: > 0 } id ? id == used.DefinitionId : type == used.TypeName);

    private bool Repoint(JsonObject activity, DefinitionVersion used)
    {
        var changed = false;
        if (IsUse(activity, used) && JsonShape.TextOf(activity["workflowDefinitionVersionId"]) != used.Id)
        {
            activity["workflowDefinitionId"] = used.DefinitionId;
            activity["workflowDefinitionVersionId"] = used.Id;
            activity["latestAvailablePublishedVersion"] = used.Version;
            activity["latestAvailablePublishedVersionId"] = used.Id;
            activity["version"] = used.Version;
            changed = true;
        }
        foreach (var (_, child) in parts.Activities.ChildrenOf(activity).ToList())
        {
            changed |= Repoint(child, used);
        }
        return changed;
    }
}
