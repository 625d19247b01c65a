namespace Crm.Host.Demo;

/// <summary>
/// Two years of opportunities: busy and slow months, growth, sellers of different skill, sales that take longer the larger they are, with
/// leads before them, and quotes, contracts and orders after.
/// </summary>
internal sealed class DemoSales(DemoBook book, DemoDice dice, DemoClock clock, DemoCustomers customers, DemoContacts contacts, DemoProducts products, DemoCatalog catalog, DemoPartners partners, DemoMarketing marketing, DemoPeople people, DemoCurrencies currencies)
{
    private const decimal TaxRate = 0.08m;

    private static readonly (string Stage, decimal Probability, string Category)[] OpenStages = [("prospecting", 10, "pipeline"), ("engaging", 25, "pipeline"), ("proposal", 50, "best_case"), ("negotiation", 75, "commit")];

    private static readonly (string Reason, double Weight)[] LostReasons =
        [("price", 0.29), ("competitor", 0.24), ("no_decision", 0.16), ("no_budget", 0.12), ("timing", 0.10), ("requirements", 0.06), ("other", 0.03)];

    private static readonly string[] Sources = ["web", "referral", "cold_call", "inbound_call", "email", "partner", "service"];

    private readonly List<DemoSale> _sales = [];
    private readonly List<(Guid Id, DemoSale Sale)> _contracts = [];

    public IReadOnlyList<DemoSale> All => _sales;

    public IReadOnlyList<(Guid Id, DemoSale Sale)> Contracts => _contracts;

