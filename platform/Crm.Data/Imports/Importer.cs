using System.Text.Json.Nodes;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Puts the rows of a table into an entity, a piece at a time, through the same write path as everything else.</summary>
internal sealed class Importer(RecordStore store, Texts texts, ImportPlan plan, ImportTable table, Actor actor, Guid changeSet)
{
    private const int PieceSize = 1_000;

    private readonly ImportReport _report = new();
    private readonly ImportLookups _lookups = new(store, actor, changeSet, plan.Options.DryRun);
    private readonly Dictionary<string, int> _keysSeen = new(StringComparer.Ordinal);

    /// <summary>Texts of a lookup into the imported entity itself that named a row further down.</summary>
    private readonly List<(ImportRow Row, Guid Id, ImportColumn Column, NamedRecord Named)> _later = [];

    public IReadOnlyDictionary<int, string> BadLines => _report.BadLines;

    public async Task<JsonObject> RunAsync(Func<long, long?, Task> report, CancellationToken cancellationToken)
    {
        var done = 0;
        foreach (var piece in table.Rows.Chunk(PieceSize))
        {
            if (cancellationToken.IsCancellationRequested)
            {
                break;
            }
            // A piece that is begun is finished, so that what was written and what is reported agree.
            await WriteAsync(await ConvertAsync(piece, CancellationToken.None), CancellationToken.None);
            done += piece.Length;
            await report(done, table.Rows.Count);
        }
        await SetLaterAsync(CancellationToken.None);
        return _report.ToJson(plan, done, changeSet, _lookups.Created, texts);
    }

    private async Task<List<ImportRow>> ConvertAsync((int Line, string[] Values)[] piece, CancellationToken cancellationToken)
    {
        var rows = new List<ImportRow>(piece.Length);
        foreach (var (line, values) in piece)
        {
            var row = new ImportRow(line, values);
            if (values.Length == table.Columns.Count)
            {
                rows.Add(row);
            }
            else
            {
                Refuse(row, [Problem.Of(ProblemKind.Invalid, "import.columns", values.Length, table.Columns.Count)]);
            }
        }
        foreach (var column in plan.Columns.Where(c => c.Field.Targets.Count > 0))
        {
            foreach (var named in rows.Select(r => TextOf(r, column)).OfType<string>().Distinct(StringComparer.Ordinal).Select(t => NamedRecord.Read(column, t)).OfType<NamedRecord>().GroupBy(n => n.By))
            {
                if (named.Key.Entity == plan.Entity && !column.CreateMissing)
                {
                    _lookups.ForgetMissing();
                }
                await _lookups.ResolveAsync(named.Key, named.Select(n => n.Text), column.CreateMissing, cancellationToken);
            }
        }
        foreach (var row in rows)
        {
            foreach (var column in plan.Columns)
            {
                Convert(row, column);
            }
        }
        return rows;
    }

    private void Convert(ImportRow row, ImportColumn column)
    {
        var field = column.Field;
        if (TextOf(row, column) is not { } text)
        {
            row.Values.Add(new(field, null));
        }
        else if (NamedRecord.Read(column, text) is { } named)
        {
            if (_lookups.IsAmbiguous(named.By, named.Text))
            {
                row.Problems.Add(Problem.At(field.Name, ProblemKind.Invalid, "import.lookupAmbiguous", named.By.Entity.Label, named.Text));
            }
            else if (_lookups.Find(named.By, named.Text) is { } id)
            {
                row.Values.Add(new(field, field.ValueFor(named.By.Entity, id)));
            }
            else if (named.By.Entity == plan.Entity)
            {
                row.Later.Add((column, named));
            }
            else
            {
                row.Problems.Add(Problem.At(field.Name, ProblemKind.Invalid, "import.lookupNotFound", named.By.Entity.Label, named.Text));
            }
        }
        else
        {
            var parsed = field.Type.FromFileText(text, table.HasTypedDates && IsIso(text) ? plan.Format with { DateFormat = null } : plan.Format);
            if (parsed.Fault is { } fault)
            {
                row.Problems.Add(Problem.At(field.Name, ProblemKind.Invalid, fault.Code, fault.Arguments));
            }
            else
            {
                row.Values.Add(new(field, parsed.Value));
            }
        }
    }

    private async Task WriteAsync(List<ImportRow> rows, CancellationToken cancellationToken)
    {
        var good = rows.Where(r => r.Problems.Count == 0 && IsFirstOfKey(r)).ToList();
        var changes = good.Select(row => (Row: row, Change: plan.Mode == "create"
            ? RecordChange.Create(plan.Entity, row.Values)
            : RecordChange.Upsert(plan.Entity, plan.Key, row.Values, createMissing: plan.Mode == "upsert"))).ToList();
        await store.WriteAsync(new(actor, Door.Import, [.. _lookups.Rehearsed, .. changes.Select(c => c.Change)], WriteMode.Partial, changeSet) { DryRun = plan.Options.DryRun }, cancellationToken);
        foreach (var (row, change) in changes)
        {
            Count(row, change);
        }
        foreach (var row in rows.Where(r => r.Problems.Count > 0))
        {
            Refuse(row, row.Problems, row.IsDuplicate);
        }
    }

