using Crm.Metadata;

namespace Crm.Host.Demo;

/// <summary>What was offered, as one line of an opportunity, a quote and an order.</summary>
internal sealed record DemoLine(Guid Product, string Text, int Quantity, decimal Price, decimal Discount)
{
    public decimal Amount => decimal.Round(Price * Quantity * (1 - (Discount / 100)), 2);
}

/// <summary>An opportunity, as what follows from it needs to know it.</summary>
/// <param name="Close">When it was decided, or is expected to be.</param>
/// <param name="Order">The order that came of it, if it was won.</param>
/// <param name="Currency">The currency of its prices.</param>
/// <param name="Worth">What it comes to in the organisation's currency.</param>
internal sealed record DemoSale(Guid Id, string Title, DemoCustomer Customer, DemoContact? Contact, DemoProduct Product, IReadOnlyList<DemoLine> Lines, string Stage, DateTimeOffset At, DateOnly Close, DemoCampaign? Campaign, Guid? Lead, Guid? Order, string Currency, decimal Worth)
{
    /// <summary>What it comes to in its own currency.</summary>
    public decimal Amount => Lines.Sum(l => l.Amount);

    /// <summary>An amount in its currency.</summary>
    public Money Money(decimal amount) => new(decimal.Round(amount, 2), Currency);

    public bool IsOpen => Stage is not ("won" or "lost");

    public bool SpeaksChinese => Customer.Place.Tongue == Tongue.Chinese;
}
