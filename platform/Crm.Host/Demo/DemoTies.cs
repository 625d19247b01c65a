using Crm.Metadata;

namespace Crm.Host.Demo;

/// <summary>What belongs together: who knows whom and buys with whom, people who are customers themselves, campaigns and what they brought, service and what it sold.</summary>
internal sealed class DemoTies(DemoBook book, DemoDice dice, DemoClock clock, DemoPeople people, DemoCatalog catalog, DemoContacts contacts)
{
    private static readonly (string First, string Last, string Gender, Market Market, string Country, string City, string Status, string Note)[] Persons =
    [
        ("Hélène", "Marchand", "female", Market.Europe, "France", "Lyon", "active", "Consulting engineer for breweries; buys portable instruments."), ("Rainer", "Oelze", "male", Market.Europe, "Germany", "Bremen", "active", "Expert witness for explosion protection."),
        ("Maureen", "Tierney", "female", Market.Americas, "United States", "Boise", "active", "Calibrates for small dairies in three counties."), ("Desmond", "Achebe", "male", Market.Americas, "Canada", "Calgary", "prospect", "Teaches measurement; asks for demonstration units."),
        ("晓峰", "郑", "male", Market.China, "中国", "苏州", "active", "独立工程顾问，常向客户推荐我们的流量计。"), ("丽君", "孟", "female", Market.China, "中国", "杭州", "prospect", "水质检测个体经营者。"),
    ];

    private static readonly (string Role, string Reverse, long Strength, string Note, string Chinese)[] Relations =
    [
        ("manager", "report", 3, "", ""), ("colleague", "colleague", 4, "Share an office.", "同一办公室。"), ("former_colleague", "former_colleague", 2, "Worked together on the last plant.", "曾共同负责上一个工厂项目。"),
        ("classmate", "classmate", 4, "Studied together.", "大学同学。"), ("adviser", "client", 3, "Asks for an opinion before buying.", "采购前会征询其意见。"),
    ];

    public void Write(IReadOnlyList<DemoSale> sales, IReadOnlyList<DemoCampaign> campaigns, IReadOnlyList<DemoRequest> requests, IReadOnlyList<DemoProduct> products)
    {
        WritePersons();
        WriteRelations();
        WriteJointPurchases();
        WriteRivals(products);
        WriteInfluences(sales, campaigns);
        WriteSalesOutOfService(sales, requests);
    }

    /// <summary>The campaign from which a sale came has most of it; one that had addressed the customer before has the rest.</summary>
    private void WriteInfluences(IReadOnlyList<DemoSale> sales, IReadOnlyList<DemoCampaign> campaigns)
    {
        foreach (var sale in sales.Where(s => s.Campaign is not null))
        {
            var day = DateOnly.FromDateTime(sale.At.UtcDateTime);
            var earlier = campaigns.LastOrDefault(c => c.End < sale.Campaign!.Start && c.Contacts.Contains(sale.Contact!.Id));
            var share = earlier is null ? 100m : 70m;
            Link(sale.Campaign!, "last_touch", share, day.AddDays(-1));
            if (earlier is not null)
            {
                Link(earlier, "first_touch", 100 - share, earlier.Start);
            }

            void Link(DemoCampaign campaign, string model, decimal part, DateOnly on) => book.Link("opportunity.influences", sale.At, sale.Customer.Owner, sale.Id, campaign.Id, ("model", model), ("share", part), ("amount", sale.Money(sale.Amount * part / 100)), ("touched_on", on));
        }
    }

    /// <summary>What of our rivals stands at customers: the place where to offer next.</summary>
    private void WriteRivals(IReadOnlyList<DemoProduct> products)
    {
        foreach (var contact in dice.Some(contacts.All.Where(c => c.Customer.Status != "inactive").ToList(), 9))
        {
            var (rival, product, since) = (dice.Pick(catalog.Competitors), dice.Pick(products.Where(p => p.Series != "Zenith").ToList()), clock.Founding.AddYears(-dice.Between(1, 6)));
            var chinese = contact.Customer.Place.Tongue == Tongue.Chinese;
            book.Add("installed_product", contact.At.AddDays(1) is var seen && seen < new DateTimeOffset(clock.Yesterday, default, TimeSpan.Zero) ? seen : contact.At, contact.Customer.Owner, ("name", chinese ? $"{rival.Name}{product.Chinese}" : $"{product.Plural} by {rival.Name}"), ("customer", contact.Customer.Id), ("contact", contact.Id), ("product", product.Id), ("competitor", rival.Id),
                ("status", "installed"), ("quantity", (decimal)dice.Between(2, 20)), ("install_date", since), ("description", chinese ? "可替换为我们的同类产品。" : "Comparable with the product named here."));
        }
    }

