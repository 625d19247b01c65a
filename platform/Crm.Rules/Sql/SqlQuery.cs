using System.Globalization;
using System.Text;
using Crm.Metadata;

namespace Crm.Rules;

/// <summary>A parameter's value and what kind of column it is compared with, which says how the database wants it.</summary>
public readonly record struct SqlParameter(object? Value, ColumnKind Kind, int Scale)
{
    public static SqlParameter Of(Column column, object? value) => new(value, column.Kind, column.Part.Scale);
}

/// <summary>
/// SQL under construction over one entity: joins appear as paths ask for them, values become parameters $1, $2, ... in order.
/// </summary>
public sealed class SqlQuery
{
    /// <summary>SQLite joins 64 tables at most.</summary>
    private const int MaxJoins = 60;

    private readonly Dictionary<string, string> _aliases = new(StringComparer.Ordinal);
    private readonly StringBuilder _joins = new();
    private readonly List<SqlParameter> _parameters;
    private readonly SqlQuery? _outer;
    private readonly string _root;
    private int _inner;

    public SqlQuery(SqlDialect dialect, Entity entity)
    {
        (Dialect, Entity, _parameters, _root) = (dialect, entity, [], "t");
    }

    private SqlQuery(SqlQuery outer, Entity entity, string root)
    {
        (Dialect, Entity, _parameters, _root, _outer) = (outer.Dialect, entity, outer._parameters, root, outer);
    }

    public SqlDialect Dialect { get; }

    public Entity Entity { get; }

    /// <summary>Whether it asks for what lies in the recycle bin, of which indexes know nothing.</summary>
    public bool IsOfBin { get; set; }

    public StringBuilder Text { get; } = new();

    public IReadOnlyList<SqlParameter> Parameters => _parameters;

    /// <summary>The entity's table and every join that was asked for; complete once the rest of the query is written.</summary>
    public string From => $"{SqlDialect.Quote(Entity.Table)} {_root}{_joins}";

    /// <summary>A query inside this one, over another entity; its parameters are counted on.</summary>
    public SqlQuery Inner(Entity entity)
    {
        var outermost = this;
        while (outermost._outer is { } outer)
        {
            outermost = outer;
        }
        return new(this, entity, "c" + (++outermost._inner).ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The qualified column of a field reached by <paramref name="path"/>.</summary>
    public string Column(FieldPath path, int part = 0) => $"{AliasOf(path)}.{SqlDialect.Quote(path.Field.Columns[part].Name)}";

    /// <summary>The same in a form that compares with a column such as <paramref name="other"/>.</summary>
    public string Aligned(FieldPath path, int part, Column other)
    {
        var column = path.Field.Columns[part];
        return column.Kind == ColumnKind.Decimal && column.Part.Scale < other.Part.Scale
            ? Dialect.Rescale(Column(path, part), other.Part.Scale - column.Part.Scale)
            : Column(path, part);
    }

    public string Parameter(SqlParameter parameter)
    {
        _parameters.Add(parameter);
        return "$" + _parameters.Count.ToString(CultureInfo.InvariantCulture);
    }

    public string Parameter(Column column, object? value) => Parameter(SqlParameter.Of(column, value));

    private string AliasOf(FieldPath path)
    {
        var alias = _root;
        var prefix = "";
        for (var i = 0; i < path.Steps.Count - 1; i++)
        {
            var step = path.Steps[i];
            if (step.Target is null)
            {
                // A part of a value lies in the same table.
                continue;
            }
            prefix += "." + step.Name;
            if (!_aliases.TryGetValue(prefix, out var next))
            {
                if (_aliases.Count == MaxJoins)
                {
                    throw new ProblemException(Problem.Of(ProblemKind.Invalid, "path.tooMany", MaxJoins));
                }
                next = _aliases[prefix] = (_outer is null ? "j" : _root + "j") + (_aliases.Count + 1).ToString(CultureInfo.InvariantCulture);
                _joins.Append(CultureInfo.InvariantCulture, $" LEFT JOIN {SqlDialect.Quote(step.Target.Table)} {next} ON {next}.\"id\" = {alias}.{SqlDialect.Quote(step.Columns[0].Name)}");
            }
            alias = next;
        }
        return alias;
    }
}
