using Crm.Metadata;

namespace Crm.Host.Demo;

/// <summary>What is in use at a customer.</summary>
internal sealed record DemoInstalled(Guid Id, DemoSale Sale, string Serial, DateOnly Installed, DateOnly WarrantyEnd, Guid? Agreement, Guid? Entitlement);

/// <summary>A request for service with what was promised and what was kept.</summary>
internal sealed record DemoRequest(Guid Id, Guid Customer, DemoPerson Handler, DateTimeOffset Opened, DateTimeOffset AnswerDue, DateTimeOffset SolveDue, DateTimeOffset? Accepted, DateTimeOffset? Solved, bool Waits);

/// <summary>What comes after a sale: installed products, agreements, requests with their history, complaints, service orders, repairs and surveys.</summary>
internal sealed class DemoService(DemoBook book, DemoDice dice, DemoClock clock, DemoPeople people, DemoCatalog catalog, DemoOrganisation organisation, DemoContacts contacts)
{
    private static readonly (string Priority, double Weight, int AnswerHours, int SolveHours)[] Priorities = [("critical", 0.06, 2, 12), ("high", 0.2, 4, 30), ("medium", 0.5, 8, 72), ("low", 0.24, 24, 160)];

    private readonly List<DemoInstalled> _installed = [];
    private readonly List<DemoRequest> _requests = [];
    private readonly List<(DemoProblem Problem, Guid Category, Guid Subcategory)> _problems = [];
    private readonly Dictionary<(string Problem, bool Chinese), Guid> _articles = [];
    private readonly Dictionary<bool, (Guid Survey, Guid[] Questions)> _surveys = [];

    public IReadOnlyList<DemoInstalled> Installed => _installed;

    public IReadOnlyList<DemoRequest> Requests => _requests;

    public void Write(IReadOnlyList<DemoSale> sales, int count)
    {
        WriteCategories();
        WriteArticles();
        WriteSurveys();
        foreach (var sale in sales.Where(s => s.Order is not null && s.Product.Series != "Zenith" && clock.IsPast(s.Close.AddDays(30))))
        {
            WriteInstalled(sale);
        }
        if (_installed.Count == 0)
        {
            return;
        }
        var days = new DemoUrn<DateOnly>(clock.Days(clock.Yesterday.AddDays(-400)), clock.Busyness);
        foreach (var opened in Enumerable.Range(0, count).Select(_ => dice.During(days.Draw(dice))).Order().ToList())
        {
            var known = _installed.Where(i => i.Installed < DateOnly.FromDateTime(opened.UtcDateTime)).ToList();
            if (known.Count > 0)
            {
                WriteRequest(dice.Pick(known), opened);
            }
        }
        WriteVisits();
    }

    private void WriteCategories()
    {
        var at = people.Founded.AddHours(8);
        foreach (var group in DemoProblems.All.GroupBy(p => p.Category))
        {
            var category = book.Add("service_category", at, null, ("name", group.Key), ("queue", organisation.QueueOf("Service desk")), ("priority", "medium"), ("active", true));
            foreach (var problem in group)
            {
                _problems.Add((problem, category, book.Add("service_category", at, null, ("name", problem.Name), ("parent", category), ("queue", organisation.QueueOf(problem.NeedsVisit > 0.5 ? "Field service" : "Service desk")), ("skill", organisation.SkillOf(problem.Skill)), ("active", true))));
            }
        }
    }

    private void WriteArticles()
    {
        var editor = people.All.Single(p => p.Name == "Marta Kowalska");
        foreach (var (problem, _, subcategory) in _problems)
        {
            var at = dice.During(DemoClock.WorkingDay(clock.Start.AddDays(dice.Between(0, 90))));
            var original = default(Guid);
            foreach (var chinese in new[] { false, true })
            {
                var (title, body) = chinese ? (problem.ChineseTitle, problem.ChineseSolution) : (problem.Title, problem.Solution);
                var article = _articles[(problem.Name, chinese)] = book.Add("knowledge_article", at.AddDays(chinese ? 3 : 0), editor, ("title", title), ("category", subcategory), ("kind", "solution"), ("language", chinese ? "zh-CN" : "en"), ("translation_of", chinese ? original : null), ("status", "published"), ("audience", dice.Chance(0.5) ? "customers" : "internal"), ("summary", title), ("body", $"<p>{body}</p>"),
                    ("approver", people.All.Single(p => p.Name == "Nadia Petersen").Id), ("version_number", 2L), ("published_on", DateOnly.FromDateTime(at.UtcDateTime).AddDays(4)), ("expires_on", clock.Today.AddDays(dice.Between(-10, 200))), ("views_count", (long)dice.Between(20, 900)), ("helpful_count", (long)dice.Between(5, 120)), ("unhelpful_count", (long)dice.Between(0, 12)));
                original = chinese ? original : article;
                book.Add("knowledge_version", at.AddDays(chinese ? 3 : 0), editor, ("article", article), ("version_number", 1L), ("title", title), ("body", $"<p>{body.Split('.', '。')[0]}</p>"), ("change", chinese ? "首次发布" : "First edition"), ("author", editor.Id));
            }
        }
        book.Add("knowledge_article", dice.During(clock.Yesterday), editor, ("title", "Radar level meter: false echo after cleaning in place"), ("kind", "known_error"), ("language", "en"), ("status", "review"), ("audience", "internal"), ("summary", "Foam on the antenna is taken for the level for up to four minutes."));
    }

