using Crm.Metadata;

namespace Crm.Rules;

/// <summary><c>under</c>: one of several records of a tree, or below them.</summary>
internal sealed class UnderTree : ComparisonRule
{
    public override OperandForm Form => OperandForm.OneOrList;

    public override bool FitsField(Field field) => field.TreeField is not null;

    /// <summary>Climbs from the value towards the root of its tree; a circle ends where it began.</summary>
    internal override bool Holds(Comparison c, object? value, IReadOnlyList<object?> operands, Func<FieldPath, object?> read, ConditionScope scope)
    {
        var (path, parent) = (c.Path, c.Path.Field.TreeField!);
        var at = path.Field.Name == SystemFields.Id ? new FieldPath([.. path.Steps.SkipLast(1), parent]) : new FieldPath([.. path.Steps, parent]);
        var seen = new HashSet<Guid>();
        while (value is Guid id && seen.Add(id))
        {
            if (operands.Contains(id))
            {
                return true;
            }
            value = read(at);
            at = new([.. at.Steps, parent]);
        }
        return false;
    }

    /// <summary>The roots and all below them, walked down; a union that keeps each only once comes to its end in a circle as well.</summary>
    internal override string Sql(Comparison c, SqlQuery query, ConditionScope scope, bool negated)
    {
        var column = query.Column(c.Path);
        var roots = scope.ValuesOf(c).OfType<object>().ToList();
        if (roots.Count == 0)
        {
            return ColumnSql.Constant(negated);
        }
        var parent = c.Path.Field.TreeField!;
        var table = SqlDialect.Quote(parent.Entity.Table);
        var list = string.Join(", ", roots.Select(v => query.Parameter(c.Path.Field.Columns[0], v)));
        var below = $"(WITH RECURSIVE below(id) AS (SELECT \"id\" FROM {table} WHERE \"id\" IN ({list}) UNION SELECT child.\"id\" FROM {table} child JOIN below ON child.{SqlDialect.Quote(parent.Columns[0].Name)} = below.id) SELECT id FROM below)";
        return negated ? $"({column} IS NULL OR {column} NOT IN {below})" : $"{column} IN {below}";
    }
}
