using System.Globalization;
using System.Text.RegularExpressions;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>
/// Reads business cards (vCard 2.1, 3.0 and 4.0) as rows: a card is a row, and what it says about a person stands in columns whose names
/// fields know as names or aliases, so that cards are mapped, matched and checked like any other file.
/// </summary>
internal static partial class VCardReader
{
    private static readonly string[] Fixed =
    [
        "name", "last_name", "first_name", "middle_name", "prefix", "suffix", "nickname", "company", "department", "job_title", "profession", "email", "phone", "mobile", "fax", "website",
        "street", "city", "state", "postal_code", "country", "birthday", "tags", "notes", "uid",
    ];

    /// <exception cref="ProblemException">The file holds no card.</exception>
    public static ImportTable Read(byte[] content)
    {
        var cards = new List<(int Line, Dictionary<string, string> Values)>();
        var open = new Stack<(int Line, List<VCardLine> Lines)>();
        foreach (var (number, line) in VCardLine.ReadAll(content))
        {
            if (line.Is("BEGIN", "VCARD"))
            {
                open.Push((number, []));
            }
            else if (line.Is("END", "VCARD") && open.TryPop(out var card))
            {
                // A card inside a card is somebody's agent or assistant, and somebody too.
                cards.Add((card.Line, Describe(card.Lines)));
            }
            else if (open.TryPeek(out card))
            {
                card.Lines.Add(line);
            }
        }
        while (open.TryPop(out var cut))
        {
            cards.Add((cut.Line, Describe(cut.Lines)));
        }
        return TableOf(cards);
    }

    /// <summary>Cards in one of their other notations, each as its lines.</summary>
    /// <exception cref="ProblemException">There is none.</exception>
    public static ImportTable Read(IEnumerable<List<VCardLine>> cards) => TableOf([.. cards.Select((lines, i) => (i + 1, Describe(lines)))]);

    private static ImportTable TableOf(List<(int Line, Dictionary<string, string> Values)> cards)
    {
        cards.RemoveAll(c => c.Values.Count == 0);
        if (cards.Count == 0)
        {
            throw new ProblemException(Problem.At("file", ProblemKind.Invalid, "import.vcf"));
        }
        var used = cards.SelectMany(c => c.Values.Keys).ToHashSet(StringComparer.Ordinal);
        string[] columns = [.. Fixed.Where(used.Contains), .. used.Except(Fixed).Order(StringComparer.Ordinal)];
        return new(columns, [.. cards.OrderBy(c => c.Line).Select(c => (c.Line, Array.ConvertAll(columns, name => c.Values.GetValueOrDefault(name, ""))))], ",");
    }

    private static Dictionary<string, string> Describe(List<VCardLine> lines)
    {
        var card = new Dictionary<string, string>(StringComparer.Ordinal);
        var notes = new List<string>();
        foreach (var line in lines.OrderBy(l => l.Preference))
        {
            Take(card, notes, line);
        }
        if (notes.Count > 0)
        {
            card["notes"] = string.Join('\n', notes);
        }
        string[] given = [card.GetValueOrDefault("prefix", ""), card.GetValueOrDefault("first_name", ""), card.GetValueOrDefault("middle_name", ""), card.GetValueOrDefault("last_name", ""), card.GetValueOrDefault("suffix", "")];
        var name = string.Join(' ', given.Where(g => g.Length > 0));
        string[] standIns = [name, card.GetValueOrDefault("nickname", ""), card.GetValueOrDefault("company", ""), card.GetValueOrDefault("email", ""), card.GetValueOrDefault("phone", ""), card.GetValueOrDefault("mobile", "")];
        if (!card.ContainsKey("name") && Array.Find(standIns, s => s.Length > 0) is { } standIn)
        {
            card["name"] = standIn;
        }
        return card;
    }