    private void WriteSurveys()
    {
        var owner = people.Of(DemoPeople.ServiceManager);
        var at = dice.During(DemoClock.WorkingDay(clock.Start));
        foreach (var chinese in new[] { false, true })
        {
            var survey = book.Add("survey", at, owner, ("name", chinese ? "服务满意度调查" : "After a service request"), ("code", chinese ? "CSAT-ZH" : "CSAT-EN"), ("kind", "satisfaction"), ("status", "active"), ("language", chinese ? "zh-CN" : "en"), ("active_from", clock.Start), ("introduction", chinese ? "请用一分钟评价我们的服务。" : "One minute of your time helps us to serve you better."), ("thanks", chinese ? "感谢您的反馈！" : "Thank you."));
            (string Text, string Kind)[] questions = chinese ? [("您对处理结果满意吗？", "rating"), ("响应是否及时？", "rating"), ("还有什么需要改进？", "text")] : [("How content are you with the solution?", "rating"), ("Did we answer fast enough?", "rating"), ("What could we do better?", "text")];
            _surveys[chinese] = (survey, [.. questions.Select((q, i) => book.Add("survey_question", at, owner, ("survey", survey), ("position", i + 1L), ("text", q.Text), ("kind", q.Kind), ("required", i < 2), ("counts", i < 2)))]);
        }
    }

    private void WriteInstalled(DemoSale sale)
    {
        var at = dice.During(DemoClock.WorkingDay(sale.Close.AddDays(dice.Between(29, 30))) is var day && clock.IsPast(day) ? day : clock.Yesterday);
        var (installed, owner) = (DateOnly.FromDateTime(at.UtcDateTime), sale.Customer.Owner);
        Guid? agreement = null, entitlement = null;
        if (dice.Chance(0.38))
        {
            var (level, answer, solve) = dice.Pick([("basic", 24L, 120L), ("standard", 8L, 72L), ("standard", 8L, 72L), ("premium", 4L, 24L)]);
            var fee = decimal.Round(sale.Worth * 0.006m, 2);
            var end = installed.AddYears(dice.Between(1, 2));
            var active = end > clock.Yesterday;
            agreement = book.Add("service_agreement", at, owner, ("name", $"{sale.Product.Series} {level} – {sale.Customer.Short}"), ("customer", sale.Customer.Id), ("contact", sale.Contact?.Id), ("status", active ? "active" : "expired"), ("level", level), ("start_date", installed), ("end_date", end), ("term", end > installed.AddMonths(13) ? "two_years" : "one_year"), ("auto_renew", dice.Chance(0.6)), ("monthly_fee", book.Money(fee)), ("total_fee", book.Money(fee * 12)), ("services", new TextSet(level == "basic" ? ["hotline"] : ["hotline", "remote", "on_site"])), ("response_hours", answer), ("resolution_hours", solve));
            entitlement = book.Add("entitlement", at, owner, ("name", $"{(sale.SpeaksChinese ? "服务次数" : "Service cases")} – {sale.Customer.Short}"), ("customer", sale.Customer.Id), ("agreement", agreement), ("status", active ? "active" : "expired"), ("start_date", installed), ("end_date", end), ("unit_of_measure", "cases"), ("total_terms", 12m), ("remaining_terms", (decimal)dice.Between(2, 12)), ("channels", new TextSet(["phone", "email", "on_site"])));
        }
        var serial = $"{sale.Product.Code}-{installed.Year % 100:00}{dice.Between(10_000, 99_999)}";
        var id = book.Add("installed_product", at, owner, ("name", $"{sale.Product.Name} – {sale.Customer.Short}"), ("serial_number", serial), ("customer", sale.Customer.Id), ("contact", sale.Contact?.Id), ("product", sale.Product.Id), ("status", "installed"), ("quantity", (decimal)sale.Lines[0].Quantity), ("price", sale.Money(sale.Lines[0].Amount)), ("order", sale.Order), ("purchase_date", sale.Close), ("install_date", installed), ("warranty_end", installed.AddYears(2)), ("agreement", agreement));
        _installed.Add(new(id, sale, serial, installed, installed.AddYears(2), agreement, entitlement));
    }

