using System.Globalization;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Compares the tables that there are with those that are wanted and says, change by change, what it means for the data.</summary>
/// <param name="session">Where rows are counted.</param>
/// <param name="stored">What the database has.</param>
/// <param name="wanted">What the Model asks for.</param>
/// <param name="options">How it is to be done.</param>
/// <param name="cancellationToken">Ends the wait.</param>
internal sealed class SchemaPlanner(Session session, DatabaseSchema stored, DatabaseSchema wanted, PlanOptions options, CancellationToken cancellationToken)
{
    private readonly SchemaRenames _renames = new(stored);
    private readonly List<SchemaStep> _steps = [];
    private readonly List<Problem> _refusals = [];
    private readonly List<string> _refusedIndexes = [];
    private readonly List<ColumnFill> _fills = [];
    private readonly List<TableSchema> _target = [];

    public async Task<SchemaPlan> PlanAsync()
    {
        _renames.Follow(wanted);
        foreach (var move in _renames.Moves)
        {
            if (move.FromField is null)
            {
                Step(SchemaVerdict.Additive, "tableRenamed", move.ToEntity, null, 0, move.FromEntity, move.ToEntity);
            }
            else
            {
                Step(SchemaVerdict.Additive, "columnRenamed", move.ToEntity, move.ToField, 0, move.ToEntity, move.FromField, move.ToField!);
            }
        }
        foreach (var table in wanted.Tables)
        {
            if (_renames.Find(table.Name) is null)
            {
                Step(SchemaVerdict.Additive, "tableAdded", table.Name, null, 0, table.Name);
                _target.Add(table);
            }
            else
            {
                await PlanTableAsync(table);
            }
        }
        foreach (var table in _renames.Renamed.Tables.Where(t => wanted.Find(t.Name) is null))
        {
            await PlanDropAsync(table);
        }
        var change = new SchemaChange(stored, _renames.Renames, _renames.Renamed, _fills, new([.. _target.OrderBy(t => t.Name, StringComparer.Ordinal)]) { Views = wanted.Views }, _renames.Moves);
        return new(_steps, _refusals, _refusedIndexes, change);
    }

    private async Task PlanTableAsync(TableSchema table)
    {
        if (_renames.Find(table.Name)!.Kept)
        {
            Step(SchemaVerdict.Additive, "tableReturned", table.Name, null, 0, table.Name);
        }
        // Columns that lost something on their way to another type stay beside the new ones until somebody agrees to the loss.
        var kept = new List<ColumnSchema>();
        var settled = new HashSet<string>(StringComparer.Ordinal);
        foreach (var field in table.Columns.GroupBy(c => c.FieldName).ToList())
        {
            await PlanFieldAsync(table, [.. field], kept, settled);
        }
        _renames.FollowIndexes(table);
        var existing = _renames.Find(table.Name)!;
        foreach (var lost in existing.Columns.Where(c => table.Find(c.Name) is null && !settled.Contains(c.Name)).GroupBy(c => c.FieldName).ToList())
        {
            await PlanLostAsync(existing, [.. lost], table, kept);
        }
        foreach (var index in existing.Indexes.Where(i => !table.Indexes.Any(w => w.Name == i.Name && w.IsLike(i))))
        {
            Step(SchemaVerdict.Additive, "indexDropped", table.Name, index.Name, 0, table.Name, Names(index));
        }
        foreach (var index in table.Indexes.Where(w => !existing.Indexes.Any(i => w.Name == i.Name && w.IsLike(i))))
        {
            Step(SchemaVerdict.Additive, index.Unique ? "uniqueAdded" : "indexAdded", table.Name, index.Name, 0, table.Name, Names(index));
            if (index.Unique)
            {
                await CheckDuplicatesAsync(table, index);
            }
        }
        foreach (var key in existing.ForeignKeys.Where(k => !table.ForeignKeys.Contains(k)))
        {
            Step(options.ReferencesRebuild ? SchemaVerdict.Rebuild : SchemaVerdict.Additive, "referenceDropped", table.Name, key.Column, 0, table.Name, key.Column);
        }
        foreach (var key in table.ForeignKeys.Where(k => !existing.ForeignKeys.Contains(k)))
        {
            Step(options.ReferencesRebuild ? SchemaVerdict.Rebuild : SchemaVerdict.Additive, "referenceAdded", table.Name, key.Column, 0, table.Name, key.Column, key.Target);
        }
        _target.Add(table with { Columns = [.. table.Columns, .. kept], Lists = table.Lists is { } lists ? [.. lists, .. existing.Lists?.Where(l => lists.All(w => w.Name != l.Name)) ?? []] : null });
    }

