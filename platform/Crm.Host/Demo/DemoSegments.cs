using System.Text.Json;

namespace Crm.Host.Demo;

/// <summary>Groups of customers, contacts and leads that nobody keeps by hand: a condition says who belongs.</summary>
internal sealed class DemoSegments(DemoBook book, DemoClock clock, DemoPeople people)
{
    private static readonly (string Name, string Basis, string Color, string Condition, string Policy)[] Segments =
    [
        ("Key accounts", "value", "#15803d", """{"field": "tier", "op": "eq", "value": "key"}""", "A named engineer, a visit each quarter, prices by frame contract."),
        ("Customers who stopped buying", "lifecycle", "#b45309", """{"field": "status", "op": "eq", "value": "inactive"}""", "Call once a year; offer the calibration of what they still run."),
        ("水务与食品行业客户", "industry", "#2563eb", """{"all": [{"field": "industry", "op": "in", "value": ["water", "food"]}, {"field": "country", "op": "eq", "value": "China"}]}""", "以卫生认证和样板工程为主要卖点，每季度举办一次技术交流。"),
        ("Good credit, never ordered", "value", "#7c3aed", """{"all": [{"field": "status", "op": "eq", "value": "prospect"}, {"field": "credit_grade", "op": "in", "value": ["aaa", "aa", "a"]}]}""", "Trial instruments for four weeks."),
    ];

    private static readonly (string Name, string Base, string Condition, string Purpose)[] Lists =
    [
        ("Decision makers of active customers", "contact", """{"all": [{"field": "role", "op": "eq", "value": "decision_maker"}, {"field": "customer.status", "op": "eq", "value": "active"}]}""", "Invitations to reference visits."),
        ("Open leads from seminars and fairs", "lead", """{"all": [{"field": "source", "op": "eq", "value": "seminar"}, {"field": "status", "op": "in", "value": ["new", "assigned", "working", "nurturing"]}]}""", "Follow-up within three weeks."),
    ];

    public void Write()
    {
        var (head, at) = (people.Of(DemoPeople.MarketingManager), new DateTimeOffset(clock.Start.AddDays(30), new TimeOnly(9, 0), TimeSpan.Zero));
        foreach (var (name, basis, color, condition, policy) in Segments)
        {
            book.Add("segment", at, head, ("name", name), ("kind", "dynamic"), ("basis", basis), ("color", color), ("condition", Json(condition)), ("policy", policy));
        }
        foreach (var (name, of, condition, purpose) in Lists)
        {
            book.Add("target_list", at, head, ("name", name), ("kind", "dynamic"), ("base", of), ("condition", Json(condition)), ("purpose", purpose));
        }
        book.Add("target_list", at, head, ("name", "Bought addresses: breweries"), ("kind", "static"), ("base", "lead"), ("purpose", "Mailing before the fair."), ("source", "Address house Wren, licence for two mailings"), ("licence_until", clock.Today.AddDays(47)), ("cost", book.Money(1_900)));
    }

    private static Crm.Metadata.JsonContent Json(string text) => Crm.Metadata.JsonContent.Of(JsonElement.Parse(text));
}
