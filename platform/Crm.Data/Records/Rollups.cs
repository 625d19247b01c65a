using System.Runtime.CompilerServices;
using System.Text.Json;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Figures over the records that point to others.</summary>
public static class Rollups
{
    private const int ChunkSize = 500;

    private static readonly ConditionalWeakTable<Field, Condition> Filters = [];

    /// <summary>Computes figures anew whose definition is not the one by which they were computed last, such as those of a new field.</summary>
    public static async Task RefreshAsync(Database database, Model model, DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        foreach (var rollup in model.Entities.Values.SelectMany(e => e.OwnFields).Where(f => f.Type is RollupFieldType).OrderBy(f => f.ToString(), StringComparer.Ordinal))
        {
            var signature = JsonSerializer.Serialize(rollup.Definition, MetadataFiles.Json);
            await database.WriteAsync(
                async session =>
                {
                    var known = await session.FirstAsync($"SELECT \"signature\" FROM \"{SystemTables.Rollup}\" WHERE \"field\" = $1", [Param.Text(rollup.ToString())], row => row.Text(0), cancellationToken);
                    if (known != signature)
                    {
                        await RefreshAsync(session, database.Dialect, rollup, now, cancellationToken);
                        await session.ExecuteAsync(
                            $"INSERT INTO \"{SystemTables.Rollup}\" (\"field\", \"signature\") VALUES ($1, $2) ON CONFLICT (\"field\") DO UPDATE SET \"signature\" = excluded.\"signature\"",
                            [Param.Text(rollup.ToString()), Param.Text(signature)],
                            cancellationToken);
                    }
                    return true;
                },
                cancellationToken);
        }
    }

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

    private static async Task RefreshAsync(Session session, SqlDialect dialect, Field rollup, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var table = EntityTable.Of(rollup.Entity);
        var last = Guid.Empty;
        while (true)
        {
            var ids = await session.QueryAsync(
                $"SELECT \"id\" FROM {SqlDialect.Quote(rollup.Entity.Table)} WHERE \"id\" > $1 ORDER BY \"id\" LIMIT {ChunkSize.ToString(System.Globalization.CultureInfo.InvariantCulture)}",
                [Param.Uuid(last)], row => row.Uuid(0)!.Value, cancellationToken);
            if (ids.Count == 0)
            {
                return;
            }
            last = ids[^1];
            var figures = await ComputeAsync(session, dialect, rollup, ids, now, cancellationToken);
            foreach (var (id, record) in await table.LoadAsync(session, ids, cancellationToken, dialect.LockRows))
            {
                var figure = figures.GetValueOrDefault(id, OfNothing(rollup));
                if (!rollup.Type.AreEqual(record[rollup], figure))
                {
                    record[rollup] = figure;
                    await table.UpdateAsync(session, record, [rollup], record.Version, cancellationToken);
                }
            }
        }
    }

    private static object? ValueOf(RollupFieldType type, object? figure) => (type.Result, figure) switch
    {
        (_, null) => null,
        (MoneyFieldType money, decimal amount) => new Money(decimal.Round(amount, type.Parts[0].Scale), money.Currency!),
        (_, decimal number) when type.Parts[0].Kind == ColumnKind.Decimal => decimal.Round(number, type.Parts[0].Scale),
        _ => figure,
    };
}
