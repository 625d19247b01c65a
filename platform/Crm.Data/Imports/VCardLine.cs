using System.Text;
using Crm.Metadata;

namespace Crm.Data;

/// <summary>One line of a card or calendar, unfolded and decoded: <c>item1.TEL;TYPE=work:+49 30 1234</c>.</summary>
internal sealed class VCardLine
{
    private readonly List<(string Name, string Value)> _parameters;
    private readonly string _value;

    internal VCardLine(string name, List<(string Name, string Value)> parameters, string value) => (Name, _parameters, _value) = (name, parameters, value);

    /// <summary>In upper case, without the group before it.</summary>
    public string Name { get; }

    /// <summary>The whole value.</summary>
    public string Text => Unescape(_value);

    /// <summary>A value of several parts, such as a name or an address.</summary>
    public IReadOnlyList<string> Parts => [.. Split(_value, ';').Select(Unescape)];

    /// <summary>A list.</summary>
    public IEnumerable<string> Items => Split(_value, ',').Select(Unescape).Select(i => i.Trim()).Where(i => i.Length > 0);

    /// <summary>A parameter such as TZID or PARTSTAT, without quotes; null if it is not there.</summary>
    public string? Parameter(string name) => _parameters.Find(p => p.Name == name).Value is { } value ? value.Trim('"') : null;

    /// <summary>What is preferred comes first.</summary>
    public int Preference => HasType("PREF") ? 0 : _parameters.Find(p => p.Name == "PREF").Value is { } given && int.TryParse(given, out var order) ? order : 1000;

    public bool Is(string name, string value) => Name == name && _value.Trim().Equals(value, StringComparison.OrdinalIgnoreCase);

    public bool HasType(string type) => _parameters.Exists(p => p.Name is "TYPE" or "" && p.Value.Split(',').Any(v => v.Trim('"', ' ').Equals(type, StringComparison.OrdinalIgnoreCase)));

    /// <summary>All lines of a file with their numbers; what is no line of a card is left out.</summary>
    public static IEnumerable<(int Number, VCardLine Line)> ReadAll(byte[] content)
    {
        // Bytes as characters: each line may name a charset of its own.
        var lines = Latin1Text(content).Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var start = i;
            var line = new StringBuilder(lines[i].TrimEnd('\r'));
            var isQuotedPrintable = line.ToString().Contains("QUOTED-PRINTABLE", StringComparison.OrdinalIgnoreCase);
            while (i + 1 < lines.Length)
            {
                if (isQuotedPrintable && line is [.., '='])
                {
                    line.Length--;
                    line.Append(lines[++i].TrimEnd('\r'));
                }
                else if (lines[i + 1] is [' ' or '\t', ..])
                {
                    line.Append(lines[++i].AsSpan(1).TrimEnd('\r'));
                }
                else
                {
                    break;
                }
            }
            if (Parse(line.ToString()) is { } parsed)
            {
                yield return (start + 1, parsed);
            }
        }
    }

    private static string Latin1Text(byte[] content)
    {
        var text = content switch
        {
            [0xEF, 0xBB, 0xBF, .. var rest] => Encoding.Latin1.GetString(rest),
            [0xFF, 0xFE, .. var rest] => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(Encoding.Unicode.GetString(rest))),
            [0xFE, 0xFF, .. var rest] => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(Encoding.BigEndianUnicode.GetString(rest))),
            _ => Encoding.Latin1.GetString(content),
        };
        return text.Contains('\n', StringComparison.Ordinal) ? text : text.Replace('\r', '\n');
    }

    private static VCardLine? Parse(string line)
    {
        var colon = ValueStart(line);
        if (colon <= 0)
        {
            return null;
        }
        var head = Split(line[..colon], ';').ToList();
        var name = head[0].Trim();
        name = name[(name.LastIndexOf('.') + 1)..].ToUpperInvariant();
        var parameters = new List<(string Name, string Value)>();
        foreach (var parameter in head.Skip(1))
        {
            var equals = parameter.IndexOf('=', StringComparison.Ordinal);
            // Version 2.1 writes values alone: TEL;WORK;FAX.
            parameters.Add(equals < 0 ? ("", parameter.Trim()) : (parameter[..equals].Trim().ToUpperInvariant(), parameter[(equals + 1)..].Trim()));
        }
        return new(name, parameters, Decode(line[(colon + 1)..], parameters));
    }

    /// <summary>The colon that ends the parameters, which may hold quoted ones.</summary>
    private static int ValueStart(string line)
    {
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            quoted ^= line[i] == '"';
            if (line[i] == ':' && !quoted)
            {
                return i;
            }
        }
        return line.IndexOf(':', StringComparison.Ordinal);
    }

    private static string Decode(string value, List<(string Name, string Value)> parameters)
    {
        var isQuotedPrintable = parameters.Exists(p => p.Name is "ENCODING" or "" && p.Value.Equals("QUOTED-PRINTABLE", StringComparison.OrdinalIgnoreCase));
        var bytes = isQuotedPrintable ? QuotedPrintable(value) : Encoding.Latin1.GetBytes(value);
        // A charset that nobody knows is read as any other text.
        if (parameters.Find(p => p.Name == "CHARSET").Value is { } charset && FileEncoding.Find(charset.Trim('"')) is { } encoding)
        {
            return encoding.GetString(bytes);
        }
        return TextEncoding.Decode(bytes);
    }

    private static byte[] QuotedPrintable(string value)
    {
        var bytes = new List<byte>(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == '=' && i + 2 < value.Length && byte.TryParse(value.AsSpan(i + 1, 2), System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture, out var code))
            {
                bytes.Add(code);
                i += 2;
            }
            else
            {
                bytes.Add((byte)value[i]);
            }
        }
        return [.. bytes];
    }

    private static IEnumerable<string> Split(string value, char separator)
    {
        var (start, quoted) = (0, false);
        for (var i = 0; i < value.Length; i++)
        {
            quoted ^= value[i] == '"' && separator == ';' && value.IndexOf('=', StringComparison.Ordinal) is >= 0 and var equals && equals < i;
            if (value[i] == '\\')
            {
                i++;
            }
            else if (value[i] == separator && !quoted)
            {
                yield return value[start..i];
                start = i + 1;
            }
        }
        yield return value[start..];
    }

    private static string Unescape(string value)
    {
        if (!value.Contains('\\', StringComparison.Ordinal))
        {
            return Clean(value);
        }
        var plain = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == '\\' && i + 1 < value.Length)
            {
                i++;
                plain.Append(value[i] is 'n' or 'N' ? '\n' : value[i]);
            }
            else
            {
                plain.Append(value[i]);
            }
        }
        return Clean(plain.ToString());
    }

    /// <summary>Line ends of any kind become one kind; other control characters say nothing.</summary>
    private static string Clean(string value) => string.Concat(value.ReplaceLineEndings("\n").Where(c => c is '\n' or '\t' || !char.IsControl(c))).Trim();
}
