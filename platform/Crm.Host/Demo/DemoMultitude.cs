using System.Globalization;
using Crm.Metadata;

namespace Crm.Host.Demo;

/// <summary>Customers and opportunities in numbers that no demo needs and every installation fears: more of the same company, without what surrounds a sale.</summary>
internal sealed class DemoMultitude
{
    private const string Origin = "Made up, one of very many, to try the product with large numbers.";

    /// <summary>Whoever was no customer yet on the day buys on another.</summary>
    private const int Redraws = 20;

    private static readonly (string Stage, decimal Probability, string Category, double Weight)[] Stages =
        [("prospecting", 10, "pipeline", 0.05), ("engaging", 25, "pipeline", 0.04), ("proposal", 50, "best_case", 0.04), ("negotiation", 75, "commit", 0.03), ("won", 100, "closed", 0.48), ("lost", 0, "omitted", 0.36)];

    private readonly DemoDice _dice;
    private readonly DemoClock _clock;
    private readonly DemoProducts _products;
    private readonly DemoCustomers _customers;
    private readonly string _currency;

    /// <param name="people">The colleagues of the demo company.</param>
    /// <param name="products">Its products.</param>
    /// <param name="now">The moment of looking.</param>
    /// <param name="customers">How many further customers.</param>
    /// <param name="currency">The organisation's currency.</param>
    public DemoMultitude(DemoPeople people, DemoProducts products, DateTimeOffset now, int customers, string currency)
    {
        (_dice, _clock, _products, _currency) = (new(seed: customers), new(now), products, currency);
        _customers = new(_dice, _clock, people, customers);
    }

    public IEnumerable<DemoRecord> Customers => _customers.Records(further: null);

    /// <summary>Opportunities one after the other; none is kept.</summary>
    public IEnumerable<Record> Opportunities(Entity entity, int count)
    {
        var days = new DemoUrn<DateOnly>(_clock.Days(_clock.Start), _clock.Busyness);
        var buyers = new DemoUrn<DemoCustomer>(_customers.All, c => c.Weight);
        var products = new DemoUrn<DemoProduct>(_products.All, p => p.Demand);
        // In the order of time, in which ids and numbers grow.
        foreach (var (i, at) in Enumerable.Range(0, count).Select(_ => days.Draw(_dice)).Order().Select(_dice.During).Index())
        {
            var customer = buyers.Draw(_dice);
            for (var again = 0; again < Redraws && customer.At >= at; again++)
            {
                customer = buyers.Draw(_dice);
            }
            yield return Opportunity(entity, i + 1, customer, products.Draw(_dice), at > customer.At ? at : customer.At.AddMinutes(1));
        }
    }

    private Record Opportunity(Entity entity, int number, DemoCustomer customer, DemoProduct product, DateTimeOffset at)
    {
        var (stage, probability, category, _) = _dice.Pick(Stages, s => s.Weight);
        var amount = product.Price * _dice.Between(product.Least, product.Most);
        var day = DateOnly.FromDateTime(at.UtcDateTime);
        var decided = stage is "won" or "lost";
        var close = decided ? Earlier(day.AddDays(_dice.Between(5, 120)), _clock.Yesterday) : _clock.Yesterday.AddDays(_dice.Between(1, 120));
        return new(entity)
        {
            ["name"] = DemoWords.Title(_dice, customer, product),
            ["code"] = string.Create(CultureInfo.InvariantCulture, $"OPP-L{number:0000000}"),
            ["customer"] = customer.Id,
            ["product"] = product.Id,
            ["stage"] = stage,
            ["probability"] = probability,
            ["forecast_category"] = category,
            ["amount"] = new Money(amount, _currency) { Converted = amount },
            ["engage_date"] = day,
            ["close_date"] = close,
            ["lost_reason"] = stage == "lost" ? _dice.Pick(["price", "competitor", "no_decision", "no_budget", "timing"]) : null,
            ["description"] = Origin,
            [SystemFields.Id] = _dice.Id(at),
            [SystemFields.Version] = 1L,
            [SystemFields.Owner] = customer.Owner.Id,
            [SystemFields.Unit] = customer.Owner.Unit.Id,
            [SystemFields.CreatedAt] = at,
            [SystemFields.CreatedBy] = customer.Owner.Id,
            [SystemFields.UpdatedAt] = at,
            [SystemFields.UpdatedBy] = customer.Owner.Id,
        };
    }

    private static DateOnly Earlier(DateOnly left, DateOnly right) => left < right ? left : right;
}
