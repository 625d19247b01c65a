using System.Runtime.CompilerServices;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Figures over the records that point to others.</summary>
public static class Rollups
{
    private const int ChunkSize = 500;

    private static readonly ConditionalWeakTable<Field, Condition> Filters = [];

    /// <summary>The fields of the source that the figure depends on.</summary>
    internal static IReadOnlyList<Field> FieldsRead(Field rollup)
    {
        var type = (RollupFieldType)rollup.Type;
        return [type.Through, .. type.Over is { } over ? [over] : Array.Empty<Field>(), .. FilterOf(rollup).Paths.Select(p => p.Steps[0])];
    }

    /// <summary>What the figure is where there is no record.</summary>
    internal static object? OfNothing(Field rollup)
    {
        var type = (RollupFieldType)rollup.Type;
        return type.Function is RollupFunction.Avg or RollupFunction.Min or RollupFunction.Max ? null
            : ValueOf(type, type.Parts[0].Kind == ColumnKind.Integer ? (object)0L : 0m);
    }

    /// <summary>The figures of many records; those without a record to count are left out.</summary>
    internal static async Task<Dictionary<Guid, object?>> ComputeAsync(
        Session session, SqlDialect dialect, Field rollup, IReadOnlyCollection<Guid> parents, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var type = (RollupFieldType)rollup.Type;
        var through = new FieldPath([type.Through]);
        var function = Enum.Parse<MeasureFunction>(type.Function.ToString());
        var figures = new Dictionary<Guid, object?>();
        foreach (var chunk in parents.Chunk(ChunkSize))
        {
            var ours = new Comparison(through, ConditionOperator.In, new Constants([.. chunk.Select(id => (object?)id)]));
            var query = new AggregateQuery(type.Through.Entity, [new(through, By: null)], [new(function, type.Over is { } over ? new FieldPath([over]) : null, "figure")])
            {
                Filter = Condition.And(ours, FilterOf(rollup)),
                Limit = ChunkSize,
            };
            foreach (var row in (await AggregateReader.ReadAsync(session, query, dialect, Actor.Platform.ScopeAt(now), cancellationToken)).Rows)
            {
                figures[(Guid)row[0]!] = ValueOf(type, row[1]);
            }
        }
        return figures;
    }

    /// <exception cref="ProblemException">The filter is no condition over the source.</exception>
    public static Condition FilterOf(Field rollup) => Filters.GetValue(rollup, static field =>
    {
        var type = (RollupFieldType)field.Type;
        return type.Filter is { } filter ? ConditionReader.Read(filter, type.Through.Entity) : Condition.Always;
    });

    /// <summary>Computes a figure anew for some records, which keep their versions: nobody changed them.</summary>
    internal static async ValueTask RenewAsync(Session session, SqlDialect dialect, Field rollup, IReadOnlyList<Guid> ids, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var table = EntityTable.Of(rollup.Entity);
        // Held before they are counted: whoever changes what is counted waits, and counts after this.
        var records = await table.LoadAsync(session, ids, cancellationToken, dialect.LockRows);
        var figures = await ComputeAsync(session, dialect, rollup, ids, now, cancellationToken);
        foreach (var (id, record) in records)
        {
            var figure = figures.GetValueOrDefault(id, OfNothing(rollup));
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
        (DurationFieldType duration, long seconds) => duration.FromGroup(seconds),
        (MoneyFieldType money, decimal amount) => new Money(decimal.Round(amount, type.Parts[0].Scale), money.Currency!),
        // Sums come exact from the database; one that no whole number can hold stays at the largest.
        (_, decimal number) when type.Parts[0].Kind == ColumnKind.Integer => (long)Math.Clamp(number, long.MinValue, long.MaxValue),
        (_, decimal number) when type.Parts[0].Kind == ColumnKind.Decimal => decimal.Round(number, type.Parts[0].Scale),
        (_, decimal whole) when type.Parts[0].Kind == ColumnKind.Integer => decimal.ToInt64(whole),
        _ => figure,
    };
}
