using System.Security.Cryptography;

namespace Crm.Data;

/// <summary>Where new ids come from, so that tests can say what they will be.</summary>
public abstract class IdSource
{
    public abstract Guid Next();
}

/// <summary>
/// UUID version 7 (RFC 9562): the time in milliseconds, then a counter, then random bits. Ids of one process rise strictly,
/// so that the order of ids is the order in which records were made.
/// </summary>
public sealed class TimeOrderedIds(TimeProvider time) : IdSource
{
    private readonly Lock _lock = new();

    /// <summary>Drawn in advance: each draw is a call into the operating system.</summary>
    private readonly byte[] _random = new byte[4096];
    private int _used = 4096;
    private long _milliseconds;
    private int _counter;

    public override Guid Next()
    {
        Span<byte> bytes = stackalloc byte[16];
        lock (_lock)
        {
            if (_used == _random.Length)
            {
                RandomNumberGenerator.Fill(_random);
                _used = 0;
            }
            _random.AsSpan(_used, 8).CopyTo(bytes[8..]);
            _used += 8;
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            if (now > _milliseconds)
            {
                (_milliseconds, _counter) = (now, RandomNumberGenerator.GetInt32(0x400));
            }
            else if (++_counter > 0xFFF)
            {
                (_milliseconds, _counter) = (_milliseconds + 1, 0);
            }
            System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(bytes, (_milliseconds << 16) | 0x7000L | (long)_counter);
        }
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new(bytes, bigEndian: true);
    }
}
