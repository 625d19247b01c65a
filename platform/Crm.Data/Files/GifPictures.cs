using System.Buffers.Binary;

namespace Crm.Data;

/// <summary>GIF pictures (87a and 89a): the first of their pictures, with what is seen through. Each pixel is written once at most, however long the content goes on.</summary>
internal static class GifPictures
{
    private const int MaxCodes = 4096;

    /// <summary>Where the rows of each pass begin and how far they are apart, for pictures that come in several passes and for those that do not.</summary>
    private static readonly (int First, int Step)[] Interlaced = [(0, 8), (4, 8), (2, 4), (1, 2)], Plain = [(0, 1)];

    /// <summary>The picture made smaller, as PNG.</summary>
    /// <exception cref="InvalidDataException">It is broken.</exception>
    public static byte[] Reduce(byte[] file, int size)
    {
        try
        {
            return Read(file, size);
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            throw new InvalidDataException("The picture ends too early.", e);
        }
    }

    private static byte[] Read(byte[] file, int size)
    {
        var (width, height) = (Number(file, 6), Number(file, 8));
        var at = 13;
        var palette = Palette(file, file[10], ref at);
        var transparent = -1;
        for (; file[at] != 0x2C; at = AfterBlocks(file, at + 2))
        {
            if (file[at] != 0x21)
            {
                throw new InvalidDataException("There is no picture inside.");
            }
            if (file[at + 1] == 0xF9)
            {
                transparent = (file[at + 3] & 1) != 0 ? file[at + 6] : -1;
            }
        }
        var (left, top, columns, rows, flags) = (Number(file, at + 1), Number(file, at + 3), Number(file, at + 5), Number(file, at + 7), file[at + 9]);
        if (left + columns > width || top + rows > height || columns == 0 || rows == 0)
        {
            throw new InvalidDataException("The picture is larger than it says.");
        }
        at += 10;
        if ((flags & 0x80) != 0)
        {
            palette = Palette(file, flags, ref at);
        }
        var reduction = new PictureReduction(width, height, size, 4);
        var (passes, x, pass, y) = ((flags & 0x40) != 0 ? Interlaced : Plain, 0, 0, 0);
        foreach (var index in Pixels(Blocks(file, at + 1), file[at]))
        {
            if (index != transparent)
            {
                if ((index * 3) + 2 >= palette.Length)
                {
                    throw new InvalidDataException("The picture names a colour that it does not have.");
                }
                PngPictures.Add(reduction, left + x, top + y, (palette[index * 3], palette[(index * 3) + 1], palette[(index * 3) + 2], 255));
            }
            if (++x < columns)
            {
                continue;
            }
            (x, y) = (0, y + passes[pass].Step);
            while (y >= rows)
            {
                if (++pass == passes.Length)
                {
                    return PngPictures.Write(reduction);
                }
                y = passes[pass].First;
            }
        }
        throw new InvalidDataException("The picture ends too early.");
    }

    private static int Number(byte[] file, int at) => BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(at));

    /// <summary>The colours that stand at <paramref name="at"/>, if any do.</summary>
    private static byte[] Palette(byte[] file, byte flags, ref int at)
    {
        if ((flags & 0x80) == 0)
        {
            return [];
        }
        var palette = file.AsSpan(at, 3 << ((flags & 7) + 1)).ToArray();
        at += palette.Length;
        return palette;
    }

    private static int AfterBlocks(byte[] file, int at)
    {
        while (file[at] != 0)
        {
            at += file[at] + 1;
        }
        return at + 1;
    }

    private static byte[] Blocks(byte[] file, int at)
    {
        var content = new MemoryStream();
        for (; at < file.Length && file[at] != 0; at += file[at] + 1)
        {
            content.Write(file.AsSpan(at + 1, Math.Min(file[at], file.Length - at - 1)));
        }
        return content.ToArray();
    }

    /// <summary>Unpacks (LZW): a code stands for what an earlier one did and one pixel more.</summary>
    private static IEnumerable<int> Pixels(byte[] packed, int bits)
    {
        if (bits is < 1 or > 8)
        {
            throw new InvalidDataException("The picture is packed in an unknown way.");
        }
        var (clear, end) = (1 << bits, (1 << bits) + 1);
        var (before, last, lengths) = (new int[MaxCodes], new byte[MaxCodes], new int[MaxCodes]);
        for (var code = 0; code < clear; code++)
        {
            (before[code], last[code], lengths[code]) = (-1, (byte)code, 1);
        }
        var text = new byte[MaxCodes];
        var (next, width, previous, held, holds) = (end + 1, bits + 1, -1, 0, 0);
        foreach (var b in packed)
        {
            held |= b << holds;
            for (holds += 8; holds >= width; )
            {
                var code = held & ((1 << width) - 1);
                (held, holds) = (held >> width, holds - width);
                if (code == end)
                {
                    yield break;
                }
                if (code == clear)
                {
                    (next, width, previous) = (end + 1, bits + 1, -1);
                    continue;
                }
                if (code > next || (code == next && previous < 0) || (previous < 0 && code > clear))
                {
                    throw new InvalidDataException("The picture is packed wrongly.");
                }
                // A code that is being made stands for the one before it and its own first pixel.
                var isNew = code == next;
                var length = Spell(isNew ? previous : code, before, last, lengths, text);
                if (isNew)
                {
                    text[length++] = text[0];
                }
                for (var i = 0; i < length; i++)
                {
                    yield return text[i];
                }
                if (previous >= 0 && next < MaxCodes)
                {
                    (before[next], last[next], lengths[next]) = (previous, text[0], lengths[previous] + 1);
                    if (++next == 1 << width && width < 12)
                    {
                        width++;
                    }
                }
                previous = code;
            }
        }
    }

    private static int Spell(int code, int[] before, byte[] last, int[] lengths, byte[] text)
    {
        var length = lengths[code];
        for (var i = length - 1; i >= 0; i--)
        {
            (text[i], code) = (last[code], before[code]);
        }
        return length;
    }
}
