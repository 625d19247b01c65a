namespace Crm.Host.Demo;

/// <summary>How the company is organised beyond its units: roles, teams, skills, working time, leave and queues.</summary>
internal sealed class DemoOrganisation(DemoBook book, DemoDice dice, DemoClock clock, DemoPeople people)
{
    private static readonly (string Name, string Label, string Of)[] Roles =
    [
        ("general_manager", "General management", "Margaret Ellison,Daniel Okafor,Priya Raman,Matthias Brandt,Gloria Santos"),
        ("sales_manager", "Sales manager", "Daniel Okafor,Rachel Whitcombe,Jonas Lindqvist,陈思远"),
        ("seller", "Seller", "*sellers"), ("marketing_manager", "Marketing manager", "Priya Raman"), ("marketer", "Marketer", "*marketing"),
        ("service_manager", "Service manager", "Gloria Santos,Nadia Petersen,Wolfgang Reuter"), ("service_agent", "Service agent", "*desk"), ("technician", "Technician", "*field"),
    ];

    private static readonly (string Name, string Kind, string Lead, string Of)[] Teams =
    [
        ("Service desk", "service", "Gloria Santos", "*desk"),
        ("Key accounts", "sales", "Daniel Okafor", "Tom Hargrave,Clara Weiss,王雨桐,Felix Amsler,Hannah Schreiber"),
        ("Tender desk", "sales", "Hannah Schreiber", "Samuel Adeyemi,Henrik Dahl,李建华,Ingrid Solheim"),
        ("Applications", "project", "Matthias Brandt", "Felix Amsler,周子涵,Ingrid Solheim"),
        ("Spring and autumn events", "marketing", "Sofia Brunner", "Ben Castellano,刘佳宁,Felix Amsler"),
        ("Water and environment", "project", "Ingrid Solheim", "Emily Novak,Chiara Moretti,赵敏,Dana Whitfield"),
    ];

    private static readonly (string Name, string Kind)[] Skills =
    [
        ("Pressure", "product"), ("Flow", "product"), ("Level", "product"), ("Water analysis", "product"), ("Calibration", "technical"), ("Explosion protection", "certificate"),
        ("Control systems", "technical"), ("English", "language"), ("German", "language"), ("中文", "language"), ("Food industry", "industry"), ("Difficult conversations", "soft"),
    ];

    private readonly Dictionary<string, Guid> _skills = [];
    private readonly Dictionary<string, Guid> _queues = [];

    private readonly Dictionary<string, Guid> _teams = [];

    public Guid TeamOf(string name) => _teams[name];

    public Guid SkillOf(string name) => _skills[name];

    public Guid QueueOf(string name) => _queues[name];

    public void Write()
    {
        WriteRolesAndTeams();
        WriteSkills();
        WriteCalendars();
        WriteQueues();
        WriteLeaves();
    }

    private void WriteRolesAndTeams()
    {
        var at = people.Founded.AddHours(2);
        foreach (var (name, label, of) in Roles)
        {
            var role = book.Add("role", at, null, ("label", label), ("name", name));
            foreach (var person in Named(of))
            {
                book.Link("role.members", at, null, role, person.Id);
            }
        }
        foreach (var (name, kind, lead, of) in Teams)
        {
            var head = people.All.Single(p => p.Name == lead);
            var team = _teams[name] = book.Add("team", at, null, ("name", name), ("kind", kind), ("lead", head.Id), ("active", true));
            book.Link("team.members", at, null, team, head.Id, ("part", "lead"));
            foreach (var person in Named(of).Where(p => p != head))
            {
                book.Link("team.members", at, null, team, person.Id, ("part", "member"));
            }
        }
    }

    private IEnumerable<DemoPerson> Named(string names) => names switch
    {
        "*sellers" => people.Sellers,
        "*marketing" => people.Marketers,
        "*desk" => people.Agents,
        "*field" => people.Technicians,
        _ => names.Split(',').Select(name => people.All.Single(p => p.Name == name)),
    };

    private void WriteSkills()
    {
        var at = people.Founded.AddHours(3);
        foreach (var (name, kind) in Skills)
        {
            _skills[name] = book.Add("skill", at, null, ("name", name), ("kind", kind), ("active", true));
        }
        foreach (var person in people.Technicians.Concat(people.Agents).Concat(people.All.Where(p => p.Unit.Key == "products")))
        {
            var tongue = person.SpeaksChinese ? "中文" : person.Unit.Location == "Hamburg" ? "German" : "English";
            foreach (var name in Skills.Where(s => s.Kind != "language" && dice.Chance(0.5)).Select(s => s.Name).Append(tongue).ToList())
            {
                book.Add("user_skill", at, null, ("user", person.Id), ("skill", _skills[name]), ("name", name), ("level", (long)(name == tongue ? 5 : dice.Between(2, 5))),
                    ("valid_until", name == "Explosion protection" ? clock.Yesterday.AddDays(dice.Between(20, 700)) : null));
            }
        }
    }

