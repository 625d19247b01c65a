using System.Text;

namespace Crm.Ui.Fields;

/// <summary>
/// Which modules of a QR code are dark (ISO/IEC 18004): bytes in UTF-8, error correction M, the smallest version that holds them, and the mask
/// that scanners read best.
/// </summary>
public sealed class QrCode
{
    /// <summary>Words of error correction in each block, and how many blocks there are, by version.</summary>
    private static readonly int[]
        Correction = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28],
        Blocks = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49];

    private readonly bool[,] _dark, _fixed;
    private readonly int _version;

    private QrCode(int version)
    {
        (_version, Size) = (version, 17 + (4 * version));
        (_dark, _fixed) = (new bool[Size, Size], new bool[Size, Size]);
    }

    /// <summary>Modules on each side.</summary>
    public int Size { get; }

    public bool this[int row, int column] => _dark[row, column];

    /// <summary>The code of a text; null where it is empty or too long for any version.</summary>
    public static QrCode? Of(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var version = 1; version <= 40; version++)
        {
            if (4 + LengthBits(version) + (8 * bytes.Length) <= 8 * DataWords(version))
            {
                return Draw(version, Interleave(version, Words(version, bytes)));
            }
        }
        return null;
    }

    /// <summary>The words of error correction that go with data: the remainder by the generator polynomial over GF(256).</summary>
    internal static byte[] Correct(ReadOnlySpan<byte> data, int count)
    {
        var generator = new byte[count];
        generator[^1] = 1;
        var root = 1;
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < count; j++)
            {
                generator[j] = (byte)(Multiply(generator[j], root) ^ (j + 1 < count ? generator[j + 1] : 0));
            }
            root = Multiply(root, 2);
        }
        var rest = new byte[count];
        foreach (var word in data)
        {
            var factor = word ^ rest[0];
            Array.Copy(rest, 1, rest, 0, count - 1);
            rest[^1] = 0;
            for (var i = 0; i < count; i++)
            {
                rest[i] ^= (byte)Multiply(generator[i], factor);
            }
        }
        return rest;
    }

    /// <summary>What tells a scanner level and mask: five bits with ten that correct them.</summary>
    internal static int Format(int mask)
    {
        var rest = mask;
        for (var i = 0; i < 10; i++)
        {
            rest = (rest << 1) ^ ((rest >> 9) * 0x537);
        }
        return ((mask << 10) | rest) ^ 0x5412;
    }

    /// <summary>What tells a scanner the version, from the seventh on: six bits with twelve that correct them.</summary>
    internal static int VersionWord(int version)
    {
        var rest = version;
        for (var i = 0; i < 12; i++)
        {
            rest = (rest << 1) ^ ((rest >> 11) * 0x1F25);
        }
        return (version << 12) | rest;
    }

    private static int LengthBits(int version) => version < 10 ? 8 : 16;

    private static int DataWords(int version) => (RawModules(version) / 8) - (Correction[version - 1] * Blocks[version - 1]);

    /// <summary>Modules that are not part of a pattern.</summary>
    private static int RawModules(int version)
    {
        var modules = (((16 * version) + 128) * version) + 64;
        if (version >= 2)
        {
            var aligned = (version / 7) + 2;
            modules -= (((25 * aligned) - 10) * aligned) - 55;
            modules -= version >= 7 ? 36 : 0;
        }
        return modules;
    }

    private static byte[] Words(int version, byte[] bytes)
    {
        var bits = new List<bool>();
        Add(0b0100, 4);
        Add(bytes.Length, LengthBits(version));
        foreach (var value in bytes)
        {
            Add(value, 8);
        }
        var words = new byte[DataWords(version)];
        for (var i = 0; i < bits.Count; i++)
        {
            words[i / 8] |= (byte)(bits[i] ? 0x80 >> (i % 8) : 0);
        }
        // The end marker and the rest of its word are zeros already; then two words take turns.
        var next = Math.Min(words.Length, (bits.Count + 4 + 7) / 8);
        for (var i = next; i < words.Length; i++)
        {
            words[i] = (byte)((i - next) % 2 == 0 ? 0xEC : 0x11);
        }
        return words;

        void Add(int value, int count)
        {
            for (var i = count - 1; i >= 0; i--)
            {
                bits.Add(((value >> i) & 1) != 0);
            }
        }
    }

    /// <summary>Blocks with their correction, taken word by word in turn; the later blocks are a word longer where it does not divide.</summary>
    private static List<byte> Interleave(int version, byte[] data)
    {
        var (count, correction) = (Blocks[version - 1], Correction[version - 1]);
        var (shorter, longer) = (data.Length / count, data.Length % count);
        var blocks = new List<(byte[] Data, byte[] Check)>();
        for (int i = 0, at = 0; i < count; i++)
        {
            var block = data[at..(at + shorter + (i >= count - longer ? 1 : 0))];
            at += block.Length;
            blocks.Add((block, Correct(block, correction)));
        }
        var words = new List<byte>();
        for (var i = 0; i <= shorter; i++)
        {
            words.AddRange(blocks.Where(b => i < b.Data.Length).Select(b => b.Data[i]));
        }
        for (var i = 0; i < correction; i++)
        {
            words.AddRange(blocks.Select(b => b.Check[i]));
        }
        return words;
    }

    private static QrCode Draw(int version, List<byte> words)
    {
        var code = new QrCode(version);
        code.DrawPatterns();
        code.DrawWords(words);
        var (best, least) = (0, int.MaxValue);
        for (var mask = 0; mask < 8; mask++)
        {
            code.Apply(mask);
            var penalty = code.Penalty();
            (best, least) = penalty < least ? (mask, penalty) : (best, least);
            code.Mask(mask);
        }
        code.Apply(best);
        return code;
    }

    private void Apply(int mask)
    {
        DrawFormat(mask);
        Mask(mask);
    }

    private void DrawPatterns()
    {
        for (var i = 0; i < Size; i++)
        {
            Set(6, i, i % 2 == 0);
            Set(i, 6, i % 2 == 0);
        }
        DrawFinder(3, 3);
        DrawFinder(3, Size - 4);
        DrawFinder(Size - 4, 3);
        var centres = Centres();
        foreach (var row in centres)
        {
            foreach (var column in centres.Where(c => !((row == 6 && (c == 6 || c == centres[^1])) || (row == centres[^1] && c == 6))))
            {
                DrawAlignment(row, column);
            }
        }
        DrawFormat(0);
        if (_version >= 7)
        {
            var word = VersionWord(_version);
            for (var i = 0; i < 18; i++)
            {
                Set(i / 3, Size - 11 + (i % 3), ((word >> i) & 1) != 0);
                Set(Size - 11 + (i % 3), i / 3, ((word >> i) & 1) != 0);
            }
        }
    }

    private int[] Centres()
    {
        if (_version == 1)
        {
            return [];
        }
        var count = (_version / 7) + 2;
        var step = _version == 32 ? 26 : ((_version * 4) + (count * 2) + 1) / ((count * 2) - 2) * 2;
        return [6, .. Enumerable.Range(0, count - 1).Select(i => Size - 7 - ((count - 2 - i) * step))];
    }

    private void DrawFinder(int row, int column)
    {
        for (var r = -4; r <= 4; r++)
        {
            for (var c = -4; c <= 4; c++)
            {
                if (row + r >= 0 && row + r < Size && column + c >= 0 && column + c < Size)
                {
                    Set(row + r, column + c, Math.Max(Math.Abs(r), Math.Abs(c)) is not (2 or 4));
                }
            }
        }
    }

    private void DrawAlignment(int row, int column)
    {
        for (var r = -2; r <= 2; r++)
        {
            for (var c = -2; c <= 2; c++)
            {
                Set(row + r, column + c, Math.Max(Math.Abs(r), Math.Abs(c)) != 1);
            }
        }
    }

    private void DrawFormat(int mask)
    {
        var word = Format(mask);
        for (var i = 0; i < 15; i++)
        {
            var dark = ((word >> i) & 1) != 0;
            // Once around the upper left corner, once along the two others.
            var (row, column) = i switch { < 6 => (i, 8), 6 => (7, 8), 7 => (8, 8), 8 => (8, 7), _ => (8, 14 - i) };
            Set(row, column, dark);
            Set(i < 8 ? 8 : Size - 15 + i, i < 8 ? Size - 1 - i : 8, dark);
        }
        Set(Size - 8, 8, dark: true);
    }

    private void DrawWords(List<byte> words)
    {
        var bit = 0;
        for (var right = Size - 1; right >= 1; right -= 2)
        {
            right = right == 6 ? 5 : right;
            for (var step = 0; step < Size; step++)
            {
                var row = ((right + 1) & 2) == 0 ? Size - 1 - step : step;
                foreach (var column in new[] { right, right - 1 })
                {
                    if (!_fixed[row, column] && bit < words.Count * 8)
                    {
                        _dark[row, column] = ((words[bit / 8] >> (7 - (bit % 8))) & 1) != 0;
                        bit++;
                    }
                }
            }
        }
    }

    private void Mask(int mask)
    {
        for (var row = 0; row < Size; row++)
        {
            for (var column = 0; column < Size; column++)
            {
                _dark[row, column] ^= !_fixed[row, column] && IsTurned(mask, row, column);
            }
        }
    }

    internal static bool IsTurned(int mask, int row, int column) => mask switch
    {
        0 => (row + column) % 2 == 0,
        1 => row % 2 == 0,
        2 => column % 3 == 0,
        3 => (row + column) % 3 == 0,
        4 => ((row / 2) + (column / 3)) % 2 == 0,
        5 => (row * column % 2) + (row * column % 3) == 0,
        6 => ((row * column % 2) + (row * column % 3)) % 2 == 0,
        _ => (((row + column) % 2) + (row * column % 3)) % 2 == 0,
    };

    /// <summary>How hard it is to read: long runs, blocks, what looks like a finder, and too much of one colour.</summary>
    private int Penalty()
    {
        var (penalty, dark) = (0, 0);
        for (var i = 0; i < Size; i++)
        {
            penalty += LinePenalty(j => _dark[i, j]) + LinePenalty(j => _dark[j, i]);
            for (var j = 0; j < Size; j++)
            {
                dark += _dark[i, j] ? 1 : 0;
                if (i + 1 < Size && j + 1 < Size && _dark[i, j] == _dark[i, j + 1] && _dark[i, j] == _dark[i + 1, j] && _dark[i, j] == _dark[i + 1, j + 1])
                {
                    penalty += 3;
                }
            }
        }
        var off = Math.Abs((dark * 20) - (Size * Size * 10));
        return penalty + (10 * Math.Max(0, ((off + (Size * Size) - 1) / (Size * Size)) - 1));
    }

    private int LinePenalty(Func<int, bool> at)
    {
        var (penalty, run, bits) = (0, 0, 0);
        for (var i = 0; i < Size; i++)
        {
            run = i > 0 && at(i) == at(i - 1) ? run + 1 : 1;
            penalty += run == 5 ? 3 : run > 5 ? 1 : 0;
            bits = ((bits << 1) & 0x7FF) | (at(i) ? 1 : 0);
            penalty += i >= 10 && bits is 0b00001011101 or 0b10111010000 ? 40 : 0;
        }
        return penalty;
    }

    private void Set(int row, int column, bool dark) => (_dark[row, column], _fixed[row, column]) = (dark, true);

    private static int Multiply(int left, int right)
    {
        var product = 0;
        for (var i = 7; i >= 0; i--)
        {
            product = (product << 1) ^ ((product >> 7) * 0x11D);
            product ^= ((right >> i) & 1) * left;
        }
        return product;
    }
}