    private void WriteRequest(DemoInstalled of, DateTimeOffset opened)
    {
        var sale = of.Sale;
        var chinese = sale.SpeaksChinese;
        var (problem, category, subcategory) = dice.Pick(_problems, p => p.Problem.Weight);
        var (priority, _, answer, solve) = dice.Pick(Priorities, p => p.Weight);
        var agent = dice.Pick(people.Agents.Where(p => p.SpeaksChinese == chinese).ToList());
        var onSite = dice.Chance(problem.NeedsVisit);
        var technician = dice.Pick(people.Technicians.Where(p => p.SpeaksChinese == chinese).ToList());
        var takes = TimeSpan.FromHours(dice.Skewed(solve * (onSite ? 0.75 : 0.45), 0.7));
        var end = opened + takes;
        // What is quickly done was taken up more quickly.
        var accepted = Earlier(opened.AddMinutes(dice.Between(5, answer * 55)), opened + (takes * 0.4));
        var allocated = Earlier(accepted.AddMinutes(4), accepted + ((end - accepted) * 0.2));
        var done = end < new DateTimeOffset(clock.Today, default, TimeSpan.Zero);
        var covered = of.Agreement is not null || of.WarrantyEnd > DateOnly.FromDateTime(opened.UtcDateTime);
        var status = done ? end < opened.AddDays(5) || clock.Yesterday.AddDays(-6) > DateOnly.FromDateTime(end.UtcDateTime) ? "closed" : "resolved"
            : accepted > new DateTimeOffset(clock.Today, default, TimeSpan.Zero) ? "new" : dice.Pick(["assigned", "in_progress", "in_progress", "waiting_customer", "waiting_vendor"]);
        var (id, subject) = (dice.Id(opened), chinese ? problem.ChineseTitle : problem.Title);
        var contact = sale.Contact ?? contacts.ByCustomer[sale.Customer.Id].FirstOrDefault(c => c.At < opened);
        var closed = done ? end.AddMinutes(dice.Between(30, 1_200)) is var later && later < new DateTimeOffset(clock.Today, default, TimeSpan.Zero) ? later : end : (DateTimeOffset?)null;
        var (dispatched, arrived) = (accepted + ((end - accepted) * 0.35), accepted + ((end - accepted) * 0.7));
        var handler = onSite ? technician : agent;
        book.Add("service_request", id, opened, handler,
            ("subject", subject), ("customer", sale.Customer.Id), ("contact", contact?.Id), ("installed_product", of.Id), ("product", sale.Product.Id), ("service_agreement", of.Agreement), ("entitlement", of.Entitlement), ("nature", problem.Nature), ("source", dice.Pick(["phone", "phone", "email", "email", "web", "portal", "chat"])), ("validity", covered ? "valid" : "billable"),
            ("impact", priority), ("urgency", priority), ("priority", priority), ("category", category), ("subcategory", subcategory), ("symptom", chinese ? problem.ChineseTitle : problem.Name), ("status", status), ("description", chinese ? $"设备序列号 {of.Serial}。{problem.ChineseTitle.TrimEnd('？')}，请尽快处理。" : $"Serial number {of.Serial}. {problem.Title}{(problem.Title.EndsWith('?') ? "" : ".")} Please help us soon."), ("queue", organisation.QueueOf(onSite ? "Field service" : "Service desk")), ("owner", status == "new" ? organisation.TeamOf("Service desk") : null), ("location", sale.Customer.City), ("opened_by", agent.Id),
            ("opened_at", opened), ("response_due", opened.AddHours(answer)), ("resolution_due", opened.AddHours(solve)), ("accepted_at", status == "new" ? null : accepted), ("allocated_at", status == "new" ? null : allocated), ("dispatched_at", done && onSite ? dispatched : null), ("arrived_at", done && onSite ? arrived : null), ("ended_at", done && onSite ? end : null), ("signed_at", done && onSite ? end : null), ("resolved_at", done ? end : null), ("closed_at", status == "closed" ? closed : null), ("resolved_by", done ? handler.Id : null),
            ("sla_met", done ? takes.TotalHours <= solve : null), ("reassignment_count", onSite ? 1L : 0L), ("reopen_count", done && dice.Chance(0.05) ? 1L : 0L), ("update_count", (long)dice.Between(2, 7)), ("resolution", done ? chinese ? problem.ChineseSolution : problem.Solution : null), ("article", done && dice.Chance(0.6) ? _articles[(problem.Name, chinese)] : null), ("knowledge", done));
        _requests.Add(new(id, sale.Customer.Id, handler, opened, opened.AddHours(answer), opened.AddHours(solve), status == "new" ? null : accepted, done ? end : null, status.StartsWith("waiting", StringComparison.Ordinal)));
        WriteHistory(id, opened, accepted, end, closed, status, agent, handler, onSite);
        if (done && of.Entitlement is { } entitlement)
        {
            book.Add("entitlement_use", end, handler, ("entitlement", entitlement), ("request", id), ("at", end), ("quantity", 1m), ("reason", subject));
        }
        if (onSite && status != "new")
        {
            WriteOrder(of, id, subject, problem, technician, done, accepted, dispatched, arrived, end, covered, chinese);
        }
        WriteAftermath(of, id, subject, contact, agent, done, end, takes.TotalHours > solve, chinese);
    }

