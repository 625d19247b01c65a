using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>
/// Brings the records that an installation begins with, each once: they are remembered by their keys, so that what an administrator changes stays
/// changed and what is deleted stays away, and what a later version of the files adds comes when it is there.
/// </summary>
public sealed class Seeds(Database database, RecordStore store, ModelSource models, TimeProvider time)
{
    /// <summary>Brings what is not there yet, in one transaction; nodes that start together bring it once between them.</summary>
    /// <returns>The records that saving refused, and why; they stay out and are tried again the next time.</returns>
    public async Task<IReadOnlyList<MetadataProblem>> BringAsync(CancellationToken cancellationToken = default)
    {
        var model = models.Current;
        var records = SeedRecord.Of(model);
        if (records.Count == 0 || await AllAreBroughtAsync(records, cancellationToken))
        {
            return [];
        }
        try
        {
            var refused = await database.WriteAsync(session => BringAsync(session, records, cancellationToken), cancellationToken);
            return
            [
                .. refused.SelectMany(r => r.Problems.Select(p => new MetadataProblem(r.Seed.File, p.Field is null ? r.Seed.Path : $"{r.Seed.Path}.{p.Field}", p.Message(model.Texts))
                {
                    Layer = model.Files.LayerOf(r.Seed.File),
                })),
            ];
        }
        catch (ProblemException refusal)
        {
            // What is refused as a whole stops no start either.
            return [.. refusal.Problems.Select(p => new MetadataProblem(MetadataKind.Seeds.Name, p.Field ?? "", p.Message(model.Texts)))];
        }
    }

    private async Task<bool> AllAreBroughtAsync(IReadOnlyList<SeedRecord> records, CancellationToken cancellationToken)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        var known = new HashSet<(string, string)>();
        await session.ForEachAsync($"SELECT \"entity\", \"key\" FROM \"{SystemTables.Seed}\"", [], row => known.Add((row.Text(0)!, row.Text(1)!)), cancellationToken);
        return records.All(r => known.Contains((r.Entity.Name, r.Mark)));
    }

    private async Task<IReadOnlyList<(SeedRecord Seed, IReadOnlyList<Problem> Problems)>> BringAsync(Session session, IReadOnlyList<SeedRecord> records, CancellationToken cancellationToken)
    {
        // In one order everywhere: who comes second waits here for the first, and then finds them noted.
        var mine = new HashSet<SeedRecord>(ReferenceEqualityComparer.Instance);
        foreach (var record in records.OrderBy(r => r.Entity.Name, StringComparer.Ordinal).ThenBy(r => r.Mark, StringComparer.Ordinal))
        {
            if (await NoteAsync(session, record, cancellationToken))
            {
                mine.Add(record);
            }
        }
        await LeaveKnownAsync(session, mine, cancellationToken);
        var wanted = records.Where(mine.Contains).Select(r => (Seed: r, Change: RecordChange.Create(r.Entity, r.Values, r.Id))).ToList();
        if (wanted.Count == 0)
        {
            return [];
        }
        var refused = new List<(SeedRecord, IReadOnlyList<Problem>)>();
        await store.WriteAsync(session, new(Actor.Platform, Door.Platform, [.. wanted.Select(w => w.Change)], WriteMode.Partial), cancellationToken);
        foreach (var (seed, change) in wanted.Where(w => w.Change.Failed))
        {
            await session.ExecuteAsync($"DELETE FROM \"{SystemTables.Seed}\" WHERE \"entity\" = $1 AND \"key\" = $2", [Param.Text(seed.Entity.Name), Param.Text(seed.Mark)], cancellationToken);
            refused.Add((seed, [.. change.Problems]));
        }
        return refused;
    }

    /// <summary>Notes that a record is brought now.</summary>
    /// <returns>False where that is noted already.</returns>
    private async Task<bool> NoteAsync(Session session, SeedRecord record, CancellationToken cancellationToken) => await session.ExecuteAsync(
        $"INSERT INTO \"{SystemTables.Seed}\" (\"entity\", \"key\", \"at\") VALUES ($1, $2, $3) ON CONFLICT (\"entity\", \"key\") DO NOTHING",
        [Param.Text(record.Entity.Name), Param.Text(record.Mark), Param.Timestamp(Iso8601.ToMicroseconds(time.GetUtcNow()))],
        cancellationToken) > 0;

    /// <summary>What was there before anybody brought it is somebody's own.</summary>
    private static async Task LeaveKnownAsync(Session session, HashSet<SeedRecord> mine, CancellationToken cancellationToken)
    {
        foreach (var group in mine.GroupBy(r => (r.Entity, Key: string.Join(',', r.Key.Select(f => f.Name)))).ToList())
        {
            var byKey = group.ToDictionary(r => ValueKey.Of(r.KeyValues), StringComparer.Ordinal);
            await EntityTable.Of(group.Key.Entity).ForEachWithAsync(
                session, group.First().Key, [.. group.Select(r => r.KeyValues)], (_, found) => mine.Remove(byKey[ValueKey.Of(found)]), cancellationToken);
        }
    }
}
