namespace Crm.Host.Demo;

/// <summary>A campaign that has begun or will.</summary>
internal sealed record DemoCampaign(Guid Id, string Name, string Type, DateOnly Start, DateOnly End, DemoPerson Owner, HashSet<Guid> Contacts);

/// <summary>The programmes of a year and the budgets from which they are paid.</summary>
internal sealed record DemoPlan(Guid New, Guid Existing, Guid Events, Guid Mailings, Guid Telephone, Guid Online)
{
    public Guid BudgetOf(string type) => type switch { "seminar" or "fair" => Events, "telephone" => Telephone, "web" => Online, _ => Mailings };
}

/// <summary>Marketing by the season: a plan a year, three campaigns a quarter with lists, activities, costs against a budget, seminars and gifts.</summary>
internal sealed class DemoMarketing(DemoBook book, DemoBook aside, DemoDice dice, DemoClock clock, DemoPeople people, DemoContacts contacts)
{
    private static readonly (string Name, string Type, string Goal, string Objective)[][] Seasons =
    [
        [("Calibration year newsletter", "email", "loyalty", "Customers plan their calibrations with us before the audits of spring."), ("Call-round former customers", "telephone", "retention", "Win back at least five customers who have not ordered for a year."), ("Level measurement webinar", "seminar", "leads", "Engineers see the radar level meter set up by phone.")],
        [("Water and wastewater spring mailing", "mail", "leads", "Utilities renew their analysers from summer on."), ("Flow meter roadshow", "seminar", "leads", "Meet plant engineers in six cities with the demo van."), ("水处理行业电话推广", "telephone", "leads", "了解水务客户今年的更新改造计划。")],
        [("Food industry hygiene offer", "email", "sales", "Hygienic versions at the price of the standard ones until the end of summer."), ("Online advertising Zenith Cloud", "web", "awareness", "Be found by whoever looks for condition monitoring."), ("Reference visits at customers", "seminar", "sales", "Undecided buyers talk with plants that run our instruments.")],
        [("Autumn trade fair", "fair", "leads", "Ninety visits to the stand, thirty leads with a project."), ("Year-end budget campaign", "email", "sales", "Use the rest of the budget for spare stock and calibration."), ("自动化展会后续跟进", "telephone", "leads", "展会客户三周内完成回访。")],
    ];

    private static readonly (string Kind, string Channel, string Name, double Share)[] Steps =
        [("content", "email", "Write texts and pictures", 0.15), ("list", "email", "Select whom to address", 0.05), ("distribution", "email", "Send or invite", 0.45), ("follow_up", "phone", "Call those who answered", 0.25), ("evaluation", "email", "Evaluate", 0.10)];

    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

    private readonly List<DemoCampaign> _campaigns = [];

    public IReadOnlyList<DemoCampaign> Campaigns => _campaigns;

    public IReadOnlyList<Guid> Seminars { get; private set; } = [];

    public void Write()
    {
        var head = people.Of(DemoPeople.MarketingManager);
        var plans = new Dictionary<int, DemoPlan>();
        var seminars = new List<Guid>();
        foreach (var quarter in clock.Quarters.Where(q => q.Start >= clock.ThisQuarter.AddMonths(-12)))
        {
            var year = quarter.Start.Year;
            if (!plans.TryGetValue(year, out var plan))
            {
                var at = Past(new DateOnly(year, 1, 1).AddDays(-40));
                var budget = book.Add("budget", at, head, ("name", $"Marketing {year}"), ("kind", "marketing"), ("status", "approved"), ("period_start", new DateOnly(year, 1, 1)), ("period_end", new DateOnly(year, 12, 31)), ("amount", book.Money(360_000)), ("approved_by", people.Of(DemoPeople.GeneralManager).Id), ("approved_on", DateOnly.FromDateTime(at.UtcDateTime)));
                var top = book.Add("campaign", at, head, ("name", $"Marketing plan {year}"), ("level", "plan"), ("type", "other"), ("status", year < clock.Yesterday.Year ? "completed" : year == clock.Yesterday.Year ? "running" : "planned"), ("start_date", new DateOnly(year, 1, 1)), ("end_date", new DateOnly(year, 12, 31)), ("goal", "sales"), ("budget", budget), ("budgeted_cost", book.Money(360_000)), ("expected_revenue", book.Money(2_400_000)));
                plan = plans[year] = WriteParts(year, at, head, top, budget);
            }
            var season = Seasons[(quarter.Start.Month - 1) / 3];
            for (var i = 0; i < season.Length; i++)
            {
                var start = DemoClock.WorkingDay(quarter.Start.AddDays(6 + (22 * i) + dice.Between(0, 8)));
                seminars.AddRange(WriteCampaign(season[i], quarter.Name, start, DemoClock.WorkingDay(start.AddDays(dice.Between(24, 45))), plan, head));
            }
        }
        Seminars = seminars;
        WriteMaterials(head);
        WriteConsents();
    }