    private static void Take(Dictionary<string, string> card, List<string> notes, VCardLine line)
    {
        var parts = line.Parts;
        switch (line.Name)
        {
            case "FN": Add(card, "name", line.Text); break;
            case "N":
                foreach (var (column, i) in new[] { "last_name", "first_name", "middle_name", "prefix", "suffix" }.Select((c, i) => (c, i)))
                {
                    Add(card, column, parts.ElementAtOrDefault(i));
                }
                break;
            case "NICKNAME": Add(card, "nickname", line.Text); break;
            case "ORG":
                Add(card, "company", parts.ElementAtOrDefault(0));
                Add(card, "department", string.Join(", ", parts.Skip(1).Where(p => p.Length > 0)));
                break;
            case "TITLE": Add(card, "job_title", line.Text); break;
            case "ROLE": Add(card, "profession", line.Text); break;
            case "EMAIL" when line.Text.Contains('@', StringComparison.Ordinal): Number(card, notes, line, "email", StripScheme(line.Text, "mailto:")); break;
            case "TEL" when line.Text.Count(char.IsAsciiDigit) >= 3: Number(card, notes, line, PhoneColumn(line), Phone(line.Text)); break;
            case "EMAIL" or "TEL" when line.Text.Length > 0: notes.Add($"{line.Name}: {line.Text}"); break;
            case "URL": Number(card, notes, line, "website", line.Text); break;
            case "ADR" when parts.Any(p => p.Length > 0): Address(card, parts); break;
            case "BDAY" when Day(line.Text) is { } day: Add(card, "birthday", day); break;
            case "BDAY" when line.Text.Length > 0: notes.Add($"{line.Name}: {line.Text}"); break;
            case "CATEGORIES": Add(card, "tags", string.Join(", ", line.Items)); break;
            case "NOTE" when line.Text.Length > 0: notes.Add(line.Text); break;
            case "UID": Add(card, "uid", line.Text); break;
        }
    }

    private static void Add(Dictionary<string, string> card, string column, string? text)
    {
        if (text?.Trim() is { Length: > 0 } trimmed)
        {
            card.TryAdd(column, trimmed);
        }
    }

    /// <summary>The first goes into the column itself, the others into columns with a number; as hardly anything has room for those, the notes have them too.</summary>
    private static void Number(Dictionary<string, string> card, List<string> notes, VCardLine line, string column, string text)
    {
        var trimmed = text.Trim();
        for (var i = 1; trimmed.Length > 0; i++)
        {
            var name = i == 1 ? column : string.Create(CultureInfo.InvariantCulture, $"{column} {i}");
            if (card.TryAdd(name, trimmed))
            {
                if (i > 1)
                {
                    notes.Add($"{line.Name}: {trimmed}");
                }
                return;
            }
            if (card[name] == trimmed)
            {
                return;
            }
        }
    }

    private static string PhoneColumn(VCardLine line) =>
        line.HasType("FAX") ? "fax" : line.HasType("CELL") || line.HasType("IPHONE") ? "mobile" : "phone";

    /// <summary>Version 4 writes numbers as addresses: <c>tel:+1-418-656-9254;ext=102</c>.</summary>
    private static string Phone(string text) => StripScheme(text, "tel:").Replace(";ext=", " ext ", StringComparison.OrdinalIgnoreCase);

    private static string StripScheme(string text, string scheme) => text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) ? text[scheme.Length..] : text;

    private static void Address(Dictionary<string, string> card, IReadOnlyList<string> parts)
    {
        var prefix = card.ContainsKey("street") || card.ContainsKey("city") ? "other_" : "";
        // What is no country that anybody knows is part of where to find the place.
        var country = parts.ElementAtOrDefault(6)?.ReplaceLineEndings(" ").Trim() ?? "";
        var isKnown = AddressFormat.CountryOf(country) is not null;
        string[] lines = [.. parts.Take(3), .. isKnown ? Array.Empty<string>() : [country]];
        Add(card, prefix + "street", string.Join(", ", lines.Select(p => p.Trim().TrimEnd(',')).Where(p => p.Length > 0)).ReplaceLineEndings(", "));
        foreach (var (column, i) in new[] { "city", "state", "postal_code" }.Select((c, i) => (c, i + 3)))
        {
            Add(card, prefix + column, parts.ElementAtOrDefault(i)?.ReplaceLineEndings(" "));
        }
        Add(card, prefix + "country", isKnown ? country : null);
    }

    /// <summary>A whole day; null where the year is missing or it is told in words.</summary>
    private static string? Day(string text) => BasicDay().Match(text) is { Success: true } day ? $"{day.Groups["y"].Value}-{day.Groups["m"].Value}-{day.Groups["d"].Value}" is var iso && DateOnly.TryParse(iso, CultureInfo.InvariantCulture, out _) ? iso : null : null;

    [GeneratedRegex(@"^(?<y>\d{4})-?(?<m>\d\d)-?(?<d>\d\d)(T.*)?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex BasicDay();
}
