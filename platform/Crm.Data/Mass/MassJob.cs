using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>
/// The job behind a mass change. Which records it means is settled at the start, so that what it changes does not move the goal; then they go the way
/// of every write, a piece at a time, in one change set.
/// </summary>
[JobKind(MassChanges.JobKind)]
internal sealed class MassJob(RecordStore store, ModelSource models, IdSource ids) : IJobKind
{
    private const int PieceSize = 500, MaxListed = 1_000;

    public async Task<JsonObject> RunAsync(JobRun run)
    {
        var input = run.Job.Input;
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(input["language"]!.GetValue<string>());
        var entity = models.Current.Find(input["entity"]!.GetValue<string>()) ?? throw new ProblemException(Problem.Of(ProblemKind.NotFound, "entity.unknown", input["entity"]!.GetValue<string>()));
        var values = input["set"] is JsonObject set ? MassChange.ReadValues(set, entity) : null;
        var targets = input["ids"] is JsonArray list ? [.. list.Select(id => id!.GetValue<Guid>()).Distinct()] : await FindAsync(entity, input, run);
        var restores = Restores(input);
        var result = new Tally(ids.Next());
        foreach (var piece in targets.Chunk(PieceSize))
        {
            if (run.CancellationToken.IsCancellationRequested)
            {
                break;
            }
            // A piece that is begun is finished, so that what was written and what is reported agree.
            foreach (var change in await WriteAsync(run.Actor, piece, ChangeOf, result.ChangeSet))
            {
                result.Count(change, models.Current.Texts);
            }
            await run.ReportAsync(result.Done, targets.Count);
        }
        return result.ToJson();

        RecordChange ChangeOf(Guid id) => restores ? RecordChange.Restore(entity, id) : values is null ? RecordChange.Delete(entity, id) : RecordChange.Update(entity, id, values, expectedVersion: null);
    }

    /// <summary>Records that would take too many along together go in smaller pieces, so that only what takes too many along by itself is refused.</summary>
    private async Task<IReadOnlyList<RecordChange>> WriteAsync(Actor actor, Guid[] piece, Func<Guid, RecordChange> changeOf, Guid changeSet)
    {
        var changes = await store.WriteAsync(new(actor, Door.Mass, [.. piece.Select(changeOf)], WriteMode.Partial, changeSet), CancellationToken.None);
        return piece.Length == 1 || !changes.Any(c => c.Problems.Exists(p => p.Code == CascadeStep.TooManyCode)) ? changes :
        [
            .. await WriteAsync(actor, piece[..(piece.Length / 2)], changeOf, changeSet),
            .. await WriteAsync(actor, piece[(piece.Length / 2)..], changeOf, changeSet),
        ];
    }

    private static bool Restores(JsonObject input) => input["restores"]?.GetValue<bool>() == true;

    private async Task<List<Guid>> FindAsync(Entity entity, JsonObject input, JobRun run)
    {
        var query = new RecordQuery(entity)
        {
            Filter = ConditionReader.Read(input["filter"].Deserialize<JsonElement>(), entity), Search = input["search"]?.GetValue<string>(), Deleted = Restores(input), Fields = [], Limit = RecordQuery.MaxLimit,
        };
        var found = new List<Guid>();
        do
        {
            var page = await store.QueryAsync(query, run.Actor, run.CancellationToken);
            found.AddRange(page.Items.Select(r => r.Id));
            query = query with { After = page.Next };
        }
        while (query.After is not null);
        return found;
    }

    private sealed class Tally(Guid changeSet)
    {
        private readonly JsonArray _problems = [];
        private int _updated, _unchanged, _deleted, _restored, _errors;

        public Guid ChangeSet { get; } = changeSet;

        public int Done => _updated + _unchanged + _deleted + _restored + _errors;

        public void Count(RecordChange change, Texts texts)
        {
            if (change.Failed)
            {
                _errors++;
                foreach (var problem in change.Problems.Take(Math.Max(0, MaxListed - _problems.Count)))
                {
                    _problems.Add(new JsonObject { ["id"] = change.Id, ["field"] = problem.Field, ["code"] = problem.Code, ["message"] = problem.Message(texts) });
                }
            }
            else if (change.Kind == ChangeKind.Delete)
            {
                _deleted++;
            }
            else if (change.Kind == ChangeKind.Restore)
            {
                _restored++;
            }
            else if (change.IsNoChange)
            {
                _unchanged++;
            }
            else
            {
                _updated++;
            }
        }

        public JsonObject ToJson() => new()
        {
            ["changeSet"] = ChangeSet.ToString("D"), ["updated"] = _updated, ["unchanged"] = _unchanged, ["deleted"] = _deleted, ["restored"] = _restored, ["errors"] = _errors, ["problems"] = _problems,
        };
    }
}
