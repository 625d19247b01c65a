using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using JpegLibrary;

namespace Crm.Data;

/// <summary>JPEG pictures, made smaller without leaving their colour space and turned as their camera says.</summary>
internal static class JpegPictures
{
    private const int Quality = 82;

    /// <summary>Progressive pictures are held as a whole while they are read, and each pass goes over all of it.</summary>
    private const int MaxProgressivePixels = 20_000_000, MaxPasses = 40;

    /// <summary>The picture made smaller, as JPEG; null for a kind that is not read here, such as one for printing.</summary>
    /// <exception cref="Exception">It is broken.</exception>
    public static byte[]? Reduce(byte[] file, int size) => Read(file, size) is { } picture ? Write(picture, OrientationOf(file)) : null;

    /// <summary>The picture averaged to a size, its channels as they are in the file.</summary>
    internal static PictureReduction? Read(byte[] file, int size)
    {
        var decoder = new JpegDecoder();
        decoder.SetInput(file);
        decoder.Identify(loadQuantizationTables: true);
        var isProgressive = decoder.StartOfFrame == JpegMarker.StartOfFrame2;
        if (decoder.StartOfFrame is not (JpegMarker.StartOfFrame0 or JpegMarker.StartOfFrame1 or JpegMarker.StartOfFrame2) || decoder.Precision != 8 || decoder.NumberOfComponents is not (1 or 3) ||
            (isProgressive && ((long)decoder.Width * decoder.Height > MaxProgressivePixels || file.AsSpan().Count((ReadOnlySpan<byte>)[0xFF, 0xDA]) > MaxPasses)))
        {
            return null;
        }
        var reduction = new PictureReduction(decoder.Width, decoder.Height, size, decoder.NumberOfComponents);
        decoder.SetOutputWriter(new Samples(reduction));
        decoder.Decode();
        return reduction;
    }

    private static byte[] Write(PictureReduction picture, int orientation)
    {
        var (width, height) = orientation >= 5 ? (picture.Height, picture.Width) : (picture.Width, picture.Height);
        var planes = Enumerable.Range(0, picture.Channels).Select(c => Turn(picture.Plane(c), picture.Width, picture.Height, orientation)).ToArray();
        var encoder = new JpegEncoder();
        encoder.SetQuantizationTable(JpegStandardQuantizationTable.ScaleByQuality(JpegStandardQuantizationTable.GetLuminanceTable(JpegElementPrecision.Precision8Bit, 0), Quality));
        encoder.SetQuantizationTable(JpegStandardQuantizationTable.ScaleByQuality(JpegStandardQuantizationTable.GetChrominanceTable(JpegElementPrecision.Precision8Bit, 1), Quality));
        encoder.SetHuffmanTable(true, 0, JpegStandardHuffmanEncodingTable.GetLuminanceDCTable());
        encoder.SetHuffmanTable(false, 0, JpegStandardHuffmanEncodingTable.GetLuminanceACTable());
        encoder.SetHuffmanTable(true, 1, JpegStandardHuffmanEncodingTable.GetChrominanceDCTable());
        encoder.SetHuffmanTable(false, 1, JpegStandardHuffmanEncodingTable.GetChrominanceACTable());
        for (var i = 0; i < planes.Length; i++)
        {
            var table = (byte)Math.Min(i, 1);
            encoder.AddComponent((byte)(i + 1), table, table, table, 1, 1);
        }
        encoder.SetInputReader(new Planes(planes, width, height));
        var output = new ArrayBufferWriter<byte>();
        encoder.SetOutput(output);
        encoder.Encode();
        return output.WrittenSpan.ToArray();
    }

    /// <summary>As the camera was held: 1 upright, 2 to 4 mirrored or upside down, 5 to 8 lying.</summary>
    private static byte[] Turn(byte[] plane, int width, int height, int orientation)
    {
        if (orientation is < 2 or > 8)
        {
            return plane;
        }
        var turned = new byte[plane.Length];
        var (to, tall) = orientation >= 5 ? (height, width) : (width, height);
        for (var y = 0; y < tall; y++)
        {
            for (var x = 0; x < to; x++)
            {
                var (fromX, fromY) = orientation switch
                {
                    2 => (width - 1 - x, y),
                    3 => (width - 1 - x, height - 1 - y),
                    4 => (x, height - 1 - y),
                    5 => (y, x),
                    6 => (y, height - 1 - x),
                    7 => (width - 1 - y, height - 1 - x),
                    _ => (width - 1 - y, x),
                };
                turned[(y * to) + x] = plane[(fromY * width) + fromX];
            }
        }
        return turned;
    }

    private static int OrientationOf(ReadOnlySpan<byte> file)
    {
        for (var at = 2; at + 4 < file.Length && file[at] == 0xFF && file[at + 1] != 0xDA;)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
            if (file[at + 1] == 0xE1 && at + 2 + length <= file.Length && length > 16 && file.Slice(at + 4, 6).SequenceEqual("Exif\0\0"u8))
            {
                return OrientationIn(file.Slice(at + 10, length - 8));
            }
            at += 2 + length;
        }
        return 1;
    }

    private static int OrientationIn(ReadOnlySpan<byte> exif)
    {
        var isLittle = exif[0] == 'I';
        var first = Number(exif, 4, 4);
        var entries = Number(exif, first, 2);
        for (var i = 0; i < Math.Min(entries, 200); i++)
        {
            var entry = first + 2 + (i * 12);
            if (Number(exif, entry, 2) == 0x0112)
            {
                return (int)Number(exif, entry + 8, 2);
            }
        }
        return 1;

        long Number(ReadOnlySpan<byte> data, long at, int length)
        {
            if (at < 0 || at + length > data.Length)
            {
                return 0;
            }
            var bytes = data.Slice((int)at, length);
            return (length, isLittle) switch
            {
                (2, true) => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
                (2, false) => BinaryPrimitives.ReadUInt16BigEndian(bytes),
                (_, true) => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
                _ => BinaryPrimitives.ReadUInt32BigEndian(bytes),
            };
        }
    }

    private sealed class Samples(PictureReduction reduction) : JpegBlockOutputWriter
    {
        public override void WriteBlock(ref short blockRef, int componentIndex, int x, int y)
        {
            for (var i = 0; i < 64; i++)
            {
                reduction.Add(componentIndex, x + (i % 8), y + (i / 8), Math.Clamp((int)Unsafe.Add(ref blockRef, i), 0, 255));
            }
        }
    }

    private sealed class Planes(byte[][] planes, int width, int height) : JpegBlockInputReader
    {
        public override int Width => width;

        public override int Height => height;

        public override void ReadBlock(ref short blockRef, int componentIndex, int x, int y)
        {
            for (var i = 0; i < 64; i++)
            {
                // Beyond the edge the last samples go on.
                var at = (Math.Min(y + (i / 8), height - 1) * width) + Math.Min(x + (i % 8), width - 1);
                Unsafe.Add(ref blockRef, i) = planes[componentIndex][at];
            }
        }
    }
}
