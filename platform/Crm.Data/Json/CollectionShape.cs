using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>A collection in an answer: which one, and what its entries show.</summary>
internal sealed record CollectionShape(Field Field, RecordShape Entries)
{
    private readonly JsonEncodedText _name = JsonEncodedText.Encode(Field.Name);

    private CollectionFieldType Type => (CollectionFieldType)Field.Type;

    public Entity Child => Type.Child;

    /// <summary>Reads the entries of many records with one statement, each list as JSON.</summary>
    public async ValueTask<Dictionary<Guid, HeldJson>> ReadAsync(Session session, SqlDialect dialect, IReadOnlyList<Guid> owners, CancellationToken cancellationToken)
    {
        var lists = new Dictionary<Guid, HeldJson>();
        using var json = new Utf8JsonWriter(Stream.Null, HeldJson.Readable);
        foreach (var chunk in owners.Chunk(200))
        {
            var sql = new SqlQuery(dialect, Child);
            var owner = sql.Column(new FieldPath([Type.Parent]));
            var columns = Entries.Paths
                .SelectMany(p => p.Field.ReadParts.Select(part => sql.Column(p, part)))
                .Prepend(owner).ToList();
            var list = string.Join(", ", chunk.Select(id => sql.Parameter(Param.Uuid(id))));
            var order = Type.Order is { } position ? sql.Column(new FieldPath([position])) + " ASC NULLS LAST, " : "";
            var text = string.Create(CultureInfo.InvariantCulture, $"SELECT {string.Join(", ", columns)} FROM {sql.From} WHERE {owner} IN ({list}) AND t.\"deleted_at\" IS NULL ORDER BY {order}t.\"id\"");
            await session.ForEachAsync(text, sql.Parameters, Take, cancellationToken);
        }
        return lists;

        void Take(Row row)
        {
            var owner = row.Uuid(0)!.Value;
            if (!lists.TryGetValue(owner, out var list))
            {
                list = lists[owner] = new(256);
                list.Buffer.Write("["u8);
            }
            else
            {
                list.Buffer.Write(","u8);
            }
            json.Reset(list.Buffer);
            Entries.Write(json, row, 1, list);
            json.Flush();
        }
    }

    /// <param name="json">Where to write.</param>
    /// <param name="list">The entries without the bracket at the end; null for none.</param>
    public void Write(Utf8JsonWriter json, ReadOnlyMemory<byte>? list)
    {
        json.WritePropertyName(_name);
        json.WriteRawValue(list is { } entries ? [.. entries.Span, (byte)']'] : "[]"u8, skipInputValidation: true);
    }
}