    private void WriteHistory(Guid request, DateTimeOffset opened, DateTimeOffset accepted, DateTimeOffset end, DateTimeOffset? closed, string status, DemoPerson agent, DemoPerson handler, bool onSite)
    {
        void Event(DateTimeOffset at, string to, DemoPerson person, string queue, long updates) => book.Add("service_request_event", at, agent, ("request", request), ("at", at), ("status", to), ("queue", organisation.QueueOf(queue)), ("assigned_to", person.Id), ("changed_by", person.Name), ("update_count", updates));
        Event(opened, "new", agent, "Service desk", 0);
        if (status == "new")
        {
            return;
        }
        Event(accepted, "assigned", handler, onSite ? "Field service" : "Service desk", 1);
        if (status is "resolved" or "closed")
        {
            Event(end, "resolved", handler, onSite ? "Field service" : "Service desk", 2);
        }
        if (status == "closed")
        {
            Event(closed!.Value, "closed", agent, "Service desk", 3);
        }
    }

    private void WriteOrder(DemoInstalled of, Guid request, string subject, DemoProblem problem, DemoPerson technician, bool done, DateTimeOffset accepted, DateTimeOffset dispatched, DateTimeOffset arrived, DateTimeOffset end, bool covered, bool chinese)
    {
        var planned = done ? arrived : dice.During(DemoClock.WorkingDay(clock.Today.AddDays(dice.Between(0, 9))));
        var open = !done && planned.Day % 3 == 0;
        var order = book.Add("service_order", accepted.AddMinutes(6), technician, ("subject", subject), ("kind", problem.Nature == "maintenance" ? "maintenance" : "repair"), ("request", request), ("customer", of.Sale.Customer.Id), ("contact", of.Sale.Contact?.Id), ("installed_product", of.Id), ("service_agreement", of.Agreement), ("cover", of.Agreement is not null ? "agreement" : covered ? "warranty" : "billable"), ("priority", "normal"), ("status", done ? "signed" : open ? "open" : "scheduled"), ("start", open ? null : planned), ("end", open ? null : planned.AddHours(2)),
            ("dispatched_at", done ? dispatched : null), ("arrived_at", done ? arrived : null), ("ended_at", done ? end : null), ("signed_at", done ? end : null), ("report", done ? chinese ? problem.ChineseSolution : problem.Solution : null), ("description", subject));
        book.Link("service_order.skills", accepted.AddMinutes(6), technician, order, organisation.SkillOf(problem.Skill), ("level", 3L));
        if (done)
        {
            WriteOrderLines(order, end, technician, covered, chinese, (decimal)Math.Clamp((end - arrived).TotalHours, 0.5, 7));
            if (dice.Chance(0.2))
            {
                WriteRepair(of, request, order, subject, technician, end, covered, chinese);
            }
        }
    }

