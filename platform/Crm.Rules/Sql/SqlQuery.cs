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
    public string Column(FieldPath path, int part = 0) => Column(path, path.Steps.Count - 1, part);

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

    /// <summary>The value at a step of a path; where the lookup before it points to records of two entities, that of whichever there is.</summary>
    private string Column(FieldPath path, int step, int part)
    {
        var field = path.Steps[step];
        var lookup = step - 1;
        while (lookup >= 0 && path.Steps[lookup].Target is null)
        {
            // A part of a value lies in the same table.
            lookup--;
        }
        var column = SqlDialect.Quote(field.Columns[part].Name);
        if (lookup < 0)
        {
            return $"{_root}.{column}";
        }
        var value = $"{Joined(path, lookup, path.Steps[lookup].Target!)}.{column}";
        return path.Steps[lookup].OtherTarget is { } other && field.CounterpartIn(other) is { } same
            ? $"COALESCE({value}, {Joined(path, lookup, other)}.{SqlDialect.Quote(same.Columns[part].Name)})"
            : value;
    }

    /// <summary>The alias of the records of <paramref name="target"/> to which a lookup on a path points.</summary>
    private string Joined(FieldPath path, int lookup, Entity target)
    {
        var way = string.Join('.', path.Steps.Take(lookup + 1).Where(s => s.Target is not null).Select(s => s.Name)) + ">" + target.Name;
        if (!_aliases.TryGetValue(way, out var alias))
        {
            // What stands before is joined before.
            var id = Column(path, lookup, 0);
            if (_aliases.Count == MaxJoins)
            {
                throw new ProblemException(Problem.Of(ProblemKind.Invalid, "path.tooMany", MaxJoins));
            }
            alias = _aliases[way] = (_outer is null ? "j" : _root + "j") + (_aliases.Count + 1).ToString(CultureInfo.InvariantCulture);
            _joins.Append(CultureInfo.InvariantCulture, $" LEFT JOIN {SqlDialect.Quote(target.Table)} {alias} ON {alias}.\"id\" = {id}");
        }
        return alias;
    }
}
