using Crm.Metadata;

namespace Crm.Ui.Fields;

/// <summary>Which modules of a linear code are dark: the EAN and UPC codes (ISO/IEC 15420), and Code 128.</summary>
public static class BarcodeBars
{
    private static readonly string[] Left = ["0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011"];

    /// <summary>Which of the six left digits are drawn mirrored; it says the thirteenth.</summary>
    private static readonly string[] Mirrored = ["000000", "001011", "001101", "001110", "010011", "011001", "011100", "010101", "010110", "011010"];

    public static IReadOnlyList<bool>? Of(BarcodeKind kind, string? text) => (kind, text?.Length) switch
    {
        (BarcodeKind.Ean13, 13) => Draw(text!.AsSpan(1, 6), text.AsSpan(7), Mirrored[text[0] - '0']),
        (BarcodeKind.UpcA, 12) => Draw(text!.AsSpan(0, 6), text.AsSpan(6), Mirrored[0]),
        (BarcodeKind.Ean8, 8) => Draw(text!.AsSpan(0, 4), text.AsSpan(4), Mirrored[0]),
        (BarcodeKind.Code128, _) => Code128.Of(text),
        _ => null,
    };

    private static List<bool> Draw(ReadOnlySpan<char> left, ReadOnlySpan<char> right, string mirrored)
    {
        var modules = new List<bool>(95);
        Add("101");
        for (var i = 0; i < left.Length; i++)
        {
            // The mirrored form is that of the right half read backwards.
            var code = Left[left[i] - '0'];
            Add(mirrored[i] == '0' ? code : string.Concat(code.Reverse().Select(m => m == '0' ? '1' : '0')));
        }
        Add("01010");
        foreach (var digit in right)
        {
            Add(string.Concat(Left[digit - '0'].Select(m => m == '0' ? '1' : '0')));
        }
        Add("101");
        return modules;

        void Add(string pattern) => modules.AddRange(pattern.Select(m => m == '1'));
    }
}
