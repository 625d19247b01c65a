using Crm.Metadata;

namespace Crm.Data;

/// <summary>
/// Works out what changes its name: tables and fields whose former name the database still has, columns that make room for others of the
/// same name, indexes that follow, and rows and links. Remembers what everything was called before, because a plan is made before anything is renamed.
/// </summary>
internal sealed class SchemaRenames
{
    private const string AsideSuffix = "$was";

    private readonly List<SchemaRename> _renames = [];
    private readonly List<NameMove> _moves = [];
    private readonly Dictionary<string, string> _tablesBefore = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Table, string Column), string> _columnsBefore = [];
    private readonly Dictionary<string, TableSchema> _tables;

    public SchemaRenames(DatabaseSchema stored) => _tables = stored.Tables.ToDictionary(t => t.Name, StringComparer.Ordinal);

    public IReadOnlyList<SchemaRename> Renames => _renames;

    public IReadOnlyList<NameMove> Moves => _moves;

    public DatabaseSchema Renamed => new([.. _tables.Values.OrderBy(t => t.Name, StringComparer.Ordinal)]);

    public TableSchema? Find(string table) => _tables.GetValueOrDefault(table);

    public string Before(string table) => _tablesBefore.GetValueOrDefault(table, table);

    public string Before(string table, string column) => _columnsBefore.GetValueOrDefault((table, column), column);

    /// <summary>Renames the tables and fields that <paramref name="wanted"/> says had other names.</summary>
    public void Follow(DatabaseSchema wanted)
    {
        LeaveReserved();
        foreach (var view in wanted.Views.Where(v => Find(v.Name) is not null))
        {
            RenameTable(view.Name, FreeTable(view.Name));
        }
        foreach (var table in wanted.Tables)
        {
            if (Find(table.Name) is null or { Kept: true } && table.RenamedFrom.FirstOrDefault(old => Find(Identifier.Fit(old)) is not null && wanted.Find(Identifier.Fit(old)) is null) is { } former)
            {
                if (Find(table.Name) is not null)
                {
                    RenameTable(table.Name, FreeTable(table.Name));
                }
                RenameTable(Identifier.Fit(former), table.Name);
                _moves.Add(new(former, table.Entity!, null, null));
            }
        }
        foreach (var table in wanted.Tables.Where(t => Find(t.Name) is not null))
        {
            FollowFields(table);
            FollowLists(table);
        }
    }

    /// <summary>Gives a column another name so that a new one can have its own; the name that it got.</summary>
    public string Aside(string table, string column)
    {
        var begin = column.TrimEnd('$') + AsideSuffix;
        var name = begin;
        for (var i = 2; _tables[table].Find(name) is not null; i++)
        {
            name = $"{begin}{i.ToString(System.Globalization.CultureInfo.InvariantCulture)}";
        }
        RenameColumn(table, column, name);
        return name;
    }

    /// <summary>Indexes and references that are the same but for their name get the name that is wanted.</summary>
    public void FollowIndexes(TableSchema wanted)
    {
        foreach (var index in wanted.Indexes)
        {
            var existing = _tables[wanted.Name];
            if (existing.Indexes.All(i => i.Name != index.Name) && existing.Indexes.FirstOrDefault(i => i.IsLike(index) && wanted.Indexes.All(w => w.Name != i.Name)) is { } former && IsFreeIndex(index.Name))
            {
                _renames.Add(new(RenamedPart.Index, wanted.Name, former.Name, index.Name));
                _tables[wanted.Name] = existing with { Indexes = [.. existing.Indexes.Select(i => i == former ? i with { Name = index.Name } : i)] };
            }
        }
        foreach (var key in wanted.ForeignKeys)
        {
            var existing = _tables[wanted.Name];
            if (existing.ForeignKeys.All(k => k.Name != key.Name) && existing.ForeignKeys.FirstOrDefault(k => k.Column == key.Column && k.Target == key.Target) is { } former)
            {
                _renames.Add(new(RenamedPart.Constraint, wanted.Name, former.Name, key.Name));
                _tables[wanted.Name] = existing with { ForeignKeys = [.. existing.ForeignKeys.Select(k => k == former ? key : k)] };
            }
        }
    }

    /// <summary>Names that databases keep for themselves were given as they are before that was known.</summary>
    private void LeaveReserved()
    {
        foreach (var table in _tables.Values.ToList())
        {
            var name = Identifier.Fit(table.Name);
            if (name != table.Name)
            {
                RenameTable(table.Name, name);
            }
            foreach (var column in table.Columns.Where(c => Identifier.Column(c.Name) != c.Name))
            {
                RenameColumn(name, column.Name, Identifier.Column(column.Name));
            }
        }
    }

    private void FollowFields(TableSchema wanted)
    {
        foreach (var field in wanted.Columns.Where(c => c.Field is not null).GroupBy(c => c.FieldName))
        {
            var existing = _tables[wanted.Name];
            var present = existing.Columns.Where(c => c.FieldName == field.Key && !IsAside(c)).ToList();
            if (present.Any(c => !c.Kept))
            {
                continue;
            }
            var names = field.First().RenamedFrom;
            if (names.FirstOrDefault(old => existing.Columns.Any(c => c.FieldName == old && !IsAside(c)) && wanted.Columns.All(c => c.FieldName != old)) is not { } former)
            {
                continue;
            }
            foreach (var column in present)
            {
                Aside(wanted.Name, column.Name);
            }
            foreach (var column in existing.Columns.Where(c => c.FieldName == former && !IsAside(c)))
            {
                RenameColumn(wanted.Name, column.Name, Identifier.Column(field.Key + column.Suffix));
            }
            _moves.Add(new(wanted.Entity!, wanted.Entity!, former, field.Key));
        }
    }

    /// <summary>Rows and links have no column to rename; their history still follows. Where nobody noted which there were, whatever was written under a former name is theirs.</summary>
    private void FollowLists(TableSchema wanted)
    {
        foreach (var list in wanted.Lists ?? [])
        {
            var known = _tables[wanted.Name].Lists;
            if (known?.Any(l => l.Name == list.Name) == true)
            {
                continue;
            }
            var formers = list.RenamedFrom
                .Where(old => known?.Any(l => l.Name == old) != false && wanted.Lists!.All(l => l.Name != old) && wanted.Columns.All(c => c.Field is null || c.FieldName != old))
                .Take(known is null ? int.MaxValue : 1)
                .ToList();
            _moves.AddRange(formers.Select(former => new NameMove(wanted.Entity!, wanted.Entity!, former, list.Name)));
            _tables[wanted.Name] = _tables[wanted.Name] with { Lists = known?.Where(l => !formers.Contains(l.Name)).ToList() };
        }
    }

    private void RenameTable(string from, string to)
    {
        _renames.Add(new(RenamedPart.Table, to, from, to));
        _renames.Add(new(RenamedPart.Constraint, to, "pk_" + from, "pk_" + to));
        _tables.Remove(from, out var table);
        _tables[to] = table! with { Name = to };
        foreach (var other in _tables.Values.Where(t => t.ForeignKeys.Any(k => k.Target == from)).ToList())
        {
            _tables[other.Name] = other with { ForeignKeys = [.. other.ForeignKeys.Select(k => k.Target == from ? k with { Target = to } : k)] };
        }
        _tablesBefore[to] = Before(from);
        foreach (var column in table!.Columns)
        {
            _columnsBefore[(to, column.Name)] = Before(from, column.Name);
        }
    }

    private void RenameColumn(string table, string from, string to)
    {
        _renames.Add(new(RenamedPart.Column, table, from, to));
        var existing = _tables[table];
        _tables[table] = existing with
        {
            Columns = [.. existing.Columns.Select(c => c.Name == from ? c with { Name = to } : c)],
            Indexes = [.. existing.Indexes.Select(i => i with { Columns = [.. i.Columns.Select(c => c == from ? to : c)] })],
            ForeignKeys = [.. existing.ForeignKeys.Select(k => k.Column == from ? k with { Column = to } : k)],
        };
        _columnsBefore[(table, to)] = Before(table, from);
        _columnsBefore.Remove((table, from));
    }

    private string FreeTable(string table)
    {
        var name = table + AsideSuffix;
        for (var i = 2; _tables.ContainsKey(name); i++)
        {
            name = $"{table}{AsideSuffix}{i.ToString(System.Globalization.CultureInfo.InvariantCulture)}";
        }
        return name;
    }

    private static bool IsAside(ColumnSchema column) => column.Suffix.StartsWith(AsideSuffix, StringComparison.Ordinal);

    private bool IsFreeIndex(string name) => _tables.Values.SelectMany(t => t.Indexes).All(i => i.Name != name);
}
