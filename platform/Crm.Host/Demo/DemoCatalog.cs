namespace Crm.Host.Demo;

/// <summary>A spare part or a service that goes with the instruments.</summary>
internal sealed record DemoPart(string Name, string Code, string Kind, decimal Price, string Chinese, Guid Id);

/// <summary>What surrounds the products: parts and services, rivals, regions, and what each seller should bring.</summary>
internal sealed class DemoCatalog(DemoBook book, DemoBook aside, DemoDice dice, DemoClock clock, DemoPeople people)
{
    private static readonly DemoPart[] PartRows =
    [
        new("Seal kit", "NL-SP-010", "spare_part", 48, "密封件套装", default), new("Sensor head", "NL-SP-020", "spare_part", 420, "传感器探头", default),
        new("Display module", "NL-SP-030", "spare_part", 165, "显示模块", default), new("Electronics board", "NL-SP-040", "spare_part", 690, "主板", default),
        new("Reagent set, six months", "NL-SP-050", "spare_part", 380, "试剂套装（六个月）", default), new("Mounting kit", "NL-AC-010", "option", 95, "安装套件", default),
        new("Commissioning on site, one day", "NL-SV-010", "service", 1_150, "现场调试（一天）", default), new("Calibration with certificate", "NL-SV-020", "service", 240, "校准及证书", default),
        new("Operator training, half a day", "NL-SV-030", "service", 680, "操作培训（半天）", default),
    ];

    private static readonly (string Name, string Threat, string Country, string Strengths, string Weaknesses, string Strategy)[] Rivals =
    [
        ("Meritas Process Control", "high", "Germany", "Dense network of technicians, strong in chemicals", "Slow quotations, high prices for spares", "Offer a trial unit within a week and show five-year costs."),
        ("Calvert & Roy Instruments", "medium", "United Kingdom", "Known in water utilities", "No cloud monitoring", "Bring Zenith Cloud into the first meeting."),
        ("Tessaro Misure", "low", "Italy", "Low entry prices", "Drift after two years, few certificates", "Ask for certificates and references early."),
        ("瑞测仪表", "high", "China", "价格低，交货快", "防爆认证不全，售后依赖代理", "强调认证、可追溯校准与本地服务。"),
        ("Blackfoot Automation", "medium", "United States", "Sells sensors with its own control systems", "Weak in level and analysis", "Show that the gateway works with any control system."),
    ];

    private static readonly (string Name, Market Market, string Manager, string[] Places)[] Areas =
    [
        ("United States", Market.Americas, "Tom Hargrave", ["United States"]), ("Canada", Market.Americas, "Emily Novak", ["Canada"]), ("Latin America", Market.Americas, "Luis Cabrera", ["Mexico", "Brazil"]),
        ("Germany, Austria, Switzerland", Market.Europe, "Clara Weiss", ["Germany", "Austria", "Switzerland"]), ("North", Market.Europe, "Henrik Dahl", ["Sweden", "Denmark", "Netherlands", "United Kingdom"]), ("South", Market.Europe, "Chiara Moretti", ["France", "Italy", "Spain"]),
        ("华东", Market.China, "王雨桐", ["上海", "苏州", "宁波", "杭州", "厦门"]), ("华北", Market.China, "李建华", ["青岛", "天津"]), ("中西部与华南", Market.China, "赵敏", ["成都", "武汉", "佛山", "重庆", "西安"]),
    ];

    private readonly Dictionary<string, Guid> _areas = [];
    private readonly Dictionary<(string? Person, DateOnly Quarter), Guid> _quotas = [];

    /// <summary>The smallest territory in which somebody is.</summary>
    public Guid TerritoryOf(DemoPlace place, string city) => _areas.TryGetValue(place.Country, out var area) || _areas.TryGetValue(city, out area) ? area : Territories[place.Market];

    /// <summary>What a person, or the company, should bring in a quarter.</summary>
    public Guid? QuotaOf(DemoPerson? person, DateOnly quarter) => _quotas.TryGetValue((person?.Name, quarter), out var quota) ? quota : null;

