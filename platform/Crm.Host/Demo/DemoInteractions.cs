using Crm.Metadata;

namespace Crm.Host.Demo;

/// <summary>Who talked with whom, and who will: calls, visits, meetings, tasks, mails, chats, letters, faxes and notes around the day of looking.</summary>
internal sealed class DemoInteractions(DemoBook book, DemoDice dice, DemoClock clock, DemoPeople people, DemoContacts contacts)
{
    private DateTimeOffset LastMoment => new(clock.Yesterday, new TimeOnly(17, 0), TimeSpan.Zero);

    public void Write(IReadOnlyList<DemoSale> sales)
    {
        var from = clock.Yesterday.AddDays(-150);
        foreach (var sale in sales.Where(s => s.IsOpen || s.Close >= from))
        {
            WritePast(sale, from);
            if (sale.IsOpen)
            {
                WriteNext(sale);
            }
        }
        WriteTeamMeetings();
        WriteChats();
        WritePaper(sales);
        WriteOwnTasks();
    }

    private void WritePast(DemoSale sale, DateOnly from)
    {
        var start = DateOnly.FromDateTime(sale.At.UtcDateTime);
        var end = sale.Close < clock.Yesterday ? sale.Close : clock.Yesterday;
        foreach (var step in Enumerable.Range(0, dice.Between(1, 3)))
        {
            var day = DemoClock.WorkingDay(start.AddDays(1 + (step * Math.Max(1, (end.DayNumber - start.DayNumber) / 3))));
            if (day >= from && day <= end)
            {
                WriteOne(sale, Quarter(day), done: true, step);
            }
        }
        if (sale.Close >= from && dice.Chance(0.3))
        {
            var at = dice.During(end);
            book.Add("note", at > sale.At ? at : sale.At, sale.Customer.Owner, ("title", dice.Say(sale.SpeaksChinese, DemoWords.NoteTitles)), ("body", $"<p>{dice.Say(sale.SpeaksChinese, DemoWords.NoteTexts)}</p>"), ("regarding", new Reference("opportunity", sale.Id)), ("pinned", dice.Chance(0.1)), ("visibility", "internal"));
        }
    }

    private void WriteNext(DemoSale sale)
    {
        var day = DemoClock.WorkingDay(clock.Today.AddDays((int)dice.Skewed(5, 0.8)));
        if (dice.Chance(0.55))
        {
            WriteOne(sale, Quarter(day), done: false, dice.Between(0, 3));
        }
        if (dice.Chance(0.6))
        {
            WriteTask(sale, DemoClock.WorkingDay(clock.Today.AddDays(dice.Between(-6, 14))));
        }
    }

    private void WriteOne(DemoSale sale, DateTimeOffset start, bool done, int step)
    {
        var owner = sale.Customer.Owner;
        var chinese = sale.SpeaksChinese;
        var about = new Reference("opportunity", sale.Id);
        var at = Earlier(done ? start.AddDays(-2) : LastMoment.AddMinutes(-dice.Between(5, 4_000)), LastMoment);
        at = at < sale.At ? sale.At : at;
        var missed = done && dice.Chance(0.07);
        // Of the last days some have not been written up yet.
        var held = done && !missed && (start < LastMoment.AddDays(-6) || start.Minute != 45);
        var status = missed ? "cancelled" : held ? "completed" : "planned";
        string entity;
        Guid id;
        switch (dice.Between(0, 9))
        {
            case <= 3:
                entity = "call";
                var (subject, result) = dice.Pick(DemoWords.Calls);
                id = book.Add("call", at, owner, ("subject", (chinese ? subject.Chinese : subject.English) + (chinese ? "：" : ": ") + sale.Customer.Short), ("direction", dice.Chance(0.75) ? "outbound" : "inbound"), ("status", status), ("priority", "normal"), ("start", start), ("end", start.AddMinutes(dice.Between(5, 40))), ("contact", sale.Contact?.Id), ("customer", sale.Customer.Id), ("regarding", about), ("phone", sale.Contact?.Values["phone"]), ("outcome", missed ? "no_answer" : held ? "reached" : null), ("talk_time", held ? TimeSpan.FromSeconds(dice.Between(90, 1_900)) : null), ("result", held ? chinese ? result.Chinese : result.English : null), ("reminder", 15L));
                break;
            case <= 6:
                entity = "visit";
                id = book.Add("visit", at, owner, ("subject", chinese ? $"拜访{sale.Customer.Short}" : $"Visit {sale.Customer.Short}"), ("purpose", step switch { 0 => "acquaintance", 1 => "needs", 2 => "presentation", _ => "negotiation" }), ("status", status), ("not_held_reason", missed ? dice.Pick(["customer", "rescheduled"]) : null), ("priority", "normal"), ("start", start), ("end", start.AddHours(2)), ("customer", sale.Customer.Id), ("regarding", about), ("arrived_at", held ? start.AddMinutes(dice.Between(-8, 14)) : null), ("distance", (decimal)dice.Between(12, 340)), ("cost", held ? book.Money(dice.Between(40, 420)) : null), ("result", held ? dice.Say(chinese, DemoWords.VisitReports) : null), ("reminder", 60L));
                break;
            case <= 8:
                entity = "meeting";
                var kind = dice.Pick(["meeting", "meeting", "presentation", "workshop"]);
                id = book.Add("meeting", at, owner, ("subject", dice.Say(chinese, DemoWords.Meetings) + (chinese ? "：" : ": ") + sale.Customer.Short), ("kind", kind), ("status", status), ("priority", "normal"), ("start", start), ("end", start.AddMinutes(dice.Between(2, 6) * 30)), ("location", dice.Chance(0.5) ? sale.Customer.City : null), ("customer", sale.Customer.Id), ("regarding", about),
                    ("minimum_goal", kind == "presentation" ? chinese ? "确认测点清单" : "They name the measuring points" : null), ("maximum_goal", kind == "presentation" ? chinese ? "约定试用" : "A trial is agreed" : null), ("goal_reached", kind == "presentation" && status == "completed" ? dice.Pick(["minimum", "maximum"]) : null), ("result", status == "completed" ? dice.Say(chinese, DemoWords.VisitReports) : null), ("reminder", 15L));
                break;
            default:
                entity = "mail_message";
                var subjectLine = dice.Say(chinese, DemoWords.Mails);
                id = book.Add("mail_message", at, owner, ("subject", subjectLine), ("direction", dice.Chance(0.6) ? "outbound" : "inbound"), ("status", done ? "completed" : "draft"), ("priority", "normal"), ("start", done ? start : null), ("sender", owner.Email), ("body", $"<p>{subjectLine}. {dice.Say(chinese, DemoWords.NoteTexts)}</p>"), ("customer", sale.Customer.Id), ("regarding", about));
                break;
        }
        WriteAttendees(entity, id, sale, at, done, step);
    }

