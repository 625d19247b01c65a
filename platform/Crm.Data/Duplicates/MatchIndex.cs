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

    /// <summary>Records of one form that are found at most: more say nothing new.</summary>
    private const int MaxFound = 1_000;

    private static readonly RowsInsert Upsert = new(
        SystemTables.Match, ["rule", "record_id", "form"], " ON CONFLICT (\"rule\", \"record_id\") DO UPDATE SET \"form\" = excluded.\"form\"");

    /// <summary>Live records by the form that they share with one of <paramref name="forms"/>.</summary>
    public static async Task<ILookup<string, Guid>> FindAsync(Session session, DuplicateRule rule, IReadOnlyCollection<string> forms, CancellationToken cancellationToken)
    {
        var found = new List<(string Form, Guid Id)>();
        foreach (var chunk in forms.Chunk(ChunkSize))
        {
            await AddAsync(session, rule, chunk, found, cancellationToken);
        }
        return found.ToLookup(f => f.Form, f => f.Id, StringComparer.Ordinal);
    }

    private static async Task AddAsync(Session session, DuplicateRule rule, string[] forms, List<(string Form, Guid Id)> found, CancellationToken cancellationToken)
    {
        var list = string.Join(", ", forms.Select((_, i) => FormattableString.Invariant($"${i + 3}")));
        var rows = await session.QueryAsync(
            $"SELECT m.\"form\", m.\"record_id\" FROM \"{SystemTables.Match}\" m JOIN {SqlDialect.Quote(rule.Entity.Table)} t ON t.\"id\" = m.\"record_id\" " +
            $"WHERE m.\"rule\" = $1 AND m.\"form\" IN ({list}) AND t.\"deleted_at\" IS NULL LIMIT $2",
            [Param.Text(rule.Key), Param.Integer(MaxFound), .. forms.Select(f => Param.Text(f))],
            row => (row.Text(0)!, row.Uuid(1)!.Value),
            cancellationToken);
        if (rows.Count < MaxFound || forms.Length == 1)
        {
            found.AddRange(rows);
            return;
        }
        // A form that many share must not hide what the others find.
        await AddAsync(session, rule, forms[..(forms.Length / 2)], found, cancellationToken);
        await AddAsync(session, rule, forms[(forms.Length / 2)..], found, cancellationToken);
    }

    /// <summary>Notes the forms of records; one without a form keeps a row that matches nothing.</summary>
    public static ValueTask NoteAsync(Session session, DuplicateRule rule, IReadOnlyList<Record> records, CancellationToken cancellationToken) => session.InsertAsync(
        Upsert, [.. records.SelectMany(r => new[] { Param.Text(rule.Key), Param.Uuid(r.Id), Param.Text(rule.FormOf(r)) })], cancellationToken);
}
