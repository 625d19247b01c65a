using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Shell;

namespace Crm.Ui.Records;

/// <summary>An activity that is still to be done, from whatever entity it is.</summary>
public sealed record OpenInteraction(Entity Entity, Guid Id, string Title, DateTimeOffset? When, string? Status, string? Owner)
{
    public bool IsLate(DateTimeOffset now) => When < now;
}

/// <summary>What is still to be done about a record, and getting it done from where it is shown.</summary>
public sealed class InteractionDesk(RecordStore store, CurrentActor current, ModelSource models, UndoToast undoing, Toaster toaster, UiText texts)
{
    /// <summary>The next steps about a record, the most pressing first; one statement for each kind of activity.</summary>
    public async Task<IReadOnlyList<OpenInteraction>> OpenAsync(Record about, int limit, CancellationToken cancellationToken)
    {
        var found = new List<OpenInteraction>();
        foreach (var entity in Timeline.Sources(models.Current, about.Entity, current.Actor).Where(Interactions.Is))
        {
            if (Interactions.About(entity, about.Entity) is { } lookup && Interactions.Open(entity) is { } open && Interactions.When(entity) is { } when && entity.TitleField is { IsStored: true } title)
            {
                var owner = entity[SystemFields.Owner];
                FieldPath[] fields = [new([title]), new([when]), new([Interactions.Status(entity)!]), .. owner.Target?.TitleField is { } name ? new[] { new FieldPath([owner, name]) } : []];
                // Whatever points here counts once, by whichever lookup.
                var lookups = entity.OwnFields.Where(f => f.OwnedBy is null && f.IsStored && f.Targets.Contains(about.Entity));
                var here = new AnyOf([.. lookups.Select(f => new Comparison(new([f]), ConditionOperator.Eq, new Constants([f.ValueFor(about.Entity, about.Id)])))]);
                var page = await store.QueryAsync(new(entity) { Filter = Condition.And([here, open]), Sort = [new(fields[1], Descending: false)], Fields = fields, Limit = limit }, current.Actor, cancellationToken);
                found.AddRange(page.Items.Select(r => new OpenInteraction(
                    entity, r.Id, r[0] is { } text ? title.Type.ToText(text, System.Globalization.CultureInfo.CurrentCulture) : "", r[1] as DateTimeOffset?, r[2] as string, fields.Length > 3 ? r[3] as string : null)));
            }
        }
        return [.. found.OrderBy(f => f.When ?? DateTimeOffset.MaxValue).ThenBy(f => f.Id).Take(limit)];
    }

    /// <summary>The most pressing step about each of many records of an entity; one statement for each kind of activity.</summary>
    public async Task<IReadOnlyDictionary<Guid, OpenInteraction>> NextAsync(Entity about, IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        var next = new Dictionary<Guid, OpenInteraction>();
        if (ids.Count == 0)
        {
            return next;
        }
        foreach (var entity in Timeline.Sources(models.Current, about, current.Actor).Where(Interactions.Is))
        {
            if (Interactions.About(entity, about) is not { IsStored: true } lookup || Interactions.Open(entity) is not { } open || Interactions.When(entity) is not { } when || entity.TitleField is not { IsStored: true } title)
            {
                continue;
            }
            var here = new Comparison(new([lookup]), ConditionOperator.In, new Constants([.. ids.Select(id => (object?)lookup.ValueFor(about, id))]));
            FieldPath[] fields = [new([title]), new([when]), new([Interactions.Status(entity)!]), new([lookup])];
            var page = await store.QueryAsync(new(entity) { Filter = Condition.And([here, open]), Sort = [new(fields[1], Descending: false)], Fields = fields, Limit = RecordQuery.MaxLimit }, current.Actor, cancellationToken);
            foreach (var row in page.Items)
            {
                if ((row[3] is Reference reference ? reference.Id : row[3] as Guid?) is { } id)
                {
                    var step = new OpenInteraction(entity, row.Id, row[0] is { } text ? title.Type.ToText(text, System.Globalization.CultureInfo.CurrentCulture) : "", row[1] as DateTimeOffset?, row[2] as string, null);
                    if (!next.TryGetValue(id, out var known) || (step.When ?? DateTimeOffset.MaxValue) < (known.When ?? DateTimeOffset.MaxValue))
                    {
                        next[id] = step;
                    }
                }
            }
        }
        return next;
    }

    /// <summary>Marks an activity as done, with a way back.</summary>
    public async Task FinishAsync(Entity entity, Guid id, string? title)
    {
        if (Interactions.Finish(entity) is not { } finish)
        {
            return;
        }
        try
        {
            var change = (await store.WriteAsync(new(current.Actor, Door.Form, [RecordChange.Update(entity, id, [finish], expectedVersion: null)])))[0];
            undoing.Show(texts["timeline.didIt", title ?? entity.Label.ToString()], change.ChangeSet);
        }
        catch (ProblemException e)
        {
            toaster.ShowProblem(e.Problems[0].Message(models.Current.Texts));
        }
    }
}
