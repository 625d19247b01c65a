using System.Globalization;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Something that happened around a record.</summary>
/// <param name="Kind">created, updated, deleted, restored: the record itself; related: another record that points to it was made.</param>
/// <param name="At">When; of a call or meeting, when it took place.</param>
/// <param name="Id">Id of the change or of the other record, which also orders what happened in the same moment.</param>
/// <param name="Entry">The change, where it is one of the record itself.</param>
/// <param name="Of">Whose record the other one is.</param>
/// <param name="Title">What the other record is called.</param>
public sealed record TimelineItem(string Kind, DateTimeOffset At, Guid Id, Guid? ById, string? ByName, AuditEntry? Entry, Entity? Of, string? Title);

/// <summary>A page of a timeline, newest first, with what lookups that changed were and are called.</summary>
public sealed record TimelinePage(IReadOnlyList<TimelineItem> Items, string? Next, IReadOnlyDictionary<Guid, string> Titles);

/// <summary>Which part of what happened is asked for.</summary>
public sealed record TimelineFilter
{
    public static TimelineFilter Everything { get; } = new();

    /// <summary>Whether changes of the record itself belong to it.</summary>
    public bool Changes { get; init; } = true;

    /// <summary>Which of another entity's records belong to it; null for none.</summary>
    public Func<Entity, Condition?> Records { get; init; } = _ => Condition.Always;
}

/// <summary>Puts a record's changes and what was made for it in one order. Each source is asked for one page, by key.</summary>
public sealed class Timeline(Database database, RecordStore store, ModelSource models)
{
    public const int MaxLimit = 200;

    private static readonly PositionCursor Cursors = new('t');

    /// <summary>Whose records can tell of one of <paramref name="entity"/>, as far as the actor may read them.</summary>
    public static IReadOnlyList<Entity> Sources(Model model, Entity entity, Actor actor) => [.. TimelineSource.Of(model, entity, actor).Select(s => s.Shown).Distinct()];

    /// <exception cref="ProblemException">There never was such a record, the actor may not read it, or the cursor is none.</exception>
    public async Task<TimelinePage> ReadAsync(Entity entity, Guid id, Actor actor, int limit, string? after, TimelineFilter? filter = null, CancellationToken cancellationToken = default)
    {
        Authority.Demand(actor, Operation.Read, entity);
        filter ??= TimelineFilter.Everything;
        var from = after is null ? ((DateTimeOffset At, Guid Id)?)null : ReadCursor(after);
        var items = new List<TimelineItem>();
        await using (var session = await database.ReadAsync(cancellationToken))
        {
            var entries = await AuditTrail.ReadPageAsync(session, entity, id, from, filter.Changes ? limit + 1 : 1, cancellationToken);
            if (entries.Count == 0 && (await EntityTable.Of(entity).LoadAsync(session, [id], cancellationToken)).Count == 0)
            {
                throw RecordStore.NotFound(entity, id);
            }
            items.AddRange(entries.Where(_ => filter.Changes).Select(e => new TimelineItem(KindOf(e.Kind), e.At, e.Id, e.ById, e.ByName, e, null, null)));
        }
        // What comes behind the last item of a source that has more may be its own, so nothing is told from there on.
        var ends = new List<(DateTimeOffset At, Guid Id)>();
        foreach (var source in TimelineSource.Of(models.Current, entity, actor))
        {
            if (filter.Records(source.Shown) is { } condition)
            {
                var (related, hasMore) = await RelatedAsync(source, condition, source.Lookup.ValueFor(entity, id), actor, from, limit, cancellationToken);
                items.AddRange(related);
                if (hasMore && related.Count > 0)
                {
                    ends.Add((related[^1].At, related[^1].Id));
                }
            }
        }
        var end = ends.DefaultIfEmpty().Max();
        var page = items.Where(i => (i.At, i.Id).CompareTo(end) >= 0).DistinctBy(i => (i.Of, i.Id)).OrderByDescending(i => (i.At, i.Id)).Take(limit + 1).ToList();
        var isLast = page.Count <= limit && ends.Count == 0;
        page = [.. page.Take(limit)];
        return new(page, isLast ? null : WriteCursor(page[^1]), await TitlesAsync(page, actor, cancellationToken));
    }

