using System.Globalization;
using System.Text.Json.Nodes;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>What one run over the rows did, row by row where something was wrong.</summary>
internal sealed class ImportReport
{
    /// <summary>More problems than this are counted but not listed; the file of bad rows has them all.</summary>
    public const int MaxListed = 1_000;

    /// <summary>Rows of which a dry run shows what they would become.</summary>
    private const int MaxShown = 10;

    private readonly List<JsonObject> _problems = [];
    private readonly List<JsonObject> _preview = [];
    private readonly Dictionary<int, string> _badLines = [];

    public int Created { get; set; }

    public int Updated { get; set; }

    public int Unchanged { get; set; }

    public int Duplicates { get; private set; }

    public int Errors { get; private set; }

    /// <summary>Rows that the options leave out.</summary>
    public int Skipped { get; set; }

    /// <summary>Lines that were left out, with the reason.</summary>
    public IReadOnlyDictionary<int, string> BadLines => _badLines;

    public IReadOnlyList<JsonObject> Problems => _problems;

    public void Refuse(ImportRow row, IReadOnlyList<Problem> problems, IReadOnlyList<ImportColumn> columns, Texts texts, bool isDuplicate = false)
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
        if (_problems.Count >= MaxListed)
        {
            return;
        }
        foreach (var problem in problems)
        {
            var column = row.ColumnOf(problem) ?? columns.FirstOrDefault(c => c.Field.Name == problem.Field);
            _problems.Add(new()
            {
                ["row"] = row.Line,
                ["column"] = column?.Name,
                ["value"] = column is null ? null : row.Texts[column.Index].Trim(),
                ["field"] = problem.Field,
                ["code"] = problem.Code,
                ["message"] = problem.Message(texts),
            });
        }
    }

    /// <summary>Keeps the first rows as they will be.</summary>
    public void Show(ImportRow row, RecordChange change, string action, ImportPlan plan)
    {
        if (_preview.Count >= MaxShown || change.After is null)
        {
            return;
        }
        var values = new JsonObject();
        foreach (var field in plan.Fields)
        {
            values[field.Field.Name] = change.After[field.Field] is not { } value ? null
                : field.Field.Targets.Count > 0 ? row.Texts[field.Columns[0].Index].Trim()
                : field.Field.Type is SecretFieldType ? "•••"
                : field.Field.Type.ToText(value, CultureInfo.CurrentUICulture);
        }
        _preview.Add(new() { ["row"] = row.Line, ["action"] = action, ["values"] = values });
    }

    public JsonObject ToJson(ImportPlan plan, int rows, Guid changeSet, IReadOnlyDictionary<string, int> createdLookups)
    {
        var json = new JsonObject
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
            ["skipped"] = Skipped,
            ["createdLookups"] = new JsonObject(createdLookups.Select(c => KeyValuePair.Create(c.Key, (JsonNode?)c.Value))),
            ["mapping"] = new JsonObject(plan.Columns.Select(c => KeyValuePair.Create(c.Name, (JsonNode?)new ImportTarget(c.Field, c.Part).Path))),
            ["problems"] = new JsonArray([.. _problems.Select(p => p.DeepClone())]),
            ["changeSet"] = plan.Options.DryRun ? null : changeSet.ToString("D"),
        };
        if (plan.Options.DryRun)
        {
            json["preview"] = new JsonArray([.. _preview.Select(p => p.DeepClone())]);
        }
        return json;
    }
}
