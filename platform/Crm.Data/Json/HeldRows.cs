using System.Buffers;
using System.Text.Json;
using Crm.Rules;

namespace Crm.Data;

/// <summary>The rows of a page, kept as JSON until their rows, links and titles are read too.</summary>
internal sealed class HeldRows(RecordShape shape)
{
    private readonly List<(Guid Id, HeldJson Json)> _rows = [];

    public void Take(Row row, int first) => Take(row, first, row.Uuid(0)!.Value);

    public void Take(Row row, int first, Guid id)
    {
        var held = new HeldJson(512);
        using var json = new Utf8JsonWriter(held.Buffer, HeldJson.Readable);
        shape.Write(json, row, first, held);
        json.Flush();
        _rows.Add((id, held));
    }

    public async ValueTask WriteAsync(Utf8JsonWriter json, Session session, SqlDialect dialect, Actor actor, bool backwards, CancellationToken cancellationToken)
    {
        if (backwards)
        {
            _rows.Reverse();
        }
        Guid[] ids = [.. _rows.Select(r => r.Id)];
        var lists = new List<Dictionary<Guid, HeldJson>>();
        foreach (var collection in shape.Collections)
        {
            lists.Add(await collection.ReadAsync(session, dialect, ids, cancellationToken));
        }
        var wanted = _rows.Select(r => r.Json).Concat(lists.SelectMany(l => l.Values)).SelectMany(h => h.Wanted);
        var titles = await ReferenceTitles.ReadAsync(session, wanted, actor, cancellationToken);
        foreach (var (id, row) in _rows)
        {
            var start = row.With(titles);
            json.WriteRawValue(lists.Count == 0 ? start.Span : Joined(start, [.. lists.Select(l => l.GetValueOrDefault(id)?.With(titles))]), skipInputValidation: true);
        }
    }

    private ReadOnlySpan<byte> Joined(ReadOnlyMemory<byte> row, ReadOnlyMemory<byte>?[] lists)
    {
        var open = new ArrayBufferWriter<byte>(row.Length + 256);
        using (var members = new Utf8JsonWriter(open, HeldJson.Readable))
        {
            members.WriteStartObject();
            for (var i = 0; i < lists.Length; i++)
            {
                shape.Collections[i].Write(members, lists[i]);
            }
            members.WriteEndObject();
        }
        // Two objects become one: the first without its closing brace, the second without its opening one. The first always has an id.
        var whole = new ArrayBufferWriter<byte>(row.Length + open.WrittenCount);
        whole.Write(row.Span[..^1]);
        whole.Write(","u8);
        whole.Write(open.WrittenSpan[1..]);
        return whole.WrittenSpan;
    }
}