    private void WriteOrderLines(Guid order, DateTimeOffset at, DemoPerson technician, bool covered, bool chinese, decimal hours)
    {
        var (position, half) = (0L, Math.Ceiling(hours * 2) / 2);
        foreach (var part in dice.Some(catalog.Parts.Where(p => p.Kind == "spare_part").ToList(), dice.Between(0, 2)))
        {
            book.Add("service_order_line", at, technician, ("service_order", order), ("position", ++position), ("kind", "part"), ("description", chinese ? part.Chinese : part.Name), ("product", part.Id), ("quantity", 1m), ("unit_price", book.Money(part.Price)), ("amount", book.Money(covered ? 0 : part.Price)), ("cost", book.Money(part.Price * 0.45m)), ("covered", covered));
        }
        book.Add("service_order_line", at, technician, ("service_order", order), ("position", ++position), ("kind", "labour"), ("description", chinese ? "现场人工" : "Work on site"), ("quantity", half), ("hours", TimeSpan.FromHours((double)half)), ("unit_price", book.Money(128)), ("amount", book.Money(covered ? 0 : half * 128)), ("cost", book.Money(half * 54)), ("covered", covered));
        book.Add("service_order_line", at, technician, ("service_order", order), ("position", ++position), ("kind", "travel"), ("description", chinese ? "差旅" : "Travel"), ("quantity", 1m), ("hours", TimeSpan.FromHours(1.5)), ("unit_price", book.Money(95)), ("amount", book.Money(covered ? 0 : 95)), ("cost", book.Money(61)), ("covered", covered));
    }

    private void WriteRepair(DemoInstalled of, Guid request, Guid order, string subject, DemoPerson technician, DateTimeOffset at, bool covered, bool chinese)
    {
        var received = DateOnly.FromDateTime(at.UtcDateTime);
        var returned = DemoClock.WorkingDay(received.AddDays(dice.Between(4, 18)));
        var done = clock.IsPast(returned);
        var repair = book.Add("repair", at, technician, ("subject", subject), ("customer", of.Sale.Customer.Id), ("installed_product", of.Id), ("product", of.Sale.Product.Id), ("serial_number", of.Serial), ("request", request), ("service_order", order), ("status", done ? "returned" : dice.Pick(["diagnosing", "waiting_parts", "repairing"])), ("warranty", covered), ("fault", subject), ("action_taken", done ? chinese ? "更换主板并重新校准。" : "Board replaced, instrument calibrated." : null), ("received_on", received), ("promised_on", returned), ("returned_on", done ? returned : null), ("cost", book.Money(dice.Between(120, 560))));
        book.Add("repair_step", at, technician, ("repair", repair), ("at", at), ("description", chinese ? "收货检查，外观完好" : "Received, no outer damage"), ("technician", technician.Id), ("time_spent", TimeSpan.FromMinutes(20)));
        if (done)
        {
            var last = dice.During(returned);
            book.Add("repair_step", last, technician, ("repair", repair), ("at", last), ("description", chinese ? "更换主板，三点校准合格" : "Board replaced, calibrated at three points"), ("technician", technician.Id), ("time_spent", TimeSpan.FromMinutes(95)), ("part", catalog.Parts.First(p => p.Code == "NL-SP-040").Id), ("measured", "±0.04 %"));
        }
    }

    private void WriteAftermath(DemoInstalled of, Guid request, string subject, DemoContact? contact, DemoPerson agent, bool done, DateTimeOffset end, bool late, bool chinese)
    {
        var now = new DateTimeOffset(clock.Yesterday, new TimeOnly(17, 30), TimeSpan.Zero);
        if (end < now.AddHours(-30) && dice.Chance(late ? 0.16 : 0.03))
        {
            WriteComplaint(of, request, subject, contact, end, chinese);
        }
        if (!done || end > now.AddHours(-26) || !dice.Chance(0.7))
        {
            return;
        }
        var (answered, at) = (dice.Chance(0.55), end.AddHours(1));
        var points = late ? dice.Between(1, 4) : dice.Between(3, 5);
        var (survey, questions) = _surveys[chinese];
        var answeredAt = at.AddHours(dice.Between(1, 24));
        var response = book.Add("survey_response", at, agent, ("survey", survey), ("name", subject), ("customer", of.Sale.Customer.Id), ("contact", contact?.Id), ("regarding", new Reference("service_request", request)), ("status", answered ? "answered" : "sent"), ("channel", "email"), ("sent_at", at), ("answered_at", answered ? answeredAt : null), ("score", answered ? (decimal)points : null), ("verdict", answered ? points >= 4 ? "satisfied" : points == 3 ? "neutral" : "dissatisfied" : null), ("follow_up", answered && points <= 2),
            ("comment", answered && dice.Chance(0.4) ? dice.Say(chinese, points >= 4 ? [("Quick and friendly.", "响应快，态度好。"), ("The technician knew what he did.", "工程师很专业。")] : [("We waited too long for a call back.", "回电等待太久。"), ("Two visits for one fault.", "同一故障上门两次。")]) : null));
        if (answered)
        {
            for (var i = 0; i < 2; i++)
            {
                book.Add("survey_answer", answeredAt, agent, ("response", response), ("question", questions[i]), ("question_text", chinese ? i == 0 ? "您对处理结果满意吗？" : "响应是否及时？" : i == 0 ? "How content are you with the solution?" : "Did we answer fast enough?"), ("number", (decimal)Math.Clamp(points + dice.Between(-1, 1), 1, 5)));
            }
        }
    }

