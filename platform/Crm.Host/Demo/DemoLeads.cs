namespace Crm.Host.Demo;

/// <summary>People who asked and are no customers: some are being worked on, some came to nothing.</summary>
internal sealed class DemoLeads(DemoBook book, DemoDice dice, DemoClock clock, DemoPeople people, DemoMarketing marketing, DemoCatalog catalog, DemoOrganisation organisation)
{
    private static readonly (string Reason, double Weight)[] Reasons = [("no_interest", 0.25), ("not_reached", 0.22), ("no_budget", 0.2), ("competitor", 0.13), ("not_target", 0.12), ("duplicate", 0.08)];

    public void Write(int count)
    {
        var days = new DemoUrn<DateOnly>(clock.Days(clock.Yesterday.AddDays(-300)), clock.Busyness);
        foreach (var at in Enumerable.Range(0, count).Select(_ => dice.During(days.Draw(dice))).Order().ToList())
        {
            Write(at);
        }
    }

    private void Write(DateTimeOffset at)
    {
        var place = dice.Pick(DemoPlaces.All, p => p.Weight);
        var chinese = place.Tongue == Tongue.Chinese;
        var owner = dice.Pick(people.Sellers.Where(p => p.Market == place.Market).ToList(), p => p.Load);
        var industry = dice.Pick(DemoIndustries.All, i => i.Weight);
        var age = clock.Yesterday.DayNumber - DateOnly.FromDateTime(at.UtcDateTime).DayNumber;
        var status = age < 3 ? "new" : age < 40 ? dice.Pick(["assigned", "working", "working", "nurturing", "qualified"]) : dice.Pick(["disqualified", "disqualified", "nurturing", "recycled"]);
        var running = marketing.Campaigns.Where(c => c.Start.ToDateTime(default) < at.UtcDateTime && at.UtcDateTime < c.End.AddDays(30).ToDateTime(default)).ToList();
        var campaign = running.Count > 0 && dice.Chance(0.6) ? dice.Pick(running) : null;
        var city = dice.Pick(place.Cities);
        var (name, company, mail) = chinese ? Chinese(industry, city) : Western(place, industry);
        book.Add("lead", at, owner,
            ("name", name), ("company", company), ("owner", status is "new" or "recycled" ? organisation.TeamOf("Tender desk") : null), ("status", status), ("rating", dice.Pick(["hot", "warm", "warm", "cold", "cold"])), ("score", (long)dice.Between(8, 82)), ("source", campaign is null ? dice.Pick(["web", "inbound_call", "referral", "business_card"]) : "campaign"), ("campaign", campaign?.Id), ("email", mail), ("phone", DemoPlaces.Number(place.Dial, dice.Between(10, 99))), ("country", place.Country), ("city", city), ("industry", industry.Value), ("employees", (long)dice.Skewed(industry.Employees, 0.9)), ("territory", catalog.TerritoryOf(place, city)),
            ("expected_amount", book.Money(1_000 * dice.Between(2, 40))), ("budget_known", dice.Pick(["yes", "planned", "no", "unknown"])), ("timeframe", dice.Pick(["now", "quarter", "half", "year", "unknown"])), ("assigned_at", status == "new" ? null : at.AddHours(2)), ("follow_up_on", status is "working" or "nurturing" or "assigned" ? DemoClock.WorkingDay(clock.Today.AddDays(dice.Between(-3, 20))) : null), ("disqualified_reason", status == "disqualified" ? dice.Pick(Reasons, r => r.Weight).Reason : status == "recycled" ? "later" : null));
    }

    private (string Name, string Company, string Mail) Western(DemoPlace place, DemoIndustry industry)
    {
        var (firsts, lasts) = DemoNames.People[place.Tongue];
        var (first, last, stem) = (dice.Pick(firsts), dice.Pick(lasts), dice.Pick(DemoNames.Stems[place.Tongue]));
        return ($"{first} {last}", $"{stem} {dice.Pick(industry.Names)}", $"contact{dice.Between(100, 999)}@{industry.Value}.example");
    }

    private (string Name, string Company, string Mail) Chinese(DemoIndustry industry, string city)
    {
        var (last, first, stem) = (dice.Pick(DemoNames.ChineseSurnames), dice.Pick(DemoNames.ChineseGivenNames), dice.Pick(DemoNames.ChineseStems));
        return (last.Han + first.Han, $"{city}{stem.Han}{industry.Chinese}有限公司", $"{first.Latin}.{last.Latin}@{stem.Latin}-{industry.Value}.example");
    }
}