    /// <summary>A technician sees what has to be replaced.</summary>
    private void WriteSalesOutOfService(IReadOnlyList<DemoSale> sales, IReadOnlyList<DemoRequest> requests)
    {
        foreach (var sale in sales.Where(s => s.IsOpen && s.Campaign is null))
        {
            if (requests.LastOrDefault(r => r.Customer == sale.Customer.Id && r.Opened < sale.At && r.Opened > sale.At.AddDays(-60)) is { } request)
            {
                book.Later("opportunity", sale.Id, sale.At, sale.Customer.Owner, ("service_request", request.Id), ("type", "service"), ("source", "service"));
            }
        }
    }

    /// <summary>A person who is a customer is a contact as well, as the workflow keeps it that watches over both.</summary>
    private void WritePersons()
    {
        foreach (var (person, i) in Persons.Select((p, i) => (p, i)))
        {
            var chinese = person.Market == Market.China;
            var owner = dice.Pick(people.Sellers.Where(p => p.Market == person.Market).ToList());
            var at = dice.During(DemoClock.WorkingDay(clock.Start.AddDays(40 + (60 * i))));
            var place = DemoPlaces.All.First(p => p.Country == person.Country);
            var (name, phone, email) = (chinese ? person.Last + person.First : $"{person.First} {person.Last}", DemoPlaces.Number(place.Dial, dice.Between(10, 99)), $"person{i + 1}@home.example");
            var customer = book.Add("customer", at, owner, ("name", name), ("type", "person"), ("status", person.Status), ("first_name", person.First), ("last_name", person.Last), ("gender", person.Gender), ("phone", phone), ("email", email),
                ("country", person.Country), ("city", person.City), ("territory", catalog.TerritoryOf(place, person.City)), ("tier", "c"), ("source", "referral"), ("payment_terms", "prepaid"), ("description", person.Note));
            var contact = book.Add("contact", at.AddMinutes(1), owner, ("name", name), ("first_name", person.First), ("last_name", person.Last), ("gender", person.Gender), ("phone", phone), ("email", email), ("customer", customer), ("role", "decision_maker"), ("occupation", "self_employed"));
            book.Later("customer", customer, at.AddMinutes(1), owner, ("person", contact));
        }
    }

    private void WriteRelations()
    {
        foreach (var pair in dice.Some(contacts.ByCustomer.Where(c => c.Count() > 1).ToList(), 45))
        {
            var known = pair.ToList();
            var (one, other) = (known[0], known[1]);
            var (role, reverse, strength, note, chinese) = dice.Pick(Relations);
            var text = one.Customer.Place.Tongue == Tongue.Chinese ? chinese : note;
            book.Link("contact.relations", other.At, one.Customer.Owner, one.Id, other.Id, ("role", role), ("reverse_role", reverse), ("strength", strength), ("note", text.Length == 0 ? null : text));
        }
    }

    /// <summary>People of the parent company decide with its subsidiary, and a few advise customers elsewhere.</summary>
    private void WriteJointPurchases()
    {
        foreach (var customer in contacts.All.Select(c => c.Customer).Distinct().ToList())
        {
            var own = contacts.ByCustomer[customer.Id].First();
            if (customer.Parent is { } parent)
            {
                Link(customer, own, ["decision_maker"], direct: true);
                Link(customer, contacts.ByCustomer[parent.Id].First(), ["joint_buyer", "economic_buyer"], direct: false);
            }
            else if (dice.Chance(0.12))
            {
                Link(customer, own, ["technical_buyer"], direct: true);
            }
        }
    }

    private void Link(DemoCustomer customer, DemoContact contact, string[] roles, bool direct)
    {
        var at = contact.At > customer.At ? contact.At : customer.At;
        book.Link("customer.contacts", at, customer.Owner, customer.Id, contact.Id, ("roles", new TextSet(roles)), ("direct", direct), ("active", true), ("start_date", DateOnly.FromDateTime(at.UtcDateTime)));
    }
}
