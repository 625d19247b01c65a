using System.Text;

namespace Crm.Host.Demo;

/// <summary>A customer.</summary>
/// <param name="Short">The name as colleagues say it, without the legal form.</param>
/// <param name="Status">prospect, active or inactive.</param>
/// <param name="Host">Host of the web site and the addresses.</param>
/// <param name="Weight">How much it buys, compared with the others.</param>
internal sealed record DemoCustomer(string Name, string Short, string Host, string Status, DemoPlace Place, string City, DemoIndustry Industry,
    DemoPerson Owner, DemoCustomer? Parent, int Employees, double Weight, DateTimeOffset At, Guid Id);

/// <summary>The companies that buy or might: three markets, many branches, some of them subsidiaries of others.</summary>
internal sealed class DemoCustomers
{
    private static readonly (Market Market, double Share)[] Markets = [(Market.Americas, 0.38), (Market.Europe, 0.38), (Market.China, 0.24)];

    private readonly DateOnly _lost;
    private readonly DemoDice _dice;
    private readonly HashSet<string> _names = [];
    private readonly HashSet<string> _hosts = [];

    public DemoCustomers(DemoDice dice, DemoClock clock, DemoPeople people, int count)
    {
        _dice = dice;
        var customers = new List<DemoCustomer>(count);
        // Most customers were there when the two years of opportunities began; the rest came since.
        var days = Enumerable.Range(0, count)
            .Select(i => i == 0 || dice.Chance(0.62) ? clock.Founding.AddDays(dice.Between(1, 360)) : clock.Start.AddDays(dice.Between(0, 690)))
            .Select(DemoClock.WorkingDay).Order().ToList();
        foreach (var day in days)
        {
            var market = dice.Pick(Markets, m => m.Share).Market;
            var owner = dice.Pick(people.Sellers.Where(p => p.Market == market).ToList(), p => p.Load);
            var at = dice.During(day);
            var parent = dice.Chance(0.09) && customers.FindLast(c => c.Place.Market == market && c.Parent is null && c.Employees > 500) is { } found ? found : null;
            customers.Add(parent is null ? Independent(market, owner, at) : Subsidiary(parent, owner, at));
        }
        All = customers;
        _lost = clock.Start.AddDays(360);
    }

    public IReadOnlyList<DemoCustomer> All { get; }

    /// <param name="further">What else is known of a customer.</param>
    public IEnumerable<DemoRecord> Records(Func<DemoCustomer, IReadOnlyDictionary<string, object?>>? further) => All.Select((c, i) => new DemoRecord("customer", c.Id, new Dictionary<string, object?>(further?.Invoke(c) ?? new Dictionary<string, object?>())
    {
        ["name"] = c.Name,
        ["status"] = c.Status,
        ["industry"] = c.Industry.Value,
        ["website"] = "https://www." + c.Host,
        ["phone"] = DemoPlaces.Number(c.Place.Dial, _dice.Between(10, 99)),
        ["email"] = "info@" + c.Host,
        ["country"] = c.Place.Country,
        ["city"] = c.City,
        ["parent"] = c.Parent?.Id,
        ["annual_revenue"] = Math.Round((decimal)(c.Employees * c.Industry.Revenue * (0.7 + (0.6 * _dice.Next()))), 1),
        ["employees"] = (long)c.Employees,
        ["year_established"] = (long)Math.Clamp(c.At.Year - (int)_dice.Skewed(c.Place.Market == Market.China ? 19 : 38, 0.6), 1868, c.At.Year - 3),
        ["tier"] = c.Employees switch { > 4_000 => "key", > 900 => "a", > 250 => "b", _ => "c" },
        ["source"] = _dice.Pick(["referral", "web", "seminar", "cold_call", "partner", "inbound_call"]),
        ["payment_terms"] = "net30",
        ["credit_grade"] = _dice.Pick(["aaa", "aa", "a", "a", "b", "c"]),
        ["churned_on"] = c.Status == "inactive" ? _lost.AddDays(27 * i % 365) : null,
        ["churn_reason"] = c.Status == "inactive" ? _dice.Pick(["price", "competitor", "no_need"]) : null,
        ["owner"] = c.Owner.Id,
        ["unit"] = c.Owner.Unit.Id,
    }, c.At, c.Owner.Id));