    private void WriteAttendees(string entity, Guid id, DemoSale sale, DateTimeOffset at, bool done, int step)
    {
        if (sale.Contact is { } contact && contact.At <= at)
        {
            book.Link($"{entity}.contacts", at, sale.Customer.Owner, id, contact.Id, ("acceptance", done ? "accepted" : dice.Pick(["accepted", "none", "tentative"])));
        }
        if (entity is "meeting" or "visit" && (step > 1 || dice.Chance(0.3)))
        {
            var colleague = dice.Pick(people.All.Where(p => p.Unit.Key == "products").ToList());
            book.Link($"{entity}.attendees", at, sale.Customer.Owner, id, colleague.Id, ("acceptance", done ? "accepted" : dice.Pick(["accepted", "none", "declined"])), ("optional", false));
        }
    }

    private void WriteTask(DemoSale sale, DateOnly due)
    {
        var (kind, english, chinese) = dice.Pick(DemoWords.Tasks);
        var at = Earlier(new DateTimeOffset(due.AddDays(-dice.Between(3, 12)), new TimeOnly(dice.Between(8, 16), 0), TimeSpan.Zero), LastMoment);
        at = at < sale.At ? sale.At : at;
        var deadline = new DateTimeOffset(due, new TimeOnly(dice.Between(9, 17), 0), TimeSpan.Zero);
        var done = clock.IsPast(due) && dice.Chance(0.7);
        book.Add("task", at, sale.Customer.Owner, ("subject", (sale.SpeaksChinese ? chinese + "：" : english + ": ") + sale.Customer.Short), ("kind", kind), ("status", done ? "completed" : dice.Pick(["planned", "planned", "in_progress", "waiting"])), ("priority", dice.Pick(["low", "normal", "normal", "high"])), ("due", deadline), ("start", at), ("customer", sale.Customer.Id), ("regarding", new Reference("opportunity", sale.Id)), ("completed_at", done ? Earlier(deadline, LastMoment) : null), ("progress", done ? 100m : 10m * dice.Between(0, 6)));
    }

    /// <summary>Each sales unit meets on Mondays, marketing and service on Wednesdays.</summary>
    private void WriteTeamMeetings()
    {
        foreach (var unit in people.Units.Where(u => u.Key is "americas" or "europe" or "china" or "marketing" or "desk" or "field"))
        {
            var members = people.All.Where(p => p.Unit == unit).ToList();
            var head = members.Single(p => p.IsHead);
            for (var week = -5; week <= 4; week++)
            {
                var day = clock.Today.AddDays(7 * week);
                day = day.AddDays(((int)(unit.Key is "marketing" or "desk" or "field" ? DayOfWeek.Wednesday : DayOfWeek.Monday) - (int)day.DayOfWeek + 7) % 7);
                var start = new DateTimeOffset(day, new TimeOnly(unit.Location switch { "Shanghai" => 2, "Hamburg" => 8, _ => 17 }, 0), TimeSpan.Zero);
                var past = clock.IsPast(day);
                var at = Earlier(start.AddDays(-7), LastMoment);
                var meeting = book.Add("meeting", at, head, ("subject", head.SpeaksChinese ? "部门周会" : $"{unit.Name}: week ahead"), ("kind", "internal"), ("status", past ? "completed" : "planned"), ("priority", "normal"), ("start", start), ("end", start.AddMinutes(45)), ("location", unit.Location), ("reminder", 10L));
                foreach (var member in members.Where(m => m != head))
                {
                    book.Link("meeting.attendees", at, head, meeting, member.Id, ("acceptance", past ? "accepted" : dice.Pick(["accepted", "accepted", "none", "tentative"])), ("optional", false));
                }
            }
        }
    }

