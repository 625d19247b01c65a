namespace Crm.Data;

/// <summary>A page of a record's changes, newest first.</summary>
/// <param name="Items">The changes.</param>
/// <param name="Next">Where the next page begins; null after the first change that there was.</param>
public sealed record AuditPage(IReadOnlyList<AuditEntry> Items, string? Next)
{
    /// <summary>Changes of one page at most.</summary>
    public const int MaxLimit = 1_000;

    internal static PositionCursor Cursors { get; } = new('h');

    /// <param name="entries">The changes, with one more than the page takes where there are more.</param>
    /// <param name="limit">How many the page takes.</param>
    internal static AuditPage Of(IReadOnlyList<AuditEntry> entries, int limit) =>
        entries.Count <= limit ? new(entries, null) : new([.. entries.Take(limit)], Cursors.Write(entries[limit - 1].Version, entries[limit - 1].Id));
}