    public void Write(int count)
    {
        var days = new DemoUrn<DateOnly>(clock.Days(clock.Start), clock.Busyness);
        var buyers = new DemoUrn<DemoCustomer>(customers.All, c => c.Weight);
        var starts = Enumerable.Range(0, count).Select(_ => dice.During(days.Draw(dice))).Order().ToList();
        foreach (var at in starts)
        {
            Write(Buyer(buyers, at), at);
        }
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

    private void Write(DemoCustomer customer, DateTimeOffset at)
    {
        var product = dice.Pick(products.All, p => p.Demand);
        var lines = Lines(product, customer.Place.Tongue == Tongue.Chinese);
        var amount = lines.Sum(l => l.Amount);
        var known = contacts.ByCustomer[customer.Id].Where(c => c.At <= at).ToList();
        var contact = known.Count > 0 ? dice.Pick(known) : null;
        var start = DateOnly.FromDateTime(at.UtcDateTime);
        var length = (int)Math.Clamp(dice.Skewed(26 + (14 * Math.Log(((double)amount / 1000) + 1)), 0.5), 6, 260);
        var end = DemoClock.WorkingDay(start.AddDays(length));
        var late = end > clock.Yesterday.AddDays(-25) && dice.Chance(0.3);
        var running = marketing.Campaigns.Where(c => c.Start.AddDays(4) <= start && start <= c.End.AddDays(50) && c.Name[0] > 0x2E80 == (customer.Place.Tongue == Tongue.Chinese)).ToList();
        var campaign = contact is not null && running.Count > 0 && dice.Chance(0.45) ? dice.Pick(running) : null;
        var id = dice.Id(at);
        var lead = campaign is null ? (Guid?)null : WriteLead(id, customer, contact!, campaign, product, amount, at);
        var open = end > clock.Yesterday || late;
        var course = open ? Open(customer, start, end, (double)(clock.Yesterday.DayNumber - start.DayNumber) / length) : Decided(customer, start, length);
        var title = DemoWords.Title(dice, customer, product);
        var partner = partners.Of(customer, _sales.Count);
        // What was decided was paid in the currency that the company counts in; offers in the customer's own are new.
        var currency = open ? currencies.Of(customer) : currencies.Home;
        lines = [.. lines.Select(l => l with { Price = currencies.PriceIn(currency, l.Price) })];
        var sale = new DemoSale(id, title, customer, contact, product, lines, (string)course["stage"]!, at, end, campaign, lead, null, currency, amount);
        book.Add("opportunity", id, at, customer.Owner,
        [
            ("name", title), ("customer", customer.Id), ("contact", contact?.Id), ("lead", lead), ("product", product.Id), ("type", dice.Pick(["new", "expansion", "replacement", "replacement", "renewal"])), ("amount", sale.Money(sale.Amount)), ("close_date", end), ("expected_close_date", DemoClock.WorkingDay(start.AddDays(length + dice.Between(-14, 14)))),
            ("source", campaign is not null ? "campaign" : dice.Pick(Sources)), ("campaign", campaign?.Id), ("partner", partner), ("process", partner is not null ? "partner" : amount > 60_000 ? "complex" : "standard"), ("territory", catalog.TerritoryOf(customer.Place, customer.City)), ("description", dice.Chance(0.4) ? DemoWords.Description(dice, customer, product, lines[0].Quantity) : null),
            .. course.Select(c => (c.Key, c.Value)),
        ]);
        WriteParts(sale, known, length);
        if (sale.Stage is "won" or "proposal" or "negotiation" || (sale.Stage == "lost" && dice.Chance(0.6)))
        {
            sale = sale with { Order = WriteQuote(sale, start, length) };
        }
        _sales.Add(sale);
    }

    private List<DemoLine> Lines(DemoProduct product, bool chinese)
    {
        var quantity = Math.Clamp((int)Math.Round(dice.Skewed(Math.Sqrt(product.Least * product.Most), 0.55)), product.Least, product.Most);
        var lines = new List<DemoLine> { new(product.Id, product.Name, quantity, product.Price, dice.Chance(0.35) ? 0 : dice.Between(2, 15)) };
        foreach (var part in dice.Some(catalog.Parts.Where(p => p.Kind is "option" or "service").ToList(), dice.Between(0, 2)))
        {
            lines.Add(new(part.Id, chinese ? part.Chinese : part.Name, part.Kind == "service" ? dice.Between(1, 2) : Math.Max(1, quantity / 2), part.Price, 0));
        }
        return lines;
    }

    private Dictionary<string, object?> Open(DemoCustomer customer, DateOnly start, DateOnly end, double progress)
    {
        // Not every opportunity moves as fast as its plan says.
        var (stage, probability, category) = OpenStages[Math.Clamp((int)(progress * (0.75 + (0.5 * dice.Next())) * OpenStages.Length), 0, OpenStages.Length - 1)];
        return new()
        {
            ["stage"] = stage,
            ["probability"] = probability,
            ["forecast_category"] = category,
            ["engage_date"] = stage == "prospecting" ? null : Earlier(start.AddDays(dice.Between(0, 9)), clock.Yesterday),
            ["next_step"] = dice.Chance(0.85) ? DemoWords.NextStep(dice, customer, stage) : null,
            ["next_step_on"] = DemoClock.WorkingDay(clock.Today.AddDays(dice.Between(-4, 16))),
        };
    }

    private Dictionary<string, object?> Decided(DemoCustomer customer, DateOnly start, int length)
    {
        // A prospect is one because it has not bought yet.
        var won = customer.Status != "prospect" && dice.Chance(customer.Owner.Skill);
        var reason = won ? null : dice.Pick(LostReasons, r => r.Weight).Reason;
        return new()
        {
            ["stage"] = won ? "won" : "lost",
            ["probability"] = won ? 100m : 0m,
            ["forecast_category"] = won ? "closed" : "omitted",
            ["engage_date"] = start.AddDays(dice.Between(0, Math.Min(9, length - 1))),
            ["lost_reason"] = reason,
            ["lost_competitor"] = reason is "price" or "competitor" ? dice.Pick(catalog.Competitors).Id : null,
            ["won_reason"] = won ? dice.Pick(["product", "relationship", "service", "references", "delivery", "price"]) : null,
        };
    }

    private void WriteParts(DemoSale sale, List<DemoContact> known, int length)
    {
        var owner = sale.Customer.Owner;
        for (var i = 0; i < sale.Lines.Count; i++)
        {
            WriteLine("opportunity_line", "opportunity", sale.Id, sale, i, sale.At);
        }
        foreach (var contact in dice.Some(known, 2))
        {
            var (influence, attitude, priority) = (dice.Pick(["high", "medium", "low"]), dice.Pick(["champion", "supporter", "supporter", "neutral", "neutral", "sceptic", "enemy"]), dice.Pick(["high", "medium", "low"]));
            book.Link("opportunity.contacts", sale.At, owner, sale.Id, contact.Id, ("role", DemoWords.BuyingRole(contact)), ("influence", influence), ("attitude", attitude), ("priority", priority), ("primary", contact == sale.Contact), ("policy", DemoWords.Policy(attitude, sale.SpeaksChinese)));
        }
        if (sale.Worth > 15_000)
        {
            var engineer = dice.Pick(people.All.Where(p => p.Title is "Applications Engineer" or "应用工程师").ToList());
            book.Add("opportunity_member", sale.At, owner, ("opportunity", sale.Id), ("user", engineer.Id), ("role", "presales"), ("share", 10m), ("note", engineer.Title));
            book.Link("opportunity.competitors", sale.At, owner, sale.Id, dice.Pick(catalog.Competitors).Id, ("status", sale.Stage == "won" ? "out" : "active"));
        }
        var start = DateOnly.FromDateTime(sale.At.UtcDateTime);
        var end = Earlier(sale.Close, clock.Yesterday);
        if (start >= clock.Yesterday.AddDays(-400))
        {
            foreach (var (kind, english, chinese, cost) in dice.Some(DemoWords.SellingCosts, sale.Worth > 15_000 ? 2 : dice.Between(0, 1)))
            {
                var day = start.AddDays(dice.Between(0, Math.Max(0, end.DayNumber - start.DayNumber)));
                book.Add("opportunity_cost", dice.During(day) is var spent && spent > sale.At ? spent : sale.At, owner, ("opportunity", sale.Id), ("date", day), ("kind", kind), ("text", sale.SpeaksChinese ? chinese : english), ("amount", book.Money(cost * (decimal)(0.6 + (0.8 * dice.Next())))));
            }
        }
        if (sale.IsOpen || start >= clock.Yesterday.AddDays(-270))
        {
            WriteStages(sale, length, owner);
        }
    }

    private void WriteStages(DemoSale sale, int length, DemoPerson owner)
    {
        string[] way = [.. OpenStages.Select(s => s.Stage).TakeWhile(s => s != sale.Stage), sale.Stage];
        var until = sale.IsOpen ? clock.Yesterday.DayNumber - DateOnly.FromDateTime(sale.At.UtcDateTime).DayNumber : length;
        var entered = sale.At;
        for (var i = 0; i < way.Length - 1; i++)
        {
            var left = sale.At.AddDays(Math.Round((double)until * (i + 1) / way.Length, 2));
            book.Add("opportunity_stage", left, owner, ("opportunity", sale.Id), ("stage", way[i]), ("next_stage", way[i + 1]), ("entered_at", entered), ("left_at", left), ("days", decimal.Round((decimal)(left - entered).TotalDays, 1)), ("amount", sale.Money(sale.Amount)), ("by", owner.Id));
            entered = left;
        }
    }

    private Guid WriteLead(Guid opportunity, DemoCustomer customer, DemoContact contact, DemoCampaign campaign, DemoProduct product, decimal amount, DateTimeOffset at)
    {
        var came = at.AddDays(-dice.Between(1, 3));
        var lead = book.Add("lead", came, customer.Owner, ("name", contact.Values["name"]), ("company", customer.Name), ("job_title", contact.Values["job_title"]), ("status", "qualified"), ("rating", "hot"), ("score", (long)dice.Between(60, 96)), ("source", "campaign"), ("campaign", campaign.Id), ("email", contact.Values["email"]), ("phone", contact.Values["phone"]), ("country", customer.Place.Country), ("city", customer.City), ("industry", customer.Industry.Value), ("customer", customer.Id), ("contact", contact.Id),
            ("expected_amount", book.Money(decimal.Round(amount / 1000) * 1000)), ("budget_known", dice.Pick(["yes", "planned", "unknown"])), ("timeframe", "quarter"), ("assigned_at", came.AddHours(3)), ("first_contact_at", came.AddHours(20)), ("need", DemoWords.Need(dice, customer, product)));
        book.Later("lead", lead, at, customer.Owner, ("status", "converted"), ("converted_customer", customer.Id), ("converted_contact", contact.Id), ("converted_opportunity", opportunity), ("converted_at", at));
        return lead;
    }

    /// <returns>The order, if the quote was accepted.</returns>
    private Guid? WriteQuote(DemoSale sale, DateOnly start, int length)
    {
        var owner = sale.Customer.Owner;
        var offered = Earlier(DemoClock.WorkingDay(start.AddDays(length / 2)), clock.Yesterday);
        var at = Later(dice.During(offered), sale.At.AddMinutes(30));
        var (subtotal, shipping) = (sale.Amount, sale.Worth > 20_000 ? 0m : currencies.PriceIn(sale.Currency, 85m));
        var tax = decimal.Round(subtotal * TaxRate, 2);
        var status = sale.Stage switch { "won" => "accepted", "lost" => "rejected", "negotiation" => "sent", _ => dice.Chance(0.6) ? "sent" : _sales.Count % 3 == 0 ? "approval" : "draft" };
        var quote = book.Add("quote", at, owner, ("name", sale.Title), ("revision", 1L), ("opportunity", sale.Id), ("customer", sale.Customer.Id), ("contact", sale.Contact?.Id), ("status", status), ("date", offered), ("valid_until", offered.AddDays(45)), ("shipping_cost", sale.Money(shipping)), ("tax_amount", sale.Money(tax)), ("total", sale.Money(subtotal + tax + shipping)), ("payment_terms", "net30"), ("sent_at", status is "draft" or "approval" ? null : at.AddHours(1)), ("accepted_on", status == "accepted" ? sale.Close : null), ("rejection_reason", status == "rejected" ? dice.Pick(["price", "competitor", "no_budget", "scope"]) : null));
        for (var i = 0; i < sale.Lines.Count; i++)
        {
            WriteLine("quote_line", "quote", quote, sale, i, at);
        }
        if (sale.Stage != "won")
        {
            return null;
        }
        var ordered = Later(dice.During(sale.Close), at.AddMinutes(40));
        var age = clock.Yesterday.DayNumber - sale.Close.DayNumber;
        var delivered = DemoClock.WorkingDay(sale.Close.AddDays(dice.Between(8, 28)));
        var progress = !clock.IsPast(delivered) ? age < 4 ? "confirmed" : "in_delivery" : age < 35 ? "delivered" : age < 75 ? "invoiced" : "paid";
        var contract = subtotal > 25_000 ? WriteContract(sale, quote, ordered) : (Guid?)null;
        var order = book.Add("sales_order", ordered, owner, ("customer", sale.Customer.Id), ("contact", sale.Contact?.Id), ("opportunity", sale.Id), ("quote", quote), ("contract", contract), ("status", progress), ("channel", "seller"), ("order_date", sale.Close), ("required_date", delivered.AddDays(3)), ("shipped_date", clock.IsPast(delivered) ? Earlier(delivered, DemoClock.WorkingDay(delivered.AddDays(-3))) : null), ("delivered_on", clock.IsPast(delivered) ? delivered : null), ("shipping_cost", sale.Money(shipping)), ("tax_amount", sale.Money(tax)), ("total", sale.Money(subtotal + tax + shipping)), ("paid_amount", progress == "paid" ? sale.Money(subtotal + tax + shipping) : null), ("payment_terms", "net30"));
        for (var i = 0; i < sale.Lines.Count; i++)
        {
            WriteLine("sales_order_line", "order", order, sale, i, ordered);
        }
        return order;
    }

    private Guid WriteContract(DemoSale sale, Guid quote, DateTimeOffset at)
    {
        var (end, signed) = (sale.Close.AddYears(1), clock.IsPast(sale.Close.AddDays(6)) ? sale.Close : (DateOnly?)null);
        var id = book.Add("contract", at, sale.Customer.Owner, ("name", (sale.SpeaksChinese ? "采购合同：" : "Purchase contract: ") + sale.Title), ("customer", sale.Customer.Id), ("contact", sale.Contact?.Id), ("opportunity", sale.Id), ("quote", quote), ("type", "purchase"), ("status", signed is null ? "signing" : clock.IsPast(end) ? "completed" : "active"), ("amount", sale.Money(sale.Amount)), ("start_date", sale.Close), ("end_date", end), ("renewal_reminder_on", end.AddDays(-45)), ("term_months", 12L), ("customer_signed_on", signed), ("company_signed_on", sale.Close), ("company_signer", sale.Customer.Owner.Manager?.Id), ("payment_terms", "net30"), ("billing", "once"));
        _contracts.Add((id, sale));
        return id;
    }

    private void WriteLine(string entity, string parentField, Guid parent, DemoSale sale, int index, DateTimeOffset at)
    {
        var line = sale.Lines[index];
        book.Add(entity, at, sale.Customer.Owner, (parentField, parent), ("position", index + 1L), ("product", line.Product), ("description", line.Text), ("quantity", (decimal)line.Quantity), ("unit_price", sale.Money(line.Price)), ("discount", line.Discount == 0 ? null : line.Discount), ("amount", sale.Money(line.Amount)));
    }

    private static DateOnly Earlier(DateOnly left, DateOnly right) => left < right ? left : right;

    private static DateTimeOffset Later(DateTimeOffset left, DateTimeOffset right) => left > right ? left : right;
}