    /// <summary>A plan has two programmes, and its budget is given to four who spend it.</summary>
    private DemoPlan WriteParts(int year, DateTimeOffset at, DemoPerson head, Guid plan, Guid budget)
    {
        var (start, end, status) = (new DateOnly(year, 1, 1), new DateOnly(year, 12, 31), year < clock.Yesterday.Year ? "completed" : year == clock.Yesterday.Year ? "running" : "planned");
        Guid Programme(string name, string goal, decimal share) => aside.Add("campaign", at, head, ("name", $"{name} {year}"), ("parent", plan), ("level", "programme"), ("type", "other"), ("status", status), ("start_date", start), ("end_date", end), ("goal", goal), ("budgeted_cost", book.Money(360_000 * share)));
        Guid Part(string name, decimal share) => aside.Add("budget", at, head, ("name", $"{name} {year}"), ("parent", budget), ("kind", "marketing"), ("status", "approved"), ("period_start", start), ("period_end", end), ("amount", book.Money(360_000 * share)), ("approved_by", head.Id), ("approved_on", DateOnly.FromDateTime(at.UtcDateTime)));
        return new(Programme("New customers", "leads", 0.65m), Programme("Existing customers", "retention", 0.35m), Part("Events and fairs", 0.5m), Part("Mailings", 0.2m), Part("Telephone", 0.1m), Part("Online", 0.15m));
    }

    private List<Guid> WriteCampaign((string Name, string Type, string Goal, string Objective) of, string quarter, DateOnly start, DateOnly end, DemoPlan plan, DemoPerson head)
    {
        var budget = plan.BudgetOf(of.Type);
        var chinese = of.Name[0] > 0x2E80;
        var owner = chinese ? people.All.Single(p => p.Name == "刘佳宁") : of.Type is "seminar" or "fair" ? people.All.Single(p => p.Name == "Sofia Brunner") : dice.Pick(people.Marketers.Where(p => p != head && !p.SpeaksChinese).ToList());
        var planned = Past(start.AddDays(-35));
        var cost = of.Type switch { "fair" => 46_000m, "seminar" => 18_000m, "web" => 22_000m, "mail" => 9_500m, "telephone" => 7_500m, _ => 5_500m } * (decimal)(0.9 + (0.2 * dice.Next()));
        var status = end < clock.Yesterday ? "completed" : start <= clock.Yesterday ? "running" : start < clock.Today.AddDays(40) ? "approved" : "planned";
        var name = $"{of.Name} {quarter}";
        var campaign = book.Add("campaign", planned, owner, ("name", name), ("parent", of.Goal is "loyalty" or "retention" or "sales" ? plan.Existing : plan.New), ("level", "campaign"), ("type", of.Type), ("status", status), ("start_date", start), ("end_date", end), ("goal", of.Goal), ("objective", of.Objective), ("budget", budget),
            ("budgeted_cost", book.Money(cost)), ("expected_revenue", book.Money(cost * dice.Between(5, 11))), ("expected_response", (decimal)dice.Between(4, 16)), ("evaluation", status == "completed" ? dice.Say(chinese, [("Goal reached; the calls after it brought most of the leads.", "达到目标，后续电话带来了大部分线索。"), ("Fewer answers than hoped, but good ones.", "回复少于预期，但质量较高。"), ("Repeat next year, with a shorter text.", "明年可重复，文案需更短。")]) : null));
        var audience = dice.Some(contacts.All.Where(c => c.At < planned && (c.Customer.Place.Tongue == Tongue.Chinese) == chinese).ToList(), of.Type == "fair" ? 60 : 42);
        var list = book.Add("target_list", planned, owner, ("name", $"{name}: addressees"), ("kind", "static"), ("base", "contact"), ("purpose", of.Objective));
        foreach (var contact in audience)
        {
            book.Link("target_list.contacts", planned, owner, list, contact.Id);
        }
        book.Link("campaign.lists", planned, owner, campaign, list, ("use", "include"));
        _campaigns.Add(new(campaign, name, of.Type, start, end, owner, []));
        WriteActivities(campaign, budget, list, owner, start, end, cost, planned);
        return of.Type == "seminar" ? [WriteSeminar(campaign, of.Name, start.AddDays(12), owner, audience, cost, planned, chinese)] : [];
    }

