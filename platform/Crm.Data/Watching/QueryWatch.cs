using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Remembers generated queries that took long, by their shape: the text of the statement, in which values are parameters.</summary>
public sealed class QueryWatch
{
    /// <summary>Shapes kept; beyond them the one that cost least goes.</summary>
    private const int Most = 200;

    private readonly Dictionary<string, SlowQuery> _slow = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <summary>What takes longer is noted.</summary>
    public TimeSpan Threshold { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The slow shapes, those that cost most in all first.</summary>
    public IReadOnlyList<SlowQuery> Slow
    {
        get
        {
            lock (_lock)
            {
                return [.. _slow.Values.OrderByDescending(q => q.Total)];
            }
        }
    }

    internal void Note(Entity entity, Condition filter, IReadOnlyList<SortTerm> sort, string sql, IReadOnlyList<SqlParameter> parameters, TimeSpan took)
    {
        if (took < Threshold)
        {
            return;
        }
        lock (_lock)
        {
            if (_slow.TryGetValue(sql, out var known))
            {
                _slow[sql] = known with { Count = known.Count + 1, Total = known.Total + took, Worst = took > known.Worst ? took : known.Worst, Example = took > known.Worst ? parameters : known.Example };
                return;
            }
            if (_slow.Count == Most)
            {
                _slow.Remove(_slow.MinBy(q => q.Value.Total).Key);
            }
            _slow[sql] = new(entity, sql, 1, took, took, parameters, IndexProposal.For(entity, filter, sort))
            {
                IsSensitive = filter.Paths.Concat(sort.Select(s => s.Path)).Any(p => p.Field.IsSensitive),
            };
        }
    }
}

/// <summary>A shape of query that took long.</summary>
/// <param name="Entity">Over whose records.</param>
/// <param name="Sql">Its text.</param>
/// <param name="Count">How often it took long.</param>
/// <param name="Total">How long in all.</param>
/// <param name="Worst">The longest.</param>
/// <param name="Example">The values of the longest.</param>
/// <param name="Proposal">Fields of an index that would serve it; null if there is one already, or none would.</param>
public sealed record SlowQuery(Entity Entity, string Sql, long Count, TimeSpan Total, TimeSpan Worst, IReadOnlyList<SqlParameter> Example, IReadOnlyList<string>? Proposal)
{
    /// <summary>Whether its values are those of sensitive fields: they serve to ask the database for its plan, and nobody is shown them.</summary>
    public bool IsSensitive { get; init; }
}

/// <summary>How the database would run a slow query now.</summary>
/// <param name="Lines">The plan in the database's own words.</param>
/// <param name="Scans">Whether it reads or sorts a whole table.</param>
public sealed record QueryPlan(IReadOnlyList<string> Lines, bool Scans);
