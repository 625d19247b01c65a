using System.Globalization;
using System.Text;
using Crm.Metadata;
using Crm.Tests.Databases;
using Crm.Ui.Fields;
using Shouldly;
using Xunit;

namespace Crm.Tests.Ui;

/// <summary>Codes that scanners have to read, against vectors of the standards and by reading them back.</summary>
[NoDatabase]
public sealed class BarcodeTests
{
    [Fact]
    public void A_code_128_has_its_start_its_check_and_its_stop()
    {
        var bars = Bits(Code128.Of("Wikipedia")!);

        bars.Length.ShouldBe((11 * 11) + 13);
        bars[..11].ShouldBe("11010010000");
        // The check symbol of this text is 88.
        bars[110..121].ShouldBe("11110010010");
        bars[121..].ShouldBe("1100011101011");
    }

    [Theory]
    [InlineData("123456", "105,12,34,56")]
    [InlineData("12", "105,12")]
    [InlineData("A12", "104,33,17,18")]
    [InlineData("AB123456", "104,33,34,99,12,34,56")]
    [InlineData("AB1234567", "104,33,34,17,99,23,45,67")]
    [InlineData("123456A", "105,12,34,56,100,33")]
    [InlineData("12345", "105,12,34,100,21")]
    public void Digits_are_taken_in_pairs_where_that_is_shorter(string text, string symbols) =>
        string.Join(',', Code128.Symbols(text)).ShouldBe(symbols);

    [Fact]
    public void A_text_beyond_the_code_draws_nothing()
    {
        BarcodeBars.Of(BarcodeKind.Code128, "中").ShouldBeNull();
        BarcodeBars.Of(BarcodeKind.Code128, "").ShouldBeNull();
        QrCode.Of("").ShouldBeNull();
        QrCode.Of(new string('x', 2_332)).ShouldBeNull();
    }

    [Fact]
    public void Words_are_corrected_as_the_standard_says() =>
        QrCode.Correct([32, 91, 11, 120, 209, 114, 220, 77, 67, 64, 236, 17, 236, 17, 236, 17], 10).ShouldBe([196, 35, 39, 119, 235, 215, 231, 226, 93, 23]);

    [Fact]
    public void Format_and_version_are_told_as_the_standard_says()
    {
        Convert.ToString(QrCode.Format(0), 2).ShouldBe("101010000010010");
        Convert.ToString(QrCode.Format(5), 2).ShouldBe("100000011001110");
        Convert.ToString(QrCode.VersionWord(7), 2).PadLeft(18, '0').ShouldBe("000111110010010100");
    }

    [Theory]
    [InlineData("https://example.com/客户", 25)]
    [InlineData("A", 21)]
    [InlineData("😀 שלום", 21)]
    public void A_small_qr_code_reads_back(string text, int size)
    {
        var code = QrCode.Of(text)!;

        code.Size.ShouldBe(size);
        Read(code).ShouldBe(text);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(700)]
    [InlineData(1_000)]
    [InlineData(2_331)]
    public void A_large_qr_code_of_several_blocks_reads_back(int length)
    {
        var text = string.Concat(Enumerable.Range(0, length).Select(i => (char)('!' + (i * 7 % 90))));

        Read(QrCode.Of(text)!).ShouldBe(text);
    }

    private static string Bits(IReadOnlyList<bool> bars) => string.Concat(bars.Select(b => b ? '1' : '0'));