    private void WriteActivities(Guid campaign, Guid budget, Guid list, DemoPerson owner, DateOnly start, DateOnly end, decimal cost, DateTimeOffset planned)
    {
        var length = end.DayNumber - start.DayNumber;
        var (before, from) = ((Guid?)null, DemoClock.WorkingDay(start));
        for (var i = 0; i < Steps.Length; i++)
        {
            var (kind, channel, name, share) = Steps[i];
            var planEnd = DemoClock.WorkingDay(start.AddDays((i + 1) * length / Steps.Length));
            var until = planEnd < from ? from : planEnd;
            var (done, budgeted) = (clock.IsPast(until), cost * (decimal)share);
            var actual = done ? budgeted * (decimal)(0.85 + (0.28 * dice.Next())) : (decimal?)null;
            var activity = book.Add("campaign_activity", planned, owner, ("name", name), ("campaign", campaign), ("kind", kind), ("channel", channel), ("status", done ? "done" : clock.IsPast(from) ? "running" : "planned"), ("start_date", from), ("end_date", until),
                ("progress", done ? 100m : clock.IsPast(from) ? 50m : 0m), ("predecessor", before), ("list", kind is "distribution" or "follow_up" ? list : null), ("budgeted_cost", book.Money(budgeted)), ("actual_cost", actual is { } spent ? book.Money(spent) : null));
            (before, from) = (activity, DemoClock.WorkingDay(until.AddDays(1)));
            var booked = done ? dice.During(until) : planned;
            book.Add("budget_entry", booked, owner, ("budget", budget), ("kind", done ? "spend" : "reservation"), ("amount", book.Money(actual ?? budgeted)), ("date", DateOnly.FromDateTime(booked.UtcDateTime)), ("campaign", campaign), ("activity", activity), ("category", kind switch { "content" => "production", "distribution" => "media", "follow_up" => "staff", _ => "other" }), ("text", name));
        }
    }

