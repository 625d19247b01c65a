namespace Crm.Host.Demo;

/// <summary>
/// A made-up maker of measuring instruments with its people, customers, campaigns, sales and service of two years, so that a newcomer
/// sees the product at work. The same day always gives the same company; every record comes after those it points to.
/// </summary>
public static class DemoCompany
{
    private const int Seed = 20_260_117, CustomerCount = 160, ContactCount = 320, OpportunityCount = 1_000, RequestCount = 420, LeadCount = 220;

    /// <summary>The people to whom a demo gives accounts.</summary>
    public static IReadOnlyList<DemoSignIn> SignIns { get; } =
    [
        new("Margaret Ellison", DemoPeople.GeneralManager, "administrator"),
        new("Jonas Lindqvist", DemoPeople.SalesManager, "sales_manager"),
        new("Clara Weiss", DemoPeople.Seller, "seller"),
        new("Priya Raman", DemoPeople.MarketingManager, "marketing_manager"),
        new("Gloria Santos", DemoPeople.ServiceManager, "service_manager"),
    ];

    /// <param name="now">The moment of looking; only its day (in UTC) matters.</param>
    /// <param name="scale">How many customers, contacts and opportunities, compared with the usual; people and products stay.</param>
    /// <param name="currency">The organisation's currency.</param>
    /// <param name="further">The currencies in which amounts may be besides; those of the product if null.</param>
    public static IReadOnlyList<DemoRecord> Records(DateTimeOffset now, double scale = 1, string currency = "USD", IReadOnlyCollection<string>? further = null)
    {
        var dice = new DemoDice(Seed);
        var clock = new DemoClock(now);
        var people = new DemoPeople(dice, clock);
        var products = new DemoProducts(dice, clock);
        var customers = new DemoCustomers(dice, clock, people, Scaled(CustomerCount, scale));
        var contacts = new DemoContacts(dice, clock, customers.All, Scaled(ContactCount, scale));
        var book = new DemoBook(dice, currency);
        var manager = people.Of("ingrid.solheim@demo.example");
        // What surrounds the story is rolled with dice of its own, so that the story stays the same when there is more around it.
        var more = new DemoDice(Seed + 1);
        var aside = new DemoBook(more, currency);
        var currencies = new DemoCurrencies(currency, further ?? ["EUR", "GBP", "CNY", "JPY", "CHF"]);
        // Rates come before all amounts.
        var money = new DemoDice(Seed + 2);
        var rates = new DemoBook(money, currency);
        currencies.Write(rates, money, clock, people.Founded);
        book.Join(rates);
        var organisation = new DemoOrganisation(book, dice, clock, people);
        var catalog = new DemoCatalog(book, aside, dice, clock, people);
        var offer = new DemoOffer(aside, clock, people);
        var partners = new DemoPartners(aside, clock, people, catalog);
        var marketing = new DemoMarketing(book, aside, dice, clock, people, contacts);
        var sales = new DemoSales(book, dice, clock, customers, contacts, products, catalog, partners, marketing, people, currencies);
        // The dice are shared, so the parts are always rolled in this order, and once.
        book.AddRange(people.Records());
        people.WriteHeads(book);
        organisation.Write();
        catalog.WriteTerritories();
        offer.WriteCategories(manager);
        offer.WritePriceBooks(manager, catalog.Territories[Market.China]);
        partners.Write();
        book.AddRange(products.Records(manager, currency, offer));
        catalog.Write(manager, offer);
        book.AddRange(customers.Records(customer => DealingsWith(customer, catalog, offer, organisation)));
        book.AddRange(contacts.Records());
        marketing.Write();
        sales.Write(Scaled(OpportunityCount, scale));
        marketing.WriteMembers(sales.All);
        new DemoLeads(book, dice, clock, people, marketing, catalog, organisation).Write(Scaled(LeadCount, scale));
        var service = new DemoService(book, dice, clock, people, catalog, organisation, contacts);
        service.Write(sales.All, Scaled(RequestCount, scale));
        new DemoInteractions(book, dice, clock, people, contacts).Write(sales.All);
        new DemoIndicators(book, dice, clock).Write(marketing.Campaigns);
        new DemoSegments(book, clock, people).Write();
        offer.WritePrices(manager, products.All, catalog.Parts);
        offer.WriteBundles(manager, products.All, catalog.Parts);
        new DemoMedia(aside, more, clock, people, partners).Write(marketing.Campaigns);
        new DemoSeminars(aside, more, clock, people, contacts).Write();
        new DemoForecasts(aside, more, clock, people, catalog).Write(sales.All);
        new DemoReturns(aside, more, clock).Write(sales.All);
        new DemoTies(aside, more, clock, people, catalog, contacts).Write(sales.All, marketing.Campaigns, service.Requests, products.All);
        new DemoPapers(aside, more, clock, people).Write(sales.Contracts);
        new DemoPromises(aside, clock, people, organisation, service).Write();
        new DemoScores(aside, more, clock, people, products).Write(sales.All);
        book.Join(aside);
        return [.. book.Records];
    }

    /// <summary>Further customers and opportunities of the same company.</summary>
    internal static DemoMultitude Multitude(DateTimeOffset now, int customers, string currency)
    {
        // The same dice as for the company itself, so that they are the same people and products.
        var (dice, clock) = (new DemoDice(Seed), new DemoClock(now));
        var people = new DemoPeople(dice, clock);
        return new(people, new DemoProducts(dice, clock), now, customers, currency);
    }

    /// <summary>How a customer is looked after and what it pays.</summary>
    private static Dictionary<string, object?> DealingsWith(DemoCustomer customer, DemoCatalog catalog, DemoOffer offer, DemoOrganisation organisation) => new()
    {
        ["territory"] = catalog.TerritoryOf(customer.Place, customer.City),
        ["price_book"] = customer.Place.Market == Market.China ? offer.ChinesePrices : null,
        ["team"] = customer.Employees > 4_000 ? organisation.TeamOf("Key accounts") : customer.Industry.Value == "water" ? organisation.TeamOf("Water and environment") : null,
        ["churn_risk"] = DemoScores.RiskOf(customer),
    };

    private static int Scaled(int count, double scale) => Math.Max(1, (int)Math.Round(count * scale));
}