    private void WriteComplaint(DemoInstalled of, Guid request, string subject, DemoContact? contact, DateTimeOffset end, bool chinese)
    {
        var at = end.AddHours(dice.Between(2, 20));
        var resolved = at.AddDays(dice.Between(1, 12));
        var done = DateOnly.FromDateTime(resolved.UtcDateTime) <= clock.Yesterday;
        var complaint = book.Add("complaint", at, dice.Pick(people.Agents.Where(p => p.SpeaksChinese == chinese).ToList()), ("subject", (chinese ? "投诉：" : "Complaint: ") + subject), ("customer", of.Sale.Customer.Id), ("contact", contact?.Id), ("request", request), ("installed_product", of.Id), ("product", of.Sale.Product.Id), ("kind", dice.Pick(["response", "service", "quality", "advice"])), ("source", dice.Pick(["phone", "email"])), ("severity", dice.Pick(["low", "medium", "medium", "high"])), ("level", done ? "agent" : dice.Pick(["agent", "manager", "head"])), ("status", done ? "closed" : dice.Pick(["accepted", "investigating"])), ("queue", organisation.QueueOf("Complaints")), ("received_at", at), ("due", at.AddDays(5)), ("accepted_at", at.AddHours(2)), ("resolved_at", done ? resolved : null), ("closed_at", done ? resolved : null),
            ("description", chinese ? "处理时间过长，影响生产。" : "It took too long, and the line stood still."), ("cause", done ? chinese ? "排班不足，派工延误。" : "Too few technicians were on duty." : null), ("remedy", done ? "apology" : null), ("resolution", done ? chinese ? "致歉并调整值班安排。" : "Apology, and a second technician on call." : null), ("satisfaction", done ? (long)dice.Between(2, 5) : null));
        book.Later("service_request", request, at, null, ("complaint", complaint));
    }

    /// <summary>Maintenance that the agreements promise, in the weeks to come.</summary>
    private void WriteVisits()
    {
        foreach (var of in dice.Some(_installed.Where(i => i.Agreement is not null).ToList(), 28))
        {
            var chinese = of.Sale.SpeaksChinese;
            var technician = dice.Pick(people.Technicians.Where(p => p.SpeaksChinese == chinese).ToList());
            var start = dice.During(DemoClock.WorkingDay(clock.Today.AddDays(dice.Between(0, 26))));
            var order = book.Add("service_order", dice.During(DemoClock.WorkingDay(clock.Yesterday.AddDays(-dice.Between(9, 20))) is var day && clock.IsPast(day) ? day : clock.Yesterday), technician, ("subject", chinese ? $"年度保养：{of.Sale.Customer.Short}" : $"Yearly maintenance at {of.Sale.Customer.Short}"), ("kind", dice.Chance(0.6) ? "maintenance" : "calibration"), ("customer", of.Sale.Customer.Id), ("contact", of.Sale.Contact?.Id), ("installed_product", of.Id), ("service_agreement", of.Agreement), ("cover", "agreement"), ("priority", "normal"), ("status", "scheduled"), ("start", start), ("end", start.AddHours(dice.Between(2, 5))), ("description", chinese ? "清洁、检查密封并三点校准。" : "Clean, check seals, calibrate at three points."));
            book.Link("service_order.skills", people.Founded.AddHours(9), technician, order, organisation.SkillOf("Calibration"), ("level", 3L));
        }
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
