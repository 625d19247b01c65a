using System.Text.Json;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>
/// The one door to records. Reads see only what the actor may see; writes go through the whole path of rules, whoever asks.
/// </summary>
public sealed class RecordStore(Database database, WritePath writePath, TimeProvider time)
{
    /// <summary>A page of records.</summary>
    /// <exception cref="ProblemException">The actor may not read them, or the cursor is not of this query.</exception>
    public async Task<RecordPage> QueryAsync(RecordQuery query, Actor actor, CancellationToken cancellationToken = default)
    {
        query = Allowed(query, query.Fields ?? [], actor);
        await using var session = await database.ReadAsync(cancellationToken);
        var page = await RecordReader.ReadAsync(session, query, database.Dialect, actor.ScopeAt(time.GetUtcNow()), database.Queries, cancellationToken);
        return await PageExtras.FillAsync(session, page, query.Titles, actor, cancellationToken);
    }

    /// <summary>What records are called, those apart that the actor may not read; one statement for each entity.</summary>
    public async Task<IReadOnlyDictionary<Guid, string>> TitlesAsync(IEnumerable<(Entity Entity, Guid Id)> references, Actor actor, CancellationToken cancellationToken = default)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        return await ReferenceTitles.ReadAsync(session, references, actor, cancellationToken);
    }

    /// <summary>Writes a page as JSON: <c>{"items": [...], "next", "previous", "count", "countIsExact"}</c>.</summary>
    /// <exception cref="ProblemException">The actor may not read them, or the cursor is not of this query; nothing has been written.</exception>
    public async Task WriteJsonAsync(Utf8JsonWriter json, RecordQuery query, RecordShape shape, Actor actor, CancellationToken cancellationToken = default)
    {
        query = Allowed(query, shape.Paths, actor);
        DemandCollections(shape, actor);
        await using var session = await database.ReadAsync(cancellationToken);
        var begun = false;
        var held = shape.IsHeld ? new HeldRows(shape) : null;
        var backwards = held is not null || query.Before is null ? null : new ReversedRows();
        var end = await RecordReader.ScanAsync(session, query, shape.Paths, database.Dialect, actor.ScopeAt(time.GetUtcNow()), database.Queries, held is null ? Write : held.Take, cancellationToken);
        Begin();
        backwards?.WriteTo(json);
        if (held is not null)
        {
            await held.WriteAsync(json, session, database.Dialect, actor, query.Before is not null, cancellationToken);
        }
        json.WriteEndArray();
        json.WriteString("next", end.Next);
        json.WriteString("previous", end.Previous);
        if (end.Count is { } count)
        {
            json.WriteNumber("count", count);
            json.WriteBoolean("countIsExact", end.CountIsExact);
        }
        json.WriteEndObject();

        void Begin()
        {
            if (!begun)
            {
                begun = true;
                json.WriteStartObject();
                json.WriteStartArray("items");
            }
        }

        void Write(Row row, int first)
        {
            if (backwards is not null)
            {
                backwards.Add(rowJson => shape.Write(rowJson, row, first));
                return;
            }
            Begin();
            shape.Write(json, row, first);
        }
    }

    /// <summary>A connection for a read of many pages that belong together: none of them sees what is written meanwhile.</summary>
    internal ValueTask<Session> SnapshotAsync(CancellationToken cancellationToken) => database.SnapshotAsync(cancellationToken);

    /// <summary>Writes the records of a page as JSON values, one after the other.</summary>
    /// <returns>Where the next page begins; null after the last.</returns>
    /// <exception cref="ProblemException">The actor may not read them.</exception>
    internal async Task<string?> WriteItemsAsync(Session session, Utf8JsonWriter json, RecordQuery query, RecordShape shape, Actor actor, CancellationToken cancellationToken)
    {
        query = Allowed(query, shape.Paths, actor);
        DemandCollections(shape, actor);
        var held = shape.IsHeld ? new HeldRows(shape) : null;
        var end = await RecordReader.ScanAsync(session, query, shape.Paths, database.Dialect, actor.ScopeAt(time.GetUtcNow()), database.Queries, held is null ? Write : held.Take, cancellationToken);
        if (held is not null)
        {
            await held.WriteAsync(json, session, database.Dialect, actor, backwards: false, cancellationToken);
        }
        return end.Next;

        void Write(Row row, int first) => shape.Write(json, row, first);
    }

    /// <summary>Writes one record as JSON.</summary>
    /// <param name="json">Where to write.</param>
    /// <param name="shape">Which fields.</param>
    /// <param name="entity">Whose record.</param>
    /// <param name="id">Which record.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="found">Told the record's version before anything is written.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ProblemException">There is no such record; nothing has been written.</exception>
    public async Task WriteJsonAsync(Utf8JsonWriter json, RecordShape shape, Entity entity, Guid id, Actor actor, Action<long> found, CancellationToken cancellationToken = default)
    {
        Authority.Demand(actor, Operation.Read, entity);
        Authority.DemandPaths(actor, shape.Paths);
        DemandCollections(shape, actor);
        await using var session = await database.ReadAsync(cancellationToken);
        var held = shape.IsHeld ? new HeldRows(shape) : null;
        if (!await session.FirstAsync(shape.ByIdSql(entity, database.Dialect), [Param.Uuid(id)], Write, cancellationToken))
        {
            throw await MissingAsync(session, entity, id, cancellationToken);
        }
        if (held is not null)
        {
            await held.WriteAsync(json, session, database.Dialect, actor, backwards: false, cancellationToken);
        }

        bool Write(Row row)
        {
            found(row.Integer(0)!.Value);
            if (held is null)
            {
                shape.Write(json, row, 1);
            }
            else
            {
                held.Take(row, 1, id);
            }
            return true;
        }
    }

    /// <summary>A record with all its fields, or null if there is none (or it is in the recycle bin).</summary>
    public async Task<Record?> FindAsync(Entity entity, Guid id, Actor actor, CancellationToken cancellationToken = default)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        return await FindAsync(session, entity, id, actor, cancellationToken);
    }

    /// <summary>The same as a transaction that is under way sees it.</summary>
    public async Task<Record?> FindAsync(Session session, Entity entity, Guid id, Actor actor, CancellationToken cancellationToken = default)
    {
        Authority.Demand(actor, Operation.Read, entity);
        var found = await EntityTable.Of(entity).LoadAsync(session, [id], cancellationToken);
        if (!found.TryGetValue(id, out var record) || record.Values[Entity.DeletedAtOrdinal] is not null)
        {
            return null;
        }
        await Collections.FillAsync(session, record, actor, cancellationToken);
        return record;
    }

    /// <summary>
    /// A record before and after its change to <paramref name="version"/>, rebuilt from its history; fields that keep none are as they are now.
    /// </summary>
    /// <returns>Nothing if there never was such a record; no before for its creation.</returns>
    public async Task<(Record? Before, Record After)?> AsOfAsync(Session session, Entity entity, Guid id, long version, CancellationToken cancellationToken = default)
    {
        var found = await EntityTable.Of(entity).LoadAsync(session, [id], cancellationToken);
        if (!found.TryGetValue(id, out var record))
        {
            return null;
        }
        await Collections.FillAsync(session, record, Actor.Platform, cancellationToken);
        Record? after = null;
        foreach (var entry in await AuditTrail.ReadBackToAsync(session, entity, id, version, cancellationToken))
        {
            if (entry.Version == version)
            {
                after = record.Clone();
            }
            if (entry.Kind == ChangeKind.Create)
            {
                return (null, after ?? record);
            }
            foreach (var change in entry.Changes)
            {
                record.Values[change.Field.Ordinal] = change.Field.Type is CollectionFieldType
                    ? ItemList.Undo((ItemList?)record.Values[change.Field.Ordinal], (ItemList?)change.Before, (ItemList?)change.After)
                    : change.Before;
            }
        }
        return (record, after ?? record);
    }

    /// <summary>A page of records as a transaction that is under way sees it.</summary>
    /// <exception cref="ProblemException">The actor may not read them, or the cursor is not of this query.</exception>
    public Task<RecordPage> QueryAsync(Session session, RecordQuery query, Actor actor, CancellationToken cancellationToken = default) =>
        RecordReader.ReadAsync(session, Allowed(query, query.Fields ?? [], actor), database.Dialect, actor.ScopeAt(time.GetUtcNow()), database.Queries, cancellationToken);

    /// <summary>Fills in what the rows and links of a record hold, as far as the actor may read them.</summary>
    public async Task FillAsync(Record record, Actor actor, CancellationToken cancellationToken = default)
    {
        if (record.Entity.Collections.Count > 0)
        {
            await using var session = await database.ReadAsync(cancellationToken);
            await Collections.FillAsync(session, record, actor, cancellationToken);
        }
    }

    /// <summary>A record with all its fields.</summary>
    /// <exception cref="ProblemException">There is none.</exception>
    public async Task<Record> GetAsync(Entity entity, Guid id, Actor actor, CancellationToken cancellationToken = default) =>
        await FindAsync(entity, id, actor, cancellationToken) ?? throw await MissingAsync(entity, id, cancellationToken);

    /// <summary>What the lookups of a record point to, by field name: the titles to show for them. One statement for each entity.</summary>
    public async Task<IReadOnlyDictionary<string, string>> TitlesAsync(Record record, Actor actor, CancellationToken cancellationToken = default)
    {
        var pointed = record.Entity.Fields.Where(f => f.Ordinal != Entity.IdOrdinal && f.PointedTo(record.Values[f.Ordinal]) is not null).ToList();
        if (pointed.Count == 0)
        {
            return new Dictionary<string, string>();
        }
        var titles = await TitlesAsync(pointed.SelectMany(f => f.PointedToBy(record.Values[f.Ordinal])), actor, cancellationToken);
        return pointed.Select(f => (f.Name, f.PointedTo(record.Values[f.Ordinal])!.Value.Id)).Where(f => titles.ContainsKey(f.Id)).ToDictionary(f => f.Name, f => titles[f.Id], StringComparer.Ordinal);
    }

    /// <summary>Fetches what the rules of the fields look at beyond records of one entity, so that a form can follow them while somebody types.</summary>
    public async Task AddRelatedAsync(IReadOnlyList<KnownRecord> records, ConditionScope scope, CancellationToken cancellationToken = default)
    {
        if (records.Count > 0 && FieldRules.Of(records[0].Record.Entity) is { LooksBeyond: true } rules)
        {
            await using var session = await database.ReadAsync(cancellationToken);
            var reader = new RelatedReader(session, database.Dialect, scope);
            foreach (var group in records.GroupBy(r => r.Among))
            {
                await reader.AddAsync(group.Key, [.. group], rules.Conditions, cancellationToken);
            }
        }
    }

    /// <summary>Whether a condition holds for a record as somebody has it in hand, with what lies behind its lookups as the session sees it; other records point to it only where it is stored.</summary>
    /// <exception cref="ProblemException">It asks for something that the actor may not read.</exception>
    public async Task<bool> HoldsAsync(Session session, Condition condition, Record record, Actor actor, CancellationToken cancellationToken = default)
    {
        Authority.DemandCondition(actor, condition);
        var (related, scope) = (new RelatedRecords(), actor.ScopeAt(time.GetUtcNow()));
        var known = related.Of(record.Id, record);
        await new RelatedReader(session, database.Dialect, scope).AddAsync(related, [known], [condition], cancellationToken);
        return ConditionEvaluator.Holds(condition, known, scope);
    }

    /// <summary>Groups and measures over the records that the actor may read.</summary>
    public async Task<AggregateResult> AggregateAsync(AggregateQuery query, Actor actor, CancellationToken cancellationToken = default)
    {
        Authority.Demand(actor, Operation.Read, query.Entity);
        Authority.DemandCondition(actor, query.Filter);
        Authority.DemandPaths(actor, query.GroupBy.Select(g => g.Path).Concat(query.Measures.SelectMany(m => m.Paths)));
        foreach (var measure in query.Measures)
        {
            Authority.DemandCondition(actor, measure.Filter);
        }
        AggregateResult result;
        await using (var session = await database.ReadAsync(cancellationToken))
        {
            result = await AggregateReader.ReadAsync(session, query, database.Dialect, actor.ScopeAt(time.GetUtcNow()), cancellationToken, database.Queries);
        }
        return query.WithTitles ? result with { Titles = await AggregateTitles.ReadAsync(this, result, actor, cancellationToken) } : result;
    }

    /// <summary>Counting stops here where nobody asks for the exact number.</summary>
    public const int CountCap = RecordReader.CountCap;

    /// <summary>How many records each of several conditions finds, in one statement; above <see cref="CountCap"/> it is one more than that.</summary>
    public async Task<IReadOnlyList<long>> CountAsync(IReadOnlyList<(Entity Entity, Condition Filter)> questions, Actor actor, CancellationToken cancellationToken = default)
    {
        foreach (var (entity, filter) in questions)
        {
            Authority.Demand(actor, Operation.Read, entity);
            Authority.DemandCondition(actor, filter);
        }
        await using var session = await database.ReadAsync(cancellationToken);
        return await RecordCounts.ReadAsync(session, questions, database.Dialect, actor.ScopeAt(time.GetUtcNow()), cancellationToken);
    }

    /// <summary>Since when each of the records has the value that it has in <paramref name="field"/>, as far as history tells.</summary>
    public async Task<IReadOnlyDictionary<Guid, DateTimeOffset>> SinceAsync(Field field, IReadOnlyList<Guid> records, Actor actor, CancellationToken cancellationToken = default)
    {
        Authority.Demand(actor, Operation.Read, field.Entity);
        await using var session = await database.ReadAsync(cancellationToken);
        return await AuditTrail.SinceAsync(session, field, records, cancellationToken);
    }

    /// <summary>What the words find in the entities that the actor may read, the best first.</summary>
    public async Task<IReadOnlyList<SearchHit>> SearchAsync(IEnumerable<Entity> entities, string text, int limit, Actor actor, CancellationToken cancellationToken = default)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        return await RecordSearch.FindAsync(session, database.Dialect, [.. entities.Where(e => e is { IsSystem: false, LinkOf: null } && Authority.May(actor, Operation.Read, e))], text, limit, actor, cancellationToken);
    }

    /// <summary>How the database would run a query that was slow.</summary>
    public async Task<QueryPlan> ExplainAsync(SlowQuery query, CancellationToken cancellationToken = default)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        var lines = await session.QueryAsync(database.Dialect.Explain + query.Sql, query.Example, row => database.Dialect.ReadPlanLine(row.Text), cancellationToken);
        return new([.. lines.Select(l => l.Line)], lines.Any(l => l.IsSlow));
    }

    /// <summary>The changes of a record, newest first; one in the recycle bin still has its history.</summary>
    /// <param name="entity">Whose record.</param>
    /// <param name="id">Which record.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="limit">How many at most, up to <see cref="AuditPage.MaxLimit"/>.</param>
    /// <param name="after">Where the page before ended; null for the first page.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ProblemException">There never was such a record, the actor may not read it, or the cursor is none.</exception>
    public async Task<AuditPage> HistoryAsync(Entity entity, Guid id, Actor actor, int limit = AuditPage.MaxLimit, string? after = null, CancellationToken cancellationToken = default)
    {
        Authority.Demand(actor, Operation.Read, entity);
        (long, Guid)? before = after is null ? null : AuditPage.Cursors.Read(after);
        await using var session = await database.ReadAsync(cancellationToken);
        var entries = await AuditTrail.ReadAsync(session, entity, id, before, limit + 1, cancellationToken);
        return entries.Count > 0 || (await EntityTable.Of(entity).LoadAsync(session, [id], cancellationToken)).Count > 0 ? AuditPage.Of(entries, limit) : throw NotFound(entity, id);
    }

    /// <summary>Which values a field of a record had and for how long, oldest first; empty where no history is kept of it.</summary>
    public async Task<IReadOnlyList<FieldStay>> StaysAsync(Field field, Guid id, Actor actor, CancellationToken cancellationToken = default)
    {
        Authority.Demand(actor, Operation.Read, field.Entity);
        await using var session = await database.ReadAsync(cancellationToken);
        var moments = await AuditTrail.ReadFieldAsync(session, field, id, cancellationToken);
        return [.. moments.Select((m, i) => new FieldStay(m.Value, m.At, i + 1 < moments.Count ? moments[i + 1].At : null))];
    }

    /// <summary>
    /// Writes records. An atomic request that is refused throws and leaves nothing behind; in any other, each change says for itself
    /// whether it was written.
    /// </summary>
    /// <exception cref="ProblemException">The request was refused, or the actor may not.</exception>
    public async Task<IReadOnlyList<RecordChange>> WriteAsync(WriteRequest request, CancellationToken cancellationToken = default)
    {
        try
        {
            return await database.WriteAsync(session => writePath.RunAsync(session, request, cancellationToken), cancellationToken);
        }
        catch (DryRunOver)
        {
            return request.Changes;
        }
    }

    /// <summary>The same for a request that is made from what the transaction finds.</summary>
    internal async Task<IReadOnlyList<RecordChange>> WritePlannedAsync(Func<Session, Task<WriteRequest>> plan, CancellationToken cancellationToken) =>
        await database.WriteAsync(async session => await writePath.RunAsync(session, await plan(session), cancellationToken), cancellationToken);

    /// <summary>
    /// The same within a transaction that is under way, such as that of a workflow's step or of a subscriber: what is refused leaves nothing
    /// behind, and the transaction goes on.
    /// </summary>
    /// <exception cref="ProblemException">The request was refused, or the actor may not.</exception>
    public async Task<IReadOnlyList<RecordChange>> WriteAsync(Session session, WriteRequest request, CancellationToken cancellationToken = default)
    {
        try
        {
            return await session.NestAsync(() => writePath.RunAsync(session, request, cancellationToken), cancellationToken);
        }
        catch (DryRunOver)
        {
            return request.Changes;
        }
    }

    /// <summary>Creates one record.</summary>
    /// <exception cref="ProblemException">It was refused.</exception>
    public async Task<Record> CreateAsync(Entity entity, IReadOnlyList<FieldValue> values, Actor actor, Door door, CancellationToken cancellationToken = default) =>
        (await WriteAsync(new(actor, door, [RecordChange.Create(entity, values)]), cancellationToken))[0].After!;

    /// <summary>Changes some fields of one record.</summary>
    /// <exception cref="ProblemException">It was refused, or somebody changed the same fields since <paramref name="expectedVersion"/>.</exception>
    public async Task<Record> UpdateAsync(Entity entity, Guid id, IReadOnlyList<FieldValue> values, long? expectedVersion, Actor actor, Door door, CancellationToken cancellationToken = default) =>
        (await WriteAsync(new(actor, door, [RecordChange.Update(entity, id, values, expectedVersion)]), cancellationToken))[0].After!;

    /// <summary>Puts a record into the recycle bin, with those that belong to it.</summary>
    /// <exception cref="ProblemException">It was refused, for example because other records still point to it.</exception>
    public Task DeleteAsync(Entity entity, Guid id, Actor actor, Door door, CancellationToken cancellationToken = default) =>
        WriteAsync(new(actor, door, [RecordChange.Delete(entity, id)]), cancellationToken);

    /// <summary>Takes a record out of the recycle bin.</summary>
    /// <exception cref="ProblemException">It is not there.</exception>
    public async Task<Record> RestoreAsync(Entity entity, Guid id, Actor actor, Door door, CancellationToken cancellationToken = default) =>
        (await WriteAsync(new(actor, door, [RecordChange.Restore(entity, id)]), cancellationToken))[0].After!;

    /// <summary>The query as the actor may ask it: search leaves out what lies behind lookups into entities that the actor may not read.</summary>
    /// <exception cref="ProblemException">It asks for something that the actor may not read.</exception>
    private static RecordQuery Allowed(RecordQuery query, IEnumerable<FieldPath> columns, Actor actor)
    {
        Authority.Demand(actor, Operation.Read, query.Entity);
        Authority.DemandCondition(actor, query.Filter);
        Authority.DemandPaths(actor, query.Sort.Select(s => s.Path).Concat(columns));
        return string.IsNullOrWhiteSpace(query.Search)
            ? query
            : query with { Filter = Condition.And(query.Filter, TextSearch.Condition(query.Entity, query.Search, actor)), Search = null };
    }

    private static void DemandCollections(RecordShape shape, Actor actor)
    {
        foreach (var collection in shape.Collections)
        {
            Authority.Demand(actor, Operation.Read, collection.Child);
            Authority.DemandPaths(actor, collection.Entries.Paths);
        }
    }

    private async Task<ProblemException> MissingAsync(Entity entity, Guid id, CancellationToken cancellationToken)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        return await MissingAsync(session, entity, id, cancellationToken);
    }

    /// <summary>Why a record is not there: whoever asks for one that was merged away is told which one took its place.</summary>
    private static async Task<ProblemException> MissingAsync(Session session, Entity entity, Guid id, CancellationToken cancellationToken)
    {
        var deleted = (await EntityTable.Of(entity).LoadAsync(session, [id], cancellationToken)).GetValueOrDefault(id);
        return deleted is not null && Causes.Winner((await AuditTrail.FindAsync(session, id, deleted.Version, cancellationToken))?.Cause) is { } winner
            ? new(Problem.Of(ProblemKind.NotFound, "merged", entity.Label, winner.ToString("D")) with { Records = [winner] })
            : NotFound(entity, id);
    }

    internal static ProblemException NotFound(Entity entity, Guid id) =>
        new(Problem.Of(ProblemKind.NotFound, "notFound", entity.Label, id.ToString("D")));
}
