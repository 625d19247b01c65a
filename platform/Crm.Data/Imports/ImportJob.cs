using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Crm.Metadata;

namespace Crm.Data;

/// <summary>The job that imports a stored file.</summary>
[JobKind(KindName)]
internal sealed class ImportJob(ImportService imports, RecordStore store, ModelSource models, FileArea files, IdSource ids, TimeProvider time) : IJobKind
{
    public const string KindName = "import";

    private const string ReasonColumn = "problem";

    public async Task<JsonObject> RunAsync(JobRun run)
    {
        var input = run.Job.Input;
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(input["language"]!.GetValue<string>());
        var options = input["options"].Deserialize<ImportProfile>(MetadataFiles.Json)!;
        var table = await imports.ReadKeptAsync(input["file"]!.GetValue<string>(), input["fileName"]!.GetValue<string>(), options, run.CancellationToken);
        var plans = ImportPlan.MakeAll(options, table, models.Current, run.Actor.TimeZone);
        var import = new ImportRun(store, models.Current.Texts, plans, table, run.Actor, ids.Next(), time.GetUtcNow());
        var result = await import.RunAsync(run.ReportAsync, run.CancellationToken);
        if (import.BadLines.Count > 0)
        {
            result["badRows"] = await files.WriteAsync("imports", BadRows(table, import.BadLines), CancellationToken.None);
        }
        return result;
    }

    /// <summary>The rows that were left out, with the reason as one more column: mend them and import the file again.</summary>
    private static byte[] BadRows(ImportTable table, IReadOnlyDictionary<int, string> reasons)
    {
        // A file that has been here before brings its old reasons along; the new ones take their place.
        var columns = table.Columns[^1] == ReasonColumn ? table.Columns.Count - 1 : table.Columns.Count;
        var text = new StringBuilder("\uFEFF").Append(CsvText.Line(table.Columns.Take(columns).Append(ReasonColumn).Select(CsvText.Disarm), table.Delimiter));
        foreach (var (line, values) in table.Rows.Where(r => reasons.ContainsKey(r.Line)))
        {
            var kept = values.Concat(Enumerable.Repeat("", Math.Max(0, columns - values.Length)));
            text.Append(CsvText.Line((values.Length == table.Columns.Count ? kept.Take(columns) : kept).Append(reasons[line]).Select(CsvText.Disarm), table.Delimiter));
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