    public IReadOnlyList<DemoPart> Parts { get; private set; } = [];

    public IReadOnlyList<(string Name, Guid Id)> Competitors { get; private set; } = [];

    public IReadOnlyDictionary<Market, Guid> Territories { get; private set; } = new Dictionary<Market, Guid>();

    public void WriteTerritories()
    {
        var at = people.Founded.AddHours(6);
        var all = new Dictionary<Market, Guid>();
        foreach (var (market, name, manager) in new[] { (Market.Americas, "Americas", "Rachel Whitcombe"), (Market.Europe, "Europe", "Jonas Lindqvist"), (Market.China, "大中华区", "陈思远") })
        {
            all[market] = book.Add("territory", at, null, ("name", name), ("kind", "region"), ("manager", people.All.Single(p => p.Name == manager).Id), ("active", true));
            foreach (var seller in people.Sellers.Where(p => p.Market == market))
            {
                book.Link("territory.members", at, null, all[market], seller.Id, ("role", "seller"));
            }
        }
        Territories = all;
        foreach (var (name, market, manager, places) in Areas)
        {
            var area = aside.Add("territory", at.AddMinutes(5), null, ("name", name), ("kind", "region"), ("parent", all[market]), ("manager", people.All.Single(p => p.Name == manager).Id), ("active", true));
            foreach (var place in places)
            {
                _areas[place] = area;
            }
        }
    }

    public void Write(DemoPerson manager, DemoOffer offer)
    {
        var at = people.Founded.AddHours(7);
        Parts = [.. PartRows.Select(r => r with { Id = book.Add("product", at, manager, ("name", r.Name), ("code", r.Code), ("kind", r.Kind), ("category", offer.CategoryOf(r.Kind)), ("price", book.Money(r.Price)), ("cost", book.Money(r.Price * 0.45m)), ("active", true), ("description", r.Chinese)) })];
        Competitors = [.. Rivals.Select(r => (r.Name, book.Add("competitor", at, manager, ("name", r.Name), ("threat", r.Threat), ("country", r.Country), ("strengths", r.Strengths), ("weaknesses", r.Weaknesses), ("strategy", r.Strategy))))];
        WriteQuotas();
    }

    private void WriteQuotas()
    {
        foreach (var quarter in clock.Quarters.Where(q => q.Start >= clock.ThisQuarter.AddMonths(-12) && q.Start <= clock.ThisQuarter))
        {
            var agreed = dice.During(DemoClock.WorkingDay(Earlier(quarter.Start.AddDays(-12), clock.Yesterday.AddDays(-1))));
            var head = people.All.Single(p => p.Name == "Daniel Okafor");
            var sellers = people.Sellers.Select(p => (Person: p, Amount: decimal.Round((decimal)(p.Load * p.Skill * 190_000 * (0.9 + (0.2 * dice.Next()))) / 5_000) * 5_000)).ToList();
            var whole = _quotas[(null, quarter.Start)] = book.Add("quota", agreed, head, ("name", $"Sales {quarter.Name}"), ("scope", "unit"), ("for_unit", head.Unit.Id), ("period", "quarter"), ("period_start", quarter.Start), ("period_end", quarter.End), ("measure", "won_amount"), ("target_amount", book.Money(sellers.Sum(s => s.Amount))), ("status", "agreed"));
            foreach (var (person, amount) in sellers)
            {
                _quotas[(person.Name, quarter.Start)] = book.Add("quota", agreed, person.Manager ?? person, ("name", $"{person.Name} {quarter.Name}"), ("scope", "person"), ("user", person.Id), ("parent", whole), ("period", "quarter"), ("period_start", quarter.Start), ("period_end", quarter.End), ("measure", "won_amount"), ("target_amount", book.Money(amount)), ("status", "agreed"));
            }
        }
    }

    private static DateOnly Earlier(DateOnly left, DateOnly right) => left < right ? left : right;
}
