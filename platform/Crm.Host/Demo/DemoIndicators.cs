namespace Crm.Host.Demo;

/// <summary>What each campaign was to bring, and what it had brought when that was last measured.</summary>
internal sealed class DemoIndicators(DemoBook book, DemoDice dice, DemoClock clock)
{
    private static readonly (string Kind, string Name, int Least, int Most)[] Kinds = [("leads", "Leads", 5, 20), ("responses", "Responses", 4, 14)];

    public void Write(IReadOnlyList<DemoCampaign> campaigns)
    {
        foreach (var campaign in campaigns.Where(c => clock.IsPast(c.Start)))
        {
            var (kind, name, least, most) = dice.Pick(Kinds);
            var (target, isOver) = (dice.Between(least, most), clock.IsPast(campaign.End));
            var actual = Math.Round(target * (isOver ? 0.7 + (0.6 * dice.Next()) : 0.25 + (0.5 * dice.Next())));
            var status = actual >= target ? "reached" : isOver ? "missed" : actual >= target * 0.5 ? "on_track" : "watch";
            var measured = isOver ? campaign.End : clock.Yesterday;
            book.Add("indicator", dice.During(measured), campaign.Owner, ("name", $"{name}: {campaign.Name}"), ("kind", kind), ("campaign", campaign.Id), ("measured_in", "number"), ("direction", "higher"), ("target", (decimal)target), ("actual", (decimal)actual), ("weight", 100m),
                ("period_start", campaign.Start), ("period_end", campaign.End), ("status", status), ("measured_on", measured), ("action", status is "watch" or "missed" ? "Call those who opened the mail and did not answer." : null));
        }
    }
}
