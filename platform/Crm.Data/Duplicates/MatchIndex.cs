using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>
/// The match forms of all records by rule, in a table of their own: one row a record and rule, found by equality. A rule that changes has its rows
/// made anew.
/// </summary>
internal static class MatchIndex
{
    private const int ChunkSize = 200;

    private static readonly RowsInsert Upsert = new(
        SystemTables.Match, ["rule", "record_id", "form"], " ON CONFLICT (\"rule\", \"record_id\") DO UPDATE SET \"form\" = excluded.\"form\"");

    /// <summary>Live records by the form that they share with one of <paramref name="forms"/>.</summary>
    public static async Task<ILookup<string, Guid>> FindAsync(Session session, DuplicateRule rule, IReadOnlyCollection<string> forms, CancellationToken cancellationToken)
    {
        var found = new List<(string Form, Guid Id)>();
        foreach (var chunk in forms.Chunk(ChunkSize))
        {
            var list = string.Join(", ", chunk.Select((_, i) => FormattableString.Invariant($"${i + 2}")));
            await session.ForEachAsync(
                $"SELECT m.\"form\", m.\"record_id\" FROM \"{SystemTables.Match}\" m JOIN {SqlDialect.Quote(rule.Entity.Table)} t ON t.\"id\" = m.\"record_id\" " +
                $"WHERE m.\"rule\" = $1 AND m.\"form\" IN ({list}) AND t.\"deleted_at\" IS NULL LIMIT 5000",
                [Param.Text(rule.Key), .. chunk.Select(f => Param.Text(f))],
                row => found.Add((row.Text(0)!, row.Uuid(1)!.Value)),
                cancellationToken);
        }
        return found.ToLookup(f => f.Form, f => f.Id, StringComparer.Ordinal);
    }

    /// <summary>Notes the forms of records; one without a form keeps a row that matches nothing.</summary>
    public static ValueTask NoteAsync(Session session, DuplicateRule rule, IReadOnlyList<Record> records, CancellationToken cancellationToken) => session.InsertAsync(
        Upsert, [.. records.SelectMany(r => new[] { Param.Text(rule.Key), Param.Uuid(r.Id), Param.Text(rule.FormOf(r)) })], cancellationToken);
}
