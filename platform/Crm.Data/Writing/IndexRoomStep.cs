using System.Runtime.CompilerServices;
using System.Text;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>
/// Texts that may have no room in an index, each refused at its field. How much room a text takes only the database knows, so this looks only once
/// it has found one that was too long.
/// </summary>
internal sealed class IndexRoomStep : IWriteStep
{
    private static readonly ConditionalWeakTable<Entity, IReadOnlyList<IReadOnlyList<(Field Field, int Part)>>> Kept = [];

    public ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Session.IndexRoom is { } room)
        {
            foreach (var change in batch.Pending.Where(c => c.Kind != ChangeKind.Delete).ToList())
            {
                foreach (var texts in Kept.GetValue(change.Entity, TextsOf))
                {
                    Check(change, texts, room);
                }
            }
        }
        return ValueTask.CompletedTask;
    }

    private static void Check(RecordChange change, IReadOnlyList<(Field Field, int Part)> texts, int room)
    {
        var lengths = texts.Select(t => (t.Field, Bytes: BytesOf(change.After![t.Field], t.Field, t.Part))).ToList();
        if (lengths.Sum(l => l.Bytes) > room)
        {
            change.Problems.Add(Problem.At(lengths.MaxBy(l => l.Bytes).Field.Name, ProblemKind.Invalid, "value.indexRoom"));
        }
    }

    private static int BytesOf(object? value, Field field, int part)
    {
        var columns = new object?[field.Columns.Count];
        field.Type.ToColumns(value, columns);
        return columns[part] is string text ? Encoding.UTF8.GetByteCount(text) : 0;
    }

    /// <summary>The texts of each index of an entity's table.</summary>
    private static IReadOnlyList<IReadOnlyList<(Field Field, int Part)>> TextsOf(Entity entity)
    {
        var columns = entity.Fields.SelectMany(f => f.Columns.Select((column, part) => (column.Name, Place: (Field: f, Part: part), column.Kind)))
            .Where(c => c.Kind == ColumnKind.Text).ToDictionary(c => c.Name, c => c.Place, StringComparer.Ordinal);
        return [.. SchemaOfModel.Indexes(entity).Select(i => (IReadOnlyList<(Field, int)>)[.. i.Columns.Where(columns.ContainsKey).Select(c => columns[c])]).Where(i => i.Count > 0)];
    }
}
