using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Fetches what conditions look at beyond the records that they are asked about: one statement for each step of a path and each question, and not one for each record.</summary>
internal sealed class RelatedReader(Session session, SqlDialect dialect, ConditionScope scope)
{
    /// <summary>Fetches all that the conditions look at beyond the records.</summary>
    /// <param name="related">Where it is put.</param>
    /// <param name="records">Records of one entity, among <paramref name="related"/>.</param>
    /// <param name="conditions">Conditions over that entity.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask AddAsync(RelatedRecords related, IReadOnlyList<KnownRecord> records, IReadOnlyList<Condition> conditions, CancellationToken cancellationToken)
    {
        List<Record> values = [.. records.Select(r => r.Record)];
        if (values.Count == 0)
        {
            return;
        }
        await FollowAsync(session, related, values, conditions.SelectMany(c => c.OwnPaths), cancellationToken);
        await ClimbAsync(related, values, conditions.SelectMany(c => c.OwnClimbed), cancellationToken);
        foreach (var question in conditions.SelectMany(c => c.Questions))
        {
            List<ChildList> lists = [.. records.Select(r => r.ListAt(question.Path)).OfType<ChildList>().Distinct()];
            await AskAsync(related, question, lists, cancellationToken);
            await AddAsync(related, [.. lists.SelectMany(related.In)], [question.Where], cancellationToken);
        }
    }

    /// <summary>Fetches the records that paths lead through.</summary>
    public static async ValueTask FollowAsync(Session session, RelatedRecords related, IReadOnlyList<Record> records, IEnumerable<FieldPath> paths, CancellationToken cancellationToken)
    {
        foreach (var path in paths.Where(p => !p.IsDirect).Distinct())
        {
            for (var step = 0; step < path.Steps.Count - 1; step++)
            {
                foreach (var target in path.Steps[step].Targets)
                {
                    await FetchAsync(session, related, target, [.. related.Unknown(records, path, step, target)], cancellationToken);
                }
            }
        }
    }

    /// <summary>Fetches what stands above the values at the ends of paths in their trees, one statement for each level; a circle ends where it began.</summary>
    private async ValueTask ClimbAsync(RelatedRecords related, IReadOnlyList<Record> records, IEnumerable<FieldPath> paths, CancellationToken cancellationToken)
    {
        foreach (var path in paths.Distinct())
        {
            var (parent, seen) = (path.Field.TreeField!, new HashSet<Guid>());
            List<Guid> level = [.. records.Select(r => related.Read(r, path)).OfType<Guid>().Where(seen.Add)];
            while (level.Count > 0)
            {
                await FetchAsync(session, related, parent.Entity, [.. level.Where(id => !related.Knows(parent.Entity, id))], cancellationToken);
                level = [.. level.Select(id => related.Find(parent.Entity, id)?[parent]).OfType<Guid>().Where(seen.Add)];
            }
        }
    }

    /// <summary>Settles a question about lists, all of which are of records of one entity.</summary>
    private async ValueTask AskAsync(RelatedRecords related, ChildExists question, List<ChildList> lists, CancellationToken cancellationToken)
    {
        var missing = lists.ToLookup(l => related.MissingFor(question, l));
        if (missing[Missing.Records].ToList() is { Count: > 0 } wanted)
        {
            var parent = question.Path.Parent;
            var found = (await EntityTable.Of(question.Path.Child).LoadChildrenAsync(session, parent, [.. wanted.Select(l => l.Id)], cancellationToken)).SelectMany(r => parent.PointedToBy(r[parent]), (r, to) => (Record: r, To: to)).ToLookup(p => p.To, p => p.Record);
            wanted.ForEach(list => related.AddStored(list, [.. found[(list.Of, list.Id)]]));
        }
        // A question from which records are left out has an answer of its own, and most have none.
        foreach (var group in missing[Missing.Answer].GroupBy(l => related.LeftOut(l).Count > 0))
        {
            List<ChildList> asked = [.. group];
            var having = new HashSet<Guid>();
            foreach (var of in question.Path.Through?.Field.Targets ?? [asked[0].Of])
            {
                having.UnionWith(await EntityTable.Of(of).HavingAsync(session, dialect, question, [.. asked.SelectMany(related.LeftOut).Distinct()], scope, [.. asked.Select(l => l.Id)], cancellationToken));
            }
            asked.ForEach(list => related.Answer(question, list, having.Contains(list.Id)));
        }
    }

    private static async ValueTask FetchAsync(Session session, RelatedRecords related, Entity entity, List<Guid> ids, CancellationToken cancellationToken)
    {
        if (ids.Count > 0)
        {
            var found = await EntityTable.Of(entity).LoadAsync(session, ids, cancellationToken);
            ids.ForEach(id => related.Add(entity, id, found.GetValueOrDefault(id)));
        }
    }
}
