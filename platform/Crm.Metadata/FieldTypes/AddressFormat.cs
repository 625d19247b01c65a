using System.Collections.Frozen;

namespace Crm.Metadata;

/// <summary>In which order an address is written where it is; names of countries.</summary>
public static class AddressFormat
{
    /// <summary>Countries in which the post code follows the city: "London SW1A 1AA".</summary>
    private static readonly HashSet<string> CodeLast = ["GB", "IE", "US", "CA", "AU", "NZ", "IN", "ZA", "SG", "TH", "ID", "PK", "BR", "MX"];

    /// <summary>Countries in which the region stands beside the city.</summary>
    private static readonly HashSet<string> WithRegion = ["US", "CA", "AU", "IN", "BR", "MX", "IT", "ES"];

    /// <summary>Countries in which the largest comes first.</summary>
    private static readonly HashSet<string> LargestFirst = ["CN", "JP", "TW", "KR"];

    /// <summary>Code to names in English and Chinese, as ISO 3166 and Unicode's CLDR have them.</summary>
    private static readonly FrozenDictionary<string, Label> Names = Read().ToFrozenDictionary(c => c.Code, c => Label.Of(c.English, c.Chinese), StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, string> ByName = Names
        .SelectMany(c => c.Value.ByLanguage.Values.Append(c.Key).Select(name => (Folding.Fold(name), c.Key)))
        .Concat([("usa", "US"), ("uk", "GB"), ("great britain", "GB"), ("england", "GB"), ("korea", "KR"), ("deutschland", "DE"), ("schweiz", "CH"), ("osterreich", "AT"), ("espana", "ES"), ("italia", "IT")])
        .GroupBy(n => n.Item1, n => n.Item2).ToFrozenDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);

    /// <summary>Every country by its code, in the order of the codes.</summary>
    public static IReadOnlyList<string> Countries { get; } = [.. Names.Keys.Order(StringComparer.Ordinal)];

    public static bool IsCountry(string code) => Names.ContainsKey(code);

    /// <summary>The code of a country that is named by code or name; null for an unknown one.</summary>
    public static string? CountryOf(string text) => ByName.GetValueOrDefault(Folding.Fold(text.Trim()));

    /// <summary>The country's name in the language of the current user interface culture; its code if there is no such country.</summary>
    public static string NameOf(string code) => Names.GetValueOrDefault(code)?.ToString() ?? code;

    /// <summary>The lines of an address as they stand on a letter.</summary>
    /// <param name="address">The address.</param>
    /// <param name="fullNames">Whether the country stands there by its name, for people, and not by its code.</param>
    public static IEnumerable<string> Lines(Address address, bool fullNames)
    {
        var code = address.Country ?? "";
        var street = address.Street?.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        var name = address.Country is { } country && fullNames ? NameOf(country) : address.Country;
        if (LargestFirst.Contains(code))
        {
            return new[] { name, Join(address.PostalCode, Join(address.Region, address.City)) }.Concat(street).OfType<string>().Where(l => l.Length > 0);
        }
        var city = CodeLast.Contains(code)
            ? Join(Join(address.City, WithRegion.Contains(code) ? address.Region : null, code is "US" or "CA" ? ", " : " "), address.PostalCode)
            : Join(address.PostalCode, Join(address.City, WithRegion.Contains(code) ? address.Region : null));
        return street.Append(city).Append(WithRegion.Contains(code) ? null : address.Region).Append(name).OfType<string>().Where(l => l.Length > 0);
    }

    /// <summary>An address out of one text: country, post code and city where they are plain to see; the rest is street.</summary>
    internal static Address Read(string text)
    {
        var parts = text.ReplaceLineEndings("\n").Split([',', '\n', '，'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToList();
        string? country = null, city = null, postal = null;
        // A lone word is a town: "Berlin" would otherwise be searched among countries first.
        if (parts.Count > 1 && CountryOf(parts[^1]) is { } last)
        {
            (country, _) = (last, parts.Remove(parts[^1]));
        }
        else if (parts.Count > 1 && CountryOf(parts[0]) is { } first && LargestFirst.Contains(first))
        {
            country = first;
            parts.RemoveAt(0);
        }
        if (parts.Count > 0)
        {
            var at = country is not null && LargestFirst.Contains(country) ? 0 : parts.Count - 1;
            var words = parts[at].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var isCode = (string w) => w.Any(char.IsAsciiDigit);
            if (words.Length > 1 && isCode(words[0]))
            {
                (postal, city) = (words[0], string.Join(' ', words.Skip(1)));
            }
            else if (words.Length > 1 && isCode(words[^1]))
            {
                var from = Array.FindIndex(words, w => isCode(w) && w.Length >= 2);
                (city, postal) = (string.Join(' ', words.Take(from)), string.Join(' ', words.Skip(from)));
            }
            else
            {
                city = parts[at];
            }
            parts.RemoveAt(at);
        }
        return new(parts.Count == 0 ? null : string.Join('\n', parts), postal, city, null, country);
    }

    private static IEnumerable<(string Code, string English, string Chinese)> Read()
    {
        using var reader = new StreamReader(typeof(AddressFormat).Assembly.GetManifestResourceStream("countries.csv")!);
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            var cells = line.Split(';');
            yield return (cells[0], cells[1], cells[2]);
        }
    }

    private static string Join(string? left, string? right, string glue = " ") => string.IsNullOrEmpty(left) ? right ?? "" : string.IsNullOrEmpty(right) ? left : left + glue + right;
}
