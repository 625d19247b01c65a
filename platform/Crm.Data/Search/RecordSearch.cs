using System.Globalization;
using System.Text;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>A record that search found: where the words stand in it, and how well they fit.</summary>
/// <param name="Entity">Of which kind.</param>
/// <param name="Id">Which one.</param>
/// <param name="Title">What it is called.</param>
/// <param name="Field">Where the words were found.</param>
/// <param name="Snippet">The text around them.</param>
/// <param name="Rank">0 for the title itself, 1 for its beginning, 2 for a part of it, 3 for other fields.</param>
public sealed record SearchHit(Entity Entity, Guid Id, string Title, FieldPath Field, Snippet Snippet, int Rank);

/// <summary>Search over many entities: the title itself first, then its beginning, then parts of titles, then what stands elsewhere.</summary>
internal static class RecordSearch
{
    /// <summary>Hits of one entity among those of others.</summary>
    private const int PerEntity = 5;

    public static async Task<IReadOnlyList<SearchHit>> FindAsync(
        Session session, SqlDialect dialect, IReadOnlyList<Entity> entities, string text, int limit, Actor actor, CancellationToken cancellationToken)
    {
        var words = SearchWords.Of(text);
        if (words.Count == 0)
        {
            return [];
        }
        var hits = new List<SearchHit>();
        foreach (var entity in entities)
        {
            var paths = TextSearch.Paths(entity, actor);
            if (paths.Count > 0)
            {
                await FindAsync(session, dialect, entity, paths, words, entities.Count == 1 ? limit : Math.Min(limit, PerEntity), hits, cancellationToken);
            }
        }
        return [.. hits.OrderBy(h => h.Rank).ThenBy(h => Folding.Fold(h.Title), Comparer<string>.Create(Folding.CompareByCodePoint)).Take(limit)];
    }

    private static async Task FindAsync(
        Session session, SqlDialect dialect, Entity entity, IReadOnlyList<FieldPath> paths, IReadOnlyList<string> words, int limit, List<SearchHit> hits, CancellationToken cancellationToken)
    {
        var condition = await TextSearch.PlanAsync(session, dialect, Condition.And(words.Select(w => new WordIn(paths, w))), cancellationToken);
        var isRare = condition is WordIn { ByIndex: true } || (condition is AllOf all && all.Parts.Any(p => p is WordIn { ByIndex: true }));
        if (isRare)
        {
            await ReadAsync(session, dialect, entity, paths, condition, words, limit, Narrowing.None, hits, cancellationToken);
            return;
        }
        // Too many hold the words for all to be ranked: titles that begin so come from their index, the rest from the first that the search index names.
        var before = hits.Count;
        if (HasTitleIndex(entity))
        {
            await ReadAsync(session, dialect, entity, paths, condition, words, limit, Narrowing.TitlePrefix, hits, cancellationToken);
        }
        if (hits.Count - before < limit)
        {
            var known = hits.Skip(before).Select(h => h.Id).ToHashSet();
            var more = new List<SearchHit>();
            await ReadAsync(session, dialect, entity, paths, condition, words, limit, Narrowing.FirstCandidates, more, cancellationToken);
            hits.AddRange(more.Where(h => !known.Contains(h.Id)).Take(limit - known.Count));
        }
    }

    private static async Task ReadAsync(
        Session session, SqlDialect dialect, Entity entity, IReadOnlyList<FieldPath> paths, Condition condition, IReadOnlyList<string> words, int limit, Narrowing narrowing, List<SearchHit> hits, CancellationToken cancellationToken)
    {
        var sql = new SqlQuery(dialect, entity);
        var whole = string.Join(' ', words);
        var title = entity.TitleField is { Type.TextPart: >= 0 } field ? new FieldPath([field]) : null;
        var folded = title is null ? "''" : sql.Column(title, title.Field.Type.TextPart);
        IReadOnlyList<FieldPath> columns = title is null ? paths : [title, .. paths.Where(p => !p.Equals(title))];
        var inTitle = string.Join(" AND ", words.Select(w => dialect.Contains(sql, folded, w)));
        var rank = $"CASE WHEN {folded} = {sql.Parameter(Param.Text(whole))} THEN 0 WHEN {dialect.StartsWith(folded, sql.Parameter(Param.Text(whole)))} THEN 1 WHEN {inTitle} THEN 2 ELSE 3 END";
        var where = new StringBuilder(RecordReader.Where(new(entity) { Filter = condition }, sql, new(null, null, default, TimeZoneInfo.Utc)));
        switch (narrowing)
        {
            case Narrowing.TitlePrefix:
                where.Append(CultureInfo.InvariantCulture, $" AND {folded} >= {sql.Parameter(Param.Text(whole))} AND {folded} < {sql.Parameter(Param.Text(whole + "\U0010FFFF"))}");
                break;
            case Narrowing.FirstCandidates:
                var own = paths.Where(p => p.IsDirect).Select(p => p.Field).Distinct().ToList();
                var candidates = own.Count > 0 ? dialect.SearchCandidates(sql, entity, own, words) : WordSql.Candidates(new(paths, words[0]), sql);
                where.Append(CultureInfo.InvariantCulture, $" AND t.{dialect.RowKey} IN (SELECT * FROM ({candidates}) AS found LIMIT {TextSearch.MaxCandidates})");
                break;
        }
        var read = string.Join(", ", columns.Select(p => sql.Column(p)));
        // Of a long run of titles that begin alike, the first in their order are read and no more.
        var byTitle = title is null ? "" : folded + ", ";
        var order = narrowing == Narrowing.TitlePrefix ? $"{byTitle}t.\"id\"" : $"rank, {byTitle}t.\"id\"";
        var text = $"SELECT t.\"id\", {rank} AS rank, {read} FROM {sql.From} WHERE {where} ORDER BY {order} LIMIT {sql.Parameter(Param.Integer(limit))}";
        await session.ForEachAsync(text, sql.Parameters, Take, cancellationToken);

        void Take(Row row)
        {
            var values = columns.Select((_, i) => row.Text(i + 2)).ToList();
            // The field that holds most of the words; of equals the first, which is the title.
            var best = Enumerable.Range(0, columns.Count).MaxBy(i => (values[i] is { } v ? words.Count(Folding.Fold(v).Contains) : 0, -i));
            var name = title is null ? row.Uuid(0)!.Value.ToString("D", CultureInfo.InvariantCulture) : values[0] ?? "";
            hits.Add(new(entity, row.Uuid(0)!.Value, name, columns[best], Snippet.Of(values[best] ?? "", words), (int)row.Integer(1)!.Value));
        }
    }

    private static bool HasTitleIndex(Entity entity) => entity.TitleField is { } title &&
        (entity.Definition.Indexes.Any(i => i.Count > 0 && i[0] == title.Name));

    private enum Narrowing
    {
        None, TitlePrefix, FirstCandidates,
    }
}
