using System.Text.Json.Nodes;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Puts the rows of a table into an entity, a piece at a time, through the same write path as everything else.</summary>
internal sealed class Importer(RecordStore store, Texts texts, ImportPlan plan, ImportTable table, Actor actor, Guid changeSet, ConditionScope scope, ImportRehearsal rehearsal, bool isRemembered)
{
    private const int PieceSize = 2_000;

    private readonly ImportReport _report = new();
    private readonly ImportLookups _lookups = new(store, actor, changeSet, plan.Options.DryRun, rehearsal);
    private readonly Dictionary<string, int> _keysSeen = new(StringComparer.Ordinal);

    /// <summary>In a dry run over rows that follow each other: what the record of a key would be by now.</summary>
    private readonly Dictionary<string, List<FieldValue>> _soFar = new(StringComparer.Ordinal);

    /// <summary>Texts of a lookup into the imported entity itself that named a row further down.</summary>
    private readonly List<(ImportRow Row, Guid Id, ImportColumn Column, NamedRecord Named)> _later = [];

    private readonly IReadOnlyList<ImportColumn> _references = [.. plan.Columns.Where(c => c.Field.Targets.Count > 0)];

    public ImportReport Report => _report;

    /// <summary>Rows that follow each other are told apart over a large piece, so that few writes hold many of them.</summary>
    private int Piece => plan.Repeats == "update" ? PieceSize * 5 : PieceSize;

    public async Task<JsonObject> RunAsync(Func<long, Task> report, CancellationToken cancellationToken)
    {
        var done = 0;
        // Values need nothing of what is written meanwhile, unless they name records.
        var isAhead = _references.Count == 0;
        // Whoever moves on begins to convert a piece.
        using var pieces = table.Rows.Chunk(Piece).Select((piece, i) => Task.Run(() => ConvertAsync(piece, i * Piece, CancellationToken.None), CancellationToken.None)).GetEnumerator();
        var converting = pieces.MoveNext() ? pieces.Current : null;
        while (converting is not null && !cancellationToken.IsCancellationRequested)
        {
            // A piece that is begun is finished, so that what was written and what is reported agree.
            var rows = await converting;
            converting = isAhead && pieces.MoveNext() ? pieces.Current : null;
            await WriteAsync(rows, CancellationToken.None);
            done += rows.Count;
            await report(done);
            if (!isAhead && !cancellationToken.IsCancellationRequested)
            {
                converting = pieces.MoveNext() ? pieces.Current : null;
            }
        }
        if (converting is not null)
        {
            await converting;
        }
        await SetLaterAsync(CancellationToken.None);
        return _report.ToJson(plan, done, changeSet, _lookups.Created);
    }

    private async Task<List<ImportRow>> ConvertAsync((int Line, string[] Values)[] piece, int before, CancellationToken cancellationToken)
    {
        var (all, rows) = (new List<ImportRow>(piece.Length), new List<ImportRow>(piece.Length));
        for (var i = 0; i < piece.Length; i++)
        {
            var (line, values) = piece[i];
            var isWhole = values.Length == table.Columns.Count;
            var row = new ImportRow(line, before + i + 1, isWhole ? plan.Cells(values, before + i + 1) : values);
            all.Add(row);
            if (!isWhole)
            {
                row.Problems.Add(Problem.Of(ProblemKind.Invalid, "import.columns", values.Length, table.Columns.Count));
            }
            else if (IsMeant(row))
            {
                rows.Add(row);
            }
            else
            {
                row.IsSkipped = true;
            }
        }
        foreach (var column in _references)
        {
            foreach (var named in rows.Select(r => TextOf(r, column)).OfType<string>().Distinct(StringComparer.Ordinal).Select(t => NamedRecord.Read(column, t)).OfType<NamedRecord>().GroupBy(n => n.By))
            {
                if (named.Key.Entity == plan.Entity && !column.CreateMissing)
                {
                    _lookups.ForgetMissing();
                }
                if (named.First().Other is { } other)
                {
                    await _lookups.ResolveAsync(other, named.Select(n => n.Text), createMissing: false, cancellationToken);
                }
                foreach (var wanted in named.GroupBy(n => n.Other is not null && _lookups.Find(n.Other, n.Text) is not null, n => n.Text))
                {
                    await _lookups.ResolveAsync(named.Key, wanted, column.CreateMissing && !wanted.Key, cancellationToken);
                }
            }
        }
        foreach (var row in rows)
        {
            row.Values.EnsureCapacity(plan.Fields.Count);
            foreach (var field in plan.Fields)
            {
                if (field.IsSimple)
                {
                    Convert(row, field.Columns[0]);
                }
                else
                {
                    Combine(row, field);
                }
            }
        }
        return all;
    }

