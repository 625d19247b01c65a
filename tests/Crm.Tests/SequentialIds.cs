using System.Buffers.Binary;
using Crm.Data;

namespace Crm.Tests;

/// <summary>Ids that count upwards, so that the order in which records were made can be read off them.</summary>
public sealed class SequentialIds : IdSource
{
    private long _last;

    public override Guid Next() => Of(Interlocked.Increment(ref _last));

    /// <summary>An id that no record of a test has by itself.</summary>
    public static Guid Unknown { get; } = Of(0xFFFF_FFFF_FFFF);

    private static Guid Of(long number)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, 0x0190_0000_0000_7000);
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], long.MinValue | number);
        return new(bytes, bigEndian: true);
    }
}
