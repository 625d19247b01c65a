using System.Buffers.Binary;
using System.Text;

namespace Crm.Metadata;

/// <summary>What a file is, by how it begins. What its name or its sender says is only asked where the content leaves it open.</summary>
public static class FileKinds
{
    /// <summary>How much of a file is looked at.</summary>
    public const int HeadSize = 4096;

    public const string Unknown = "application/octet-stream";

    private const string Zip = "application/zip", Ole = "application/x-ole-storage", Program = "application/x-executable";

    private static readonly (byte[] Begin, int At, string Type)[] Signatures =
    [
        ([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A], 0, "image/png"), ([0xFF, 0xD8, 0xFF], 0, "image/jpeg"), ("GIF87a"u8.ToArray(), 0, "image/gif"), ("GIF89a"u8.ToArray(), 0, "image/gif"),
        ("WEBP"u8.ToArray(), 8, "image/webp"), ("BM"u8.ToArray(), 0, "image/bmp"), ("II*\0"u8.ToArray(), 0, "image/tiff"), ("MM\0*"u8.ToArray(), 0, "image/tiff"), ([0, 0, 1, 0], 0, "image/x-icon"),
        ("ftypheic"u8.ToArray(), 4, "image/heic"), ("ftypmif1"u8.ToArray(), 4, "image/heic"), ("ftypavif"u8.ToArray(), 4, "image/avif"), ("ftypqt"u8.ToArray(), 4, "video/quicktime"), ("ftypM4A"u8.ToArray(), 4, "audio/mp4"), ("ftyp"u8.ToArray(), 4, "video/mp4"),
        ("%PDF-"u8.ToArray(), 0, "application/pdf"), ("PK\x03\x04"u8.ToArray(), 0, Zip), ("PK\x05\x06"u8.ToArray(), 0, Zip), ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], 0, Ole), ([0x1F, 0x8B], 0, "application/gzip"),
        ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], 0, "application/x-7z-compressed"), ("Rar!"u8.ToArray(), 0, "application/vnd.rar"), ("ID3"u8.ToArray(), 0, "audio/mpeg"), ([0xFF, 0xFB], 0, "audio/mpeg"), ("WAVE"u8.ToArray(), 8, "audio/wav"),
        ("AVI "u8.ToArray(), 8, "video/x-msvideo"), ("OggS"u8.ToArray(), 0, "audio/ogg"), ("fLaC"u8.ToArray(), 0, "audio/flac"), ([0x1A, 0x45, 0xDF, 0xA3], 0, "video/webm"), ("{\\rtf"u8.ToArray(), 0, "application/rtf"),
        ("MZ"u8.ToArray(), 0, Program), ([0x7F, (byte)'E', (byte)'L', (byte)'F'], 0, Program), ([0xCF, 0xFA, 0xED, 0xFE], 0, Program), ([0xCA, 0xFE, 0xBA, 0xBE], 0, Program), ("#!"u8.ToArray(), 0, Program),
    ];

    private static readonly Dictionary<string, string> ByEnding = new(StringComparer.OrdinalIgnoreCase)
    {
        [".png"] = "image/png", [".jpg"] = "image/jpeg", [".jpeg"] = "image/jpeg", [".gif"] = "image/gif", [".webp"] = "image/webp", [".bmp"] = "image/bmp", [".tif"] = "image/tiff", [".tiff"] = "image/tiff", [".ico"] = "image/x-icon", [".heic"] = "image/heic", [".avif"] = "image/avif", [".svg"] = "image/svg+xml",
        [".pdf"] = "application/pdf", [".zip"] = Zip, [".gz"] = "application/gzip", [".7z"] = "application/x-7z-compressed", [".rar"] = "application/vnd.rar", [".rtf"] = "application/rtf",
        [".docx"] = "application/vnd.openxmlformats-officedocument.wordprocessingml.document", [".xlsx"] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", [".pptx"] = "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        [".odt"] = "application/vnd.oasis.opendocument.text", [".ods"] = "application/vnd.oasis.opendocument.spreadsheet", [".odp"] = "application/vnd.oasis.opendocument.presentation", [".epub"] = "application/epub+zip",
        [".doc"] = "application/msword", [".xls"] = "application/vnd.ms-excel", [".ppt"] = "application/vnd.ms-powerpoint", [".msg"] = "application/vnd.ms-outlook",
        [".mp3"] = "audio/mpeg", [".m4a"] = "audio/mp4", [".wav"] = "audio/wav", [".ogg"] = "audio/ogg", [".flac"] = "audio/flac", [".mp4"] = "video/mp4", [".mov"] = "video/quicktime", [".webm"] = "video/webm", [".avi"] = "video/x-msvideo",
        [".txt"] = "text/plain", [".md"] = "text/markdown", [".csv"] = "text/csv", [".tsv"] = "text/tab-separated-values", [".json"] = "application/json", [".xml"] = "application/xml", [".html"] = "text/html", [".htm"] = "text/html", [".vcf"] = "text/vcard", [".ics"] = "text/calendar", [".eml"] = "message/rfc822", [".log"] = "text/plain",
    };

    private static readonly HashSet<string> Programs = new(StringComparer.OrdinalIgnoreCase) { ".exe", ".dll", ".com", ".scr", ".msi", ".bat", ".cmd", ".ps1", ".vbs", ".js", ".jse", ".wsf", ".hta", ".jar", ".sh", ".lnk", ".reg", ".cpl" };

    private static readonly HashSet<string> Shown = new(StringComparer.Ordinal) { "image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/avif", "application/pdf", "text/plain" };

    private static readonly HashSet<string> Pictures = new(StringComparer.Ordinal) { "image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/avif" };

    /// <summary>The type of a content that begins with <paramref name="head"/>; null if the name promises something else.</summary>
    public static string? Detect(ReadOnlySpan<byte> head, string name)
    {
        var ending = Path.GetExtension(name);
        var promised = ByEnding.GetValueOrDefault(ending);
        var found = ByContent(head);
        if (found == Program || Programs.Contains(ending))
        {
            return Program;
        }
        if (found is Zip or Ole)
        {
            // Office documents are archives; which one is what the ending is for.
            return promised is null ? found : promised == found || promised.StartsWith("application/vnd.", StringComparison.Ordinal) || promised is "application/msword" or "application/epub+zip" ? promised : null;
        }
        if (found is not null)
        {
            return promised is null || promised == found || (IsMedia(promised) && IsMedia(found)) ? found : null;
        }
        if (!IsText(head))
        {
            return promised is null ? Unknown : null;
        }
        var text = Encoding.UTF8.GetString(head).TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
        var markup = text.StartsWith("<svg", StringComparison.OrdinalIgnoreCase) || (text.StartsWith('<') && text.Contains("<svg", StringComparison.OrdinalIgnoreCase)) ? "image/svg+xml"
            : text.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase) || text.StartsWith("<html", StringComparison.OrdinalIgnoreCase) || text.StartsWith("<script", StringComparison.OrdinalIgnoreCase) ? "text/html"
            : null;
        return markup is not null ? promised is null || promised == markup || promised is "application/xml" or "text/plain" ? markup : null
            : promised is null ? "text/plain"
            : promised.StartsWith("text/", StringComparison.Ordinal) || promised is "application/json" or "application/xml" or "image/svg+xml" or "message/rfc822" ? promised
            : head.Length == 0 ? promised : null;
    }

    /// <summary>Whether a browser may show it on our page; whatever can hold a script never is.</summary>
    public static bool MayShow(string type) => Shown.Contains(type);

    public static bool IsPicture(string type) => Pictures.Contains(type);

    public static bool IsProgram(string type) => type == Program;

    /// <summary>Whether an entry of an accept list (image/*, application/pdf, .pdf) lets a file in.</summary>
    public static bool Matches(string accept, string type, string name) => accept[0] == '.'
        ? name.EndsWith(accept, StringComparison.OrdinalIgnoreCase)
        : accept.EndsWith("/*", StringComparison.Ordinal) ? type.StartsWith(accept[..^1], StringComparison.OrdinalIgnoreCase) : string.Equals(type, accept, StringComparison.OrdinalIgnoreCase);

    /// <summary>Width and height of a picture, read from its head; null where that does not say.</summary>
    public static (int Width, int Height)? SizeOf(ReadOnlySpan<byte> head) => ByContent(head) switch
    {
        "image/png" when head.Length >= 24 => (BinaryPrimitives.ReadInt32BigEndian(head[16..]), BinaryPrimitives.ReadInt32BigEndian(head[20..])),
        "image/gif" when head.Length >= 10 => (BinaryPrimitives.ReadUInt16LittleEndian(head[6..]), BinaryPrimitives.ReadUInt16LittleEndian(head[8..])),
        "image/bmp" when head.Length >= 26 => (BinaryPrimitives.ReadInt32LittleEndian(head[18..]), Math.Abs(BinaryPrimitives.ReadInt32LittleEndian(head[22..]))),
        "image/jpeg" => JpegSize(head),
        "image/webp" => WebpSize(head),
        _ => null,
    };

    /// <summary>Sound and film share their containers.</summary>
    private static bool IsMedia(string type) => type.StartsWith("audio/", StringComparison.Ordinal) || type.StartsWith("video/", StringComparison.Ordinal);

    private static string? ByContent(ReadOnlySpan<byte> head)
    {
        foreach (var (begin, at, type) in Signatures)
        {
            if (head.Length >= at + begin.Length && head.Slice(at, begin.Length).SequenceEqual(begin) && (type != "image/bmp" || head is [_, _, _, _, _, _, 0, 0, 0, 0, ..]))
            {
                return type;
            }
        }
        return null;
    }

    private static bool IsText(ReadOnlySpan<byte> head)
    {
        foreach (var b in head)
        {
            if (b < 0x20 && b is not ((byte)'\t' or (byte)'\n' or (byte)'\r' or 0x0C or 0x1B))
            {
                return head is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..];
            }
        }
        return true;
    }

    private static (int, int)? JpegSize(ReadOnlySpan<byte> head)
    {
        for (var i = 2; i + 9 < head.Length && head[i] == 0xFF;)
        {
            var marker = head[i + 1];
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
            {
                return (BinaryPrimitives.ReadUInt16BigEndian(head[(i + 7)..]), BinaryPrimitives.ReadUInt16BigEndian(head[(i + 5)..]));
            }
            i += marker == 0xFF ? 1 : 2 + BinaryPrimitives.ReadUInt16BigEndian(head[(i + 2)..]);
        }
        return null;
    }

    private static (int, int)? WebpSize(ReadOnlySpan<byte> head) => head.Length < 30 ? null : head[12..16] switch
    {
        [(byte)'V', (byte)'P', (byte)'8', (byte)' '] => (BinaryPrimitives.ReadUInt16LittleEndian(head[26..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(head[28..]) & 0x3FFF),
        [(byte)'V', (byte)'P', (byte)'8', (byte)'L'] => (1 + (int)(BinaryPrimitives.ReadUInt32LittleEndian(head[21..]) & 0x3FFF), 1 + (int)((BinaryPrimitives.ReadUInt32LittleEndian(head[21..]) >> 14) & 0x3FFF)),
        [(byte)'V', (byte)'P', (byte)'8', (byte)'X'] => (1 + (head[24] | (head[25] << 8) | (head[26] << 16)), 1 + (head[27] | (head[28] << 8) | (head[29] << 16))),
        _ => null,
    };
}
