using System.Runtime.CompilerServices;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>What the steps of the write path work on: the changes of one request, in one transaction.</summary>
public sealed class WriteBatch
{
    internal WriteBatch(Session session, WriteRequest request, Model model, SqlDialect dialect, Guid changeSet, DateTimeOffset now)
    {
        (Session, Request, Model, Dialect, ChangeSet, Now) = (session, request, model, dialect, changeSet, now);
        Changes = [.. request.Changes];
    }

    public Session Session { get; }

    public WriteRequest Request { get; }

    public Model Model { get; }

    public SqlDialect Dialect { get; }

    public Guid ChangeSet { get; }

    public DateTimeOffset Now { get; }

    /// <summary>The organisation's time zone: what day it is for the company.</summary>
    public TimeZoneInfo TimeZone => field ??= TimeZoneInfo.TryFindSystemTimeZoneById(Model.Organisation.TimeZone, out var zone) ? zone : TimeZoneInfo.Utc;

    /// <summary>All changes; steps may add some that follow from others, such as those that belong to a deleted record.</summary>
    public List<RecordChange> Changes { get; }

    /// <summary>Changes that point to a record which is created by another change, before them, of the same request.</summary>
    internal List<(RecordChange Change, Field Field, RecordChange Needed)> References { get; } = [];

    /// <summary>Changes that nothing has refused so far.</summary>
    public IEnumerable<RecordChange> Pending => Changes.Where(c => !c.Failed);
}

/// <summary>
/// One step of the write path. It sees all changes of a request at once, so that what it needs from the database costs one statement and
/// not one a record.
/// </summary>
public interface IWriteStep
{
    /// <summary>Whether changes of a kind of an entity's records can give the step anything to do; a step that none of a request's changes concerns is passed over.</summary>
    bool Concerns(Model model, Entity entity, ChangeKind kind) => true;

    ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken);
}

/// <summary>Takes the transaction of a dry run back, once all steps have had their say.</summary>
internal sealed class DryRunOver : Exception;

/// <summary>
/// The way every change goes, whoever asks: match, authorise, load, collections, cascade, defaults, files, sealing, conversion of amounts, validation, references, uniqueness, save, holders of rows and links, rollups, audit,
/// events for those who subscribed, and after the commit the news for open screens. Order is meaning here; what other parts of the
/// product add joins in at the slots between.
/// </summary>
public sealed class WritePath(ModelSource models, Database database, IdSource ids, TimeProvider time, ChangeFeed feed, Outbox outbox, ISecretProtector secrets, IEnumerable<IWriteExtension> extensions)
{
    /// <summary>How many steps come first that find out what a change is.</summary>
    private const int Matched = 2;

    private readonly IWriteStep[] _steps = Steps(ids, outbox, secrets, extensions.ToLookup(e => e.Slot, e => (IWriteStep)e));

    /// <summary>Which steps concern changes of an entity's records, for each kind of change; an entity belongs to one Model.</summary>
    private readonly ConditionalWeakTable<Entity, bool[][]> _concerned = [];

    private bool[] EveryStep => field ??= Array.ConvertAll(_steps, _ => true);

    private static IWriteStep[] Steps(IdSource ids, Outbox outbox, ISecretProtector secrets, ILookup<WriteSlot, IWriteStep> further) =>
    [
        new MatchStep(),
        new AuthoriseStep(),
        new LoadStep(ids),
        new CollectionsStep(ids),
        new CascadeStep(),
        new ReviveStep(),
        new LogRowsStep(ids),
        .. further[WriteSlot.Rights],
        new DefaultsStep(),
        .. further[WriteSlot.Rules],
        new AttachFilesStep(),
        new SealStep(secrets),
        new ConvertStep(),
        new ValidateStep(),
        new IndexRoomStep(),
        new ReferencesStep(),
        new UniquenessStep(),
        .. further[WriteSlot.Gates],
        new NumberingStep(),
        new SaveStep(),
        new TrackFilesStep(),
        new HoldersStep(),
        new RollupStep(),
        new AuditStep(ids),
        .. further[WriteSlot.Saved],
        new AnnounceStep(outbox),
    ];

    internal async Task<IReadOnlyList<RecordChange>> RunAsync(Session session, WriteRequest request, CancellationToken cancellationToken)
    {
        foreach (var change in request.Changes)
        {
            change.Begin();
        }
        var batch = new WriteBatch(session, request, models.Current, database.Dialect, request.ChangeSet ?? ids.Next(), Iso8601.ToMicroseconds(time.GetUtcNow()));
        foreach (var change in request.Changes)
        {
            change.ChangeSet = batch.ChangeSet;
        }
        // What a change is meant to be is known once it was matched; steps may add further changes.
        var (concerned, among) = (EveryStep, -1);
        for (var i = 0; i < _steps.Length; i++)
        {
            if (i >= Matched && batch.Changes.Count != among)
            {
                (concerned, among) = (ConcernedBy(batch), batch.Changes.Count);
            }
            if (!concerned[i])
            {
                continue;
            }
            await _steps[i].RunAsync(batch, cancellationToken);
            if (request.Mode == WriteMode.Atomic && batch.Changes.Any(c => c.Failed))
            {
                throw Refusal(batch);
            }
        }
        if (request.DryRun || (request.Mode == WriteMode.AllOrNothing && batch.Changes.Any(c => c.Failed)))
        {
            throw new DryRunOver();
        }
        var news = batch.Pending.Where(c => !c.IsNoChange).Select(c => new RecordNews(c.Entity.Name, c.Id, c.Kind, request.Actor.UserId)).ToList();
        if (news.Count > 0)
        {
            session.AfterCommit.Add(() => feed.Publish(news));
        }
        return [.. request.Changes];
    }

    /// <summary>Which steps the changes concern.</summary>
    private bool[] ConcernedBy(WriteBatch batch)
    {
        bool[]? all = null;
        (Entity? Entity, ChangeKind Kind) last = default;
        foreach (var change in batch.Changes)
        {
            if (change.Entity == last.Entity && change.Kind == last.Kind)
            {
                continue;
            }
            last = (change.Entity, change.Kind);
            // What is asked for an entity of an earlier Model is not kept: it may be asked for under that one too.
            var own = batch.Model.Find(change.Entity.Name) != change.Entity
                ? ConcernedBy(batch.Model, change.Entity, change.Kind)
                : _concerned.GetValue(change.Entity, static _ => new bool[4][])[(int)change.Kind] ??= ConcernedBy(batch.Model, change.Entity, change.Kind);
            all = all is null || all == own ? own : [.. all.Zip(own, (left, right) => left || right)];
        }
        return all ?? EveryStep;
    }

    private bool[] ConcernedBy(Model model, Entity entity, ChangeKind kind) => Array.ConvertAll(_steps, s => s.Concerns(model, entity, kind));

    private static ProblemException Refusal(WriteBatch batch) => new([.. batch.Changes.SelectMany(c => c.LocatedProblems)])
    {
        Conflicts = [.. batch.Changes.SelectMany(c => c.Conflicts)],
    };
}
