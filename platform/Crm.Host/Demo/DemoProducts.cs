using Crm.Metadata;

namespace Crm.Host.Demo;

/// <summary>An instrument.</summary>
/// <param name="Plural">How an opportunity names it.</param>
/// <param name="Most">The largest usual quantity in one sale.</param>
/// <param name="Demand">How often it is asked for, compared with the others.</param>
internal sealed record DemoProduct(string Name, string Code, string Series, decimal Price, string Plural, string Chinese, int Least, int Most, double Demand, string Description, Guid Id);

/// <summary>What the company makes: twelve products in five series.</summary>
internal sealed class DemoProducts
{
    private static readonly DemoProduct[] Rows =
    [
        new("Aurora P10 pressure sensor", "NL-P10", "Aurora", 185, "Pressure sensors", "压力传感器", 20, 180, 1.4, "Ceramic cell, 0 to 40 bar, IP67.", default),
        new("Aurora P50 pressure transmitter", "NL-P50", "Aurora", 640, "Pressure transmitters", "压力变送器", 8, 60, 1.3, "Gauge and absolute pressure with HART, explosion-proof.", default),
        new("Aurora D70 differential pressure transmitter", "NL-D70", "Aurora", 1_150, "Differential pressure transmitters", "差压变送器", 4, 30, 0.9, "For filters, vessels and orifice plates.", default),
        new("Borealis F20 electromagnetic flow meter", "NL-F20", "Borealis", 1_890, "Flow meters", "电磁流量计", 3, 20, 1.3, "Conductive liquids, DN 10 to DN 300, hygienic versions.", default),
        new("Borealis F60 ultrasonic flow meter", "NL-F60", "Borealis", 3_450, "Ultrasonic flow meters", "超声波流量计", 2, 12, 0.8, "Clamp-on, no process shutdown.", default),
        new("Borealis C90 Coriolis flow meter", "NL-C90", "Borealis", 8_900, "Coriolis flow meters", "科里奥利质量流量计", 1, 6, 0.6, "Mass flow and density for custody transfer.", default),
        new("Polaris T15 temperature probe", "NL-T15", "Polaris", 95, "Temperature probes", "温度探头", 40, 320, 1.0, "Pt100, hygienic or threaded, ready in five days.", default),
        new("Polaris T45 temperature transmitter", "NL-T45", "Polaris", 310, "Temperature transmitters", "温度变送器", 12, 90, 0.9, "Head or rail mounting, two sensors, drift alarm.", default),
        new("Meridian L30 radar level meter", "NL-L30", "Meridian", 2_280, "Radar level meters", "雷达液位计", 2, 16, 1.1, "80 GHz, liquids and solids, set up by phone.", default),
        new("Meridian A80 water quality analyser", "NL-A80", "Meridian", 14_500, "Water quality analysers", "水质分析仪", 1, 4, 0.5, "Turbidity, chlorine, pH and conductivity in one cabinet.", default),
        new("Zenith G1 field gateway", "NL-G1", "Zenith", 1_250, "Field gateways", "现场数据网关", 2, 15, 0.7, "Brings up to 64 instruments into any control system.", default),
        new("Zenith Cloud monitoring, one year", "NL-ZC1", "Zenith", 2_400, "Condition monitoring", "云监测服务", 1, 10, 0.6, "Alarms, calibration calendar and reports for one site.", default),
    ];

    private readonly DateTimeOffset _listed;
    private readonly DateOnly _today;

    public DemoProducts(DemoDice dice, DemoClock clock)
    {
        _listed = new(clock.Founding, new TimeOnly(12, 0), TimeSpan.Zero);
        _today = clock.Today;
        All = [.. Rows.Select(r => r with { Id = dice.Id(_listed) })];
    }

    public IReadOnlyList<DemoProduct> All { get; }

    public IEnumerable<DemoRecord> Records(DemoPerson manager, string currency, DemoOffer offer) => All.Select(p => new DemoRecord("product", p.Id, new Dictionary<string, object?>
    {
        ["name"] = p.Name,
        ["code"] = p.Code,
        ["series"] = p.Series,
        ["kind"] = p.Code == "NL-ZC1" ? "service" : "product",
        ["category"] = offer.CategoryOf(p.Series),
        ["price"] = new Money(p.Price, currency),
        ["min_price"] = new Money(decimal.Round(p.Price * 0.85m, 2), currency),
        ["in_stock"] = p.Series == "Zenith" ? null : (decimal)(p.Most / 2),
        ["reorder_level"] = p.Series == "Zenith" ? null : (decimal)(p.Code is "NL-F60" or "NL-L30" ? p.Most : p.Least),
        ["cost"] = new Money(decimal.Round(p.Price * 0.52m, 2), currency),
        ["warranty_months"] = p.Code == "NL-ZC1" ? null : 24L,
        ["active"] = true,
        ["on_sale_until"] = p.Code == "NL-D70" ? _today.AddDays(80) : null,
        ["description"] = p.Description,
        ["owner"] = manager.Id,
        ["unit"] = manager.Unit.Id,
    }, _listed, manager.Id));
}
