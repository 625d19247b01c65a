using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>
/// Which fields an answer holds and how they nest: <c>fields=name,customer.name</c> gives
/// <c>{"id", "name", "customer": {"id", "name"}}</c>. Rows are written straight from the database's reader, without values in between.
/// </summary>
public sealed class RecordShape
{
    /// <summary>Programs ask for the same few shapes over and over; more than this many are not kept.</summary>
    private const int KeptShapes = 200;

    private static readonly ConditionalWeakTable<Entity, ConcurrentDictionary<string, RecordShape>> Kept = [];

    private readonly List<Node> _root = [];
    private readonly List<FieldPath> _paths = [];
    private int _columns;
    private string? _byId;

    private RecordShape()
    {
    }

    /// <summary>The paths to read; their columns, without the folded forms, follow each other in this order.</summary>
    public IReadOnlyList<FieldPath> Paths => _paths;

    /// <param name="entity">Whose records.</param>
    /// <param name="fields">Comma-separated paths; null or empty for all fields of the entity.</param>
    /// <exception cref="ProblemException">A path leads to no field.</exception>
    public static RecordShape Of(Entity entity, string? fields)
    {
        var kept = Kept.GetValue(entity, _ => new(StringComparer.Ordinal));
        if (!kept.TryGetValue(fields ?? "", out var shape))
        {
            shape = Make(entity, fields);
            if (kept.Count < KeptShapes)
            {
                kept[fields ?? ""] = shape;
            }
        }
        return shape;
    }

    private static RecordShape Make(Entity entity, string? fields)
    {
        var shape = new RecordShape();
        IEnumerable<string> wanted = string.IsNullOrEmpty(fields)
            ? entity.Fields.Where(f => f.IsStored && f.Ordinal != Entity.DeletedAtOrdinal).Select(f => f.Name)
            : fields.Split(',', StringSplitOptions.TrimEntries).Prepend(SystemFields.Id);
        foreach (var path in wanted)
        {
            if (entity.Resolve(path) is not { Field.IsStored: true } resolved)
            {
                throw new ProblemException(Problem.At("fields", ProblemKind.Invalid, "field.unknown", path, entity.Label));
            }
            shape.Add(resolved);
        }
        return shape;
    }

    /// <summary>The statement for one record by its id ($1): its version, then the columns of <see cref="Paths"/>.</summary>
    internal string ByIdSql(Entity entity, SqlDialect dialect)
    {
        if (_byId is null)
        {
            var sql = new SqlQuery(dialect, entity);
            var columns = _paths.SelectMany(p => p.Field.ReadParts.Select(part => sql.Column(p, part))).ToList();
            _byId = $"SELECT t.\"version\", {string.Join(", ", columns)} FROM {sql.From} WHERE t.\"id\" = $1 AND t.\"deleted_at\" IS NULL";
        }
        return _byId;
    }

    /// <summary>Writes a row whose columns of <see cref="Paths"/> begin at <paramref name="first"/>.</summary>
    internal void Write(Utf8JsonWriter json, Row row, int first) => Write(json, _root, row, first);

    private static void Write(Utf8JsonWriter json, List<Node> nodes, Row row, int first)
    {
        json.WriteStartObject();
        foreach (var node in nodes)
        {
            json.WritePropertyName(node.Name);
            if (row.IsEmpty(first + node.Column))
            {
                json.WriteNullValue();
            }
            else if (node.Children.Count > 0 && !node.IsWhole)
            {
                Write(json, node.Children, row, first);
            }
            else
            {
                row.WriteJson(json, first + node.Column, node.Field);
            }
        }
        json.WriteEndObject();
    }

    private void Add(FieldPath path)
    {
        var nodes = _root;
        for (var i = 0; i < path.Steps.Count; i++)
        {
            var step = path.Steps[i];
            var node = nodes.Find(n => n.Field == step);
            if (node is null)
            {
                node = new(step, _columns);
                nodes.Add(node);
                _paths.Add(new([.. path.Steps.Take(i + 1)]));
                _columns += RecordReader.ColumnsRead(step);
            }
            node.IsWhole |= i == path.Steps.Count - 1 && step.Target is null;
            if (i < path.Steps.Count - 1 && node.Children.Count == 0 && step.Target is not null)
            {
                // The id inside is the lookup's own value: no further column.
                node.Children.Add(new(step.Target.Fields[Entity.IdOrdinal], node.Column));
            }
            nodes = node.Children;
        }
    }

    private sealed record Node(Field Field, int Column)
    {
        public JsonEncodedText Name { get; } = JsonEncodedText.Encode(Field.Name);

        /// <summary>Whether a value that has parts was asked for as such.</summary>
        public bool IsWhole { get; set; }

        public List<Node> Children { get; } = [];
    }
}
