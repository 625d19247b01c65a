using System.Globalization;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>
/// Brings what is kept for every record to the definitions of the Model after they changed: figures over other records and the match forms of duplicate
/// rules. It goes a page at a time, so that people write on meanwhile.
/// </summary>
public sealed class ModelRefresh(Database database, ModelSource models, TimeProvider time)
{
    private const int PageSize = 500;

    /// <summary>Whether something has to be made anew. What concerns no record yet, and what the Model no longer has, is settled at once.</summary>
    public async Task<bool> IsNeededAsync(CancellationToken cancellationToken = default) => await database.WriteAsync(
        async session =>
        {
            var all = Derivations();
            await ForgetAsync(session, all, cancellationToken);
            var isNeeded = false;
            foreach (var stale in await StaleAsync(session, all, cancellationToken))
            {
                if ((await PageAsync(session, stale.Entity, Guid.Empty, 1, cancellationToken)).Count == 0)
                {
                    await RememberAsync(session, stale, cancellationToken);
                }
                else
                {
                    isNeeded = true;
                }
            }
            return isNeeded;
        },
        cancellationToken);

    /// <summary>Makes anew what has to be.</summary>
    /// <param name="report">Told how many records are done, and how many there are.</param>
    /// <param name="cancellationToken">Ends it after the page that is under way; what is not finished begins again the next time.</param>
    /// <returns>The names of what was made anew.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(Func<long, long?, Task>? report = null, CancellationToken cancellationToken = default)
    {
        var renewed = new List<string>();
        var done = 0L;
        // Whoever publishes while this runs gets a further round.
        while (await ReadStaleAsync(cancellationToken) is { Count: > 0 } stale)
        {
            var total = done + await TotalAsync(stale, cancellationToken);
            foreach (var derivation in stale)
            {
                for (Guid? after = Guid.Empty; after is { } from;)
                {
                    (after, var count) = await database.WriteAsync(session => RenewPageAsync(session, derivation, from, cancellationToken), cancellationToken);
                    done += count;
                    await (report?.Invoke(done, Math.Max(done, total)) ?? Task.CompletedTask);
                }
                await database.WriteAsync(
                    async session =>
                    {
                        await RememberAsync(session, derivation, cancellationToken);
                        return true;
                    },
                    cancellationToken);
                renewed.Add(derivation.Key);
            }
        }
        return renewed;
    }

    private IReadOnlyList<Derivation> Derivations() => Derivation.Of(models.Current, database.Dialect, time.GetUtcNow);

    private async Task<IReadOnlyList<Derivation>> ReadStaleAsync(CancellationToken cancellationToken)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        return await StaleAsync(session, Derivations(), cancellationToken);
    }

    private static async Task<IReadOnlyList<Derivation>> StaleAsync(Session session, IReadOnlyList<Derivation> all, CancellationToken cancellationToken)
    {
        var stale = new List<Derivation>();
        foreach (var kind in all.GroupBy(d => (d.Table, d.KeyColumn, d.MarkColumn)))
        {
            var known = new Dictionary<string, string>(StringComparer.Ordinal);
            await session.ForEachAsync($"SELECT \"{kind.Key.KeyColumn}\", \"{kind.Key.MarkColumn}\" FROM \"{kind.Key.Table}\"", [], row => known[row.Text(0)!] = row.Text(1)!, cancellationToken);
            stale.AddRange(kind.Where(d => known.GetValueOrDefault(d.Key) != d.Mark));
        }
        return stale;
    }

    /// <summary>Were something taken away and brought back later, its old definition would say that nothing has changed since.</summary>
    private static async Task ForgetAsync(Session session, IReadOnlyList<Derivation> all, CancellationToken cancellationToken)
    {
        foreach (var (table, column, held) in new[] { (SystemTables.Rollup, "field", null), (SystemTables.MatchRule, "rule", SystemTables.Match) })
        {
            var known = await session.QueryAsync($"SELECT \"{column}\" FROM \"{table}\"", [], row => row.Text(0)!, cancellationToken);
            foreach (var gone in known.Except(all.Where(d => d.Table == table).Select(d => d.Key)))
            {
                foreach (var of in new[] { table, held }.OfType<string>())
                {
                    await session.ExecuteAsync($"DELETE FROM \"{of}\" WHERE \"{column}\" = $1", [Param.Text(gone)], cancellationToken);
                }
            }
        }
    }

    private static async Task<(Guid? After, int Count)> RenewPageAsync(Session session, Derivation derivation, Guid after, CancellationToken cancellationToken)
    {
        var ids = await PageAsync(session, derivation.Entity, after, PageSize, cancellationToken);
        if (ids.Count > 0)
        {
            await derivation.RenewAsync(session, ids, cancellationToken);
        }
        return (ids.Count == PageSize ? ids[^1] : null, ids.Count);
    }

    private static async Task<IReadOnlyList<Guid>> PageAsync(Session session, Entity entity, Guid after, int size, CancellationToken cancellationToken) => await session.QueryAsync(
        $"SELECT \"id\" FROM {SqlDialect.Quote(entity.Table)} WHERE \"id\" > $1 ORDER BY \"id\" LIMIT {size.ToString(CultureInfo.InvariantCulture)}",
        [Param.Uuid(after)], row => row.Uuid(0)!.Value, cancellationToken);

    private async Task<long> TotalAsync(IReadOnlyList<Derivation> stale, CancellationToken cancellationToken)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        var total = 0L;
        foreach (var derivation in stale)
        {
            total += await session.FirstAsync($"SELECT count(*) FROM {SqlDialect.Quote(derivation.Entity.Table)}", [], row => row.Integer(0), cancellationToken) ?? 0;
        }
        return total;
    }

    private static async Task RememberAsync(Session session, Derivation derivation, CancellationToken cancellationToken) => await session.ExecuteAsync(
        $"INSERT INTO \"{derivation.Table}\" (\"{derivation.KeyColumn}\", \"{derivation.MarkColumn}\") VALUES ($1, $2) " +
        $"ON CONFLICT (\"{derivation.KeyColumn}\") DO UPDATE SET \"{derivation.MarkColumn}\" = excluded.\"{derivation.MarkColumn}\"",
        [Param.Text(derivation.Key), Param.Text(derivation.Mark)],
        cancellationToken);
}
