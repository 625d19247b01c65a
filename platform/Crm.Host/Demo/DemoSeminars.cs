using Crm.Metadata;

namespace Crm.Host.Demo;

/// <summary>Lectures of the weeks to come, for which people are invited at the moment (whatever the day, there are some), and what marketing would like to do next.</summary>
internal sealed class DemoSeminars(DemoBook book, DemoDice dice, DemoClock clock, DemoPeople people, DemoContacts contacts)
{
    private static readonly (string Name, bool Chinese, int InDays, string Venue, string Kind, string Agenda)[] Rows =
    [
        ("Calibration breakfast", false, 9, "Customer centre Hamburg", "lecture", "<ol><li>What auditors ask for</li><li>Calibrating on site in an hour</li><li>Questions over coffee</li></ol>"),
        ("Explosion protection in practice", false, 24, "Technology park, hall B", "workshop", "<ol><li>Zones and certificates</li><li>Mounting by the book</li><li>Bring your drawings</li></ol>"),
        ("液位测量技术交流会", true, 33, "上海客户体验中心", "lecture", "<ol><li>雷达液位计选型</li><li>现场调试演示</li><li>答疑</li></ol>"),
    ];

    public void Write()
    {
        book.Add("budget", dice.During(DemoClock.WorkingDay(clock.Yesterday.AddDays(-5))), people.All.Single(p => p.Name == "Sofia Brunner"), ("name", "Reference film: dairy"), ("kind", "marketing"), ("status", "submitted"), ("period_start", clock.Today), ("period_end", clock.Today.AddMonths(6)), ("amount", book.Money(24_000)), ("description", "Two days of shooting at a customer, and the cut in three languages."));
        foreach (var (name, chinese, inDays, venue, kind, agenda) in Rows)
        {
            var owner = people.All.Single(p => p.Name == (chinese ? "刘佳宁" : "Sofia Brunner"));
            var speaker = people.All.Single(p => p.Name == (chinese ? "周子涵" : "Felix Amsler"));
            var (planned, invited) = (dice.During(DemoClock.WorkingDay(clock.Yesterday.AddDays(-40))), dice.During(DemoClock.WorkingDay(clock.Yesterday.AddDays(-12))));
            var start = new DateTimeOffset(DemoClock.WorkingDay(clock.Today.AddDays(inDays)), new TimeOnly(chinese ? 2 : 8, 0), TimeSpan.Zero);
            var seminar = book.Add("seminar", planned, owner, ("name", name), ("kind", kind), ("status", inDays < 14 ? "confirmed" : "inviting"), ("start", start), ("end", start.AddHours(3)), ("venue", venue), ("speaker", speaker.Id), ("coordinator", owner.Id), ("agenda", agenda), ("capacity", 30L),
                ("min_goal", 10L), ("max_goal", 24L), ("min_lead_goal", 3L), ("max_lead_goal", 8L), ("budgeted_cost", book.Money(3_200)));
            foreach (var person in new[] { owner, speaker })
            {
                book.Add("reminder", invited, owner, ("subject", chinese ? $"明天：{name}" : $"Tomorrow: {name}"), ("user", person.Id), ("at", start.AddDays(-1)), ("regarding", new Reference("seminar", seminar)), ("method", "popup"), ("status", "pending"));
            }
            foreach (var guest in dice.Some(contacts.All.Where(c => c.At < invited && (c.Customer.Place.Tongue == Tongue.Chinese) == chinese).ToList(), 34))
            {
                var status = dice.Pick(["invited", "invited", "accepted", "accepted", "tentative", "declined"]);
                book.Add("seminar_registration", invited, owner, ("seminar", seminar), ("contact", guest.Id), ("status", status), ("seats", 1L), ("invited_at", invited), ("answered_at", status == "invited" ? null : invited.AddDays(2)));
            }
        }
    }
}
