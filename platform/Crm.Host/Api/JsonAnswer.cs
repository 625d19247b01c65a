using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.ObjectPool;

namespace Crm.Host.Api;

/// <summary>Room for an answer and the writer that fills it, lent to one request after the other.</summary>
internal sealed class JsonAnswer : IResettable
{
    private const int UsualSize = 4096;

    /// <summary>Room that an unusually long answer needed is not kept.</summary>
    private const int MaxKeptSize = 64 * 1024;

    public static readonly ObjectPool<JsonAnswer> Pool = ObjectPool.Create<JsonAnswer>();

    private readonly ArrayBufferWriter<byte> _buffer = new(UsualSize);

    public JsonAnswer()
    {
        Json = new(_buffer, RecordJson.Readable);
    }

    public Utf8JsonWriter Json { get; }

    /// <summary>What has been written; nobody's any more once the answer is given back.</summary>
    public ReadOnlyMemory<byte> Written
    {
        get
        {
            Json.Flush();
            return _buffer.WrittenMemory;
        }
    }

    public bool TryReset()
    {
        Json.Reset();
        _buffer.ResetWrittenCount();
        return _buffer.Capacity <= MaxKeptSize;
    }
}
