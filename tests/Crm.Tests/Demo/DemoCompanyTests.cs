using System.Globalization;
using Crm.Host.Demo;
using Crm.Metadata;
using Crm.Tests.Databases;
using Crm.Tests.Metadata;
using Shouldly;
using Xunit;

namespace Crm.Tests.Demo;

/// <summary>The demo company is data that nobody proofreads: these tests do, on an ordinary day and on awkward ones.</summary>
[NoDatabase]
public sealed class DemoCompanyTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 18, 14, 30, 0, TimeSpan.Zero);

    private static readonly IReadOnlyList<DemoRecord> Records = DemoCompany.Records(Now);

    private static readonly string[] OpenStages = ["prospecting", "engaging", "proposal", "negotiation"];

    private static IEnumerable<DemoRecord> Opportunities => Of("opportunity");

    [Fact]
    public void The_company_is_the_same_all_day() =>
        Text(DemoCompany.Records(new(2026, 3, 18, 0, 0, 1, TimeSpan.Zero))).ShouldBe(Text(Records));

    [Fact]
    public void The_company_has_the_promised_size()
    {
        var counts = Records.Where(r => !r.Change).CountBy(r => r.Entity).ToDictionary();

        foreach (var (entity, count) in new Dictionary<string, int> { ["unit"] = 10, ["user"] = 40, ["customer"] = 166, ["contact"] = 326, ["opportunity"] = 1_000, ["service_request"] = 420 })
        {
            counts[entity].ShouldBe(count, entity);
        }
        // Whatever belongs to marketing, sales and service has something to show.
        string[] alive = ["campaign", "campaign_member", "seminar", "lead", "quote", "sales_order", "contract", "installed_product", "service_agreement", "entitlement_use", "service_order", "complaint", "repair", "survey_response", "knowledge_article", "call", "meeting", "visit", "task", "mail_message", "chat", "letter", "fax", "note", "leave", "quota", "budget_entry", "forecast", "partner", "price_book_entry", "product_component", "media_slot", "campaign_link", "return_order", "contract_term", "contract_line", "score", "activity_plan_step", "service_target", "service_milestone", "document_template", "tag", "exchange_rate", "opportunity.influences", "customer.contacts", "contact.relations"];
        alive.Except(counts.Keys).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("2026-03-18T14:30:00Z", 1)]
    [InlineData("2024-02-29T23:59:59Z", 1)]
    [InlineData("2027-01-01T00:00:00Z", 1)]
    [InlineData("2026-03-18T14:30:00Z", 0.01)]
    [InlineData("2026-03-18T14:30:00Z", 8)]
    public void Every_record_fits_the_model_and_points_only_to_earlier_ones(string now, double scale)
    {
        var moment = DateTimeOffset.Parse(now, CultureInfo.InvariantCulture);
        var entityOf = new Dictionary<Guid, string>();
        foreach (var record in DemoCompany.Records(moment, scale))
        {
            var entity = Shipped.Model[record.Entity];
            if (record.Change)
            {
                entityOf[record.Id].ShouldBe(record.Entity);
            }
            else
            {
                entityOf.TryAdd(record.Id, record.Entity).ShouldBeTrue("an id occurs twice");
                entity.Fields.Where(f => f.Definition.Required && f.Definition.Default is null && record.Values.GetValueOrDefault(f.Name) is null).ShouldBeEmpty(record.ToString());
            }
            record.At.ShouldBeLessThan(moment);
            (record.By is null || entityOf.GetValueOrDefault(record.By.Value) == "user").ShouldBeTrue($"{record} was entered by nobody known");
            foreach (var (name, value) in record.Values.Where(v => v.Value is not null))
            {
                var field = entity[name];
                field.IsWritable.ShouldBeTrue(field.ToString());
                value.ShouldBeOfType(field.Type.ValueType);
                field.Type.Validate(value).ShouldBeNull($"{field} = {value}");
                if (field.Target is not null)
                {
                    field.Targets.Select(t => t.Name).ShouldContain(entityOf.GetValueOrDefault((Guid)value)!, field.ToString());
                }
                if (value is Reference reference)
                {
                    entityOf.GetValueOrDefault(reference.Id).ShouldBe(reference.Entity, field.ToString());
                }
            }
        }
    }

    [Fact]
    public void Text_values_survive_being_typed_in_again()
    {
        var texts = Records.SelectMany(r => r.Values.Where(v => v.Value is string).Select(v => (Field: Shipped.Model[r.Entity][v.Key], Text: (string)v.Value!)));

        texts.Where(t => !Equals(t.Field.Type.FromText(t.Text, TextFormat.Invariant).Value, t.Text)).ShouldBeEmpty();
    }

    [Fact]
    public void Unique_fields_are_unique() =>
        Shipped.Model.Entities.Values.SelectMany(e => e.OwnFields.Where(f => f.Definition.Unique))
            .SelectMany(f => Records.Where(r => r.Entity == f.Entity.Name && r.Values.GetValueOrDefault(f.Name) is not null).GroupBy(r => (f.Name, Folding.Fold((string)r.Values[f.Name]!))))
            .Where(g => g.Count() > 1).Select(g => g.Key).ShouldBeEmpty();

    [Fact]
    public void Ids_are_of_version_7_and_begin_with_the_time() =>
        Records.Where(r => !r.Change).ShouldAllBe(r => r.Id.Version == 7 && r.Id.Variant >= 8 && r.Id.Variant <= 11 &&
            r.Id.ToString("N").StartsWith(r.At.ToUnixTimeMilliseconds().ToString("x12", CultureInfo.InvariantCulture), StringComparison.Ordinal));

    [Fact]
    public void Every_unit_has_a_head_who_works_in_it()
    {
        var unitOf = Records.Where(r => r.Entity == "user" && !r.Change).ToDictionary(r => r.Id, r => (Guid)r.Values["unit"]!);
        var headOf = Records.Where(r => r.Entity == "unit" && r.Change && r.Values.ContainsKey("head")).ToDictionary(r => r.Id, r => (Guid)r.Values["head"]!);

        headOf.Count.ShouldBe(10);
        headOf.ShouldAllBe(u => unitOf[u.Value] == u.Key);
    }

    [Fact]
    public void People_who_get_an_account_exist()
    {
        var people = Records.Where(r => r.Entity == "user").ToDictionary(r => (string)r.Values["email"]!);

        DemoCompany.SignIns.Select(s => s.Role).ShouldBe(["administrator", "sales_manager", "seller", "marketing_manager", "service_manager"]);
        DemoCompany.SignIns.ShouldAllBe(s => people[s.Email].Values["name"]!.Equals(s.Name) && people[s.Email].Values["administrator"]!.Equals(s.Role == "administrator"));
    }

    [Fact]
    public void Nothing_happens_at_a_customer_before_the_customer_is_known()
    {
        var known = Records.Where(r => !r.Change).ToDictionary(r => r.Id, r => r.At);

        Opportunities.Where(o => known[(Guid)o.Values["customer"]!] > o.At).ShouldBeEmpty();
        Opportunities.Where(o => o.Values.GetValueOrDefault("contact") is Guid contact && known[contact] > o.At).ShouldBeEmpty();
        Records.Where(r => r.Entity == "contact" && known[(Guid)r.Values["customer"]!] > r.At).ShouldBeEmpty();
    }

    [Fact]
    public void An_opportunity_knows_a_contact_of_its_own_customer()
    {
        var customerOf = Records.Where(r => r.Entity == "contact").ToDictionary(r => r.Id, r => r.Values["customer"]);

        Opportunities.Where(o => o.Values.GetValueOrDefault("contact") is Guid contact && !Equals(customerOf[contact], o.Values["customer"])).ShouldBeEmpty();
        Opportunities.Count(o => o.Values.GetValueOrDefault("contact") is null).ShouldBeLessThan(70);
    }

    [Fact]
    public void The_dates_of_an_opportunity_agree_with_its_stage()
    {
        var today = DateOnly.FromDateTime(Now.UtcDateTime);
        foreach (var o in Opportunities)
        {
            var (stage, start, close) = ((string)o.Values["stage"]!, DateOnly.FromDateTime(o.At.UtcDateTime), (DateOnly)o.Values["close_date"]!);
            var engaged = (DateOnly?)o.Values.GetValueOrDefault("engage_date");
            (engaged is null).ShouldBe(stage == "prospecting");
            engaged?.ShouldBeInRange(start, stage is "won" or "lost" ? close : today.AddDays(-1));
            close.ShouldBeInRange(start.AddDays(1), stage is "won" or "lost" ? today.AddDays(-1) : today.AddDays(300));
            close.ShouldBeGreaterThan(stage is "won" or "lost" ? start : today.AddDays(-32));
            (stage == "lost" ? Options("lost_reason").Contains(o.Values.GetValueOrDefault("lost_reason")) : o.Values.GetValueOrDefault("lost_reason") is null).ShouldBeTrue();
            (o.Values.GetValueOrDefault("next_step") is null || OpenStages.Contains(stage)).ShouldBeTrue();
        }
    }

    [Fact]
    public void The_figures_are_those_of_a_company_that_does_well()
    {
        var stages = Opportunities.CountBy(o => (string)o.Values["stage"]!).ToDictionary();
        var rates = Opportunities.Where(o => o.Values["stage"] is "won" or "lost").GroupBy(o => o.Values["owner"]).Select(g => g.Average(o => o.Values["stage"] is "won" ? 1.0 : 0)).ToList();
        var won = Opportunities.Where(o => o.Values["stage"] is "won").ToList();
        var middle = DateOnly.FromDateTime(Now.UtcDateTime).AddYears(-1);

        stages.Keys.ShouldBe(Options("stage"), ignoreOrder: true);
        ((double)stages["won"] / (stages["won"] + stages["lost"])).ShouldBeInRange(0.40, 0.75);
        OpenStages.Sum(s => stages[s]).ShouldBeInRange(60, 350);
        (rates.Max() - rates.Min()).ShouldBeGreaterThan(0.15);
        won.Average(Amount).ShouldBeInRange(5_000, 50_000);
        won.Where(o => (DateOnly)o.Values["close_date"]! >= middle).Sum(Amount).ShouldBeGreaterThan(won.Where(o => (DateOnly)o.Values["close_date"]! < middle).Sum(Amount));
    }

    [Fact]
    public void Customers_that_never_bought_are_prospects_or_have_not_bought_here_yet()
    {
        var buyers = Opportunities.Where(o => o.Values["stage"] is "won").Select(o => o.Values["customer"]).ToHashSet();

        Of("customer").Where(r => r.Values["status"] is "prospect" && buyers.Contains(r.Id)).ShouldBeEmpty();
    }

    [Fact]
    public void Every_opportunity_and_what_follows_from_it_sum_up()
    {
        var opportunities = Opportunities.ToDictionary(o => o.Id);
        foreach (var (entity, line, parent) in new[] { ("opportunity", "opportunity_line", "opportunity"), ("quote", "quote_line", "quote"), ("sales_order", "sales_order_line", "order") })
        {
            var sums = Of(line).GroupBy(l => (Guid)l.Values[parent]!).ToDictionary(g => g.Key, g => g.Sum(Amount));
            foreach (var record in Of(entity))
            {
                var lines = sums[record.Id];
                if (entity == "opportunity")
                {
                    lines.ShouldBe(Amount(record));
                    continue;
                }
                lines.ShouldBe(Amount(opportunities[(Guid)record.Values["opportunity"]!]));
                In(record, "total").ShouldBe(lines + In(record, "tax_amount") + In(record, "shipping_cost"));
            }
        }
        Of("opportunity_line").Concat(Of("quote_line")).Concat(Of("sales_order_line")).ShouldAllBe(l => Amount(l) == decimal.Round(In(l, "unit_price") * (decimal)l.Values["quantity"]! * (1 - ((decimal?)l.Values.GetValueOrDefault("discount") ?? 0) / 100), 2));
    }

    [Fact]
    public void Every_won_opportunity_has_an_order_and_no_other_has()
    {
        var ordered = Of("sales_order").Select(o => (Guid)o.Values["opportunity"]!).ToList();

        ordered.ShouldBe(Opportunities.Where(o => o.Values["stage"] is "won").Select(o => o.Id), ignoreOrder: true);
        ordered.ShouldBeUnique();
    }

    [Fact]
    public void Everything_about_one_sale_is_about_one_customer()
    {
        var customerOf = Records.Where(r => !r.Change && r.Values.GetValueOrDefault("customer") is Guid).ToDictionary(r => r.Id, r => r.Values["customer"]);
        foreach (var record in Records.Where(r => !r.Change && customerOf.ContainsKey(r.Id)))
        {
            foreach (var field in new[] { "opportunity", "quote", "order", "installed_product", "request", "service_agreement", "agreement", "contact" }.Where(f => record.Values.GetValueOrDefault(f) is Guid id && customerOf.ContainsKey(id)))
            {
                customerOf[(Guid)record.Values[field]!].ShouldBe(record.Values["customer"], $"{record.Entity}.{field}");
            }
        }
    }

    [Fact]
    public void A_converted_lead_knows_what_came_of_it_and_no_other_lead_does()
    {
        var converted = Records.Where(r => r.Entity == "lead" && r.Change).ToDictionary(r => r.Id);
        var opportunities = Opportunities.Where(o => o.Values.ContainsKey("lead")).ToDictionary(o => o.Id);

        converted.Count.ShouldBeGreaterThan(50);
        converted.Values.Select(l => (Guid)l.Values["converted_opportunity"]!).ShouldBe(opportunities.Keys, ignoreOrder: true);
        foreach (var lead in Of("lead").Where(l => converted.ContainsKey(l.Id)))
        {
            var opportunity = opportunities[(Guid)converted[lead.Id].Values["converted_opportunity"]!];
            lead.At.ShouldBeLessThan(opportunity.At);
            opportunity.Values["campaign"].ShouldBe(lead.Values["campaign"]);
        }
    }

    [Fact]
    public void The_times_of_a_service_request_come_in_order()
    {
        string[] steps = ["opened_at", "accepted_at", "allocated_at", "dispatched_at", "arrived_at", "ended_at", "signed_at", "closed_at"];
        foreach (var request in Of("service_request"))
        {
            var times = steps.Select(s => request.Values.GetValueOrDefault(s)).OfType<DateTimeOffset>().ToList();
            times.ShouldBeInOrder();
            (request.Values["status"] is "resolved" or "closed").ShouldBe(request.Values.ContainsKey("resolved_at"));
            var history = Of("service_request_event").Where(e => e.Values["request"]!.Equals(request.Id)).OrderBy(e => e.At).ToList();
            (history[^1].Values["status"]!.Equals(request.Values["status"]) || request.Values["status"] is "in_progress" or "waiting_customer" or "waiting_vendor").ShouldBeTrue();
        }
    }

    [Fact]
    public void There_is_something_to_do_tomorrow_and_something_was_done_yesterday()
    {
        foreach (var entity in new[] { "call", "visit", "meeting" })
        {
            var starts = Of(entity).Select(r => (Start: (DateTimeOffset)r.Values["start"]!, Status: (string)r.Values["status"]!)).ToList();
            starts.Count(s => s.Start > Now && s.Start < Now.AddDays(14)).ShouldBeGreaterThan(5, entity);
            starts.Count(s => s.Start < Now && s.Start > Now.AddDays(-14)).ShouldBeGreaterThan(2, entity);
            starts.Where(s => s.Start > Now.AddDays(1) && s.Status == "completed").ShouldBeEmpty();
        }
        Of("task").Count(t => t.Values["status"] is not "completed" && (DateTimeOffset)t.Values["due"]! > Now).ShouldBeGreaterThan(20);
    }

    [Theory]
    [InlineData("2026-01-02T08:00:00Z")]
    [InlineData("2026-07-31T08:00:00Z")]
    [InlineData("2026-11-28T08:00:00Z")]
    public void Whatever_the_day_there_are_seminars_to_come_and_customers_lost_lately(string now)
    {
        var moment = DateTimeOffset.Parse(now, CultureInfo.InvariantCulture);
        var records = DemoCompany.Records(moment);

        var coming = records.Where(r => r.Entity == "seminar" && r.Values["start"] is DateTimeOffset start && start > moment && start < moment.AddDays(60)).ToList();
        coming.Count.ShouldBeGreaterThanOrEqualTo(3);
        coming.ShouldAllBe(s => records.Count(r => r.Entity == "seminar_registration" && s.Id.Equals(r.Values["seminar"])) > 5);
        var lost = records.Where(r => r.Entity == "customer" && r.Values.GetValueOrDefault("churned_on") is not null).Select(r => (DateOnly)r.Values["churned_on"]!).ToList();
        lost.Count(d => d >= DateOnly.FromDateTime(moment.UtcDateTime).AddYears(-1)).ShouldBeGreaterThan(4);
        lost.ShouldAllBe(d => d < DateOnly.FromDateTime(moment.UtcDateTime));
    }

    [Fact]
    public void A_person_who_is_a_customer_is_a_contact_of_the_same_name()
    {
        var twins = Records.Where(r => r.Entity == "customer" && r.Change && r.Values.ContainsKey("person")).ToDictionary(r => r.Id, r => (Guid)r.Values["person"]!);
        var contacts = Of("contact").ToDictionary(c => c.Id);

        foreach (var person in Of("customer").Where(c => c.Values.GetValueOrDefault("type") is "person"))
        {
            var contact = contacts[twins[person.Id]];
            foreach (var field in new[] { "name", "first_name", "last_name", "phone", "email" })
            {
                contact.Values[field].ShouldBe(person.Values[field], field);
            }
            contact.Values["customer"].ShouldBe(person.Id);
        }
        twins.Count.ShouldBe(6);
    }

    [Fact]
    public void What_was_forecast_as_closed_is_what_was_won_in_the_quarter()
    {
        var wholes = Of("forecast").Where(f => f.Values.GetValueOrDefault("parent") is null).ToList();

        wholes.Count.ShouldBe(4);
        foreach (var whole in wholes)
        {
            var (start, end) = ((DateOnly)whole.Values["period_start"]!, (DateOnly)whole.Values["period_end"]!);
            In(whole, "closed_amount").ShouldBe(Opportunities.Where(o => o.Values["stage"] is "won" && (DateOnly)o.Values["close_date"]! >= start && (DateOnly)o.Values["close_date"]! <= end).Sum(Amount));
            In(whole, "closed_amount").ShouldBe(Of("forecast").Where(f => whole.Id.Equals(f.Values.GetValueOrDefault("parent"))).Sum(f => In(f, "closed_amount")));
        }
        wholes.Sum(w => In(w, "closed_amount")).ShouldBeGreaterThan(0);
    }

    [Fact]
    public void What_is_offered_now_to_customers_of_the_euro_area_and_of_China_is_in_their_currency_with_all_that_belongs_to_it()
    {
        var open = Opportunities.Where(o => OpenStages.Contains(o.Values["stage"])).ToList();
        var currencyOf = open.ToDictionary(o => o.Id, o => ((Money)o.Values["amount"]!).Currency);

        currencyOf.Values.Distinct().ShouldBe(["USD", "EUR", "CNY"], ignoreOrder: true);
        currencyOf.Values.Count(c => c == "USD").ShouldBeGreaterThan(open.Count / 4);
        Opportunities.Except(open).ShouldAllBe(o => ((Money)o.Values["amount"]!).Currency == "USD");
        foreach (var line in Of("opportunity_line").Where(l => currencyOf.ContainsKey((Guid)l.Values["opportunity"]!)))
        {
            ((Money)line.Values["amount"]!).Currency.ShouldBe(currencyOf[(Guid)line.Values["opportunity"]!]);
            ((Money)line.Values["unit_price"]!).Currency.ShouldBe(currencyOf[(Guid)line.Values["opportunity"]!]);
        }
        Of("quote").Where(q => currencyOf.ContainsKey((Guid)q.Values["opportunity"]!)).ShouldAllBe(q => ((Money)q.Values["total"]!).Currency == currencyOf[(Guid)q.Values["opportunity"]!]);
    }

    [Theory]
    [InlineData("2026-03-18T14:30:00Z")]
    [InlineData("2027-01-01T00:00:00Z")]
    [InlineData("2027-01-31T00:00:00Z")]
    public void There_is_a_rate_of_each_month_for_each_currency_and_none_of_a_day_that_the_product_brings(string now)
    {
        var records = DemoCompany.Records(DateTimeOffset.Parse(now, CultureInfo.InvariantCulture), 0.01);
        var rates = records.Where(r => r.Entity == "exchange_rate").ToList();

        records.TakeWhile(r => r.Entity == "exchange_rate").Count().ShouldBe(rates.Count, "amounts come after them");
        rates.CountBy(r => (string)r.Values["currency"]!).ShouldAllBe(c => c.Value == 25);
        rates.Select(r => (string)r.Values["currency"]!).Distinct().ShouldBe(Shipped.Model.Organisation.Currencies, ignoreOrder: true);
        rates.Select(r => (r.Values["currency"], r.Values["date"])).ShouldBeUnique();
        rates.ShouldAllBe(r => !r.Values["date"]!.Equals(new DateOnly(2024, 12, 31)));
        var shipped = Shipped.Model.Files.Seeds["exchange_rates"].Definition.Records.ToDictionary(r => r["currency"].GetString()!, r => r["rate"].GetDecimal());
        rates.ShouldAllBe(r => Math.Abs(((decimal)r.Values["rate"]! / shipped[(string)r.Values["currency"]!]) - 1) < 0.1m);
    }

    [Fact]
    public void Where_the_organisation_has_one_currency_everything_is_in_it()
    {
        foreach (var (home, further) in new (string, string[])[] { ("USD", []), ("SEK", ["EUR"]) })
        {
            var records = DemoCompany.Records(Now, 0.1, home, further);

            records.SelectMany(r => r.Values.Values.OfType<Money>()).Select(m => m.Currency).Distinct().ShouldBe([home]);
            records.Where(r => r.Entity == "exchange_rate").ShouldBeEmpty();
        }
    }

    [Fact]
    public void Campaigns_and_budgets_make_trees_and_every_cost_is_booked_to_a_part()
    {
        var levelOf = Of("campaign").ToDictionary(c => c.Id, c => (string)c.Values["level"]!);
        foreach (var campaign in Of("campaign"))
        {
            var above = campaign.Values.GetValueOrDefault("parent") is Guid parent ? levelOf[parent] : "";
            above.ShouldBe(campaign.Values["level"] switch { "campaign" => "programme", "programme" => "plan", _ => "" });
        }
        var parts = Of("budget").Where(b => b.Values.GetValueOrDefault("parent") is not null).Select(b => b.Id).ToHashSet();
        Of("budget_entry").ShouldAllBe(e => parts.Contains((Guid)e.Values["budget"]!));
    }

    [Fact]
    public void The_texts_are_in_both_languages()
    {
        foreach (var entity in new[] { "opportunity", "service_request", "call", "visit", "task", "knowledge_article", "survey_response", "lead" })
        {
            var titles = Of(entity).Select(r => (string)(r.Values.GetValueOrDefault("name") ?? r.Values.GetValueOrDefault("subject") ?? r.Values.GetValueOrDefault("title"))!).ToList();
            titles.Count(t => t.Any(c => c > 0x2E80)).ShouldBeInRange(1, titles.Count - 1, entity);
        }
    }

    private static IEnumerable<DemoRecord> Of(string entity) => Records.Where(r => r.Entity == entity && !r.Change);

    private static decimal In(DemoRecord record, string field) => ((Money)record.Values[field]!).Amount;

    private static decimal Amount(DemoRecord record) => ((Money)record.Values["amount"]!).Amount;

    private static IEnumerable<string> Options(string field) => ((ChoiceFieldType)Shipped.Model["opportunity"][field].Type).Options.Select(o => o.Value);

    private static string Text(IEnumerable<DemoRecord> records) => string.Join('\n', records.Select(r =>
        $"{r.Entity} {r.Id} {r.At:O} {r.By} {r.Change} {string.Join('|', r.Values.Select(v => string.Create(CultureInfo.InvariantCulture, $"{v.Key}={v.Value}")))}"));
}
