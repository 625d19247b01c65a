using System.Collections.Frozen;
using System.Globalization;

namespace Crm.Metadata;

/// <summary>How telephone numbers of a country are made up.</summary>
/// <param name="Region">ISO 3166 code; 001 for numbers that belong to no country.</param>
/// <param name="Code">The country's calling code, without plus.</param>
/// <param name="Trunk">What is dialled before a number at home; empty if nothing is.</param>
/// <param name="Lengths">How many digits a number has after code or trunk prefix.</param>
/// <param name="Groups">How the digits of a usual number are grouped.</param>
public sealed record PhoneRegion(string Region, string Code, string Trunk, IReadOnlySet<int> Lengths, IReadOnlyList<int> Groups);

/// <summary>The countries with telephone numbers of their own: facts of the numbering plans, in <c>regions.csv</c>.</summary>
public static class PhoneRegions
{
    private static readonly PhoneRegion[] All = [.. Read()];

    private static readonly FrozenDictionary<string, PhoneRegion> ByRegion = All.Where(r => r.Region != "001").ToFrozenDictionary(r => r.Region, StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenDictionary<string, PhoneRegion[]> Codes = All.GroupBy(r => r.Code, StringComparer.Ordinal).ToFrozenDictionary(g => g.Key, g => g.ToArray(), StringComparer.Ordinal);

    public static PhoneRegion? Find(string region) => ByRegion.GetValueOrDefault(region);

    /// <summary>The countries that share the calling code with which <paramref name="digits"/> begin; no code begins with another.</summary>
    public static IReadOnlyList<PhoneRegion> ByPrefix(string digits)
    {
        for (var length = 1; length <= 3 && length < digits.Length; length++)
        {
            if (Codes.TryGetValue(digits[..length], out var found))
            {
                return found;
            }
        }
        return [];
    }

    private static IEnumerable<PhoneRegion> Read()
    {
        using var stream = typeof(PhoneRegions).Assembly.GetManifestResourceStream("phone-regions.csv")!;
        using var reader = new StreamReader(stream);
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            var cells = line.Split(',');
            yield return new(cells[0], cells[1], cells[2], Lengths(cells[3]), cells[4].Length == 0 ? [] : [.. cells[4].Split('-').Select(Number)]);
        }
    }

    private static HashSet<int> Lengths(string text) => [.. text.Split(' ').Select(range => range.Split('-')).SelectMany(ends => Enumerable.Range(Number(ends[0]), Number(ends[^1]) - Number(ends[0]) + 1))];

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
