using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Crm.Metadata;

namespace Crm.Data;

/// <summary>
/// JSON that is written before the titles in it are known: it remembers where they go, so that those of a whole page are read at once.
/// </summary>
internal sealed class HeldJson(int capacity)
{
    public static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<(int Place, Field Field, Reference Reference)> _titles = [];

    public ArrayBufferWriter<byte> Buffer { get; } = new(capacity);

    /// <summary>The records whose titles are still missing.</summary>
    public IEnumerable<(Entity Entity, Guid Id)> Wanted => _titles.Select(t => t.Field.PointedTo(t.Reference)).OfType<(Entity, Guid)>();

    /// <summary>Writes a reference with a place for the title; <paramref name="json"/> writes to <see cref="Buffer"/>.</summary>
    public void WriteTitled(Utf8JsonWriter json, Field field, Reference reference)
    {
        json.WriteStartObject();
        json.WriteString("entity", reference.Entity);
        json.WriteString("id", reference.Id);
        json.WritePropertyName("title");
        json.Flush();
        _titles.Add((Buffer.WrittenCount, field, reference));
        json.WriteNullValue();
        json.WriteEndObject();
    }

    /// <summary>The text with the titles that are known in their places; the others stay null.</summary>
    public ReadOnlyMemory<byte> With(IReadOnlyDictionary<Guid, string> titles)
    {
        if (_titles.Count == 0)
        {
            return Buffer.WrittenMemory;
        }
        var whole = new ArrayBufferWriter<byte>(Buffer.WrittenCount + (_titles.Count * 40));
        using var json = new Utf8JsonWriter(whole, Readable);
        var from = 0;
        foreach (var (place, _, reference) in _titles)
        {
            if (titles.TryGetValue(reference.Id, out var title))
            {
                whole.Write(Buffer.WrittenSpan[from..place]);
                json.Reset();
                json.WriteStringValue(title);
                json.Flush();
                from = place + "null".Length;
            }
        }
        whole.Write(Buffer.WrittenSpan[from..]);
        return whole.WrittenMemory;
    }
}
