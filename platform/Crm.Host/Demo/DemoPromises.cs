namespace Crm.Host.Demo;

/// <summary>How service works by rule: plans of activities, times promised in agreements, and whether they were kept.</summary>
internal sealed class DemoPromises(DemoBook book, DemoClock clock, DemoPeople people, DemoOrganisation organisation, DemoService service)
{
    private static readonly (string Priority, int Answer, int Solve)[] Times = [("critical", 2, 12), ("high", 4, 30), ("medium", 8, 72), ("low", 24, 160)];

    private static readonly (string Name, string Purpose, string? Queue, (string Kind, string Subject, long After, bool Waits, int Minutes)[] Steps)[] Plans =
    [
        ("Fault on site", "service_request", "Field service", [("call", "Ask for serial number and what the display shows", 0, false, 15), ("task", "Check warranty and agreement", 0, false, 10), ("service_order", "Visit with spare parts", 2, true, 180), ("call", "Ask whether all is well", 7, true, 10)]),
        ("Complaint", "complaint", "Complaints", [("call", "Listen and apologise", 0, false, 20), ("task", "Find the cause", 2, false, 120), ("mail_message", "Say what we do about it", 3, true, 20), ("call", "Ask whether the customer is content", 14, true, 15)]),
        ("大客户首次拜访", "opportunity", null, [("task", "整理客户背景与在用设备", 0, false, 60), ("visit", "拜访技术与采购负责人", 5, true, 120), ("mail_message", "发送会议纪要与下一步安排", 6, true, 20), ("task", "更新采购决策链", 6, false, 15)]),
        ("Follow-up after a fair", "lead", "New leads", [("mail_message", "Thank for the visit", 1, false, 10), ("call", "Ask for the project", 3, true, 20), ("meeting", "Presentation by video", 10, true, 45)]),
    ];

    public void Write()
    {
        var (head, at) = (people.Of(DemoPeople.ServiceManager), people.Founded.AddDays(15));
        foreach (var (name, purpose, queue, steps) in Plans)
        {
            var plan = book.Add("activity_plan", at, head, ("name", name), ("purpose", purpose), ("active", true));
            foreach (var (step, i) in steps.Select((s, i) => (s, i)))
            {
                book.Add("activity_plan_step", at, head, ("plan", plan), ("position", i + 1L), ("kind", step.Kind), ("subject", step.Subject), ("after_days", step.After), ("waits", step.Waits), ("effort", TimeSpan.FromMinutes(step.Minutes)), ("required", true), ("queue", queue is null ? null : organisation.QueueOf(queue)));
            }
        }
        foreach (var installed in service.Installed.Where(i => i.Agreement is not null))
        {
            foreach (var (time, i) in Times.Select((t, i) => (t, i)))
            {
                book.Add("service_target", new(installed.Installed, new TimeOnly(18, 0), TimeSpan.Zero), installed.Sale.Customer.Owner, ("agreement", installed.Agreement), ("position", i + 1L), ("priority", time.Priority), ("response", TimeSpan.FromHours(time.Answer)), ("resolution", TimeSpan.FromHours(time.Solve)), ("around_the_clock", time.Priority == "critical"));
            }
        }
        foreach (var request in service.Requests.Where(r => r.Opened >= new DateTimeOffset(clock.Yesterday.AddDays(-120), default, TimeSpan.Zero)))
        {
            WriteMilestone(request, "response", request.AnswerDue, request.Accepted);
            WriteMilestone(request, "resolution", request.SolveDue, request.Solved);
        }
    }

    private void WriteMilestone(DemoRequest request, string kind, DateTimeOffset due, DateTimeOffset? reached)
    {
        var today = new DateTimeOffset(clock.Today, default, TimeSpan.Zero);
        var status = reached is { } at ? at <= due ? "met" : "missed" : request.Waits ? "paused" : due < today ? "missed" : "running";
        book.Add("service_milestone", request.Opened, request.Handler, ("request", request.Id), ("kind", kind), ("due", due), ("warn_at", request.Opened + ((due - request.Opened) * 0.8)), ("reached_at", reached), ("status", status), ("paused", status == "paused" ? TimeSpan.FromHours(6) : null));
    }
}
