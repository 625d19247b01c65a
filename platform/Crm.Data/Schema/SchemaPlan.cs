using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>What a change of the tables means for the data in them, the mildest first.</summary>
public enum SchemaVerdict
{
    /// <summary>No table changes.</summary>
    None,
    /// <summary>Something comes along, or changes its name; what is there stays as it is.</summary>
    Additive,
    /// <summary>A table is written anew; no value is lost, but it takes time on a large one.</summary>
    Rebuild,
    /// <summary>Values would be lost: it wants an explicit yes, and without it they are kept aside.</summary>
    Destructive,
}

/// <summary>One change of a table.</summary>
/// <param name="Verdict">What it means for the data.</param>
/// <param name="Code">Key of the sentence that says it.</param>
/// <param name="Table">Table, by its name in the new schema.</param>
/// <param name="Column">Column or index; null where it concerns the whole table.</param>
/// <param name="Rows">Rows that would lose a value, or that the change concerns.</param>
/// <param name="Arguments">What goes into the sentence's places.</param>
public sealed record SchemaStep(SchemaVerdict Verdict, string Code, string Table, string? Column, long Rows, IReadOnlyList<object> Arguments)
{
    /// <summary>Whether it is data that an earlier change left behind and nobody asked to drop yet.</summary>
    public bool IsLeftover { get; init; }

    /// <summary>The sentence in the current user interface culture.</summary>
    public string Message(Texts texts) => texts["schemaStep." + Code, [.. Arguments]];
}

/// <summary>The changes that lead from the tables that a database has to those that a Model wants.</summary>
public sealed class SchemaPlan
{
    internal SchemaPlan(IReadOnlyList<SchemaStep> steps, IReadOnlyList<Problem> refusals, IReadOnlyList<string> refusedIndexes, SchemaChange? change) =>
        (Steps, Refusals, RefusedIndexes, Change) = (steps, refusals, refusedIndexes, change);

    public IReadOnlyList<SchemaStep> Steps { get; }

    /// <summary>Why it cannot be done at all, such as a new uniqueness that the data already breaks.</summary>
    public IReadOnlyList<Problem> Refusals { get; }

    /// <summary>The indexes that <see cref="Refusals"/> speak of.</summary>
    public IReadOnlyList<string> RefusedIndexes { get; }

    /// <summary>Whether nothing is left to do; data kept from earlier changes does not count.</summary>
    public bool IsEmpty => Steps.All(s => s.IsLeftover || s.Verdict == SchemaVerdict.None);

    /// <summary>The gravest verdict of the steps.</summary>
    public SchemaVerdict Verdict => Steps.Where(s => !s.IsLeftover).Select(s => s.Verdict).DefaultIfEmpty().Max();

    internal SchemaChange? Change { get; }
}

/// <summary>A change of the tables in the order in which it is done.</summary>
/// <param name="Stored">What the database remembers to have.</param>
/// <param name="Renames">Tables, columns and indexes that change their names, in order.</param>
/// <param name="Renamed">The schema once they have.</param>
/// <param name="Fills">Columns that get their values from others.</param>
/// <param name="Target">The schema in the end.</param>
/// <param name="Moves">Entities and fields that change their names, for what refers to them in data.</param>
internal sealed record SchemaChange(
    DatabaseSchema Stored, IReadOnlyList<SchemaRename> Renames, DatabaseSchema Renamed, IReadOnlyList<ColumnFill> Fills, DatabaseSchema Target, IReadOnlyList<NameMove> Moves)
{
    /// <summary>What there is while values are converted: the old columns and the new ones.</summary>
    public DatabaseSchema Between => new([.. Target.Tables.Select(Meet), .. Renamed.Tables.Where(t => Target.Find(t.Name) is null)]);

    private TableSchema Meet(TableSchema wanted)
    {
        if (Renamed.Find(wanted.Name) is not { } existing)
        {
            return wanted;
        }
        return existing with
        {
            Columns = [.. existing.Columns, .. wanted.Columns.Where(c => existing.Find(c.Name) is null)],
            Indexes = [.. existing.Indexes.Where(i => wanted.Indexes.Any(w => w.Name == i.Name && w.IsLike(i)))],
            ForeignKeys = [.. existing.ForeignKeys.Where(wanted.ForeignKeys.Contains)],
        };
    }
}

/// <summary>A table, column, index or constraint that changes its name.</summary>
internal sealed record SchemaRename(RenamedPart Part, string Table, string From, string To);

internal enum RenamedPart
{
    Table, Column, Index, Constraint,
}

/// <summary>An entity, or a field of one, that goes by another name from now on.</summary>
internal sealed record NameMove(string FromEntity, string ToEntity, string? FromField, string? ToField);
