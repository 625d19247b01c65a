using System.Text;
using Crm.Rules;

namespace Crm.Data;

/// <summary>The order in which a page is walked: as it is shown, or against it when a page ends at a cursor.</summary>
internal sealed class Walk(IReadOnlyList<SortTerm> sort, bool backwards)
{
    public IReadOnlyList<SortTerm> Sort { get; } = backwards ? [.. sort.Select(t => t with { Descending = !t.Descending })] : sort;

    /// <summary>What is equal in all else comes in the order of the last term.</summary>
    public bool IdDescending { get; } = (sort.Count == 0 || sort[^1].Descending) ^ backwards;

    public static string Column(SortTerm term, SqlQuery sql) => sql.Column(term.Path, term.Path.Field.Type.SortPart);
}

/// <summary>
/// Records whose first sort values equal the edge's and whose next one lies beyond it. A page that begins inside a run of equal keys is put
/// together from such ranges, each of which walks an index.
/// </summary>
internal sealed record PageRange(Edge? Start, int Equal, RangeKind Kind)
{
    public static IEnumerable<PageRange> From(Edge? start, Walk walk)
    {
        if (start is null)
        {
            yield return new(null, 0, RangeKind.All);
            yield break;
        }
        yield return new(start, walk.Sort.Count, RangeKind.Id);
        for (var equal = walk.Sort.Count - 1; equal >= 0; equal--)
        {
            var isEmpty = start.Values[equal] is null;
            if (walk.Sort[equal].Descending)
            {
                yield return new(start, equal, isEmpty ? RangeKind.NotEmpty : RangeKind.Beyond);
            }
            else if (!isEmpty)
            {
                yield return new(start, equal, RangeKind.Beyond);
                yield return new(start, equal, RangeKind.Empty);
            }
        }
    }

    /// <summary>Appended to the condition of the query.</summary>
    public string Condition(SqlQuery sql, Walk walk)
    {
        if (Start is null)
        {
            return "";
        }
        var condition = new StringBuilder();
        for (var i = 0; i < Equal; i++)
        {
            var value = Start.Values[i];
            condition.Append(" AND ").Append(Walk.Column(walk.Sort[i], sql)).Append(value is null ? " IS NULL" : " = " + sql.Parameter(Cursor.SortColumn(walk.Sort[i]), value));
        }
        condition.Append(" AND ").Append(Kind switch
        {
            RangeKind.Id => $"t.\"id\" {(walk.IdDescending ? "<" : ">")}{(Start.Inclusive ? "=" : "")} {sql.Parameter(Param.Uuid(Start.Id))}",
            RangeKind.Beyond => $"{Walk.Column(walk.Sort[Equal], sql)} {(walk.Sort[Equal].Descending ? "<" : ">")} {sql.Parameter(Cursor.SortColumn(walk.Sort[Equal]), Start.Values[Equal])}",
            RangeKind.Empty => Walk.Column(walk.Sort[Equal], sql) + " IS NULL",
            _ => Walk.Column(walk.Sort[Equal], sql) + " IS NOT NULL",
        });
        return condition.ToString();
    }

    /// <summary>The parameters of <see cref="Condition"/>, in its order.</summary>
    public void AddParameters(List<SqlParameter> parameters, Walk walk)
    {
        for (var i = 0; Start is not null && i < Equal; i++)
        {
            if (Start.Values[i] is { } value)
            {
                parameters.Add(SqlParameter.Of(Cursor.SortColumn(walk.Sort[i]), value));
            }
        }
        if (Kind == RangeKind.Id)
        {
            parameters.Add(Param.Uuid(Start!.Id));
        }
        else if (Kind == RangeKind.Beyond)
        {
            parameters.Add(SqlParameter.Of(Cursor.SortColumn(walk.Sort[Equal]), Start!.Values[Equal]));
        }
    }

    /// <summary>What of the range shows in the statement's text.</summary>
    public void AddShape(StringBuilder shape)
    {
        shape.Append((int)Kind).Append(Start?.Inclusive == true ? '=' : '.').Append(Equal);
        for (var i = 0; Start is not null && i < Equal; i++)
        {
            shape.Append(Start.Values[i] is null ? 'n' : 'v');
        }
    }
}

internal enum RangeKind
{
    All, Id, Beyond, Empty, NotEmpty,
}
