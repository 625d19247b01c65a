namespace Crm.Host.Demo;

/// <summary>Where campaigns are seen: media with their rate cards, the slots booked in them, and the links whose clicks are counted.</summary>
internal sealed class DemoMedia(DemoBook book, DemoDice dice, DemoClock clock, DemoPeople people, DemoPartners partners)
{
    private static readonly (string Name, string Kind, string Publisher, string Region, string Language, long Reach, string[] For, bool Chinese, (string Format, decimal Price, string Per)[] Rates)[] Rows =
    [
        ("Process Engineering Online", "website", "Millrace Media", "Europe, Americas", "English", 64_000, ["web", "email"], false, [("Banner, top of page", 2_900, "month"), ("Sponsored article", 1_850, "item"), ("Newsletter, first place", 1_200, "issue")]),
        ("Instrumentation Today", "magazine", "Millrace Media", "Americas", "English", 38_000, ["fair"], false, [("Full page", 4_600, "issue"), ("Half page", 2_700, "issue"), ("Insert", 3_300, "issue")]),
        ("Messen und Regeln", "magazine", "Verlag am Wehr", "Deutschland, Österreich, Schweiz", "Deutsch", 21_000, ["fair"], false, [("Ganze Seite", 3_900, "issue"), ("Fachbeitrag", 1_500, "item")]),
        ("Search advertising", "search", "Several", "World", "English", 0, ["web"], false, [("Click", 3.4m, "click")]),
        ("Linden Mailing House", "mail", "Linden", "Europe", "Several", 0, ["mail"], false, [("Print and post", 940, "thousand")]),
        ("《仪表与控制》公众号", "social", "仪控传媒", "中国", "中文", 52_000, ["telephone"], true, [("头条文章", 2_600, "item"), ("次条文章", 1_400, "item")]),
    ];

    private static readonly (string Name, string Chinese, string Path)[] Links = [("Offer", "优惠详情", "offer"), ("Book an appointment", "预约", "appointment"), ("Case study", "应用案例", "case")];

    public void Write(IReadOnlyList<DemoCampaign> campaigns)
    {
        var buyer = people.All.Single(p => p.Name == "Kevin Doyle");
        var at = people.Founded.AddDays(60);
        foreach (var row in Rows)
        {
            var media = book.Add("media", at, buyer, ("name", row.Name), ("kind", row.Kind), ("publisher", row.Publisher), ("partner", row.Kind == "search" ? partners.Agency : null), ("region", row.Region), ("language", row.Language), ("reach", row.Reach == 0 ? null : row.Reach), ("rating", (long)dice.Between(3, 5)), ("active", true));
            foreach (var (rate, i) in row.Rates.Select((r, i) => (r, i)))
            {
                book.Add("media_rate", at, buyer, ("media", media), ("position", i + 1L), ("format", rate.Format), ("price", book.Money(rate.Price)), ("per", rate.Per), ("valid_from", new DateOnly(clock.Yesterday.Year, 1, 1)));
            }
            foreach (var campaign in campaigns.Where(c => row.For.Contains(c.Type) && c.Name[0] > 0x2E80 == row.Chinese))
            {
                WriteSlot(media, row.Name, dice.Pick(row.Rates), row.Reach, campaign);
            }
        }
        foreach (var campaign in campaigns.Where(c => c.Type is "email" or "web" && clock.IsPast(c.Start)))
        {
            WriteLinks(campaign);
        }
    }

    private void WriteSlot(Guid media, string name, (string Format, decimal Price, string Per) rate, long reach, DemoCampaign campaign)
    {
        var day = DemoClock.WorkingDay(campaign.Start.AddDays(dice.Between(0, 9)));
        var until = day.AddDays(dice.Between(5, 25));
        var status = clock.IsPast(until) ? "run" : day < clock.Today.AddDays(30) ? "booked" : "option";
        var count = rate.Per switch { "click" => 600L, "thousand" => 2L, _ => (long)dice.Between(1, 3) };
        var promised = reach == 0 ? count * 900 : reach * count / 4;
        book.Add("media_slot", Past(campaign.Start.AddDays(-20)), campaign.Owner, ("name", $"{name}: {rate.Format}"), ("media", media), ("campaign", campaign.Id), ("format", rate.Format), ("status", status), ("start", Morning(day)), ("end", Morning(until)), ("insertions", count), ("cost", book.Money(rate.Price * count)),
            ("contacts_promised", promised), ("contacts_made", status == "run" ? (long)(promised * (0.7 + (0.5 * dice.Next()))) : null), ("booking_number", status == "option" ? null : $"B-{dice.Between(10_000, 99_999)}"));
    }

    private void WriteLinks(DemoCampaign campaign)
    {
        foreach (var (link, i) in dice.Some(Links, 2).Select((l, i) => (l, i)))
        {
            var clickers = (long)dice.Between(3, 60);
            book.Add("campaign_link", Past(campaign.Start), campaign.Owner, ("campaign", campaign.Id), ("position", i + 1L), ("name", campaign.Name[0] > 0x2E80 ? link.Chinese : link.Name), ("url", $"https://www.northlight.example/{link.Path}"), ("code", $"{link.Path[0]}{dice.Between(1_000, 9_999)}"), ("clicks", clickers + dice.Between(0, 30)), ("people", clickers), ("last_click_at", Past(campaign.Start.AddDays(12))));
        }
    }

    private DateTimeOffset Past(DateOnly day) => dice.During(clock.IsPast(day) ? day : clock.Yesterday);

    private static DateTimeOffset Morning(DateOnly day) => new(day, new TimeOnly(8, 0), TimeSpan.Zero);
}