    private async Task PlanFieldAsync(TableSchema table, IReadOnlyList<ColumnSchema> field, List<ColumnSchema> kept, HashSet<string> settled)
    {
        var existing = _renames.Find(table.Name)!;
        var name = field[0].FieldName;
        var old = field.Select(c => existing.Find(c.Name)).OfType<ColumnSchema>().ToList();
        var added = field.Where(c => existing.Find(c.Name) is null).ToList();
        if (old.Count == 0)
        {
            var rows = field[0].Field is { Definition.Required: true } ? await CountAsync(table.Name, "1 = 1") : 0;
            Step(SchemaVerdict.Additive, rows > 0 ? "columnAddedRequired" : "columnAdded", table.Name, name, rows, table.Name, name, rows);
            return;
        }
        if (old.All(c => c.Kept))
        {
            Step(SchemaVerdict.Additive, "columnReturned", table.Name, name, 0, table.Name, name);
        }
        foreach (var column in old.Where(c => c.Nullable != table.Find(c.Name)!.Nullable && !c.Kept))
        {
            Step(column.Nullable ? SchemaVerdict.Rebuild : SchemaVerdict.Additive, "columnNullable", table.Name, column.Name, 0, table.Name, column.Name);
        }
        var moved = old.Where(c => !c.StoresLike(table.Find(c.Name)!)).ToList();
        var reference = table.ForeignKeys.FirstOrDefault(k => k.Column == field[0].Name);
        if (moved.Count == 0 && reference is not null && await CountOrphansAsync(table.Name, reference) > 0)
        {
            moved.Add(old[0]);
        }
        if (moved.Count == 0)
        {
            if (added.Count > 0)
            {
                Step(SchemaVerdict.Additive, "columnAdded", table.Name, name, 0, table.Name, string.Join(", ", added.Select(c => c.Name)), 0L);
                if (field[0].Field is not null)
                {
                    _fills.Add(Fill(table, field, old, added, null));
                }
            }
            return;
        }
        var asides = moved.ToDictionary(c => c.Name, c => _renames.Aside(table.Name, c.Name), StringComparer.Ordinal);
        var sources = old.Select(c => c with { Name = asides.GetValueOrDefault(c.Name, c.Name) }).ToList();
        var suffixes = old.Select(c => c.Suffix).ToList();
        var fill = Fill(table, field, sources, [.. added, .. moved.Select(c => table.Find(c.Name)!)], reference?.Target, suffixes);
        _fills.Add(fill);
        settled.UnionWith(asides.Values);
        var lost = await new FillScan(session, fill, renamed: false, cancellationToken).CountLostAsync();
        Step(lost > 0 ? SchemaVerdict.Destructive : SchemaVerdict.Rebuild, lost > 0 ? "columnNarrowed" : "columnConverted", table.Name, name, lost, table.Name, name, lost);
        if (lost > 0 && !options.AllowDestructive)
        {
            kept.AddRange(moved.Where(c => !c.Derived).Select(c => c with { Name = asides[c.Name], Nullable = true, Kept = true, Key = false }));
        }
    }

    private ColumnFill Fill(TableSchema table, IReadOnlyList<ColumnSchema> field, IReadOnlyList<ColumnSchema> sources, IReadOnlyList<ColumnSchema> written, string? target, IReadOnlyList<string>? suffixes = null)
    {
        var keys = _renames.Find(table.Name)!.Columns.Where(c => c.Key).ToList();
        return new(
            table.Name, _renames.Before(table.Name), keys,
            [.. sources.Select((s, i) => new FillSource(s, _renames.Before(table.Name, s.Name), suffixes?[i] ?? s.Suffix))],
            field, written, target, target is null || _renames.Find(target) is null ? null : _renames.Before(target));
    }

