namespace Crm.Host.Demo;

/// <summary>Companies that sell our products, put them into their plants, or work for us.</summary>
internal sealed class DemoPartners(DemoBook book, DemoClock clock, DemoPeople people, DemoCatalog catalog)
{
    /// <summary>Of so many sales one goes through a partner.</summary>
    private const int SalesPerPartnerSale = 11;

    private static readonly (string Name, string Kind, string Tier, string Status, Market Market, string Manager, decimal Target, int Ends)[] Rows =
    [
        ("Cascade Controls", "reseller", "gold", "active", Market.Americas, "Tom Hargrave", 240_000, 410), ("Prairie Instrument Supply", "distributor", "silver", "active", Market.Americas, "Luis Cabrera", 150_000, 54),
        ("Messwerk Partner GmbH", "integrator", "platinum", "active", Market.Europe, "Clara Weiss", 320_000, 290), ("Nordisk Automasjon", "reseller", "silver", "active", Market.Europe, "Henrik Dahl", 120_000, 71),
        ("华测自动化工程有限公司", "integrator", "gold", "active", Market.China, "王雨桐", 260_000, 330), ("东方仪表经销有限公司", "distributor", "registered", "applied", Market.China, "李建华", 0, 365),
        ("Lighthouse Advertising", "supplier", "registered", "active", Market.None, "Ben Castellano", 0, 200), ("Good Things Trading", "supplier", "registered", "active", Market.None, "Sofia Brunner", 0, 120),
    ];

    private readonly List<(Market Market, Guid Id)> _selling = [];

    public Guid Agency { get; private set; }

    public void Write()
    {
        foreach (var (name, kind, tier, status, market, manager, target, ends) in Rows)
        {
            var owner = people.All.Single(p => p.Name == manager);
            var host = market == Market.China ? $"partner{_selling.Count}" : name.Split(' ')[0].ToLowerInvariant();
            var id = book.Add("partner", people.Founded.AddDays(20), owner, ("name", name), ("kind", kind), ("tier", tier), ("status", status), ("territory", market == Market.None ? null : catalog.Territories[market]), ("email", $"office@{host}.example"), ("website", $"https://www.{host}.example"),
                ("commission", kind is "reseller" or "integrator" ? 8m : null), ("discount", kind == "distributor" ? 22m : kind == "supplier" ? null : 12m), ("agreement_start", clock.Founding.AddDays(30)), ("agreement_end", clock.Today.AddDays(ends)), ("target", target == 0 ? null : book.Money(target)));
            if (kind != "supplier" && status == "active")
            {
                _selling.Add((market, id));
            }
            else if (kind == "supplier" && Agency == default)
            {
                Agency = id;
            }
        }
    }

    /// <summary>The partner through whom a sale is made; most are made without one.</summary>
    public Guid? Of(DemoCustomer customer, int sale)
    {
        var near = _selling.Where(p => p.Market == customer.Place.Market).ToList();
        return near.Count > 0 && sale % SalesPerPartnerSale == 3 ? near[sale / SalesPerPartnerSale % near.Count].Id : null;
    }
}