    private void Count(ImportRow row, RecordChange change)
    {
        if (change.Failed)
        {
            row.Problems.AddRange(change.Problems);
            row.IsDuplicate = change.Problems.TrueForAll(p => p.Code is "unique" or DuplicatesStep.WarnCode or DuplicatesStep.BlockCode);
            return;
        }
        _later.AddRange(row.Later.Select(l => (row, change.Id, l.Column, l.Named)));
        if (change.Kind == ChangeKind.Create)
        {
            _report.Created++;
        }
        else if (change.IsNoChange)
        {
            _report.Unchanged++;
        }
        else
        {
            _report.Updated++;
        }
    }

    /// <summary>Rows that name another row of the same file, such as a parent further down, get it once all are there.</summary>
    private async Task SetLaterAsync(CancellationToken cancellationToken)
    {
        if (_later.Count == 0)
        {
            return;
        }
        _lookups.ForgetMissing();
        foreach (var group in _later.GroupBy(l => l.Named.By))
        {
            await _lookups.ResolveAsync(group.Key, group.Select(l => l.Named.Text).Distinct(StringComparer.Ordinal), createMissing: false, cancellationToken);
        }
        var titles = plan.Options.DryRun ? TitlesOfFile() : [];
        var values = new Dictionary<Guid, List<FieldValue>>();
        foreach (var (row, id, column, (by, text)) in _later)
        {
            if (_lookups.Find(by, text) is { } target)
            {
                (values.TryGetValue(id, out var known) ? known : values[id] = []).Add(new(column.Field, column.Field.ValueFor(by.Entity, target)));
            }
            else if (!titles.Contains((by, Folding.Fold(text))))
            {
                Refuse(row, [Problem.At(column.Field.Name, ProblemKind.Invalid, "import.lookupNotFound", by.Entity.Label, text)]);
            }
        }
        var changes = values.Select(v => RecordChange.Update(plan.Entity, v.Key, v.Value, expectedVersion: null));
        foreach (var piece in changes.Chunk(PieceSize).Where(_ => !plan.Options.DryRun))
        {
            await store.WriteAsync(new(actor, Door.Import, piece, WriteMode.Partial, changeSet), cancellationToken);
        }
    }

    private static bool IsIso(string text) => text is [_, _, _, _, '-', _, _, '-', _, _, ..];

    private HashSet<(Field, string)> TitlesOfFile() =>
        [.. plan.Columns.SelectMany(c => table.Rows.Where(r => c.Index < r.Values.Length).Select(r => (c.Field, Folding.Fold(r.Values[c.Index]))))];

    /// <summary>The text of a cell after the value map; null where it means "no value".</summary>
    private string? TextOf(ImportRow row, ImportColumn column)
    {
        var raw = row.Texts[column.Index];
        var text = raw.Trim();
        if (text.Length == 0 || plan.NullValues.Contains(text))
        {
            return null;
        }
        // How a text begins may be part of it: an indented note is not the same as one that is not.
        return column.ValueMap?.GetValueOrDefault(text) is { } mapped ? mapped.Length == 0 ? null : mapped : column.LookupBy is null ? raw : text;
    }

    private bool IsFirstOfKey(ImportRow row)
    {
        // A row with an empty key means no record that is there, so it cannot be the same one as another row.
        if (plan.Key.Count == 0 || plan.Key.Any(f => row.Values.Find(v => v.Field == f).Value is null))
        {
            return true;
        }
        var key = ValueKey.Of(plan.Key, f => row.Values.Find(v => v.Field == f).Value);
        if (_keysSeen.TryAdd(key, row.Line))
        {
            return true;
        }
        row.Problems.Add(Problem.At(plan.Key[0].Name, ProblemKind.Refused, "import.rowTwice", _keysSeen[key]));
        row.IsDuplicate = true;
        return false;
    }

    private void Refuse(ImportRow row, IReadOnlyList<Problem> problems, bool isDuplicate = false) =>
        _report.Refuse(row, problems, problems.Any(p => p.Code == "import.columns") ? [] : plan.Columns, texts, isDuplicate);
}

/// <summary>One row on its way: its texts, the values they became, and what was wrong.</summary>
internal sealed class ImportRow(int line, string[] texts)
{
    public int Line { get; } = line;

    public string[] Texts { get; } = texts;

    public List<FieldValue> Values { get; } = [];

    public List<Problem> Problems { get; } = [];

    public List<(ImportColumn Column, NamedRecord Named)> Later { get; } = [];

    public bool IsDuplicate { get; set; }
}