    private async Task PlanLostAsync(TableSchema existing, IReadOnlyList<ColumnSchema> columns, TableSchema table, List<ColumnSchema> kept)
    {
        var holding = columns.Where(c => !c.Derived).ToList();
        if (holding.Count == 0)
        {
            Step(SchemaVerdict.Rebuild, "columnDerived", table.Name, columns[0].Name, 0, table.Name, columns[0].Name);
            return;
        }
        var leftover = holding.All(c => c.Kept);
        if (!leftover || options.CountLeftovers || options.AllowDestructive)
        {
            var rows = await CountAsync(table.Name, string.Join(" OR ", holding.Select(c => SqlDialect.Quote(_renames.Before(existing.Name, c.Name)) + " IS NOT NULL")));
            var name = table.Columns.Any(c => c.FieldName == columns[0].FieldName) ? columns[0].Name : columns[0].FieldName;
            _steps.Add(new(SchemaVerdict.Destructive, leftover ? "columnLeftover" : "columnDropped", table.Name, name, rows, [table.Name, name, rows]) { IsLeftover = leftover });
        }
        if (!options.AllowDestructive)
        {
            kept.AddRange(columns.Select(c => c with { Nullable = true, Kept = true, Key = false }));
        }
    }

    private async Task PlanDropAsync(TableSchema table)
    {
        if (!table.Kept || options.CountLeftovers || options.AllowDestructive)
        {
            var rows = await CountAsync(table.Name, "1 = 1");
            _steps.Add(new(SchemaVerdict.Destructive, table.Kept ? "tableLeftover" : "tableDropped", table.Name, null, rows, [table.Name, rows]) { IsLeftover = table.Kept });
        }
        if (!options.AllowDestructive)
        {
            _target.Add(table with { Kept = true, Indexes = [], ForeignKeys = [] });
        }
    }

    private async Task CheckDuplicatesAsync(TableSchema table, IndexSchema index)
    {
        var existing = _renames.Find(table.Name)!;
        // A column that is new has no values yet, and an empty value breaks no uniqueness.
        if (index.Columns.Any(c => existing.Find(c) is null && _fills.All(f => f.Table != table.Name || f.Written.All(w => w.Name != c))))
        {
            return;
        }
        var duplicates = index.Columns.All(c => existing.Find(c) is not null) ? await StoredDuplicatesAsync(table, index) : await ConvertedDuplicatesAsync(table, index);
        if (duplicates.Count > 0)
        {
            _refusedIndexes.Add(index.Name);
            var place = $"{table.Name}.{string.Join(',', index.Columns)}";
            _refusals.Add(Problem.At(place, ProblemKind.Refused, "schema.duplicates", table.Name, Names(index), duplicates.Count, duplicates.Example));
        }
    }

    private async Task<(long Count, string Example)> StoredDuplicatesAsync(TableSchema table, IndexSchema index)
    {
        var existing = _renames.Find(table.Name)!;
        var columns = index.Columns.Select(c => existing.Find(c)!).ToList();
        var names = string.Join(", ", columns.Select(c => SqlDialect.Quote(_renames.Before(table.Name, c.Name))));
        var present = string.Join(" AND ", columns.Select(c => SqlDialect.Quote(_renames.Before(table.Name, c.Name)) + " IS NOT NULL"));
        var groups = $"FROM {SqlDialect.Quote(_renames.Before(table.Name))} WHERE {present}{Live(index)} GROUP BY {names} HAVING count(*) > 1";
        var count = await session.FirstAsync($"SELECT count(*) FROM (SELECT 1 AS one {groups}) AS twice", [], row => row.Integer(0), cancellationToken) ?? 0;
        var example = count == 0 ? null : await session.FirstAsync($"SELECT {names} {groups} ORDER BY count(*) DESC LIMIT 1", [], row => string.Join(", ", columns.Select((c, i) => Show(row.Value(i, c.Kind, c.Scale)))), cancellationToken);
        return (count, example ?? "");
    }

