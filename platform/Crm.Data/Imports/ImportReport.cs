using System.Text.Json.Nodes;
using Crm.Rules;

namespace Crm.Data;

/// <summary>What an import did, row by row where something was wrong.</summary>
internal sealed class ImportReport
{
    /// <summary>More problems than this are counted but not listed; the file of bad rows has them all.</summary>
    private const int MaxListed = 1_000;

    private readonly List<(int Line, string? Column, string? Value, Problem Problem)> _problems = [];
    private readonly Dictionary<int, string> _badLines = [];

    public int Created { get; set; }

    public int Updated { get; set; }

    public int Unchanged { get; set; }

    public int Duplicates { get; private set; }

    public int Errors { get; private set; }

    /// <summary>Lines that were left out, with the reason.</summary>
    public IReadOnlyDictionary<int, string> BadLines => _badLines;

    public void Refuse(ImportRow row, IReadOnlyList<Problem> problems, IReadOnlyList<ImportColumn> columns, Metadata.Texts texts, bool isDuplicate = false)
    {
        if (isDuplicate)
        {
            Duplicates++;
        }
        else
        {
            Errors++;
        }
        _badLines[row.Line] = string.Join(" ", problems.Select(p => p.Message(texts)));
        if (_problems.Count < MaxListed)
        {
            foreach (var problem in problems)
            {
                var column = columns.FirstOrDefault(c => c.Field.Name == problem.Field);
                _problems.Add((row.Line, column?.Name, column is null ? null : row.Texts[column.Index].Trim(), problem));
            }
        }
    }

    public JsonObject ToJson(ImportPlan plan, int rows, Guid changeSet, IReadOnlyDictionary<string, int> createdLookups, Metadata.Texts texts) => new()
    {
        ["entity"] = plan.Entity.Name,
        ["mode"] = plan.Mode,
        ["dryRun"] = plan.Options.DryRun,
        ["rows"] = rows,
        ["created"] = Created,
        ["updated"] = Updated,
        ["unchanged"] = Unchanged,
        ["duplicates"] = Duplicates,
        ["errors"] = Errors,
        ["createdLookups"] = new JsonObject(createdLookups.Select(c => KeyValuePair.Create(c.Key, (JsonNode?)c.Value))),
        ["mapping"] = new JsonObject(plan.Columns.Select(c => KeyValuePair.Create(c.Name, (JsonNode?)c.Field.Name))),
        ["problems"] = new JsonArray([.. _problems.Select(p => (JsonNode)new JsonObject
        {
            ["row"] = p.Line,
            ["column"] = p.Column,
            ["value"] = p.Value,
            ["field"] = p.Problem.Field,
            ["code"] = p.Problem.Code,
            ["message"] = p.Problem.Message(texts),
        })]),
        ["changeSet"] = plan.Options.DryRun ? null : changeSet.ToString("D"),
    };
}