    private DemoCustomer Independent(Market market, DemoPerson owner, DateTimeOffset at)
    {
        var place = _dice.Pick(DemoPlaces.All.Where(p => p.Market == market).ToList(), p => p.Weight);
        var industry = _dice.Pick(DemoIndustries.All, i => i.Weight);
        var city = _dice.Pick(place.Cities);
        var (name, said, host) = Unique(() => place.Tongue == Tongue.Chinese ? ChineseName(industry, city) : WesternName(place, industry));
        return Create(name, said, UniqueHost(host), place, city, industry, owner, null, Size(industry), at);
    }

    private DemoCustomer Subsidiary(DemoCustomer parent, DemoPerson owner, DateTimeOffset at)
    {
        var place = _dice.Pick(DemoPlaces.All.Where(p => p.Market == parent.Place.Market).ToList());
        var city = _dice.Pick(place.Cities);
        var said = place.Tongue == Tongue.Chinese ? $"{parent.Short}（{city}）" : $"{parent.Short} {city}";
        var (name, unique, host) = Unique(() => (place.Tongue == Tongue.Chinese ? said + "有限公司" : said, said, parent.Host));
        return Create(name, unique, host, place, city, parent.Industry, owner, parent, Math.Max(30, parent.Employees / 4), at);
    }

    private DemoCustomer Create(string name, string said, string host, DemoPlace place, string city, DemoIndustry industry, DemoPerson owner, DemoCustomer? parent, int employees, DateTimeOffset at)
    {
        var status = _dice.Next() switch { < 0.20 => "prospect", < 0.28 => "inactive", _ => "active" };
        var weight = Math.Sqrt(employees) * (status switch { "prospect" => 0.4, "inactive" => 0.5, _ => 1 });
        return new(name, said, host, status, place, city, industry, owner, parent, employees, weight, at, _dice.Id(at));
    }

    private int Size(DemoIndustry industry)
    {
        var exact = Math.Clamp(_dice.Skewed(industry.Employees, 0.95), 18, 24_000);
        var step = exact < 100 ? 1 : exact < 1_000 ? 5 : 50;
        return (int)(exact / step) * step;
    }

    private (string Name, string Short, string Host) WesternName(DemoPlace place, DemoIndustry industry)
    {
        var said = $"{_dice.Pick(DemoNames.Stems[place.Tongue])} {_dice.Pick(industry.Names)}";
        var form = place.Country switch { "Germany" or "Austria" => " GmbH", "Switzerland" => " AG", "France" or "Mexico" or "Spain" => " S.A.", "Italy" => " S.p.A.", "Sweden" => " AB", "Denmark" => " A/S", "Netherlands" => " B.V.", "United Kingdom" => " Ltd", _ => "" };
        return (said + form, said, Slug(said) + ".example");
    }

    private (string Name, string Short, string Host) ChineseName(DemoIndustry industry, string city)
    {
        var (han, latin) = _dice.Pick(DemoNames.ChineseStems);
        var said = han + industry.Chinese;
        return ($"{city}{said}{(_dice.Chance(0.2) ? "股份" : "")}有限公司", said, $"{latin}-{industry.Value}.example");
    }

    // A name that is taken is drawn again; where the pools run dry, a number tells namesakes apart.
    private (string Name, string Short, string Host) Unique(Func<(string Name, string Short, string Host)> draw)
    {
        var (name, said, host) = draw();
        for (var i = 0; i < 40 && _names.Contains(said); i++)
        {
            (name, said, host) = draw();
        }
        for (var i = 2; !_names.Add(said); i++)
        {
            said = $"{said.Split(" #")[0]} #{i}";
            name = $"{name.Split(" #")[0]} #{i}";
        }
        return (name, said, host);
    }

    private string UniqueHost(string host)
    {
        var free = host;
        for (var i = 2; !_hosts.Add(free); i++)
        {
            free = $"{i}-{host}";
        }
        return free;
    }

    private static string Slug(string name)
    {
        var plain = name.Replace("ü", "ue", StringComparison.Ordinal).Replace("ö", "oe", StringComparison.Ordinal).Normalize(NormalizationForm.FormD);
        return new([.. plain.Where(c => char.IsAsciiLetterOrDigit(c) || c == ' ').Select(c => c == ' ' ? '-' : char.ToLowerInvariant(c))]);
    }
}