    /// <summary>Values that do not exist yet: they are converted in memory and counted there.</summary>
    private async Task<(long Count, string Example)> ConvertedDuplicatesAsync(TableSchema table, IndexSchema index)
    {
        var existing = _renames.Find(table.Name)!;
        var key = existing.Columns.First(c => c.Key);
        var live = (await session.QueryAsync(
            $"SELECT {SqlDialect.Quote(key.Name)} FROM {SqlDialect.Quote(_renames.Before(table.Name))} WHERE 1 = 1{Live(index)}", [], row => row.Value(0, key.Kind)!, cancellationToken)).ToHashSet();
        var values = new Dictionary<object, string?[]>();
        for (var i = 0; i < index.Columns.Count; i++)
        {
            var column = index.Columns[i];
            var fill = _fills.FirstOrDefault(f => f.Table == table.Name && f.Written.Any(w => w.Name == column))
                ?? Fill(table, [existing.Find(column)! with { Field = null }], [existing.Find(column)!], [existing.Find(column)!], null);
            var place = Enumerable.Range(0, fill.Wanted.Count).First(p => fill.Wanted[p].Name == column);
            await new FillScan(session, fill, renamed: false, cancellationToken).EachAsync(rows =>
            {
                foreach (var row in rows.Where(r => live.Contains(r.Key[0]!)))
                {
                    var parts = values.TryGetValue(row.Key[0]!, out var known) ? known : values[row.Key[0]!] = new string?[index.Columns.Count];
                    parts[i] = row.Values[place] is { } value ? Show(value) : null;
                }
                return ValueTask.CompletedTask;
            });
        }
        var twice = values.Values.Where(v => v.All(p => p is not null)).GroupBy(v => string.Join(", ", v), StringComparer.Ordinal).Where(g => g.Count() > 1).ToList();
        return (twice.Count, twice.OrderByDescending(g => g.Count()).FirstOrDefault()?.Key ?? "");
    }

    private async Task<long> CountOrphansAsync(string table, ForeignKeySchema key)
    {
        var existing = _renames.Find(table)!;
        if (existing.ForeignKeys.Any(k => k.Column == key.Column && k.Target == key.Target))
        {
            return 0;
        }
        var column = SqlDialect.Quote(_renames.Before(table, key.Column));
        return _renames.Find(key.Target) is null
            ? await CountAsync(table, column + " IS NOT NULL")
            : await CountAsync(table, $"{column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {SqlDialect.Quote(_renames.Before(key.Target))} o WHERE o.\"id\" = t.{column})");
    }

    private async Task<long> CountAsync(string table, string condition) =>
        await session.FirstAsync($"SELECT count(*) FROM {SqlDialect.Quote(_renames.Before(table))} t WHERE {condition}", [], row => row.Integer(0), cancellationToken) ?? 0;

    private void Step(SchemaVerdict verdict, string code, string table, string? column, long rows, params object[] arguments) =>
        _steps.Add(new(verdict, code, table, column, rows, arguments));

    private static string Live(IndexSchema index) => index.LiveOnly ? " AND \"deleted_at\" IS NULL" : "";

    private static string Names(IndexSchema index) => string.Join(", ", index.Columns.Select(c => c.IndexOf('$', StringComparison.Ordinal) is > 0 and var suffix ? c[..suffix] : c).Where(c => c != SystemFields.Id));

    private static string Show(object? value) => value switch
    {
        Guid id => id.ToString("D"),
        decimal number => ExactDecimal.Trim(number).ToString(CultureInfo.InvariantCulture),
        DateTimeOffset moment => Iso8601.ToText(moment),
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}

/// <param name="AllowDestructive">Whether values may be lost.</param>
/// <param name="CountLeftovers">Whether data left by earlier changes is counted, which reads it.</param>
/// <param name="ReferencesRebuild">Whether the database writes a table anew for a reference that comes or goes.</param>
internal sealed record PlanOptions(bool AllowDestructive, bool CountLeftovers, bool ReferencesRebuild);
