using System.Text;

namespace Crm.Host.Demo;

/// <summary>A person at a customer.</summary>
internal sealed record DemoContact(DemoCustomer Customer, DateTimeOffset At, Guid Id, IReadOnlyDictionary<string, object?> Values);

/// <summary>The people at the customers: two each on average, more where the customer is large.</summary>
internal sealed class DemoContacts
{
    private static readonly (string Role, double Weight, string Title, string Department, string ChineseTitle, string ChineseDepartment, string Occupation)[] Jobs =
    [
        ("decision_maker", 1.0, "Plant Manager", "Management", "厂长", "管理层", "management"),
        ("decision_maker", 1.2, "Head of Procurement", "Procurement", "采购总监", "采购部", "management"),
        ("decision_maker", 0.8, "Technical Director", "Engineering", "技术总监", "技术部", "management"),
        ("influencer", 1.3, "Process Engineer", "Production", "工艺工程师", "生产部", "technician"),
        ("influencer", 1.0, "Maintenance Manager", "Maintenance", "设备经理", "设备部", "management"),
        ("evaluator", 1.4, "Instrumentation Engineer", "Engineering", "仪表工程师", "仪表车间", "technician"),
        ("evaluator", 0.8, "Quality Manager", "Quality", "质量经理", "质量部", "white_collar"),
        ("evaluator", 0.9, "Senior Buyer", "Procurement", "采购主管", "采购部", "white_collar"),
        ("user", 1.0, "Maintenance Technician", "Maintenance", "维修技师", "设备部", "blue_collar"),
        ("user", 0.6, "Shift Supervisor", "Production", "值班长", "生产部", "blue_collar"),
        ("irrelevant", 0.3, "Accounts Payable", "Finance", "会计", "财务部", "admin"),
    ];

    private readonly DemoDice _dice;
    private readonly HashSet<string> _addresses = [];

    public DemoContacts(DemoDice dice, DemoClock clock, IReadOnlyList<DemoCustomer> customers, int count)
    {
        _dice = dice;
        var urn = new DemoUrn<DemoCustomer>(customers, c => c.Weight);
        var places = customers.Concat(Enumerable.Range(0, Math.Max(0, count - customers.Count)).Select(_ => urn.Draw(dice)));
        All = [.. places.Select(c => Create(c, clock)).OrderBy(c => c.At).ThenBy(c => c.Id)];
        ByCustomer = All.ToLookup(c => c.Customer.Id);
    }

    public IReadOnlyList<DemoContact> All { get; }

    public ILookup<Guid, DemoContact> ByCustomer { get; }

    public IEnumerable<DemoRecord> Records() => All.Select(c => new DemoRecord("contact", c.Id, c.Values, c.At, c.Customer.Owner.Id));

    private DemoContact Create(DemoCustomer customer, DemoClock clock)
    {
        // The first contacts come with the customer, others turn up in the weeks after.
        var day = DemoClock.WorkingDay(DateOnly.FromDateTime(customer.At.UtcDateTime).AddDays(_dice.Chance(0.6) ? 0 : _dice.Between(1, 120)));
        var at = day <= DateOnly.FromDateTime(customer.At.UtcDateTime) || day > clock.Yesterday ? customer.At.AddMinutes(_dice.Between(2, 40)) : _dice.During(day);
        var job = _dice.Pick(Jobs, j => j.Weight);
        var chinese = customer.Place.Tongue == Tongue.Chinese;
        var (first, last, mailbox) = chinese ? ChineseName() : WesternName(customer.Place.Tongue);
        var values = new Dictionary<string, object?>
        {
            ["name"] = chinese ? last + first : $"{first} {last}",
            ["first_name"] = first,
            ["last_name"] = last,
            ["customer"] = customer.Id,
            ["job_title"] = chinese ? job.ChineseTitle : job.Title,
            ["department"] = chinese ? job.ChineseDepartment : job.Department,
            ["role"] = job.Role,
            ["occupation"] = job.Occupation,
            ["email"] = Address(mailbox, customer.Host),
            ["phone"] = DemoPlaces.Number(customer.Place.Dial, _dice.Between(10, 99)),
            ["owner"] = customer.Owner.Id,
            ["unit"] = customer.Owner.Unit.Id,
        };
        if (chinese && _dice.Chance(0.7))
        {
            values["mobile"] = DemoPlaces.Number("+86 139 5550 ", _dice.Between(1000, 9999));
        }
        return new(customer, at, _dice.Id(at), values);
    }

    private (string First, string Last, string Mailbox) WesternName(Tongue tongue)
    {
        var (firsts, lasts) = DemoNames.People[tongue];
        var (first, last) = (_dice.Pick(firsts), _dice.Pick(lasts));
        return (first, last, Plain(first) + "." + Plain(last));
    }

    private (string First, string Last, string Mailbox) ChineseName()
    {
        var (last, first) = (_dice.Pick(DemoNames.ChineseSurnames), _dice.Pick(DemoNames.ChineseGivenNames));
        return (first.Han, last.Han, first.Latin + "." + last.Latin);
    }

    private string Address(string mailbox, string host)
    {
        var address = $"{mailbox}@{host}";
        for (var i = 2; !_addresses.Add(address); i++)
        {
            address = $"{mailbox}{i}@{host}";
        }
        return address;
    }

    private static string Plain(string name) =>
        new([.. name.Normalize(NormalizationForm.FormD).Where(char.IsAsciiLetter).Select(char.ToLowerInvariant)]);
}
