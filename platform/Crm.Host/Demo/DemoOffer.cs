namespace Crm.Host.Demo;

/// <summary>How the products are ordered, priced and put together: categories, price books, bundles, and what goes with what.</summary>
internal sealed class DemoOffer(DemoBook book, DemoClock clock, DemoPeople people)
{
    private static readonly (string Name, string Code, string? Parent, string[] Holds)[] Categories =
    [
        ("Instruments", "10", null, []), ("Pressure", "11", "Instruments", ["Aurora"]), ("Flow", "12", "Instruments", ["Borealis"]), ("Temperature", "13", "Instruments", ["Polaris"]), ("Level and analysis", "14", "Instruments", ["Meridian"]),
        ("Digital", "20", null, ["Zenith"]), ("Parts and services", "30", null, []), ("Spare parts", "31", "Parts and services", ["spare_part"]), ("Options", "32", "Parts and services", ["option"]), ("Services", "33", "Parts and services", ["service"]),
    ];

    /// <summary>From so many pieces on, so many percent less.</summary>
    private static readonly (decimal Quantity, decimal Less)[] Scale = [(1, 0), (10, 4), (50, 8)];

    private readonly Dictionary<string, Guid> _categories = [];

    public Guid ChinesePrices { get; private set; }

    public Guid CategoryOf(string seriesOrKind) => _categories[seriesOrKind];

    public void WriteCategories(DemoPerson manager)
    {
        var byName = new Dictionary<string, Guid>();
        foreach (var (name, code, parent, holds) in Categories)
        {
            var id = byName[name] = book.Add("product_category", people.Founded.AddHours(2), manager, ("name", name), ("code", code), ("parent", parent is null ? null : byName[parent]), ("manager", manager.Id));
            foreach (var held in holds)
            {
                _categories[held] = id;
            }
        }
    }

    public void WritePriceBooks(DemoPerson manager, Guid china)
    {
        var at = people.Founded.AddDays(3);
        ListPrices = book.Add("price_book", at, manager, ("name", "List prices"), ("standard", true), ("active", true), ("valid_from", clock.Founding), ("description", "What everybody pays who has no price book of their own."));
        PartnerPrices = book.Add("price_book", at, manager, ("name", "Partner prices"), ("parent", ListPrices), ("adjustment", -18m), ("active", true), ("valid_from", clock.Founding));
        ChinesePrices = book.Add("price_book", at, manager, ("name", "大中华区价格表"), ("parent", ListPrices), ("territory", china), ("adjustment", -6m), ("active", true), ("valid_from", clock.Founding));
        SpringOffer = book.Add("price_book", at, manager, ("name", "Calibration weeks"), ("parent", ListPrices), ("active", true), ("valid_from", clock.Today.AddDays(-40)), ("valid_to", clock.Today.AddDays(21)), ("description", "Prices for calibration and seal kits of the season."));
    }

    private Guid ListPrices { get; set; }

    private Guid PartnerPrices { get; set; }

    private Guid SpringOffer { get; set; }

    public void WritePrices(DemoPerson manager, IReadOnlyList<DemoProduct> products, IReadOnlyList<DemoPart> parts)
    {
        var at = people.Founded.AddDays(4);
        var year = new DateOnly(clock.Yesterday.Year, 1, 1);
        foreach (var product in products)
        {
            foreach (var (quantity, less) in Scale)
            {
                Entry(ListPrices, product.Id, quantity, product.Price * (100 - less) / 100, clock.Founding, null);
            }
            Entry(PartnerPrices, product.Id, 1, product.Price * 0.82m, clock.Founding, year.AddDays(-1));
            Entry(PartnerPrices, product.Id, 1, product.Price * 0.80m, year, null);
            Entry(ChinesePrices, product.Id, 1, product.Price * 0.94m, clock.Founding, null);
        }
        foreach (var part in parts)
        {
            Entry(ListPrices, part.Id, 1, part.Price, clock.Founding, null);
        }
        foreach (var part in parts.Where(p => p.Code is "NL-SP-010" or "NL-SV-020"))
        {
            Entry(SpringOffer, part.Id, 1, part.Price * 0.75m, clock.Today.AddDays(-40), clock.Today.AddDays(21));
        }

        void Entry(Guid prices, Guid product, decimal from, decimal price, DateOnly since, DateOnly? until) =>
            book.Add("price_book_entry", at, manager, ("price_book", prices), ("product", product), ("min_quantity", from), ("price", book.Money(price)), ("valid_from", since), ("valid_to", until));
    }

    public void WriteBundles(DemoPerson manager, IReadOnlyList<DemoProduct> products, IReadOnlyList<DemoPart> parts)
    {
        var at = people.Founded.AddDays(5);
        Guid Of(string code) => products.FirstOrDefault(p => p.Code == code)?.Id ?? parts.Single(p => p.Code == code).Id;
        foreach (var (name, code, price, held) in new (string, string, decimal, (string Code, string Kind, decimal Quantity, string? Group, decimal? Price)[])[]
        {
            ("Boiler house package", "NL-BD-10", 7_950, [("NL-P50", "included", 3, null, 560), ("NL-F60", "included", 1, null, 3_100), ("NL-T45", "included", 4, null, 270), ("NL-G1", "option", 1, "Connection", 1_100), ("NL-SV-010", "option", 1, "Start-up", 980), ("NL-SV-030", "option", 1, "Start-up", 590)]),
            ("水质监测成套方案", "NL-BD-20", 19_800, [("NL-A80", "included", 1, null, 13_600), ("NL-L30", "included", 2, null, 2_050), ("NL-G1", "included", 1, null, 1_100), ("NL-ZC1", "option", 1, "云服务", 2_100), ("NL-SP-050", "accessory", 1, null, 350)]),
        })
        {
            var bundle = book.Add("product", at, manager, ("name", name), ("code", code), ("kind", "bundle"), ("price", book.Money(price)), ("active", true), ("sold_in", "piece"));
            foreach (var (part, i) in held.Select((h, i) => (h, i)))
            {
                book.Add("product_component", at, manager, ("product", bundle), ("position", i + 1L), ("component", Of(part.Code)), ("kind", part.Kind), ("quantity", part.Quantity), ("group", part.Group), ("chosen", part.Kind == "included"), ("price", part.Price is { } less ? book.Money(less) : null));
            }
        }
        foreach (var (product, component, kind) in new[]
        {
            ("NL-F20", "NL-AC-010", "accessory"), ("NL-F20", "NL-F60", "alternative"), ("NL-L30", "NL-AC-010", "requires"), ("NL-A80", "NL-SP-050", "requires"), ("NL-A80", "NL-ZC1", "cross_sell"),
            ("NL-P50", "NL-D70", "alternative"), ("NL-C90", "NL-SV-020", "cross_sell"), ("NL-ZC1", "NL-G1", "requires"), ("NL-T15", "NL-T45", "cross_sell"),
        })
        {
            book.Add("product_component", at, manager, ("product", Of(product)), ("component", Of(component)), ("kind", kind), ("quantity", 1m));
        }
    }
}