    private Guid WriteSeminar(Guid campaign, string name, DateOnly day, DemoPerson owner, IReadOnlyList<DemoContact> audience, decimal cost, DateTimeOffset planned, bool chinese)
    {
        var on = DemoClock.WorkingDay(day);
        var (held, start) = (clock.IsPast(on), new DateTimeOffset(on, new TimeOnly(13, 0), TimeSpan.Zero));
        var speaker = people.All.Single(p => p.Name == (chinese ? "周子涵" : "Felix Amsler"));
        var guests = dice.Some(audience, 18);
        var came = guests.Select(_ => held && dice.Chance(0.62)).ToList();
        var reached = came.Count(c => c) >= 9;
        var seminar = book.Add("seminar", planned, owner, ("name", name), ("campaign", campaign), ("kind", name.Contains("webinar", StringComparison.Ordinal) ? "webinar" : "lecture"), ("status", held ? reached ? "held" : "failed" : on < clock.Today.AddDays(30) ? "inviting" : "planned"), ("start", start), ("end", start.AddHours(3)), ("venue", dice.Pick(["Hotel at the river, room 2", "Customer centre Hamburg", "Technology park, hall B"])),
            ("speaker", speaker.Id), ("coordinator", owner.Id), ("capacity", 25L), ("min_goal", 9L), ("max_goal", 18L), ("min_lead_goal", 3L), ("max_lead_goal", 8L), ("budgeted_cost", book.Money(cost * 0.6m)), ("actual_cost", held ? book.Money(cost * 0.57m) : null), ("goal_reached", held ? reached : null), ("problem", held && !reached ? "The date fell into the audits of two large customers; half of those who had accepted stayed away." : null));
        foreach (var (guest, attended) in guests.Zip(came))
        {
            book.Add("seminar_registration", planned, owner, ("seminar", seminar), ("contact", guest.Id), ("status", held ? attended ? "attended" : dice.Chance(0.5) ? "declined" : "absent" : dice.Chance(0.4) ? "accepted" : "invited"), ("seats", 1L), ("invited_at", planned), ("interested", attended && dice.Chance(0.45)), ("rating", attended && dice.Chance(0.7) ? (long)dice.Between(3, 5) : null));
        }
        return seminar;
    }

    /// <summary>Who was addressed and what came of it; known only once there are leads and opportunities.</summary>
    public void WriteMembers(IReadOnlyList<DemoSale> sales)
    {
        foreach (var campaign in _campaigns.Where(c => clock.IsPast(c.Start)))
        {
            var begun = dice.During(campaign.Start);
            foreach (var sale in sales.Where(s => s.Campaign?.Id == campaign.Id && s.Contact is not null && campaign.Contacts.Add(s.Contact.Id)))
            {
                book.Add("campaign_member", Before(begun, sale.At), campaign.Owner, [("campaign", campaign.Id), ("contact", sale.Contact!.Id), ("customer", sale.Customer.Id), ("lead", sale.Lead), ("status", "responded"), ("responded", true), ("response", "interested"), ("first_responded_at", sale.At.AddDays(-1)), ("converted", true), ("opportunity", sale.Id), ("channel", ChannelOf(campaign.Type)), ("contact_count", (long)dice.Between(1, 3)),
                    .. ContactOf(campaign, Before(begun, sale.At), "responded")]);
            }
            foreach (var contact in dice.Some(contacts.All.Where(c => c.At < begun).ToList(), 38).Where(c => campaign.Contacts.Add(c.Id)))
            {
                var answered = dice.Chance(0.09);
                var status = answered ? "responded" : campaign.Type == "telephone" ? dice.Chance(0.7) ? "called" : "not_reached" : dice.Next() switch { < 0.04 => "bounced", < 0.06 => "opted_out", < 0.34 => "opened", < 0.44 => "clicked", _ => "delivered" };
                book.Add("campaign_member", begun, campaign.Owner, [("campaign", campaign.Id), ("contact", contact.Id), ("customer", contact.Customer.Id), ("status", status), ("responded", answered), ("response", answered ? dice.Pick(["wants_info", "wants_call", "later", "not_interested"]) : null), ("first_responded_at", answered ? Earlier(begun.AddDays(dice.Between(1, 6)), Past(clock.Yesterday)) : null), ("converted", false), ("channel", ChannelOf(campaign.Type)), ("contact_count", 1L),
                    .. ContactOf(campaign, begun, status)]);
            }
        }
    }

