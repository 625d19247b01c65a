using System.Globalization;
using Crm.Metadata;

namespace Crm.Host.Demo;

/// <summary>Customers and opportunities in numbers that no demo needs and every installation fears: more of the same company, without what surrounds a sale.</summary>
internal sealed class DemoMultitude
{
    private const string Origin = "Made up, one of very many, to try the product with large numbers.";

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

    public IEnumerable<DemoRecord> Customers => _customers.Records(territories: null);

    /// <summary>Opportunities one after the other; none is kept.</summary>
    public IEnumerable<Record> Opportunities(Entity entity, int count)
    {
        var days = new DemoUrn<DateOnly>(_clock.Days(_clock.Start), _clock.Busyness);
        var buyers = new DemoUrn<DemoCustomer>(_customers.All, c => c.Weight);
        for (var i = 1; i <= count; i++)
        {
            var (customer, product) = (buyers.Draw(_dice), _dice.Pick(_products.All, p => p.Demand));
            var at = _dice.During(days.Draw(_dice));
            at = at < customer.At ? customer.At.AddMinutes(1) : at;
            yield return Opportunity(entity, i, customer, product, at);
        }
    }

    private Record Opportunity(Entity entity, int number, DemoCustomer customer, DemoProduct product, DateTimeOffset at)
    {
        var (stage, probability, category, _) = _dice.Pick(Stages, s => s.Weight);
        var amount = product.Price * _dice.Between(product.Least, product.Most);
        var day = DateOnly.FromDateTime(at.UtcDateTime);
        var decided = stage is "won" or "lost";
        var close = decided ? Earlier(day.AddDays(_dice.Between(5, 120)), _clock.Yesterday) : _clock.Yesterday.AddDays(_dice.Between(1, 120));
        var record = new Record(entity)
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
        foreach (var rollup in entity.OwnFields.Where(f => f.Type is RollupFieldType { Function: RollupFunction.Sum, Result: MoneyFieldType }))
        {
            record[rollup] = new Money(0, _currency) { Converted = 0 };
        }
        return record;
    }

    private static DateOnly Earlier(DateOnly left, DateOnly right) => left < right ? left : right;
}