    private void WriteChats()
    {
        foreach (var contact in dice.Some(contacts.All, 45))
        {
            var chinese = contact.Customer.Place.Tongue == Tongue.Chinese;
            var at = dice.During(DemoClock.WorkingDay(clock.Yesterday.AddDays(-dice.Between(3, 60))));
            if (at < contact.At)
            {
                continue;
            }
            var agent = dice.Pick(people.Agents.Where(p => p.SpeaksChinese == chinese).ToList());
            var problem = dice.Pick(DemoProblems.All);
            book.Add("chat", at, agent, ("subject", chinese ? problem.ChineseTitle : problem.Title), ("channel", chinese ? "wechat" : "web"), ("direction", "inbound"), ("status", "completed"), ("priority", "normal"), ("start", at), ("end", at.AddMinutes(dice.Between(4, 25))), ("visitor", contact.Values["name"]), ("waited", TimeSpan.FromSeconds(dice.Between(4, 180))), ("transcript", chinese ? $"客户：{problem.ChineseTitle}\n客服：{problem.ChineseSolution}" : $"Customer: {problem.Title}\nAgent: {problem.Solution}"), ("rating", dice.Chance(0.5) ? (long)dice.Between(3, 5) : null), ("customer", contact.Customer.Id));
        }
    }

    private void WritePaper(IReadOnlyList<DemoSale> sales)
    {
        foreach (var (sale, i) in dice.Some(sales.Where(s => s.Stage == "won" && s.Close >= clock.Yesterday.AddDays(-200)).ToList(), 24).Select((s, i) => (s, i)))
        {
            var at = dice.During(sale.Close);
            at = at < sale.At ? sale.At : at;
            if (i % 4 == 0)
            {
                book.Add("fax", at, sale.Customer.Owner, ("subject", sale.SpeaksChinese ? "订单确认" : "Order confirmation"), ("direction", "outbound"), ("status", "completed"), ("priority", "normal"), ("start", at), ("number", DemoPlaces.Number(sale.Customer.Place.Dial, dice.Between(10, 99))), ("pages", (long)dice.Between(1, 4)), ("customer", sale.Customer.Id), ("regarding", new Reference("opportunity", sale.Id)));
            }
            else
            {
                book.Add("letter", at, sale.Customer.Owner, ("subject", sale.SpeaksChinese ? "感谢您的订单" : "Thank you for your order"), ("direction", "outbound"), ("status", "completed"), ("priority", "normal"), ("start", at), ("recipient", sale.Contact?.Values["name"] ?? sale.Customer.Name), ("delivery", sale.SpeaksChinese ? "courier" : "post"), ("customer", sale.Customer.Id), ("regarding", new Reference("opportunity", sale.Id)));
            }
        }
    }

    /// <summary>What marketing, service and the managers have to do beside sales.</summary>
    private void WriteOwnTasks()
    {
        foreach (var person in people.All.Where(p => p.Load == 0))
        {
            foreach (var (english, chinese) in dice.Some(DemoWords.OwnTasks, dice.Between(2, 4)))
            {
                var due = DemoClock.WorkingDay(clock.Today.AddDays(dice.Between(-5, 18)));
                var at = Earlier(new DateTimeOffset(due.AddDays(-12), new TimeOnly(9, dice.Between(0, 59)), TimeSpan.Zero), LastMoment);
                var done = clock.IsPast(due) && dice.Chance(0.8);
                var deadline = new DateTimeOffset(due, new TimeOnly(dice.Between(9, 16), 0), TimeSpan.Zero);
                book.Add("task", at, person, ("subject", person.SpeaksChinese ? chinese : english), ("kind", "todo"), ("status", done ? "completed" : dice.Pick(["planned", "in_progress"])), ("priority", dice.Pick(["normal", "normal", "high", "low"])), ("due", deadline), ("start", at), ("completed_at", done ? deadline : null), ("progress", done ? 100m : 0m));
            }
        }
    }

    private DateTimeOffset Quarter(DateOnly day) => new(day, new TimeOnly(dice.Between(8, 16), 15 * dice.Between(0, 3)), TimeSpan.Zero);

    private static DateTimeOffset Earlier(DateTimeOffset left, DateTimeOffset right) => left < right ? left : right;
}
