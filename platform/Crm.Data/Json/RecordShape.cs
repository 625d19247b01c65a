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

    private const string TitleStep = ".title";

    private static readonly ConditionalWeakTable<Entity, ConcurrentDictionary<string, RecordShape>> Kept = [];

    private readonly List<Node> _root = [];
    private readonly List<FieldPath> _paths = [];
    private readonly List<CollectionShape> _collections = [];
    private Field? _flattened;
    private int _columns;
    private bool _hasTitles;
    private string? _byId;

    private RecordShape()
    {
    }

    /// <summary>The paths to read; their columns, without the folded forms, follow each other in this order.</summary>
    public IReadOnlyList<FieldPath> Paths => _paths;

    /// <summary>Whether something is asked for that can change without the record getting a new version: what lies behind a lookup, rows, links.</summary>
    public bool ShowsOthers { get; private set; }

    /// <summary>The rows and links that an answer holds; they are read after the records, for all of them at once.</summary>
    internal IReadOnlyList<CollectionShape> Collections => _collections;

    /// <summary>Whether something is read after the records: rows, links, titles of references to records of several entities.</summary>
    internal bool IsHeld => _collections.Count > 0 || _hasTitles;

    /// <summary>All fields of an entity, with the rows and links that <paramref name="actor"/> may read: what one record looks like.</summary>
    public static RecordShape Whole(Entity entity, Actor actor) => Of(entity, entity.Collections.Count == 0 ? null : string.Join(',', StoredNames(entity).Concat(entity.Collections
        .Where(c => Authority.May(actor, Operation.Read, ((CollectionFieldType)c.Type).Child))
        .Select(c => c.Name))));

    /// <param name="entity">Whose records.</param>
    /// <param name="fields">Comma-separated paths; null or empty for all fields that are stored with the record.</param>
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

    private static IEnumerable<string> StoredNames(Entity entity) => entity.Fields.Where(f => f.IsStored && f.Ordinal != Entity.DeletedAtOrdinal).Select(f => f.Name);

    private static RecordShape Make(Entity entity, string? fields)
    {
        var shape = new RecordShape();
        var wanted = string.IsNullOrEmpty(fields) ? StoredNames(entity) : fields.Split(',', StringSplitOptions.TrimEntries).Prepend(SystemFields.Id);
        var inside = new Dictionary<Field, List<string>>();
        foreach (var path in wanted)
        {
            var dot = path.IndexOf('.', StringComparison.Ordinal);
            if (entity.Find(dot < 0 ? path : path[..dot]) is { Type: CollectionFieldType } collection)
            {
                var named = inside.TryGetValue(collection, out var known) ? known : inside[collection] = [];
                named.AddRange(dot < 0 ? ((CollectionFieldType)collection.Type).ItemFields.Where(f => f.IsStored).Select(f => f.Name) : [path[(dot + 1)..]]);
            }
            else if (!shape.TryAdd(entity, path))
            {
                throw new ProblemException(Problem.At("fields", ProblemKind.Invalid, "field.unknown", path, entity.Label));
            }
        }
        shape._collections.AddRange(inside.Select(c => new CollectionShape(c.Key, OfEntries((CollectionFieldType)c.Key.Type, c.Value))));
        shape._hasTitles |= shape._collections.Exists(c => c.Entries._hasTitles);
        shape.ShowsOthers = shape._collections.Count > 0 || shape._paths.Exists(p => !p.IsDirect);
        return shape;
    }

    /// <summary>Entries of a collection: a link shows the id and the fields of what is linked as if they were its own.</summary>
    private static RecordShape OfEntries(CollectionFieldType collection, IEnumerable<string> fields)
    {
        var shape = new RecordShape { _flattened = collection.Key };
        shape.Add(new([collection.Key ?? collection.Child.Fields[Entity.IdOrdinal]]));
        foreach (var path in fields)
        {
            if (path is SystemFields.Id)
            {
                continue;
            }
            if (!shape.TryAdd(collection.Child, path))
            {
                throw new ProblemException(Problem.At("fields", ProblemKind.Invalid, "field.unknown", path, collection.Child.Label));
            }
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
    /// <param name="json">Where to write.</param>
    /// <param name="row">The row.</param>
    /// <param name="first">Where its columns begin.</param>
    /// <param name="held">What <paramref name="json"/> writes to, where the shape <see cref="IsHeld"/>.</param>
    internal void Write(Utf8JsonWriter json, Row row, int first, HeldJson? held = null)
    {
        json.WriteStartObject();
        WriteMembers(json, _root, row, first, held);
        json.WriteEndObject();
    }

    private static void WriteMembers(Utf8JsonWriter json, List<Node> nodes, Row row, int first, HeldJson? held)
    {
        foreach (var node in nodes)
        {
            json.WritePropertyName(node.Name);
            if (row.IsEmpty(first + node.Column))
            {
                json.WriteNullValue();
            }
            else if (node.Children.Count > 0 && !node.IsWhole)
            {
                json.WriteStartObject();
                WriteMembers(json, node.Children, row, first, held);
                json.WriteEndObject();
            }
            else if (node.IsTitled)
            {
                var ordinal = first + node.Column;
                held!.WriteTitled(json, node.Field, (Reference)RecordReader.ReadField(row, node.Field, ref ordinal)!);
            }
            else
            {
                row.WriteJson(json, first + node.Column, node.Field);
            }
        }
    }

    /// <summary>Adds a field, or with <c>.title</c> after a reference to records of several entities what that is called.</summary>
    private bool TryAdd(Entity entity, string path)
    {
        if (entity.Resolve(path) is { Field.IsStored: true } field)
        {
            Add(field);
            return true;
        }
        if (path.EndsWith(TitleStep, StringComparison.Ordinal) && entity.Resolve(path[..^TitleStep.Length]) is { Field.Type: AnyLookupFieldType } reference)
        {
            Add(reference).IsTitled = _hasTitles = true;
            return true;
        }
        return false;
    }

    private Node Add(FieldPath path)
    {
        Node? last = null;
        var nodes = _root;
        for (var i = path.Steps.Count > 1 && path.Steps[0] == _flattened ? 1 : 0; i < path.Steps.Count; i++)
        {
            var step = path.Steps[i];
            var node = nodes.Find(n => n.Field == step);
            if (node is null)
            {
                node = new(step, _columns, step == _flattened ? SystemFields.Id : step.Name);
                nodes.Add(node);
                _paths.Add(new([.. path.Steps.Take(i + 1)]));
                _columns += RecordReader.ColumnsRead(step);
            }
            node.IsWhole |= i == path.Steps.Count - 1 && step.Target is null;
            if (i < path.Steps.Count - 1 && node.Children.Count == 0 && step.Target is not null)
            {
                // The id inside is the lookup's own value: no further column.
                node.Children.Add(new(step.Target!.Fields[Entity.IdOrdinal], node.Column, SystemFields.Id));
            }
            (nodes, last) = (node.Children, node);
        }
        return last!;
    }

    private sealed class Node(Field field, int column, string name)
    {
        public Field Field { get; } = field;

        public int Column { get; } = column;

        public JsonEncodedText Name { get; } = JsonEncodedText.Encode(name);

        /// <summary>Whether a value that has parts was asked for as such.</summary>
        public bool IsWhole { get; set; }

        public List<Node> Children { get; } = [];

        /// <summary>Whether the title of what the value points to is shown with it.</summary>
        public bool IsTitled { get; set; }
    }
}
