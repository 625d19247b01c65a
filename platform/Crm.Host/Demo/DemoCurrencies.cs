namespace Crm.Host.Demo;

/// <summary>
/// In which currencies the demo company is paid: it counts in the organisation's, and what it offers these days to customers of the euro area and of China is in theirs.
/// </summary>
/// <param name="home">The organisation's currency.</param>
/// <param name="further">The currencies in which amounts may be besides.</param>
internal sealed class DemoCurrencies(string home, IReadOnlyCollection<string> further)
{
    private const string Dollar = "USD";

    private static readonly HashSet<string> EuroArea = ["Germany", "Austria", "France", "Italy", "Spain", "Netherlands"];

    /// <summary>What one unit is worth in US dollars, about which it sways from month to month, and the digits that are kept of it.</summary>
    private static readonly (string Currency, decimal Rate, decimal Sway, int Digits)[] Rates =
        [("EUR", 1.08m, 0.03m, 4), ("CNY", 0.138m, 0.002m, 5), ("GBP", 1.27m, 0.03m, 4), ("JPY", 0.0066m, 0.0002m, 6), ("CHF", 1.13m, 0.02m, 4)];

    public string Home => home;

    /// <summary>The currency in which a customer is made an offer now.</summary>
    public string Of(DemoCustomer customer)
    {
        var own = customer.Place.Market == Market.China ? "CNY" : EuroArea.Contains(customer.Place.Country) ? "EUR" : home;
        return home == Dollar && further.Contains(own) ? own : home;
    }

    /// <summary>What costs so much in the organisation's currency costs there, in whole units.</summary>
    public decimal PriceIn(string currency, decimal price) =>
        currency == home ? price : decimal.Round(price / Rates.Single(r => r.Currency == currency).Rate);

    /// <summary>A rate for each month, from the first day of the one in which the history begins.</summary>
    public void Write(DemoBook book, DemoDice dice, DemoClock clock, DateTimeOffset at)
    {
        foreach (var (currency, rate, sway, digits) in home == Dollar ? Rates.Where(r => further.Contains(r.Currency)) : [])
        {
            for (var month = new DateOnly(clock.Start.Year, clock.Start.Month, 1); month <= clock.Yesterday; month = month.AddMonths(1))
            {
                book.Add("exchange_rate", at, null, ("currency", currency), ("date", month), ("rate", decimal.Round(rate + (sway * (decimal)((2 * dice.Next()) - 1)), digits)));
            }
        }
    }
}
