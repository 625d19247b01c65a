using System.Text;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Finds out in which encoding a file's text is written.</summary>
internal static class FileEncoding
{
    private const string Utf8 = "utf-8", Utf16 = "utf-16", Utf16BigEndian = "utf-16BE", Western = "windows-1252", Chinese = "gb18030";

    /// <summary>Encodings that are found out, for people to choose from.</summary>
    public static readonly IReadOnlyList<string> Known = [Utf8, Utf16, Utf16BigEndian, Western, Chinese];

    static FileEncoding() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>The text, and the name of its encoding.</summary>
    /// <param name="content">The file.</param>
    /// <param name="wanted">The encoding; found out if null or empty.</param>
    /// <exception cref="ProblemException">There is no such encoding.</exception>
    public static (string Text, string Encoding) Decode(byte[] content, string? wanted)
    {
        var name = wanted is { Length: > 0 } ? wanted : Detect(content);
        var encoding = Find(name) ?? throw new ProblemException(Problem.At("encoding", ProblemKind.Invalid, "import.encoding", name, string.Join(", ", Known)));
        return (encoding.GetString(content).TrimStart('\uFEFF'), name);
    }

    /// <summary>By its mark; else by what its bytes can be.</summary>
    public static string Detect(byte[] content) => content switch
    {
        [0xEF, 0xBB, 0xBF, ..] => Utf8,
        [0xFF, 0xFE, ..] => Utf16,
        [0xFE, 0xFF, ..] => Utf16BigEndian,
        _ => DetectUnmarked(content),
    };

    /// <summary>The encoding that is called so; null if there is none.</summary>
    public static Encoding? Find(string name)
    {
        try
        {
            return Encoding.GetEncoding(name.Trim());
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static string DetectUnmarked(byte[] content)
    {
        // ASCII in two bytes a character: every second byte is zero, and no other encoding has zeros at all.
        var (even, odd) = (0, 0);
        var sample = Math.Min(content.Length, 4_096) & ~1;
        for (var i = 0; i < sample; i += 2)
        {
            even += content[i] == 0 ? 1 : 0;
            odd += content[i + 1] == 0 ? 1 : 0;
        }
        if (even + odd > sample / 8)
        {
            return odd >= even ? Utf16 : Utf16BigEndian;
        }
        return System.Text.Unicode.Utf8.IsValid(content) ? Utf8 : IsChinese(content) ? Chinese : Western;
    }

    /// <summary>
    /// Almost any bytes are valid GB 18030; but in Chinese text they come in pairs of two high ones, while the accents of Western text stand
    /// between plain letters.
    /// </summary>
    private static bool IsChinese(byte[] content)
    {
        var (paired, alone) = (0, 0);
        for (var i = 0; i < content.Length; i++)
        {
            if (content[i] < 0x80)
            {
                continue;
            }
            if (i + 1 < content.Length && content[i] >= 0xA1 && content[i + 1] >= 0xA1)
            {
                paired++;
                i++;
            }
            else
            {
                alone++;
            }
        }
        if (paired == 0 || alone * 4 > paired)
        {
            return false;
        }
        try
        {
            Encoding.GetEncoding(Chinese, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback).GetCharCount(content);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}
