using System.Text.Json;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Host.Api;

/// <summary>
/// Which fields an answer holds and how they nest: <c>fields=name,customer.name</c> gives
/// <c>{"id", "name", "customer": {"id", "name"}}</c>.
/// </summary>
internal sealed class FieldShape
{
    private readonly List<Node> _root = [];
    private readonly List<FieldPath> _paths = [];

    private FieldShape()
    {
    }

    /// <summary>The paths to read, in the order in which <c>Write</c> expects their values.</summary>
    public IReadOnlyList<FieldPath> Paths => _paths;

    /// <exception cref="ProblemException">A path leads to no field.</exception>
    public static FieldShape Of(Entity entity, string? fields)
    {
        var shape = new FieldShape();
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

    public void Write(Utf8JsonWriter json, object?[] values) => Write(json, _root, values);

    private static void Write(Utf8JsonWriter json, List<Node> nodes, object?[] values)
    {
        json.WriteStartObject();
        foreach (var node in nodes)
        {
            json.WritePropertyName(node.Field.Name);
            var value = values[node.Column];
            if (node.Children.Count == 0 || value is null)
            {
                RecordJson.WriteValue(json, node.Field, value);
            }
            else
            {
                Write(json, node.Children, values);
            }
        }
        json.WriteEndObject();
    }

    private void Add(FieldPath path)
    {
        var nodes = _root;
        for (var i = 0; i < path.Steps.Count; i++)
        {
            var node = nodes.Find(n => n.Field == path.Steps[i]);
            if (node is null)
            {
                node = new(path.Steps[i], _paths.Count);
                nodes.Add(node);
                _paths.Add(new([.. path.Steps.Take(i + 1)]));
            }
            if (i < path.Steps.Count - 1 && node.Children.Count == 0)
            {
                // The id inside is the lookup's own value: no further column.
                node.Children.Add(new(path.Steps[i].Target!.Fields[Entity.IdOrdinal], node.Column));
            }
            nodes = node.Children;
        }
    }

    private sealed record Node(Field Field, int Column)
    {
        public List<Node> Children { get; } = [];
    }
}