    private bool IsMeant(ImportRow row) => plan.Where is null || ConditionEvaluator.Holds(
        plan.Where, path => row.Texts[path.Field.Ordinal].Trim() is { Length: > 0 } text && !plan.NullValues.Contains(text) ? text : null, scope);

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
                row.Refuse(column, Problem.At(field.Name, ProblemKind.Invalid, "import.lookupAmbiguous", named.By.Entity.Label, named.Text));
            }
            else if ((_lookups.Find(named.By, named.Text) ?? (named.Other is { } other ? _lookups.Find(other, named.Text) : null)) is { } id)
            {
                row.Values.Add(new(field, field.ValueFor(named.By.Entity, id)));
            }
            else if (named.By.Entity == plan.Entity)
            {
                row.Later.Add((column, named));
            }
            else
            {
                row.Refuse(column, Problem.At(field.Name, ProblemKind.Invalid, "import.lookupNotFound", named.By.Entity.Label, named.Text));
            }
        }
        else
        {
            Take(row, column, field.Type.FromFileText(text, FormatFor(column, text)));
        }
    }

    /// <summary>One value out of several columns: the parts of an address, an amount and its currency, several telephone numbers.</summary>
    private void Combine(ImportRow row, ImportField field)
    {
        var parts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var column in field.Columns)
        {
            if (TextOf(row, column) is { } text)
            {
                var name = column.Part?.Name ?? "";
                parts[name] = parts.TryGetValue(name, out var before) ? before + "; " + text : text;
            }
        }
        Take(row, field.Columns[0], parts.Count == 0 ? Parsed.Ok(null) : field.Field.Type.FromParts(parts, field.Columns[0].Format));
    }

    private static void Take(ImportRow row, ImportColumn column, Parsed parsed)
    {
        if (parsed.Fault is { } fault)
        {
            row.Refuse(column, Problem.At(column.Field.Name, ProblemKind.Invalid, fault.Code, fault.Arguments));
        }
        else
        {
            row.Values.Add(new(column.Field, parsed.Value));
        }
    }

    private async Task WriteAsync(List<ImportRow> rows, CancellationToken cancellationToken)
    {
        foreach (var wave in WavesOf(rows))
        {
            foreach (var part in wave.Chunk(PieceSize))
            {
                await WriteAsync(part, cancellationToken);
            }
        }
        foreach (var row in rows)
        {
            if (row.Problems.Count > 0)
            {
                Refuse(row, row.Problems, row.IsDuplicate);
            }
            else if (row.IsSkipped)
            {
                _report.Skipped++;
            }
        }
    }

    private async Task WriteAsync(ImportRow[] rows, CancellationToken cancellationToken)
    {
        var changes = rows.Select(row => (Row: row, Change: ChangeFor(row))).Where(c => c.Change is not null).Select(c => (c.Row, Change: c.Change!)).ToList();
        await store.WriteAsync(RequestOf([.. rehearsal.NeededBy(changes.Select(c => c.Change)), .. changes.Select(c => c.Change)]), cancellationToken);
        foreach (var (row, change) in changes)
        {
            Count(row, change);
        }
    }

    private WriteRequest RequestOf(IReadOnlyList<RecordChange> changes) => new(actor, Door.Import, changes, WriteMode.Partial, changeSet)
    {
        DryRun = plan.Options.DryRun,
        ConfirmsDuplicates = plan.Options.Duplicates == "allow",
    };

    private RecordChange? ChangeFor(ImportRow row)
    {
        if (plan.ChangedAt is not { } at || TextOf(row, at) is not { } text)
        {
            return plan.Mode == "create" ? RecordChange.Create(plan.Entity, row.Values) : RecordChange.Upsert(plan.Entity, plan.Key, row.Values, createMissing: plan.Mode == "upsert");
        }
        var parsed = MomentType.FromText(text, FormatFor(at, text));
        if (parsed.Value is not DateTimeOffset moment)
        {
            row.Refuse(at, Problem.At(at.Field.Name, ProblemKind.Invalid, parsed.Fault!.Code, parsed.Fault.Arguments));
            return null;
        }
        return plan.Mode == "create"
            ? RecordChange.Create(plan.Entity, row.Values, null, (moment, actor.UserId))
            : RecordChange.Upsert(plan.Entity, plan.Key, row.Values, createMissing: plan.Mode == "upsert", (moment, actor.UserId));
    }

    private static DateTimeFieldType MomentType { get; } = new();

    /// <summary>Rows that can be written together; where the rows of a record follow each other, each wave holds one of them.</summary>
    private List<List<ImportRow>> WavesOf(List<ImportRow> rows)
    {
        var waves = new List<List<ImportRow>> { new(rows.Count) };
        var inPiece = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var row in rows)
        {
            if (row.Problems.Count > 0 || row.IsSkipped)
            {
                continue;
            }
            var key = KeyOf(row);
            if (key is null || _keysSeen.TryAdd(key, row.Line))
            {
                waves[0].Add(row);
                if (plan.Options.DryRun && plan.Repeats == "update" && key is not null)
                {
                    (_soFar[key], inPiece[key]) = (row.Values, 1);
                }
                else if (key is not null)
                {
                    inPiece[key] = 1;
                }
                continue;
            }
            switch (plan.Repeats)
            {
                case "skip": row.IsSkipped = true; break;
                case "update" when plan.Options.DryRun: CountRepeat(row, key); break;
                case "update":
                    var wave = inPiece.GetValueOrDefault(key);
                    inPiece[key] = wave + 1;
                    while (waves.Count <= wave)
                    {
                        waves.Add([]);
                    }
                    waves[wave].Add(row);
                    break;
                default:
                    row.Problems.Add(Problem.At(plan.Key[0].Name, ProblemKind.Refused, "import.rowTwice", _keysSeen[key]));
                    row.IsDuplicate = true;
                    break;
            }
        }
        return waves;
    }

    /// <summary>A row after the first of its record: the record is not there in a dry run, but what it would be is known.</summary>
    private void CountRepeat(ImportRow row, string key)
    {
        var soFar = _soFar[key];
        if (row.Values.TrueForAll(v => v.Field.Type.AreEqual(soFar.Find(s => s.Field == v.Field).Value, v.Value)))
        {
            _report.Unchanged++;
        }
        else
        {
            _report.Updated++;
            _soFar[key] = row.Values;
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
        string action;
        if (change.Kind == ChangeKind.Create)
        {
            (_report.Created, action) = (_report.Created + 1, "create");
            if (plan.Options.DryRun && isRemembered)
            {
                rehearsal.Remember(change);
            }
        }
        else if (change.IsNoChange)
        {
            (_report.Unchanged, action) = (_report.Unchanged + 1, "unchanged");
        }
        else
        {
            (_report.Updated, action) = (_report.Updated + 1, "update");
        }
        if (plan.Options.DryRun)
        {
            _report.Show(row, change, action, plan);
        }
    }

    /// <summary>
    /// Rows that name another row of the same file, such as a parent further down, get it once all are there. What cannot be set is an error of a
    /// row whose record is there.
    /// </summary>
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
        var references = new Dictionary<Guid, LaterReferences>();
        foreach (var (row, id, column, (by, text)) in _later)
        {
            if (_lookups.IsAmbiguous(by, text))
            {
                row.Refuse(column, Problem.At(column.Field.Name, ProblemKind.Invalid, "import.lookupAmbiguous", by.Entity.Label, text));
            }
            else if (_lookups.Find(by, text) is { } target)
            {
                var known = references.TryGetValue(id, out var before) ? before : references[id] = new(id, [], []);
                known.Values.Add(new(column.Field, column.Field.ValueFor(by.Entity, target)));
                known.Rows.Add(row);
            }
            else if (!titles.Contains((by, Folding.Fold(text))))
            {
                row.Refuse(column, Problem.At(column.Field.Name, ProblemKind.Invalid, "import.lookupNotFound", by.Entity.Label, text));
            }
        }
        for (IReadOnlyList<LaterReferences> open = [.. references.Values]; open.Count > 0 && !plan.Options.DryRun;)
        {
            open = await SetAsync(open, cancellationToken);
        }
        foreach (var row in _later.Select(l => l.Row).Distinct().Where(r => r.Problems.Count > 0))
        {
            Refuse(row, row.Problems);
        }
    }

    /// <summary>Sets references of records that are there.</summary>
    /// <returns>What is left of records of which only some references were refused.</returns>
    private async Task<IReadOnlyList<LaterReferences>> SetAsync(IReadOnlyList<LaterReferences> references, CancellationToken cancellationToken)
    {
        var left = new List<LaterReferences>();
        foreach (var piece in references.Chunk(PieceSize))
        {
            var changes = piece.Select(r => RecordChange.Update(plan.Entity, r.Id, r.Values, expectedVersion: null)).ToList();
            await store.WriteAsync(RequestOf(changes), cancellationToken);
            foreach (var (refused, change) in piece.Zip(changes).Where(c => c.Second.Failed))
            {
                foreach (var row in refused.Rows)
                {
                    row.Problems.AddRange(change.Problems);
                }
                var others = refused.Values.FindAll(v => change.Problems.TrueForAll(p => p.Field != v.Field.Name));
                if (others.Count > 0 && others.Count < refused.Values.Count)
                {
                    left.Add(refused with { Values = others });
                }
            }
        }
        return left;
    }

    private static bool IsIso(string text) => text is [_, _, _, _, '-', _, _, '-', _, _, ..];

    private TextFormat FormatFor(ImportColumn column, string text) => table.HasTypedDates && IsIso(text) ? column.Format with { DateFormat = null } : column.Format;

    private HashSet<(Field, string)> TitlesOfFile() =>
        [.. table.Rows.Where(r => r.Values.Length == table.Columns.Count).SelectMany((r, i) => plan.Cells(r.Values, i + 1) is var cells ? plan.Columns.Select(c => (c.Field, Folding.Fold(cells[c.Index].Trim()))) : [])];

    /// <summary>The text of a cell after the value map; null where it means "no value".</summary>
    private string? TextOf(ImportRow row, ImportColumn column)
    {
        var raw = row.Texts[column.Index];
        var text = raw.Trim();
        if (text.Length == 0 || (plan.NullValues.Count > 0 && plan.NullValues.Contains(text)))
        {
            return null;
        }
        // How a text begins may be part of it: an indented note is not the same as one that is not.
        return column.ValueMap?.GetValueOrDefault(text) is { } mapped ? mapped.Length == 0 ? null : mapped : column.LookupBy is null ? raw : text;
    }

    /// <summary>What says which record the row means; null where that is left open, so that no other row can mean the same one.</summary>
    private string? KeyOf(ImportRow row)
    {
        if (plan.Key.Count == 0 || plan.Key.Any(f => row.Values.Find(v => v.Field == f).Value is null))
        {
            return null;
        }
        return ValueKey.Of(plan.Key, f => row.Values.Find(v => v.Field == f).Value);
    }

    private void Refuse(ImportRow row, IReadOnlyList<Problem> problems, bool isDuplicate = false) =>
        _report.Refuse(row, problems, problems.Any(p => p.Code == "import.columns") ? [] : plan.Columns, texts, isDuplicate);

    /// <summary>What a record is yet to point to, and the rows that say so.</summary>
    private sealed record LaterReferences(Guid Id, List<FieldValue> Values, HashSet<ImportRow> Rows);
}
