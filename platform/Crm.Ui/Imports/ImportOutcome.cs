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
        (Unchanged, Duplicates, Errors) = (Number(result, "unchanged"), Number(result, "duplicates"), Number(result, "errors"));
        HasBadRows = result.ContainsKey("badRows");
        CreatedLookups = [.. result["createdLookups"]!.AsObject().Select(c => (c.Key, c.Value!.GetValue<int>()))];
        var problems = result["problems"]!.AsArray().Select(p => new ImportProblem(
            p!["row"]!.GetValue<int>(), p["column"]?.GetValue<string>(), p["value"]?.GetValue<string>(), p["code"]!.GetValue<string>(), p["message"]!.GetValue<string>())).ToList();
        Problems = problems;
        Unknown = [.. problems.Where(p => Mappable.Contains(p.Code) && p is { Column: not null, Value.Length: > 0 })
            .GroupBy(p => (p.Column!, p.Value!)).Select(g => new UnknownValue(g.Key.Item1, g.Key.Item2, g.Count(), g.First().Message))];
    }

    public Guid JobId { get; }

    public int Rows { get; }

    public int Created { get; }

    public int Updated { get; }

    public int Unchanged { get; }

    public int Duplicates { get; }

    public int Errors { get; }

    public bool HasBadRows { get; }

    public IReadOnlyList<(string Entity, int Count)> CreatedLookups { get; }

    public IReadOnlyList<ImportProblem> Problems { get; }

    /// <summary>Values that a lookup or choice did not know, each once: what a value map can mend.</summary>
    public IReadOnlyList<UnknownValue> Unknown { get; }

    /// <summary>What a finished job brought; null if it has no result.</summary>
    public static ImportOutcome? Of(Job job) => job.Result is { } result && result.ContainsKey("rows") ? new(job, result) : null;

    private static int Number(JsonObject result, string member) => result[member]!.GetValue<int>();
}

/// <summary>Something wrong in one row.</summary>
public sealed record ImportProblem(int Row, string? Column, string? Value, string Code, string Message);

/// <summary>A text that stands for nothing known, and in how many of the listed rows.</summary>
public sealed record UnknownValue(string Column, string Value, int Rows, string Message);
