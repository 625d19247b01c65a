namespace Crm.Host.Demo;

/// <summary>Where in the world a customer or a seller is; sellers look after customers of their own market.</summary>
internal enum Market
{
    None, Americas, Europe, China,
}

internal sealed record DemoUnit(string Key, string Name, string Kind, string? Parent, string Location, Guid Id)
{
    public string TimeZone => Location switch { "Hamburg" => "Europe/Berlin", "Shanghai" => "Asia/Shanghai", _ => "America/Los_Angeles" };
}

/// <summary>A colleague.</summary>
/// <param name="Skill">Share of the decided opportunities that this person wins.</param>
/// <param name="Load">How many customers this person looks after, compared with the others.</param>
internal sealed record DemoPerson(string Name, string Email, string Title, DemoUnit Unit, DemoPerson? Manager, bool IsHead, Market Market, double Skill, double Load, Guid Id)
{
    public bool SpeaksChinese => Name[0] > 0x2E80;
}

/// <summary>The ten units of the company and the forty people in them.</summary>
internal sealed class DemoPeople
{
    public const string GeneralManager = "margaret.ellison@demo.example", SalesManager = "jonas.lindqvist@demo.example", Seller = "clara.weiss@demo.example",
        MarketingManager = "priya.raman@demo.example", ServiceManager = "gloria.santos@demo.example";

    private static readonly (string Key, string Name, string Kind, string? Parent, string Location)[] UnitRows =
    [
        ("company", "Northlight Instruments", "company", null, "Portland"),
        ("sales", "Sales", "department", "company", "Portland"),
        ("americas", "Sales Americas", "region", "sales", "Portland"),
        ("europe", "Sales Europe", "region", "sales", "Hamburg"),
        ("china", "Sales Greater China", "region", "sales", "Shanghai"),
        ("marketing", "Marketing", "department", "company", "Portland"),
        ("products", "Products and Applications", "department", "company", "Hamburg"),
        ("service", "Customer Service", "department", "company", "Portland"),
        ("desk", "Service Desk", "department", "service", "Portland"),
        ("field", "Field Service", "department", "service", "Hamburg"),
    ];

    // Heads stand before those who report to them.
    private static readonly (string Name, string Mailbox, string Title, string Unit, string? Manager, bool Head, double Skill, double Load)[] PeopleRows =
    [
        ("Margaret Ellison", "margaret.ellison", "General Manager", "company", null, true, 0, 0),
        ("Daniel Okafor", "daniel.okafor", "Vice President Sales", "sales", "margaret.ellison", true, 0, 0),
        ("Rachel Whitcombe", "rachel.whitcombe", "Sales Manager Americas", "americas", "daniel.okafor", true, 0.66, 0.4),
        ("Jonas Lindqvist", "jonas.lindqvist", "Sales Manager Europe", "europe", "daniel.okafor", true, 0.68, 0.4),
        ("陈思远", "siyuan.chen", "大中华区销售总监", "china", "daniel.okafor", true, 0.70, 0.5),
        ("Priya Raman", "priya.raman", "Head of Marketing", "marketing", "margaret.ellison", true, 0, 0),
        ("Matthias Brandt", "matthias.brandt", "Head of Products", "products", "margaret.ellison", true, 0, 0),
        ("Gloria Santos", "gloria.santos", "Head of Customer Service", "service", "margaret.ellison", true, 0, 0),
        ("Nadia Petersen", "nadia.petersen", "Service Desk Lead", "desk", "gloria.santos", true, 0, 0),
        ("Wolfgang Reuter", "wolfgang.reuter", "Field Service Lead", "field", "gloria.santos", true, 0, 0),
        ("Tom Hargrave", "tom.hargrave", "Senior Account Manager", "americas", "rachel.whitcombe", false, 0.71, 1.3),
        ("Luis Cabrera", "luis.cabrera", "Account Manager", "americas", "rachel.whitcombe", false, 0.60, 0.9),
        ("Emily Novak", "emily.novak", "Account Manager", "americas", "rachel.whitcombe", false, 0.57, 1.0),
        ("Marcus Bell", "marcus.bell", "Account Manager", "americas", "rachel.whitcombe", false, 0.47, 1.0),
        ("Clara Weiss", "clara.weiss", "Senior Account Manager", "europe", "jonas.lindqvist", false, 0.72, 1.2),
        ("Henrik Dahl", "henrik.dahl", "Account Manager", "europe", "jonas.lindqvist", false, 0.62, 0.9),
        ("Chiara Moretti", "chiara.moretti", "Account Manager", "europe", "jonas.lindqvist", false, 0.58, 1.0),
        ("Oliver Pryce", "oliver.pryce", "Account Manager", "europe", "jonas.lindqvist", false, 0.52, 1.0),
        ("王雨桐", "yutong.wang", "大客户经理", "china", "siyuan.chen", false, 0.69, 1.2),
        ("李建华", "jianhua.li", "客户经理", "china", "siyuan.chen", false, 0.61, 1.0),
        ("赵敏", "min.zhao", "客户经理", "china", "siyuan.chen", false, 0.50, 0.9),
        ("Hannah Schreiber", "hannah.schreiber", "Sales Operations Analyst", "sales", "daniel.okafor", false, 0, 0),
        ("Samuel Adeyemi", "samuel.adeyemi", "Inside Sales Representative", "sales", "daniel.okafor", false, 0, 0),
        ("Ben Castellano", "ben.castellano", "Campaign Manager", "marketing", "priya.raman", false, 0, 0),
        ("Sofia Brunner", "sofia.brunner", "Event Manager", "marketing", "priya.raman", false, 0, 0),
        ("刘佳宁", "jianing.liu", "市场专员", "marketing", "priya.raman", false, 0, 0),
        ("Kevin Doyle", "kevin.doyle", "Digital Marketing Specialist", "marketing", "priya.raman", false, 0, 0),
        ("Ingrid Solheim", "ingrid.solheim", "Product Manager", "products", "matthias.brandt", false, 0, 0),
        ("周子涵", "zihan.zhou", "应用工程师", "products", "matthias.brandt", false, 0, 0),
        ("Felix Amsler", "felix.amsler", "Applications Engineer", "products", "matthias.brandt", false, 0, 0),
        ("Aaron Delgado", "aaron.delgado", "Service Coordinator", "desk", "nadia.petersen", false, 0, 0),
        ("Yvonne Clarke", "yvonne.clarke", "Service Agent", "desk", "nadia.petersen", false, 0, 0),
        ("Peter Lindgren", "peter.lindgren", "Service Agent", "desk", "nadia.petersen", false, 0, 0),
        ("黄晓雯", "xiaowen.huang", "客服专员", "desk", "nadia.petersen", false, 0, 0),
        ("Marta Kowalska", "marta.kowalska", "Knowledge Editor", "desk", "nadia.petersen", false, 0, 0),
        ("Stefan Vogel", "stefan.vogel", "Service Technician", "field", "wolfgang.reuter", false, 0, 0),
        ("Joao Ferreira", "joao.ferreira", "Service Technician", "field", "wolfgang.reuter", false, 0, 0),
        ("Grant Mitchell", "grant.mitchell", "Service Technician", "field", "wolfgang.reuter", false, 0, 0),
        ("Dana Whitfield", "dana.whitfield", "Calibration Technician", "field", "wolfgang.reuter", false, 0, 0),
        ("吴志强", "zhiqiang.wu", "维修工程师", "field", "wolfgang.reuter", false, 0, 0),
    ];