    /// <summary>What a scanner does: format, mask, words in their order, blocks, bytes.</summary>
    private static string Read(QrCode code)
    {
        var version = (code.Size - 17) / 4;
        var format = 0;
        int[][] places = [[0, 8], [1, 8], [2, 8], [3, 8], [4, 8], [5, 8], [7, 8], [8, 8], [8, 7], [8, 5], [8, 4], [8, 3], [8, 2], [8, 1], [8, 0]];
        for (var i = 0; i < 15; i++)
        {
            format |= code[places[i][0], places[i][1]] ? 1 << i : 0;
        }
        var mask = Enumerable.Range(0, 8).Single(m => QrCode.Format(m) == format);
        var bits = new List<bool>();
        for (int right = code.Size - 1, turn = 0; right > 0; right -= 2, turn++)
        {
            right -= right == 6 ? 1 : 0;
            for (var step = 0; step < code.Size; step++)
            {
                var row = turn % 2 == 0 ? code.Size - 1 - step : step;
                for (var column = right; column > right - 2; column--)
                {
                    if (!IsPattern(version, code.Size, row, column))
                    {
                        bits.Add(code[row, column] ^ QrCode.IsTurned(mask, row, column));
                    }
                }
            }
        }
        var words = bits.Chunk(8).Where(b => b.Length == 8).Select(b => Convert.ToByte(Bits(b), 2)).ToArray();
        var data = Deal(words, version);
        var all = string.Concat(data.Select(b => Convert.ToString(b, 2).PadLeft(8, '0')));
        all[..4].ShouldBe("0100");
        var wide = version < 10 ? 8 : 16;
        var length = Convert.ToInt32(all.Substring(4, wide), 2);
        return Encoding.UTF8.GetString([.. Enumerable.Range(0, length).Select(i => Convert.ToByte(all.Substring(4 + wide + (8 * i), 8), 2))]);
    }

    /// <summary>The blocks back in one piece; every block's correction must fit it.</summary>
    private static List<byte> Deal(byte[] words, int version)
    {
        // Of the versions tried: words of correction in a block, number of blocks.
        var (correction, count) = version switch { 1 => (10, 1), 2 => (16, 1), 3 => (26, 1), 9 => (22, 5), 10 => (26, 5), 11 => (30, 5), 20 => (26, 16), 21 => (26, 17), 24 => (28, 20), 25 => (28, 21), 26 => (28, 23), 40 => (28, 49), _ => throw new InvalidOperationException(version.ToString(CultureInfo.InvariantCulture)) };
        var (shorter, longer) = ((words.Length / count) - correction, words.Length % count);
        var blocks = Enumerable.Range(0, count).Select(_ => new List<byte>()).ToList();
        var at = 0;
        for (var i = 0; i <= shorter; i++)
        {
            for (var b = 0; b < count; b++)
            {
                if (i < shorter || b >= count - longer)
                {
                    blocks[b].Add(words[at++]);
                }
            }
        }
        var data = blocks.SelectMany(b => b).ToList();
        var checks = Enumerable.Range(0, count).Select(b => Enumerable.Range(0, correction).Select(i => words[at + (i * count) + b]).ToArray()).ToList();
        for (var b = 0; b < count; b++)
        {
            QrCode.Correct(blocks[b].ToArray(), correction).ShouldBe(checks[b]);
        }
        return data;
    }

    private static bool IsPattern(int version, int size, int row, int column)
    {
        if (row == 6 || column == 6 || (row < 9 && column < 9) || (row < 9 && column >= size - 8) || (row >= size - 8 && column < 9))
        {
            return true;
        }
        if (version >= 7 && ((row < 6 && column >= size - 11) || (column < 6 && row >= size - 11)))
        {
            return true;
        }
        var centres = Aligned[version];
        return centres.Any(r => centres.Any(c => Math.Abs(r - row) <= 2 && Math.Abs(c - column) <= 2
            && !((r == 6 && c == 6) || (r == 6 && c == centres[^1]) || (r == centres[^1] && c == 6))));
    }

    /// <summary>Table E.1 of the standard, of the versions tried.</summary>
    private static readonly Dictionary<int, int[]> Aligned = new()
    {
        [1] = [], [2] = [6, 18], [3] = [6, 22], [9] = [6, 26, 46], [10] = [6, 28, 50], [11] = [6, 30, 54], [20] = [6, 34, 62, 90], [21] = [6, 28, 50, 72, 94],
        [24] = [6, 28, 54, 80, 106], [25] = [6, 32, 58, 84, 110], [26] = [6, 30, 58, 86, 114], [40] = [6, 30, 58, 86, 114, 142, 170],
    };
}
