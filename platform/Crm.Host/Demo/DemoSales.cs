using Crm.Metadata;

namespace Crm.Host.Demo;

/// <summary>Two years of opportunities: busy and slow months, growth, sellers of different skill, sales that take longer the larger they are.</summary>
internal sealed class DemoSales(DemoDice dice, DemoClock clock, DemoCustomers customers, DemoContacts contacts, DemoProducts products, string currency)
{
    private static readonly (string Stage, decimal Probability)[] OpenStages = [("prospecting", 10), ("engaging", 25), ("proposal", 50), ("negotiation", 75)];

    private static readonly (string Reason, double Weight)[] LostReasons =
        [("price", 0.29), ("competitor", 0.24), ("no_decision", 0.16), ("no_budget", 0.12), ("timing", 0.10), ("requirements", 0.06), ("other", 0.03)];

    public IEnumerable<DemoRecord> Records(int count)
    {
        var days = new DemoUrn<DateOnly>(clock.Days(clock.Start), clock.Busyness);
        var buyers = new DemoUrn<DemoCustomer>(customers.All, c => c.Weight);
        var starts = Enumerable.Range(0, count).Select(_ => dice.During(days.Draw(dice))).Order().ToList();
        return starts.Select(at => Create(Buyer(buyers, at), at));
    }

    // Who was no customer yet cannot have asked, and who is a former customer has not asked lately.
    private DemoCustomer Buyer(DemoUrn<DemoCustomer> buyers, DateTimeOffset at)
    {
        for (var i = 0; i < 200; i++)
        {
            var customer = buyers.Draw(dice);
            if (customer.At < at && (customer.Status != "inactive" || at < new DateTimeOffset(clock.Start.AddDays(330), default, TimeSpan.Zero)))
            {
                return customer;
            }
        }
        return customers.All[0];
    }

    private DemoRecord Create(DemoCustomer customer, DateTimeOffset at)
    {
        var product = dice.Pick(products.All, p => p.Demand);
        var quantity = Math.Clamp((int)Math.Round(dice.Skewed(Math.Sqrt(product.Least * product.Most), 0.55)), product.Least, product.Most);
        var discount = dice.Chance(0.35) ? 0 : dice.Between(2, 15) / 100m;
        var amount = Math.Round(product.Price * quantity * (1 - discount) / 10) * 10;
        var values = new Dictionary<string, object?>
        {
            ["name"] = DemoWords.Title(dice, customer, product),
            ["customer"] = customer.Id,
            ["contact"] = contacts.ByCustomer[customer.Id].Where(c => c.At <= at).ToList() is { Count: > 0 } known ? dice.Pick(known).Id : null,
            ["product"] = product.Id,
            ["amount"] = new Money(amount, currency),
            ["owner"] = customer.Owner.Id,
            ["unit"] = customer.Owner.Unit.Id,
        };
        AddCourse(values, customer, product, quantity, amount, DateOnly.FromDateTime(at.UtcDateTime));
        return new("opportunity", dice.Id(at), values, at, customer.Owner.Id);
    }

    private void AddCourse(Dictionary<string, object?> values, DemoCustomer customer, DemoProduct product, int quantity, decimal amount, DateOnly start)
    {
        var length = (int)Math.Clamp(dice.Skewed(26 + (14 * Math.Log(((double)amount / 1000) + 1)), 0.5), 6, 260);
        var end = DemoClock.WorkingDay(start.AddDays(length));
        var late = end > clock.Yesterday.AddDays(-25) && dice.Chance(0.3);
        if (end > clock.Yesterday || late)
        {
            AddOpen(values, customer, start, end, (double)(clock.Yesterday.DayNumber - start.DayNumber) / length);
        }
        else
        {
            AddDecided(values, customer, start, end, length);
        }
        if (dice.Chance(0.4))
        {
            values["description"] = DemoWords.Description(dice, customer, product, quantity);
        }
    }

    private void AddOpen(Dictionary<string, object?> values, DemoCustomer customer, DateOnly start, DateOnly end, double progress)
    {
        // Not every opportunity moves as fast as its plan says.
        var (stage, probability) = OpenStages[Math.Clamp((int)(progress * (0.75 + (0.5 * dice.Next())) * OpenStages.Length), 0, OpenStages.Length - 1)];
        values["stage"] = stage;
        values["probability"] = probability;
        values["engage_date"] = stage == "prospecting" ? null : Earlier(start.AddDays(dice.Between(0, 9)), clock.Yesterday);
        values["close_date"] = end;
        values["next_step"] = dice.Chance(0.85) ? DemoWords.NextStep(dice, customer, stage) : null;
    }

    private void AddDecided(Dictionary<string, object?> values, DemoCustomer customer, DateOnly start, DateOnly end, int length)
    {
        // A prospect is one because it has not bought yet.
        var won = customer.Status != "prospect" && dice.Chance(customer.Owner.Skill);
        values["stage"] = won ? "won" : "lost";
        values["probability"] = won ? 100m : 0m;
        values["engage_date"] = start.AddDays(dice.Between(0, Math.Min(9, length - 1)));
        values["close_date"] = end;
        values["lost_reason"] = won ? null : dice.Pick(LostReasons, r => r.Weight).Reason;
    }

    private static DateOnly Earlier(DateOnly left, DateOnly right) => left < right ? left : right;
}
