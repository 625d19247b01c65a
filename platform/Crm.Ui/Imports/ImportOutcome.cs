using System.Text.Json.Nodes;
using Crm.Data;

namespace Crm.Ui.Imports;

/// <summary>The result of an import job, read for the screen.</summary>
public sealed class ImportOutcome
{
    private static readonly HashSet<string> Mappable = ["import.lookupNotFound", "value.choice"];

    private ImportOutcome(Job job, JsonObject result)
    {
        JobId = job.Id;
        (Rows, Created, Updated) = (Number(result, "rows"), Number(result, "created"), Number(result, "updated"));
        (Unchanged, Duplicates, Errors, Skipped) = (Number(result, "unchanged"), Number(result, "duplicates"), Number(result, "errors"), Number(result, "skipped"));
        HasBadRows = result.ContainsKey("badRows");
        ChangeSet = result["changeSet"]?.GetValue<string>() is { } set && Guid.TryParse(set, out var id) ? id : null;
        CreatedLookups = [.. result["createdLookups"]!.AsObject().Select(c => (c.Key, c.Value!.GetValue<int>()))];
        var entity = result["entity"]!.GetValue<string>();
        var problems = result["problems"]!.AsArray().Select(p => new ImportProblem(
            p!["row"]!.GetValue<int>(), p["entity"]?.GetValue<string>() ?? entity, p["column"]?.GetValue<string>(), p["value"]?.GetValue<string>(), p["code"]!.GetValue<string>(), p["message"]!.GetValue<string>())).ToList();
        Problems = problems;
        Unknown = [.. problems.Where(p => Mappable.Contains(p.Code) && p is { Column: not null, Value.Length: > 0 })
            .GroupBy(p => (p.Entity, p.Column!, p.Value!)).Select(g => new UnknownValue(g.Key.Entity, g.Key.Item2, g.Key.Item3, g.Count(), g.First().Message))];
        Steps = result["steps"] is JsonArray steps ? [.. steps.Select(s => ReadStep(s!.AsObject()))] : [ReadStep(result)];
    }

    public Guid JobId { get; }

    public int Rows { get; }

    public int Created { get; }

    public int Updated { get; }

    public int Unchanged { get; }

    public int Duplicates { get; }

    public int Errors { get; }

    public int Skipped { get; }

    public bool HasBadRows { get; }

    /// <summary>By which all of it is taken back; null where nothing was written.</summary>
    public Guid? ChangeSet { get; }

    public IReadOnlyList<(string Entity, int Count)> CreatedLookups { get; }

    public IReadOnlyList<ImportProblem> Problems { get; }

    /// <summary>Values that a lookup or choice did not know, each once: what a value map can mend.</summary>
    public IReadOnlyList<UnknownValue> Unknown { get; }

    /// <summary>What was done to each entity.</summary>
    public IReadOnlyList<ImportStepOutcome> Steps { get; }

    /// <summary>What a finished job brought; null if it has no result.</summary>
    public static ImportOutcome? Of(Job job) => job.Result is { } result && result.ContainsKey("rows") ? new(job, result) : null;

    private static ImportStepOutcome ReadStep(JsonObject step) => new(
        step["entity"]!.GetValue<string>(), step["label"]?.GetValue<string>(), Number(step, "created"), Number(step, "updated"),
        [.. (step["preview"] as JsonArray ?? []).Select(p => new ImportPreviewRow(p!["row"]!.GetValue<int>(), p["action"]!.GetValue<string>(), p["values"]!.AsObject().ToDictionary(v => v.Key, v => v.Value?.GetValue<string>(), StringComparer.Ordinal)))]);

    private static int Number(JsonObject result, string member) => result[member]?.GetValue<int>() ?? 0;
}

/// <summary>What one run did, and, before it is done, the first records as they will be.</summary>
public sealed record ImportStepOutcome(string Entity, string? Label, int Created, int Updated, IReadOnlyList<ImportPreviewRow> Preview);

/// <summary>A row as it will be.</summary>
/// <param name="Row">Where it stands in the file.</param>
/// <param name="Action">create, update or unchanged.</param>
/// <param name="Values">By field, as people read them.</param>
public sealed record ImportPreviewRow(int Row, string Action, IReadOnlyDictionary<string, string?> Values);

/// <summary>Something wrong in one row.</summary>
public sealed record ImportProblem(int Row, string Entity, string? Column, string? Value, string Code, string Message);

/// <summary>A text that stands for nothing known, and in how many of the listed rows.</summary>
public sealed record UnknownValue(string Entity, string Column, string Value, int Rows, string Message);
