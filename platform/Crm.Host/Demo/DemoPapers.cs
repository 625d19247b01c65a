namespace Crm.Host.Demo;

/// <summary>What is written down once and used often: texts for documents and tags; and what the contracts say.</summary>
internal sealed class DemoPapers(DemoBook book, DemoDice dice, DemoClock clock, DemoPeople people)
{
    private static readonly (string Name, string Kind, string? Entity, string Language, string? Subject, string Body)[] Templates =
    [
        ("Thank you for your visit", "email", "contact", "en", "Good to have met you, {{first_name}}", "<p>Dear {{name}},</p><p>thank you for the talk. The data sheets are attached; I will call you next week.</p>"),
        ("展会感谢信", "email", "contact", "zh-CN", "感谢您莅临展位，{{name}}", "<p>{{name}}您好：</p><p>感谢您莅临我们的展位，资料已随信附上，下周与您联系。</p>"),
        ("Invitation to a seminar", "invitation", "seminar", "en", "You are invited: {{name}}", "<p>We would be glad to see you on {{start}} at {{venue}}. Places are limited.</p>"),
        ("研讨会邀请函", "invitation", "seminar", "zh-CN", "诚邀参加：{{name}}", "<p>诚邀您于{{start}}在{{venue}}参加技术研讨会，席位有限，敬请回复。</p>"),
        ("Quotation", "quote", "quote", "en", null, "<h1>Quotation {{code}}</h1><p>Valid until {{valid_until}}. Prices without tax.</p>"),
        ("报价单", "quote", "quote", "zh-CN", null, "<h1>报价单 {{code}}</h1><p>有效期至{{valid_until}}，价格不含税。</p>"),
        ("Purchase contract", "contract", "contract", "en", null, "<h1>Contract {{code}}</h1><p>between Northlight Instruments and {{customer.name}}</p>"),
        ("Order confirmation", "order", "sales_order", "en", null, "<h1>Order {{code}}</h1><p>We confirm your order of {{order_date}}.</p>"),
        ("Service report", "service_report", "service_order", "en", null, "<h1>Report {{number}}</h1><p>{{report}}</p>"),
        ("上门服务报告", "service_report", "service_order", "zh-CN", null, "<h1>服务报告 {{number}}</h1><p>{{report}}</p>"),
        ("Technician on the way", "sms", "service_order", "en", null, "<p>Our technician arrives at {{start}}.</p>"),
    ];

    private static readonly (string Name, string Color, string Kind)[] Tags = [("reference", "#15803d", "customer"), ("bottling", "#2563eb", "sales"), ("explosion protection", "#b45309", "sales"), ("newsletter", "#7c3aed", "marketing"), ("second visit", "#b91c1c", "service"), ("重点项目", "#0f766e", "sales"), ("样板工程", "#15803d", "customer")];

    public void Write(IReadOnlyList<(Guid Id, DemoSale Sale)> contracts)
    {
        var (head, at) = (people.Of(DemoPeople.GeneralManager), people.Founded.AddDays(12));
        foreach (var (name, kind, entity, language, subject, body) in Templates)
        {
            book.Add("document_template", at, head, ("name", name), ("kind", kind), ("entity", entity), ("language", language), ("subject", subject), ("body", body), ("active", true));
        }
        foreach (var (name, color, kind) in Tags)
        {
            book.Add("tag", at, head, ("name", name), ("color", color), ("kind", kind), ("active", true));
        }
        foreach (var (id, sale) in contracts)
        {
            WriteContract(id, sale);
        }
    }

    private void WriteContract(Guid contract, DemoSale sale)
    {
        var (at, owner, han) = (dice.During(sale.Close), sale.Customer.Owner, sale.SpeaksChinese);
        foreach (var (line, i) in sale.Lines.Select((l, i) => (l, i)))
        {
            book.Add("contract_line", at, owner, ("contract", contract), ("position", i + 1L), ("product", line.Product), ("description", line.Text), ("quantity", (decimal)line.Quantity), ("unit_price", sale.Money(line.Price)), ("discount", line.Discount == 0 ? null : line.Discount), ("amount", sale.Money(line.Amount)));
        }
        var position = 0L;
        foreach (var (kind, english, chinese, days, share) in new (string, string, string, int?, decimal)[]
        {
            ("delivery", "Delivery within four weeks", "四周内交货", 28, 0), ("payment", "Payment 30 days after delivery", "货到30天内付款", 60, 1), ("duty", "Acceptance together with the customer", "与客户共同验收", 75, 0), ("clause", "Warranty of 24 months", "质保期24个月", null, 0),
        })
        {
            var due = days is { } count ? DemoClock.WorkingDay(sale.Close.AddDays(count)) : (DateOnly?)null;
            var done = due is { } day && clock.IsPast(day) && dice.Chance(0.95);
            book.Add("contract_term", at, owner, ("contract", contract), ("position", ++position), ("title", han ? chinese : english), ("kind", kind), ("due_on", due), ("amount", share > 0 ? sale.Money(sale.Amount * share) : null), ("fulfilled", done), ("fulfilled_on", done ? due : null));
        }
    }
}
