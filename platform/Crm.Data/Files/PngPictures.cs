using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Crm.Data;

/// <summary>PNG pictures, read a row at a time and written. What the header does not announce is never unpacked, so that a small file cannot become a large one.</summary>
internal static class PngPictures
{
    private const int Signature = 8;

    /// <summary>Where the pixels of each pass begin and how far they are apart (Adam7), for pictures that come in several passes and for those that do not.</summary>
    private static readonly (int X, int Y, int StepX, int StepY)[] Interlaced = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)], Plain = [(0, 0, 1, 1)];

    private static readonly uint[] CrcTable = [.. Enumerable.Range(0, 256).Select(n => Enumerable.Range(0, 8).Aggregate((uint)n, (c, _) => (c & 1) != 0 ? 0xEDB88320 ^ (c >> 1) : c >> 1))];

    /// <summary>The picture made smaller, as PNG.</summary>
    /// <exception cref="InvalidDataException">It is broken.</exception>
    public static byte[] Reduce(byte[] file, int size)
    {
        var (header, palette, transparency, packed) = Chunks(file);
        var (width, height) = (BinaryPrimitives.ReadInt32BigEndian(header), BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(4)));
        var (depth, color, interlaced) = (header[8], header[9], header[12] != 0);
        var samples = color switch { 0 or 3 => 1, 2 => 3, 4 => 2, 6 => 4, _ => 0 };
        if (width <= 0 || height <= 0 || samples == 0 || !(depth is 8 || (depth == 16 && color != 3) || (depth is 1 or 2 or 4 && samples == 1)) || (color == 3 && palette.Length == 0))
        {
            throw new InvalidDataException("The header of the picture cannot be.");
        }
        var reduction = new PictureReduction(width, height, size, 4);
        var step = Math.Max(1, samples * depth / 8);
        using var rows = new ZLibStream(new MemoryStream(packed), CompressionMode.Decompress);
        foreach (var pass in interlaced ? Interlaced : Plain)
        {
            var columns = (width - pass.X + pass.StepX - 1) / pass.StepX;
            if (columns <= 0)
            {
                continue;
            }
            var length = checked((int)((((long)columns * samples * depth) + 7) / 8));
            var (row, above) = (new byte[length], new byte[length]);
            for (var y = pass.Y; y < height; y += pass.StepY)
            {
                var filter = rows.ReadByte();
                if (filter < 0 || rows.ReadAtLeast(row, length, throwOnEndOfStream: false) < length)
                {
                    throw new InvalidDataException("The picture ends too early.");
                }
                Unfilter(filter, row, above, step);
                for (var x = 0; x < columns; x++)
                {
                    Add(reduction, pass.X + (x * pass.StepX), y, Pixel(row, x, depth, color, samples, palette, transparency));
                }
                (row, above) = (above, row);
            }
        }
        return Write(reduction);
    }

    private static (byte[] Header, byte[] Palette, byte[] Transparency, byte[] Packed) Chunks(byte[] file)
    {
        byte[] header = [], palette = [], transparency = [];
        var packed = new MemoryStream();
        for (var at = Signature; at + 12 <= file.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            if (length < 0 || length > file.Length - at - 12)
            {
                break;
            }
            var content = file.AsSpan(at + 8, length);
            switch (Encoding.ASCII.GetString(file, at + 4, 4))
            {
                case "IHDR": header = content.ToArray(); break;
                case "PLTE": palette = content.ToArray(); break;
                case "tRNS": transparency = content.ToArray(); break;
                case "IDAT": packed.Write(content); break;
            }
            at += length + 12;
        }
        return header.Length == 13 ? (header, palette, transparency, packed.ToArray()) : throw new InvalidDataException("The picture has no header.");
    }

    private static void Unfilter(int filter, byte[] row, byte[] above, int step)
    {
        for (var i = 0; i < row.Length; i++)
        {
            int left = i >= step ? row[i - step] : 0, up = above[i], corner = i >= step ? above[i - step] : 0;
            row[i] += filter switch
            {
                0 => (byte)0,
                1 => (byte)left,
                2 => (byte)up,
                3 => (byte)((left + up) / 2),
                4 => (byte)Paeth(left, up, corner),
                _ => throw new InvalidDataException("The picture has an unknown filter."),
            };
        }
    }

    private static int Paeth(int left, int up, int corner)
    {
        var estimate = left + up - corner;
        var (toLeft, toUp, toCorner) = (Math.Abs(estimate - left), Math.Abs(estimate - up), Math.Abs(estimate - corner));
        return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    }

    private static (int Red, int Green, int Blue, int Alpha) Pixel(byte[] row, int x, int depth, int color, int samples, byte[] palette, byte[] transparency)
    {
        if (depth < 8)
        {
            var bits = (row[x * depth / 8] >> (8 - depth - (x * depth % 8))) & ((1 << depth) - 1);
            return color == 3 ? FromPalette(bits, palette, transparency) : Gray(bits * 255 / ((1 << depth) - 1), 255);
        }
        var bytes = depth / 8;
        var at = x * samples * bytes;
        return color switch
        {
            0 => Gray(row[at], 255),
            2 => (row[at], row[at + bytes], row[at + (2 * bytes)], 255),
            3 => FromPalette(row[at], palette, transparency),
            4 => Gray(row[at], row[at + bytes]),
            _ => (row[at], row[at + bytes], row[at + (2 * bytes)], row[at + (3 * bytes)]),
        };

        static (int, int, int, int) Gray(int value, int alpha) => (value, value, value, alpha);
    }

    private static (int Red, int Green, int Blue, int Alpha) FromPalette(int index, byte[] palette, byte[] transparency) => (index * 3) + 2 < palette.Length
        ? (palette[index * 3], palette[(index * 3) + 1], palette[(index * 3) + 2], index < transparency.Length ? transparency[index] : 255)
        : throw new InvalidDataException("The picture names a colour that it does not have.");

    /// <summary>What cannot be seen does not colour what is beside it.</summary>
    public static void Add(PictureReduction reduction, int x, int y, (int Red, int Green, int Blue, int Alpha) pixel)
    {
        reduction.Add(0, x, y, pixel.Red * pixel.Alpha);
        reduction.Add(1, x, y, pixel.Green * pixel.Alpha);
        reduction.Add(2, x, y, pixel.Blue * pixel.Alpha);
        reduction.Add(3, x, y, pixel.Alpha);
    }

    public static byte[] Write(PictureReduction picture)
    {
        var rows = new MemoryStream();
        using (var packer = new ZLibStream(rows, CompressionLevel.Optimal, leaveOpen: true))
        {
            for (var cell = 0; cell < picture.Width * picture.Height; cell++)
            {
                if (cell % picture.Width == 0)
                {
                    packer.WriteByte(0);
                }
                var alpha = picture.Sum(3, cell);
                for (var channel = 0; channel < 3; channel++)
                {
                    packer.WriteByte(alpha == 0 ? (byte)0 : (byte)((picture.Sum(channel, cell) + (alpha / 2)) / alpha));
                }
                packer.WriteByte((byte)picture.Average(3, cell));
            }
        }
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, picture.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), picture.Height);
        (header[8], header[9]) = (8, 6);
        var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        WriteChunk(file, "IHDR", header);
        WriteChunk(file, "IDAT", rows.ToArray());
        WriteChunk(file, "IEND", []);
        return file.ToArray();
    }

    private static void WriteChunk(Stream file, string name, byte[] content)
    {
        byte[] named = [.. Encoding.ASCII.GetBytes(name), .. content];
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        file.Write(number);
        file.Write(named);
        BinaryPrimitives.WriteUInt32BigEndian(number, ~named.Aggregate(uint.MaxValue, (crc, b) => CrcTable[(byte)(crc ^ b)] ^ (crc >> 8)));
        file.Write(number);
    }
}
