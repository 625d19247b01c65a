
namespace Crm.Data;

/// <summary>The lines of cards and calendars: at most 75 bytes each, longer ones are folded, never inside a character.</summary>
internal static class TextLines
{
    private const int MaxBytes = 75;

    public static void Write(TextWriter text, string line)
    {
        var bytes = 0;
        foreach (var rune in line.EnumerateRunes())
        {
            if (bytes + rune.Utf8SequenceLength > MaxBytes)
            {
                text.Write("\r\n ");
                bytes = 1;
            }
            text.Write(rune.ToString());
            bytes += rune.Utf8SequenceLength;
        }
        text.Write("\r\n");
    }
}
