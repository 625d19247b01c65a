using System.Globalization;
using Crm.Metadata;

namespace Crm.Host.Demo;

/// <summary>Which pool of names people and companies of a place come from.</summary>
internal enum Tongue
{
    English, German, Romance, Northern, Chinese,
}

/// <summary>A country with the cities in which customers sit.</summary>
/// <param name="Dial">The front of its telephone numbers, taken from ranges kept for fiction where there are such.</param>
internal sealed record DemoPlace(Market Market, string Country, Tongue Tongue, string Dial, double Weight, string[] Cities);

internal static class DemoPlaces
{
    /// <summary>A number as it is stored.</summary>
    public static string Number(string front, int end) =>
        PhoneNumber.TryParse(string.Create(CultureInfo.InvariantCulture, $"{front}{end}"), region: null)?.ToE164() ?? throw new InvalidOperationException($"{front} begins no telephone number.");

    public static IReadOnlyList<DemoPlace> All { get; } =
    [
        new(Market.Americas, "United States", Tongue.English, "+1 312 555 01", 9, ["Chicago", "Houston", "Milwaukee", "Cleveland", "Charlotte", "Minneapolis", "Fresno", "Tulsa", "Pittsburgh", "Boise"]),
        new(Market.Americas, "Canada", Tongue.English, "+1 416 555 01", 2, ["Toronto", "Calgary", "Winnipeg", "Hamilton"]),
        new(Market.Americas, "Mexico", Tongue.Romance, "+52 81 5550 01", 1.6, ["Monterrey", "Querétaro", "Puebla"]),
        new(Market.Americas, "Brazil", Tongue.Romance, "+55 11 5550 01", 1.4, ["São Paulo", "Curitiba", "Joinville"]),
        new(Market.Europe, "Germany", Tongue.German, "+49 30 23125 1", 4.5, ["Stuttgart", "Köln", "Leipzig", "Bremen", "Nürnberg", "Mannheim"]),
        new(Market.Europe, "Austria", Tongue.German, "+43 1 5550 01", 1, ["Linz", "Graz"]),
        new(Market.Europe, "Switzerland", Tongue.German, "+41 44 555 01", 1, ["Basel", "Winterthur"]),
        new(Market.Europe, "United Kingdom", Tongue.English, "+44 20 7946 01", 2.4, ["Leeds", "Bristol", "Aberdeen", "Sheffield"]),
        new(Market.Europe, "France", Tongue.Romance, "+33 1 99 00 01 ", 2, ["Lyon", "Lille", "Toulouse"]),
        new(Market.Europe, "Italy", Tongue.Romance, "+39 02 5550 01", 1.6, ["Bologna", "Torino", "Brescia"]),
        new(Market.Europe, "Spain", Tongue.Romance, "+34 93 555 01", 1.2, ["Zaragoza", "Valencia"]),
        new(Market.Europe, "Sweden", Tongue.Northern, "+46 31 390 61", 1.3, ["Göteborg", "Västerås"]),
        new(Market.Europe, "Denmark", Tongue.Northern, "+45 55 50 01 ", 0.9, ["Odense", "Aarhus"]),
        new(Market.Europe, "Netherlands", Tongue.Northern, "+31 10 555 01", 1.3, ["Rotterdam", "Eindhoven"]),
        new(Market.China, "中国", Tongue.Chinese, "+86 21 5550 01", 8, ["上海", "苏州", "宁波", "杭州", "青岛", "成都", "武汉", "天津", "佛山", "重庆", "西安", "厦门"]),
    ];
}
