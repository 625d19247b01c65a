using Microsoft.Extensions.Hosting;

namespace Crm.Data;

/// <summary>Brings the stored match forms to the rules of the Model: after an update of the metadata, records have forms by old rules, or none.</summary>
public sealed class MatchIndexRefresh(Database database, ModelSource models) : BackgroundService
{
    private const int PageSize = 500;

    /// <summary>Makes the forms of changed rules anew, a page at a time; writes go on meanwhile.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        foreach (var rule in models.Current.Entities.Values.OrderBy(e => e.Name, StringComparer.Ordinal).SelectMany(DuplicateRule.Of))
        {
            if (await FingerprintAsync(rule, cancellationToken) != rule.Fingerprint)
            {
                for (Guid? after = Guid.Empty; after is { } from;)
                {
                    after = await database.WriteAsync(session => NotePageAsync(session, rule, from, cancellationToken), cancellationToken);
                }
                await RememberAsync(rule, cancellationToken);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        await RefreshAsync(stoppingToken);
    }

    private static async Task<Guid?> NotePageAsync(Session session, DuplicateRule rule, Guid after, CancellationToken cancellationToken)
    {
        var ids = await session.QueryAsync(
            $"SELECT \"id\" FROM {Rules.SqlDialect.Quote(rule.Entity.Table)} WHERE \"id\" > $1 ORDER BY \"id\" LIMIT $2", [Param.Uuid(after), Param.Integer(PageSize)], row => row.Uuid(0)!.Value, cancellationToken);
        var records = await EntityTable.Of(rule.Entity).LoadAsync(session, ids, cancellationToken);
        await MatchIndex.NoteAsync(session, rule, [.. records.Values], cancellationToken);
        return ids.Count == PageSize ? ids[^1] : null;
    }

    private async Task<string?> FingerprintAsync(DuplicateRule rule, CancellationToken cancellationToken)
    {
        await using var session = await database.ReadAsync(cancellationToken);
        return await session.FirstAsync($"SELECT \"fingerprint\" FROM \"{SystemTables.MatchRule}\" WHERE \"rule\" = $1", [Param.Text(rule.Key)], row => row.Text(0), cancellationToken);
    }

    private Task RememberAsync(DuplicateRule rule, CancellationToken cancellationToken) => database.WriteAsync(
        async session => await session.ExecuteAsync(
            $"INSERT INTO \"{SystemTables.MatchRule}\" (\"rule\", \"fingerprint\") VALUES ($1, $2) ON CONFLICT (\"rule\") DO UPDATE SET \"fingerprint\" = excluded.\"fingerprint\"",
            [Param.Text(rule.Key), Param.Text(rule.Fingerprint)],
            cancellationToken),
        cancellationToken);
}
