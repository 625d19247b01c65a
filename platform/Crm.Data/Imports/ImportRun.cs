using System.Text.Json.Nodes;
using Crm.Metadata;

namespace Crm.Data;

/// <summary>The runs of one import over the same file, one after the other, in one change set.</summary>
internal sealed class ImportRun(RecordStore store, Texts texts, IReadOnlyList<ImportPlan> plans, ImportTable table, Actor actor, Guid changeSet, DateTimeOffset now)
{
    private static readonly string[] Counts = ["created", "updated", "unchanged", "duplicates", "errors", "skipped"];

    private readonly Dictionary<int, string> _badLines = [];

    /// <summary>Lines that some run left out, with the reasons.</summary>
    public IReadOnlyDictionary<int, string> BadLines => _badLines;

    public async Task<JsonObject> RunAsync(Func<long, long?, Task> report, CancellationToken cancellationToken)
    {
        var (results, rehearsal, total) = (new List<JsonObject>(), new ImportRehearsal(), (long)table.Rows.Count * plans.Count);
        foreach (var (i, plan) in plans.Index())
        {
            if (i > 0 && cancellationToken.IsCancellationRequested)
            {
                break;
            }
            var isRemembered = plans.Skip(i + 1).Append(plan).Any(p => p.Columns.Any(c => c.Field.Targets.Contains(plan.Entity)));
            var importer = new Importer(store, texts, plan, table, actor, changeSet, actor.ScopeAt(now), rehearsal, isRemembered);
            var before = (long)i * table.Rows.Count;
            results.Add(await importer.RunAsync(done => report(before + done, total), cancellationToken));
            foreach (var (line, reason) in importer.Report.BadLines)
            {
                _badLines[line] = _badLines.TryGetValue(line, out var known) && known != reason ? known + " " + reason : reason;
            }
        }
        return plans.Count == 1 ? results[0] : Together(results);
    }

    /// <summary>What all runs did, and each by itself.</summary>
    private JsonObject Together(List<JsonObject> results)
    {
        var all = (JsonObject)results[0].DeepClone();
        foreach (var count in Counts)
        {
            all[count] = results.Sum(r => r[count]!.GetValue<int>());
        }
        foreach (var (i, result) in results.Index())
        {
            result["label"] = plans[i].Options.Label?.ToString() ?? plans[i].Entity.PluralLabel.ToString();
            foreach (var problem in result["problems"]!.AsArray())
            {
                problem!["entity"] = plans[i].Entity.Name;
            }
        }
        all["createdLookups"] = new JsonObject(results.SelectMany(r => r["createdLookups"]!.AsObject()).GroupBy(c => c.Key).Select(g => KeyValuePair.Create(g.Key, (JsonNode?)g.Sum(c => c.Value!.GetValue<int>()))));
        all["problems"] = new JsonArray([.. results.SelectMany(r => r["problems"]!.AsArray()).Take(ImportReport.MaxListed).Select(p => p!.DeepClone())]);
        foreach (var result in results)
        {
            result.Remove("problems");
        }
        all.Remove("preview");
        all["steps"] = new JsonArray([.. results]);
        return all;
    }
}