    private void WriteCalendars()
    {
        var at = people.Founded.AddHours(4);
        foreach (var (name, zone, location, from, until) in new[] { ("Office hours Portland", "America/Los_Angeles", "Portland", 8, 17), ("Bürozeiten Hamburg", "Europe/Berlin", "Hamburg", 8, 17), ("上海办公时间", "Asia/Shanghai", "Shanghai", 9, 18) })
        {
            var calendar = book.Add("working_calendar", at, null, ("name", name), ("time_zone", zone), ("standard", location == "Portland"));
            var position = 0L;
            foreach (var day in new[] { "monday", "tuesday", "wednesday", "thursday", "friday" })
            {
                book.Add("working_hours", at, null, ("calendar", calendar), ("weekday", day), ("start", new TimeOnly(from, 0)), ("end", new TimeOnly(12, 0)), ("position", ++position));
                book.Add("working_hours", at, null, ("calendar", calendar), ("weekday", day), ("start", new TimeOnly(13, 0)), ("end", new TimeOnly(until, 0)), ("position", ++position));
            }
            foreach (var year in new[] { clock.Yesterday.Year, clock.Yesterday.Year + 1 })
            {
                foreach (var (holiday, month, day, days) in HolidaysAt(location))
                {
                    book.Add("holiday", at, null, ("calendar", calendar), ("name", holiday), ("date", new DateOnly(year, month, day)), ("until", days > 1 ? new DateOnly(year, month, day).AddDays(days - 1) : null));
                }
            }
            foreach (var unit in people.Units.Where(u => u.Location == location))
            {
                book.Later("unit", unit.Id, at, null, ("working_calendar", calendar));
            }
        }
    }

    // Only holidays whose day is the same every year.
    private static (string Name, int Month, int Day, int Days)[] HolidaysAt(string location) => location switch
    {
        "Hamburg" => [("Neujahr", 1, 1, 1), ("Tag der Arbeit", 5, 1, 1), ("Tag der Deutschen Einheit", 10, 3, 1), ("Weihnachten", 12, 25, 2)],
        "Shanghai" => [("元旦", 1, 1, 1), ("劳动节", 5, 1, 3), ("国庆节", 10, 1, 7)],
        _ => [("New Year's Day", 1, 1, 1), ("Independence Day", 7, 4, 1), ("Veterans Day", 11, 11, 1), ("Christmas Day", 12, 25, 1)],
    };

    private void WriteQueues()
    {
        var at = people.Founded.AddHours(5);
        foreach (var (name, kind, lead, mailbox, phone, of) in new[]
        {
            ("Service desk", "service", "Nadia Petersen", "service", 40, "*desk"), ("Field service", "service", "Wolfgang Reuter", "field", 41, "*field"), ("Workshop", "service", "Dana Whitfield", "workshop", 42, "Dana Whitfield,吴志强"),
            ("Complaints", "complaint", "Gloria Santos", "complaints", 43, "Nadia Petersen,Aaron Delgado"), ("New leads", "sales", "Samuel Adeyemi", "sales", 44, "Samuel Adeyemi,Hannah Schreiber"), ("Hotline", "phone", "Aaron Delgado", "hotline", 45, "*desk"),
        })
        {
            var queue = _queues[name] = book.Add("queue", at, null, ("name", name), ("kind", kind), ("lead", people.All.Single(p => p.Name == lead).Id), ("email", mailbox + "@demo.example"), ("phone", DemoPlaces.Number("+1 503 555 01", phone)), ("accept_within", TimeSpan.FromHours(4)), ("active", true));
            foreach (var person in Named(of))
            {
                book.Link("queue.members", at, null, queue, person.Id, ("weight", 1L));
            }
        }
    }

    private void WriteLeaves()
    {
        foreach (var person in people.All.Where(p => p.Manager is not null && dice.Chance(0.7)))
        {
            var start = DemoClock.WorkingDay(clock.Yesterday.AddDays(dice.Between(-60, 60)));
            var asked = dice.During(DemoClock.WorkingDay(Earlier(start.AddDays(-30), clock.Yesterday.AddDays(-3))));
            var kind = dice.Chance(0.75) ? "vacation" : dice.Chance(0.5) ? "training" : "travel";
            var colleague = dice.Pick(people.All.Where(p => p.Unit == person.Unit && p != person).DefaultIfEmpty(person.Manager!).ToList());
            book.Add("leave", asked, person, ("subject", person.SpeaksChinese ? "休假申请" : kind == "vacation" ? "Vacation" : kind == "training" ? "Training" : "Business trip"), ("user", person.Id), ("kind", kind), ("start", start), ("end", start.AddDays(dice.Between(0, 9))),
                ("status", start > clock.Yesterday.AddDays(14) && dice.Chance(0.5) ? "requested" : "approved"), ("substitute", colleague.Id));
        }
    }

    private static DateOnly Earlier(DateOnly left, DateOnly right) => left < right ? left : right;
}