    public DemoPeople(DemoDice dice, DemoClock clock)
    {
        Founded = new(clock.Founding, new TimeOnly(8, 0), TimeSpan.Zero);
        Units = [.. UnitRows.Select(r => new DemoUnit(r.Key, r.Name, r.Kind, r.Parent, r.Location, dice.Id(Founded)))];
        var people = new List<DemoPerson>();
        foreach (var (name, mailbox, title, unit, manager, head, skill, load) in PeopleRows)
        {
            var market = Enum.TryParse<Market>(unit, ignoreCase: true, out var found) ? found : Market.None;
            people.Add(new(name, mailbox + "@demo.example", title, Units.Single(u => u.Key == unit),
                people.Find(p => p.Email == manager + "@demo.example"), head, market, skill, load, dice.Id(Founded.AddMinutes(people.Count + 1))));
        }
        All = people;
        Sellers = [.. people.Where(p => p.Load > 0)];
        Agents = [.. people.Where(p => p.Unit.Key == "desk")];
        Technicians = [.. people.Where(p => p.Unit.Key == "field")];
        Marketers = [.. people.Where(p => p.Unit.Key == "marketing")];
    }

    public DateTimeOffset Founded { get; }

    public IReadOnlyList<DemoUnit> Units { get; }

    public IReadOnlyList<DemoPerson> All { get; }

    public IReadOnlyList<DemoPerson> Sellers { get; }

    public IReadOnlyList<DemoPerson> Agents { get; }

    public IReadOnlyList<DemoPerson> Technicians { get; }

    public IReadOnlyList<DemoPerson> Marketers { get; }

    public DemoPerson Of(string email) => All.Single(p => p.Email == email);

    public IEnumerable<DemoRecord> Records()
    {
        foreach (var unit in Units)
        {
            var parent = Units.FirstOrDefault(u => u.Key == unit.Parent)?.Id;
            yield return new("unit", unit.Id, new Dictionary<string, object?> { ["name"] = unit.Name, ["kind"] = unit.Kind, ["parent"] = parent, ["location"] = unit.Location }, Founded, null);
        }
        foreach (var (person, i) in All.Select((p, i) => (p, i)))
        {
            yield return new("user", person.Id, Values(person, i), Founded.AddMinutes(i + 1), null);
        }
    }

    /// <summary>A unit and its head point at each other: who heads it is known once both are there.</summary>
    public void WriteHeads(DemoBook book)
    {
        foreach (var head in All.Where(p => p.IsHead))
        {
            book.Later("unit", head.Unit.Id, Founded.AddHours(1), null, ("head", head.Id));
        }
    }

    private static Dictionary<string, object?> Values(DemoPerson person, int i) => new()
    {
        ["name"] = person.Name,
        ["email"] = person.Email,
        ["title"] = person.Title,
        ["phone"] = DemoPlaces.Number(person.Unit.Location switch { "Hamburg" => "+49 40 66969 1", "Shanghai" => "+86 21 5550 01", _ => "+1 503 555 01" }, i + 10),
        ["manager"] = person.Manager?.Id,
        ["unit"] = person.Unit.Id,
        ["language"] = person.Market == Market.China || person.SpeaksChinese ? "zh-CN" : "en",
        ["time_zone"] = person.SpeaksChinese ? "Asia/Shanghai" : person.Unit.TimeZone,
        ["capacity"] = person.Unit.Key is "desk" or "field" ? 20L : null,
        ["capacity_per_day"] = person.Unit.Key is "desk" or "field" ? 8L : null,
        ["active"] = true,
        ["administrator"] = person.Email == GeneralManager,
    };
}
