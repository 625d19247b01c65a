using Crm.Metadata;

namespace Crm.Host.Demo;

/// <summary>What rules expect of customers: who may leave, what they are worth, what they may buy next.</summary>
internal sealed class DemoScores(DemoBook book, DemoDice dice, DemoClock clock, DemoPeople people, DemoProducts products)
{
    private const string Model = "Purchases and requests, edition 1";

    private static readonly (string English, string Chinese)[] Reasons =
        [("No order for 300 days; the last quote was refused for its price.", "300天未下单，上次报价因价格被拒。"), ("Three complaints within a year, one still open.", "一年内三次投诉，其中一次未结。"), ("The buyer who knew us has left.", "熟悉我们的采购已离职。"), ("Orders are half of last year's.", "订单额仅为去年一半。")];

    /// <summary>How likely a customer leaves, in percent; always the same for the same customer.</summary>
    public static decimal? RiskOf(DemoCustomer customer)
    {
        var draw = customer.Name.Sum(c => c * 31) % 100;
        return customer.Status == "active" ? draw * draw / 100 : null;
    }

    public void Write(IReadOnlyList<DemoSale> sales)
    {
        var at = dice.During(clock.Yesterday);
        var analyst = people.All.Single(p => p.Name == "Hannah Schreiber");
        var won = sales.Where(s => s.Stage == "won").ToLookup(s => s.Customer);
        foreach (var customer in sales.Select(s => s.Customer).Distinct().Where(c => RiskOf(c) is not null))
        {
            var (risk, chinese) = (RiskOf(customer)!.Value, customer.Place.Tongue == Tongue.Chinese);
            var band = risk >= 60 ? "high" : risk >= 30 ? "medium" : "low";
            Score(customer, "churn", ("value", risk), ("band", band), ("reasons", band == "low" ? null : dice.Say(chinese, Reasons)), ("action", band == "high" ? chinese ? "两周内由客户经理拜访。" : "Visit by the account manager within two weeks." : null));
            if (won[customer].Any())
            {
                Score(customer, "lifetime_value", ("amount", book.Money(won[customer].Sum(s => s.Worth) * 2.5m)), ("band", null));
                var bought = won[customer].Select(s => s.Product.Id).ToHashSet();
                if (dice.Chance(0.35) && products.All.Where(p => !bought.Contains(p.Id)).ToList() is { Count: > 0 } others)
                {
                    var next = dice.Pick(others, p => p.Demand);
                    Score(customer, "next_product", ("product", next.Id), ("value", (decimal)dice.Between(35, 88)), ("reasons", chinese ? $"同行业客户常在购买现有产品后采购{next.Chinese}。" : $"Customers of this industry often buy {next.Name} after what they have."));
                }
            }
        }

        void Score(DemoCustomer customer, string kind, params ReadOnlySpan<(string, object?)> values) =>
            book.Add("score", at, analyst, [("subject", new Reference("customer", customer.Id)), ("kind", kind), ("model", Model), ("computed_at", at), ("valid_until", clock.Today.AddDays(30)), ("current", true), .. values]);
    }
}
