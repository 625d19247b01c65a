using System.Buffers;
using System.Text.Json;
using Crm.Rules;

namespace Crm.Data;

/// <summary>The rows of a page, kept as JSON until their rows and links are read too.</summary>
internal sealed class HeldRows(RecordShape shape)
{
    private readonly List<(Guid Id, ArrayBufferWriter<byte> Json)> _rows = [];

    public void Take(Row row, int first)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer, new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        shape.Write(json, row, first);
        json.Flush();
        _rows.Add((row.Uuid(0)!.Value, buffer));
    }

    public async ValueTask WriteAsync(Utf8JsonWriter json, Session session, SqlDialect dialect, bool backwards, CancellationToken cancellationToken)
    {
        if (backwards)
        {
            _rows.Reverse();
        }
        Guid[] ids = [.. _rows.Select(r => r.Id)];
        var lists = new List<Dictionary<Guid, ArrayBufferWriter<byte>>>();
        foreach (var collection in shape.Collections)
        {
            lists.Add(await collection.ReadAsync(session, dialect, ids, cancellationToken));
        }
        foreach (var (id, row) in _rows)
        {
            var open = new ArrayBufferWriter<byte>(row.WrittenCount + 256);
            using (var members = new Utf8JsonWriter(open, new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            {
                members.WriteStartObject();
                for (var i = 0; i < lists.Count; i++)
                {
                    shape.Collections[i].Write(members, lists[i].GetValueOrDefault(id));
                }
                members.WriteEndObject();
            }
            // Two objects become one: the first without its closing brace, the second without its opening one. The first always has an id.
            var whole = new ArrayBufferWriter<byte>(row.WrittenCount + open.WrittenCount);
            whole.Write(row.WrittenSpan[..^1]);
            whole.Write(","u8);
            whole.Write(open.WrittenSpan[1..]);
            json.WriteRawValue(whole.WrittenSpan, skipInputValidation: true);
        }
    }
}