    /// <summary>When somebody was addressed and, if by mail, what the mail did.</summary>
    private (string, object?)[] ContactOf(DemoCampaign campaign, DateTimeOffset at, string status)
    {
        var mail = ChannelOf(campaign.Type) == "email";
        var last = new DateTimeOffset(clock.Yesterday, new TimeOnly(17, 0), TimeSpan.Zero);
        var opened = mail && status is "opened" or "clicked" or "responded";
        return
        [
            ("contacted_on", DateOnly.FromDateTime(at.UtcDateTime)), ("contact_day", (long)at.Day), ("contact_month", Months[at.Month - 1]), ("sent_at", mail ? at : null), ("opened_at", opened ? Earlier(at.AddHours(5), last) : null),
            ("clicked_at", opened && status != "opened" ? Earlier(at.AddHours(6), last) : null), ("bounced_at", status == "bounced" ? at : null), ("opted_out_at", status == "opted_out" ? Earlier(at.AddHours(7), last) : null),
        ];
    }

    private void WriteMaterials(DemoPerson head)
    {
        var at = dice.During(DemoClock.WorkingDay(clock.Start));
        foreach (var (name, kind, cost, stock) in new (string, string, decimal, long)[] { ("Flow measurement brochure", "brochure", 1.4m, 2_000), ("Case study: dairy in Wisconsin", "case_study", 0.9m, 800), ("Aurora data sheets", "datasheet", 0.4m, 3_000), ("Pocket multimeter", "gift", 14, 300), ("Notebook with conversion tables", "gift", 6.5m, 600), ("水处理解决方案手册", "brochure", 1.2m, 1_500) })
        {
            var material = book.Add("material", at, head, ("name", name), ("kind", kind), ("status", "released"), ("stocked", true), ("unit_cost", book.Money(cost)), ("opening_stock", stock), ("reorder_level", stock / 10), ("valid_until", kind == "case_study" ? clock.Yesterday.AddDays(-18) : null));
            foreach (var contact in dice.Some(contacts.All, 12))
            {
                var given = contact.At.AddDays(3) < Past(clock.Yesterday) ? dice.During(DemoClock.WorkingDay(DateOnly.FromDateTime(contact.At.UtcDateTime).AddDays(1))) : Past(clock.Yesterday);
                book.Add("material_handout", Before(Past(clock.Yesterday), given < at ? at.AddHours(2) : given), contact.Customer.Owner, ("material", material), ("quantity", kind == "gift" ? 1L : dice.Between(1, 5)), ("date", DateOnly.FromDateTime(given < at ? at.UtcDateTime : given.UtcDateTime)), ("contact", contact.Id), ("customer", contact.Customer.Id), ("occasion", dice.Pick(["meeting", "fair", "seminar"])), ("value", book.Money(cost)), ("received", true));
            }
        }
    }

    private void WriteConsents()
    {
        foreach (var contact in dice.Some(contacts.All, contacts.All.Count * 2 / 5))
        {
            var granted = dice.Chance(0.86);
            book.Add("consent", contact.At.AddMinutes(5), contact.Customer.Owner, ("contact", contact.Id), ("channel", dice.Chance(0.8) ? "email" : "phone"), ("purpose", "newsletter"), ("status", granted ? "granted" : "refused"), ("given_at", granted ? contact.At.AddMinutes(5) : null), ("basis", "consent"), ("how", dice.Pick(["web_form", "double_opt_in", "in_person", "phone"])));
        }
    }

    public static string ChannelOf(string type) => type switch { "telephone" => "phone", "mail" => "letter", "web" => "web", "seminar" or "fair" => "meeting", _ => "email" };

    /// <summary>The day in working hours, or the last moment that is past.</summary>
    private DateTimeOffset Past(DateOnly day) => dice.During(day <= clock.Yesterday ? day : clock.Yesterday);

    private static DateTimeOffset Before(DateTimeOffset left, DateTimeOffset right) => left < right ? left : right;

    private static DateTimeOffset Earlier(DateTimeOffset left, DateTimeOffset right) => left < right ? left : right;
}