    private async Task<(List<TimelineItem> Items, bool HasMore)> RelatedAsync(TimelineSource source, Condition condition, object pointsTo, Actor actor, (DateTimeOffset At, Guid Id)? from, int limit, CancellationToken cancellationToken)
    {
        var entity = source.Lookup.Entity;
        var (createdBy, shown) = (source.Path(source.Shown.Fields[Entity.CreatedByOrdinal]), source.Path(source.Shown.Fields[Entity.IdOrdinal]));
        var fields = new List<FieldPath> { source.Moment, createdBy, shown };
        var byName = createdBy.Field.Target is { TitleField: { } name } users && Authority.May(actor, Operation.Read, users) ? new FieldPath([.. createdBy.Steps, name]) : null;
        var title = source.Shown.TitleField is { IsStored: true } of ? source.Path(of) : null;
        fields.AddRange(new[] { byName, title }.OfType<FieldPath>());
        var filter = Condition.And([
            new Comparison(new([source.Lookup]), ConditionOperator.Eq, new Constants([pointsTo])), source.Only, source.At(condition),
            from is { } position
                ? new AnyOf([
                    new Comparison(source.Moment, ConditionOperator.Lt, new Constants([position.At])),
                    new AllOf([new Comparison(source.Moment, ConditionOperator.Eq, new Constants([position.At])), new Comparison(shown, ConditionOperator.Lt, new Constants([position.Id]))])])
                : null,
        ]);
        var query = new RecordQuery(entity) { Filter = filter, Sort = [new(source.Moment, Descending: true), new(shown, Descending: true)], Fields = fields, Limit = limit };
        var page = await store.QueryAsync(query, actor, cancellationToken);
        var items = page.Items
            .Where(r => r[0] is DateTimeOffset && r[2] is Guid)
            .Select(r => new TimelineItem(
                "related", (DateTimeOffset)r[0]!, (Guid)r[2]!, r[1] as Guid?, byName is null ? null : r[3] as string, null, source.Shown,
                title is not null && r[fields.Count - 1] is { } value ? title.Field.Type.ToText(value, CultureInfo.CurrentCulture) : null));
        return ([.. items], page.Next is not null);
    }

    private async Task<IReadOnlyDictionary<Guid, string>> TitlesAsync(List<TimelineItem> items, Actor actor, CancellationToken cancellationToken)
    {
        var wanted = items.Where(i => i.Entry is not null).SelectMany(i => i.Entry!.Changes).Where(c => c.Field.Target is not null)
            .SelectMany(c => new[] { c.Before, c.After }.SelectMany(c.Field.PointedToBy)).Where(w => w.Entity.TitleField is { IsStored: true }).Distinct().ToLookup(w => w.Entity, w => w.Id);
        var titles = new Dictionary<Guid, string>();
        foreach (var target in wanted.Where(w => Authority.May(actor, Operation.Read, w.Key)))
        {
            foreach (var ids in target.Chunk(RecordQuery.MaxLimit))
            {
                var title = target.Key.TitleField!;
                var filter = new Comparison(new([target.Key.Fields[Entity.IdOrdinal]]), ConditionOperator.In, new Constants([.. ids.Cast<object>()]));
                var page = await store.QueryAsync(new(target.Key) { Filter = filter, Fields = [new([title])], Limit = RecordQuery.MaxLimit }, actor, cancellationToken);
                foreach (var row in page.Items.Where(r => r[0] is not null))
                {
                    titles[row.Id] = title.Type.ToText(row[0]!, CultureInfo.CurrentCulture);
                }
            }
        }
        return titles;
    }

    private static string KindOf(ChangeKind kind) => kind switch
    {
        ChangeKind.Create => "created",
        ChangeKind.Update => "updated",
        ChangeKind.Delete => "deleted",
        _ => "restored",
    };

    private static string WriteCursor(TimelineItem last) => Cursors.Write(last.At.UtcTicks, last.Id);

    private static (DateTimeOffset At, Guid Id) ReadCursor(string cursor) =>
        Cursors.Read(cursor) is var (ticks, id) && ticks <= DateTimeOffset.MaxValue.Ticks ? (new(ticks, TimeSpan.Zero), id) : throw PositionCursor.Refused();
}
