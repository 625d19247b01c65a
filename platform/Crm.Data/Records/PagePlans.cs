using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>
/// The statements of pages by the shape of what is asked, so that a question asked before costs its parameters only. They live and die with the
/// entity of one Model, so that none outlives a change of it.
/// </summary>
internal sealed class PagePlans
{
    /// <summary>Programs ask the same few shapes over and over; when there are more than this, all are forgotten.</summary>
    private const int Most = 500;

    private static readonly ConditionalWeakTable<Entity, PagePlans> Kept = [];

    private readonly ConcurrentDictionary<string, string> _texts = new(StringComparer.Ordinal);

    public static PagePlans Of(Entity entity) => Kept.GetValue(entity, _ => new());

    /// <summary>The statement for one range of a page.</summary>
    public (string Text, IReadOnlyList<SqlParameter> Parameters) Statement(
        RecordQuery query, IReadOnlyList<FieldPath> columns, SqlDialect dialect, ConditionScope scope, Walk walk, PageRange range, int limit)
    {
        var parameters = new List<SqlParameter>();
        if (ShapeOf(query, columns, dialect, scope, walk, range, parameters) is not { } shape)
        {
            return Write(query, columns, dialect, scope, walk, range, limit);
        }
        range.AddParameters(parameters, walk);
        parameters.Add(Param.Integer(limit));
        if (_texts.TryGetValue(shape, out var known))
        {
            return (known, parameters);
        }
        var (text, written) = Write(query, columns, dialect, scope, walk, range, limit);
        // A plan is kept only if its parameters come out as the translation itself put them.
        if (written.SequenceEqual(parameters))
        {
            if (_texts.Count >= Most)
            {
                _texts.Clear();
            }
            _texts[shape] = text;
        }
        return (text, written);
    }

    private static string? ShapeOf(RecordQuery query, IReadOnlyList<FieldPath> columns, SqlDialect dialect, ConditionScope scope, Walk walk, PageRange range, List<SqlParameter> parameters)
    {
        var shape = new StringBuilder(256).Append(dialect.GetType().Name).Append(query.Deleted ? "~" : "|");
        if (!ConditionShape.TryAdd(query.Filter, scope, shape, parameters))
        {
            return null;
        }
        shape.Append('|');
        foreach (var term in walk.Sort)
        {
            shape.Append(term.Descending ? '-' : '+').Append(term.Path);
        }
        shape.Append(walk.IdDescending ? "-|" : "+|");
        range.AddShape(shape);
        foreach (var path in columns)
        {
            shape.Append('|').Append(path);
        }
        return shape.ToString();
    }

    private static (string Text, IReadOnlyList<SqlParameter> Parameters) Write(
        RecordQuery query, IReadOnlyList<FieldPath> columns, SqlDialect dialect, ConditionScope scope, Walk walk, PageRange range, int limit)
    {
        var sql = new SqlQuery(dialect, query.Entity);
        var select = new StringBuilder("SELECT t.\"id\"");
        foreach (var term in walk.Sort)
        {
            select.Append(", ").Append(Walk.Column(term, sql));
        }
        foreach (var path in columns)
        {
            foreach (var part in path.Field.ReadParts)
            {
                select.Append(", ").Append(sql.Column(path, part));
            }
        }
        var where = RecordReader.Where(query, sql, scope) + range.Condition(sql, walk);
        var order = string.Join(", ", walk.Sort.Select(t => $"{Walk.Column(t, sql)} {(t.Descending ? "DESC NULLS FIRST" : "ASC NULLS LAST")}").Append(walk.IdDescending ? "t.\"id\" DESC" : "t.\"id\""));
        return ($"{select} FROM {sql.From} WHERE {where} ORDER BY {order} LIMIT {sql.Parameter(Param.Integer(limit))}", sql.Parameters);
    }
}
