using System.Data.Common;
using Crm.Data;
using Crm.Rules;

namespace Crm.Workflow;

/// <content>The product's files, which lie under what was made here.</content>
public sealed partial class DefinitionStore
{
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
                        await PutTriggersAsync(session, _triggers.TriggersOf(graph), cancellationToken);
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
}
