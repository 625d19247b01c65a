using System.Globalization;
using System.Runtime.CompilerServices;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Figures over the records that point to others.</summary>
public static class Rollups
{
    private const int ChunkSize = 500;

    private static readonly ConditionalWeakTable<Field, Counted> Filters = [];

    /// <summary>The fields of the source that the figure depends on; through a tree a figure follows from those below it.</summary>
    internal static IReadOnlyList<Field> FieldsRead(Field rollup)
    {
        var type = (RollupFieldType)rollup.Type;
        return [type.Through, .. type.Over is { } over ? [over] : Array.Empty<Field>(), .. type.Deep ? [rollup] : Array.Empty<Field>(), .. FilterOf(rollup).Paths.Select(p => p.Steps[0])];
    }

    /// <summary>What the figure is where there is no record.</summary>
    internal static object? OfNothing(Field rollup)
    {
        var type = (RollupFieldType)rollup.Type;
        return type.Function is RollupFunction.Avg or RollupFunction.Min or RollupFunction.Max ? null
            : ValueOf(type, type.Parts[0].Kind == ColumnKind.Integer ? (object)0L : 0m);
    }

    /// <summary>Figures over the same records, of many records that these belong to: for each of <paramref name="parents"/> one value a figure.</summary>
    internal static async Task<Dictionary<Guid, object?[]>> ComputeAsync(
        Session session, SqlDialect dialect, IReadOnlyList<Field> rollups, IReadOnlyCollection<Guid> parents, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var type = (RollupFieldType)rollups[0].Type;
        var through = new FieldPath([type.Through]);
        var figures = parents.ToDictionary(id => id, _ => rollups.Select(OfNothing).ToArray());
        // A condition that all share narrows what is read; one of several only what goes into its figure.
        var (shared, own) = rollups.Count == 1 ? (FilterOf(rollups[0]), false) : (Condition.Always, true);
        var measures = rollups.Select((rollup, i) => MeasureOf((RollupFieldType)rollup.Type, i) with { Filter = own ? FilterOf(rollup) : Condition.Always }).ToList();
        // What stands below two records of a tree can be the same, so each is asked for itself.
        foreach (var chunk in parents.Chunk(type.Deep ? 1 : ChunkSize))
        {
            var ours = new Comparison(through, type.Deep ? ConditionOperator.Under : ConditionOperator.In, new Constants([.. chunk.Select(id => (object?)id)]));
            var query = new AggregateQuery(type.Through.Entity, type.Deep ? [] : [new(through, By: null)], measures) { Filter = Condition.And(ours, shared), Limit = ChunkSize };
            foreach (var row in (await AggregateReader.ReadAsync(session, query, dialect, Actor.Platform.ScopeAt(now), cancellationToken)).Rows)
            {
                var (parent, first) = type.Deep ? (chunk[0], 0) : ((Guid)row[0]!, 1);
                for (var i = 0; i < rollups.Count; i++)
                {
                    figures[parent][i] = ValueOf((RollupFieldType)rollups[i].Type, row[first + i]) ?? figures[parent][i];
                }
            }
        }
        return figures;
    }

    private static Measure MeasureOf(RollupFieldType type, int at) =>
        new(Enum.Parse<MeasureFunction>(type.Function.ToString()), type.Over is { } over ? new FieldPath([over]) : null, $"figure{at}");

    /// <summary>What is wrong with the filter; null if nothing is.</summary>
    internal static string? FaultOf(Field rollup) => Filters.GetValue(rollup, ReadFilter).Fault;

    /// <summary>Which of the source's records count.</summary>
    private static Condition FilterOf(Field rollup) => Filters.GetValue(rollup, ReadFilter).Filter;

    /// <summary>The filter looks at the records that are counted and no further: a change elsewhere would go unnoticed.</summary>
    private static Counted ReadFilter(Field rollup)
    {
        var type = (RollupFieldType)rollup.Type;
        if (type.Filter is not { } json)
        {
            return new(Condition.Always, null);
        }
        try
        {
            var filter = ConditionReader.Read(json, type.Through.Entity);
            return filter.Paths.Any(p => !p.IsDirect) || filter.Children.Any() ? Counted.None("the filter must stay with the fields of the records that are counted.") : new(filter, null);
        }
        catch (ProblemException e)
        {
            return Counted.None($"the filter is no condition over '{type.Through.Entity}': {e.Message}.");
        }
    }

    /// <summary>Computes a figure anew for some records, which keep their versions: nobody changed them.</summary>
    internal static async ValueTask RenewAsync(Session session, SqlDialect dialect, Field rollup, IReadOnlyList<Guid> ids, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var table = EntityTable.Of(rollup.Entity);
        // Held before they are counted: whoever changes what is counted waits, and counts after this.
        var records = await table.LoadAsync(session, ids, cancellationToken, dialect.LockRows);
        var figures = await ComputeAsync(session, dialect, [rollup], ids, now, cancellationToken);
        foreach (var (id, record) in records)
        {
            var figure = figures[id][0];
            if (!rollup.Type.AreEqual(record[rollup], figure))
            {
                record[rollup] = figure;
                await table.UpdateAsync(session, record, [rollup], record.Version, cancellationToken);
            }
        }
    }

    private static object? ValueOf(RollupFieldType type, object? figure) => (type.Result, figure) switch
    {
        (_, null) => null,
        (DurationFieldType duration, long or decimal) => duration.FromGroup((long)decimal.Round(Convert.ToDecimal(figure, CultureInfo.InvariantCulture))),
        (MoneyFieldType money, decimal amount) => new Money(decimal.Round(amount, type.Parts[0].Scale), money.BaseCurrency),
        // Sums come exact from the database; one that no whole number can hold stays at the largest.
        (_, decimal number) when type.Parts[0].Kind == ColumnKind.Integer => (long)Math.Clamp(number, long.MinValue, long.MaxValue),
        (_, decimal number) when type.Parts[0].Kind == ColumnKind.Decimal => decimal.Round(number, type.Parts[0].Scale),
        (_, decimal whole) when type.Parts[0].Kind == ColumnKind.Integer => decimal.ToInt64(whole),
        _ => figure,
    };

    /// <summary>The records that a figure counts: none where its filter is faulty.</summary>
    private sealed record Counted(Condition Filter, string? Fault)
    {
        public static Counted None(string fault) => new(new AnyOf([]), fault);
    }
}
