namespace Crm.Host.Demo;

/// <summary>
/// A made-up maker of measuring instruments with its people, customers and two years of sales, so that a newcomer sees the product
/// at work. The same day always gives the same company; every record comes after those it points to.
/// </summary>
public static class DemoCompany
{
    private const int Seed = 20_260_117, CustomerCount = 160, ContactCount = 320, OpportunityCount = 1_400;

    /// <summary>The people to whom a demo gives accounts.</summary>
    public static IReadOnlyList<DemoSignIn> SignIns { get; } =
    [
        new("Margaret Ellison", DemoPeople.GeneralManager, "administrator"),
        new("Jonas Lindqvist", DemoPeople.SalesManager, "sales_manager"),
        new("Clara Weiss", DemoPeople.Seller, "seller"),
    ];

    /// <param name="now">The moment of looking; only its day (in UTC) matters.</param>
    /// <param name="scale">How many customers, contacts and opportunities, compared with the usual; people and products stay.</param>
    /// <param name="currency">The organisation's currency, in which all amounts are.</param>
    public static IReadOnlyList<DemoRecord> Records(DateTimeOffset now, double scale = 1, string currency = "USD")
    {
        var dice = new DemoDice(Seed);
        var clock = new DemoClock(now);
        var people = new DemoPeople(dice, clock);
        var products = new DemoProducts(dice, clock);
        var customers = new DemoCustomers(dice, clock, people, Scaled(CustomerCount, scale));
        var contacts = new DemoContacts(dice, clock, customers.All, Scaled(ContactCount, scale));
        var sales = new DemoSales(dice, clock, customers, contacts, products, currency);
        // The dice are shared, so the parts are always rolled in this order, and once.
        return
        [
            .. people.Records(),
            .. products.Records(people.Of("ingrid.solheim@demo.example"), currency),
            .. customers.Records(),
            .. contacts.Records(),
            .. sales.Records(Scaled(OpportunityCount, scale)),
        ];
    }

    private static int Scaled(int count, double scale) => Math.Max(1, (int)Math.Round(count * scale));
}
