using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Shell;

namespace Crm.Ui.Records;

/// <summary>Begins drafts: of records that are stored, of new ones, and of those whose form has changed under somebody's hands.</summary>
public sealed class RecordDrafts(RecordStore store, RecordTitles titles, CurrentActor current, TimeProvider time)
{
    private Actor Actor => current.Actor;

    /// <summary>A stored record to be looked at and changed; null if there is none.</summary>
    public async Task<RecordDraft?> LoadAsync(Entity entity, Guid id, CancellationToken cancellationToken) =>
        await store.FindAsync(entity, id, Actor, cancellationToken) is { } record
            ? await WithRelatedAsync(
                new(record, await store.TitlesAsync(record, Actor, cancellationToken), isNew: false)
                {
                    MayWrite = Authority.May(Actor, Operation.Update, entity),
                    Unread = [.. entity.Collections.Where(f => !Authority.May(Actor, Operation.Read, ((CollectionFieldType)f.Type).Child))],
                    Scope = Actor.ScopeAt(time.GetUtcNow()),
                },
                cancellationToken)
            : null;

    /// <summary>The entity that the record is of, where a lookup to <paramref name="entity"/> led to one that stands in its place; null if there is none.</summary>
    public async Task<Entity?> InPlaceOfAsync(Entity entity, Guid id, CancellationToken cancellationToken)
    {
        foreach (var other in entity.InPlace.Where(e => Authority.May(Actor, Operation.Read, e)))
        {
            if (await store.FindAsync(other, id, Actor, cancellationToken) is not null)
            {
                return other;
            }
        }
        return null;
    }

    /// <summary>A new record, with what the address says about it.</summary>
    /// <exception cref="ProblemException">The actor may not create any.</exception>
    public async Task<RecordDraft> BeginAsync(Entity entity, string query, CancellationToken cancellationToken)
    {
        if (!Authority.May(Actor, Operation.Create, entity))
        {
            throw new ProblemException(Problem.Of(ProblemKind.Forbidden, "forbidden.create", entity.PluralLabel));
        }
        var record = NewRecord.Begin(entity, query, Actor, time.GetUtcNow());
        if (NewRecord.CopiedFrom(query) is { } copied && await store.FindAsync(entity, copied, Actor, cancellationToken) is { } original)
        {
            NewRecord.Copy(original, record);
        }
        return await NewAsync(record, cancellationToken);
    }

    /// <summary>Fetches what the rules of the draft's fields look at beyond the record.</summary>
    public async Task<RecordDraft> WithRelatedAsync(RecordDraft draft, CancellationToken cancellationToken)
    {
        await store.AddRelatedAsync(draft.Seen, draft.Scope, cancellationToken);
        return draft;
    }

    /// <summary>Looks again at all that the rules look at beyond the record, because something about it has changed; until it is there, they go by what they know.</summary>
    public async Task<RecordDraft> LookAgainAsync(RecordDraft draft, CancellationToken cancellationToken)
    {
        var others = new RelatedRecords();
        await store.AddRelatedAsync(draft.SeenAmong(others), draft.Scope, cancellationToken);
        draft.LookAt(others);
        // What was typed meanwhile may lead elsewhere.
        return await WithRelatedAsync(draft, cancellationToken);
    }

    /// <summary>The draft's changes over the record as it is now; where somebody else changed a field too, <paramref name="keepMine"/> decides.</summary>
    /// <returns>Null if the record is gone.</returns>
    public async Task<RecordDraft?> OntoStoredAsync(RecordDraft draft, Func<Field, bool> keepMine, CancellationToken cancellationToken) =>
        await LoadAsync(draft.Entity, draft.Original.Id, cancellationToken) is { } fresh
            ? await LookAgainAsync(draft.Onto(fresh.Original, await store.TitlesAsync(fresh.Original, Actor, cancellationToken), keepMine), cancellationToken)
            : null;

    /// <summary>The same input in the form of another Model; what has no place there any more is left out.</summary>
    /// <returns>Null if the record, or its kind, is gone.</returns>
    public async Task<RecordDraft?> IntoAsync(Entity? entity, RecordDraft draft, CancellationToken cancellationToken)
    {
        var next = entity is null ? null
            : draft.IsNew ? await NewAsync(NewRecord.Begin(entity, "", Actor, time.GetUtcNow()), cancellationToken)
            : await LoadAsync(entity, draft.Original.Id, cancellationToken);
        if (next is not null)
        {
            draft.CarryOver(next);
            await WithRelatedAsync(next, cancellationToken);
        }
        return next;
    }

    private async Task<RecordDraft> NewAsync(Record record, CancellationToken cancellationToken) => await WithRelatedAsync(
        new(record, await NewRecord.TitlesAsync(record, titles, cancellationToken), isNew: true) { Scope = Actor.ScopeAt(time.GetUtcNow()) }, cancellationToken);
}
