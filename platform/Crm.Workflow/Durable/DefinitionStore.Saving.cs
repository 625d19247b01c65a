using System.Data.Common;
using System.Text.Json.Nodes;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Workflow;

/// <content>How a version is written, published and taken back.</content>
public sealed partial class DefinitionStore
{
    private const int MaxName = 200, MaxDescription = 4_000;

    /// <summary>The number that whoever changes definitions holds until the change is committed.</summary>
    private const string ChangeNumber = "3172027";

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
        var triggers = publish ? _triggers.TriggersOf(await CompileAsync(kept)) : [];
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

    /// <summary>A definition as it is exchanged: without what only this installation knows of it.</summary>
    public static WorkflowDefinition WithoutRevision(WorkflowDefinition definition)
    {
        if (definition.Model["customProperties"] is not JsonObject given || !given.ContainsKey(RevisionProperty))
        {
            return definition;
        }
        var custom = given.DeepClone().AsObject();
        custom.Remove(RevisionProperty);
        return definition.With(("customProperties", custom));
    }

    /// <summary>Writes; where somebody else created the same definition at the same moment, that is a conflict like any other.</summary>
    private async Task WriteAsync(string definitionId, string name, DefinitionVersion? latest, Func<Session, Task<int>> work, CancellationToken cancellationToken)
    {
        try
        {
            await database.WriteAsync(work, cancellationToken);
        }
        catch (DbException) when (latest is null)
        {
            await RefreshAsync(cancellationToken);
            if (LatestOf(definitionId) is not { } theirs)
            {
                throw;
            }
            throw new ProblemException(Problem.Of(ProblemKind.VersionConflict, "workflow.saved", name, theirs.Version));
        }
    }

    /// <summary>Texts that go into columns of their own must fit there.</summary>
    private static void CheckTexts(WorkflowDefinition definition)
    {
        Check("definitionId", definition.DefinitionId, MaxName);
        Check("name", definition.Name, MaxName);
        Check("description", JsonShape.TextOf(definition.Model["description"]) ?? "", MaxDescription);

        static void Check(string member, string text, int most)
        {
            if (text.Length > most)
            {
                throw new ProblemException(Problem.At(member, ProblemKind.Invalid, "value.tooLong", most, text.Length));
            }
            if (text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')))
            {
                throw new ProblemException(Problem.At(member, ProblemKind.Invalid, "value.controlCharacters"));
            }
        }
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

    private DateTimeOffset After(DateTimeOffset seen)
    {
        var now = Iso8601.ToMicroseconds(time.GetUtcNow());
        return now > seen ? now : seen.AddTicks(10);
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

    private static WorkflowDefinition WithRevision(WorkflowDefinition definition, long revision)
    {
        var custom = definition.Model["customProperties"] is JsonObject given ? given.DeepClone().AsObject() : [];
        custom[RevisionProperty] = revision;
        return definition.With(("customProperties", custom));
    }
}
