using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Crm.Data;

/// <summary>Rows as JSON that arrive last first and are written first first.</summary>
internal sealed class ReversedRows
{
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly List<Range> _rows = [];

    public void Add(Action<Utf8JsonWriter> write)
    {
        var from = _buffer.WrittenCount;
        using (var json = new Utf8JsonWriter(_buffer, Readable))
        {
            write(json);
        }
        _rows.Add(from.._buffer.WrittenCount);
    }

    public void WriteTo(Utf8JsonWriter json)
    {
        for (var i = _rows.Count - 1; i >= 0; i--)
        {
            json.WriteRawValue(_buffer.WrittenSpan[_rows[i]], skipInputValidation: true);
        }
    }
}
