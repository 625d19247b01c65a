namespace Crm.Host.Demo;

/// <summary>What sellers and their managers say that a quarter will bring: before this one from what came, now from what is open.</summary>
internal sealed class DemoForecasts(DemoBook book, DemoDice dice, DemoClock clock, DemoPeople people, DemoCatalog catalog)
{
    public void Write(IReadOnlyList<DemoSale> sales)
    {
        var head = people.All.Single(p => p.Name == "Daniel Okafor");
        foreach (var quarter in clock.Quarters.Where(q => q.Start >= clock.ThisQuarter.AddMonths(-6)))
        {
            var within = sales.Where(s => s.Close >= quarter.Start && s.Close <= quarter.End).ToLookup(s => s.Customer.Owner);
            var figures = people.Sellers.Select(p => (Person: p, Figures: FiguresOf(within[p], clock.IsPast(quarter.End)))).ToList();
            var whole = Write(quarter, head, head.Unit, null, Sum(figures.Select(f => f.Figures)));
            foreach (var unit in figures.GroupBy(f => f.Person.Unit))
            {
                var part = Write(quarter, people.All.Single(p => p.Unit == unit.Key && p.IsHead), unit.Key, whole, Sum(unit.Select(f => f.Figures)));
                foreach (var (person, own) in unit)
                {
                    Write(quarter, person, null, part, own);
                }
            }
        }
    }

    private Guid Write((DateOnly Start, DateOnly End, string Name) quarter, DemoPerson person, DemoUnit? unit, Guid? parent, Figures figures)
    {
        var (isOver, isNext) = (clock.IsPast(quarter.End), !clock.IsPast(quarter.Start));
        var day = DemoClock.WorkingDay(quarter.Start.AddDays(9));
        var said = dice.During(clock.IsPast(day) ? day : clock.Yesterday);
        var status = isOver ? "accepted" : isNext ? "draft" : unit is null && dice.Chance(0.6) ? "accepted" : "submitted";
        var (doubt, trust) = (unit is null && !isOver && dice.Chance(0.3), unit is not null && !isOver && dice.Chance(0.4));
        return book.Add("forecast", said, person, ("name", $"{unit?.Name ?? person.Name} {quarter.Name}"), ("user", person.Id), ("for_unit", unit?.Id), ("period", "quarter"), ("period_start", quarter.Start), ("period_end", quarter.End), ("status", status), ("quota", catalog.QuotaOf(unit is null ? person : null, quarter.Start)), ("parent", parent),
            ("pipeline_amount", book.Money(figures.Pipeline)), ("best_case_amount", book.Money(figures.Best)), ("commit_amount", book.Money(figures.Commit)), ("closed_amount", book.Money(figures.Closed)), ("actual_amount", isOver ? book.Money(figures.Closed) : null), ("submitted_at", status == "draft" ? null : said),
            ("owner_adjustment", doubt ? book.Money(-1_000m * dice.Between(2, 9)) : null), ("owner_note", doubt ? person.SpeaksChinese ? "客户预算审批可能推迟到下季度。" : "One customer's budget may slip into the next quarter." : null),
            ("manager_adjustment", trust ? book.Money(-1_000m * dice.Between(4, 15)) : null), ("manager_note", trust ? person.SpeaksChinese ? "按历史转化率下调。" : "Lowered by what such stages brought in the past." : null));
    }

    private static Figures FiguresOf(IEnumerable<DemoSale> sales, bool isOver)
    {
        decimal Sum(params string[] stages) => sales.Where(s => stages.Contains(s.Stage)).Sum(s => s.Worth);
        var closed = Sum("won");
        // Of a quarter that is over nobody knows any more what was open; they had promised a little less than came.
        return isOver ? new(closed * 1.6m, closed * 1.2m, closed * 0.93m, closed) : new(Sum("prospecting", "engaging", "proposal", "negotiation"), closed + Sum("proposal", "negotiation"), closed + Sum("negotiation"), closed);
    }

    private static Figures Sum(IEnumerable<Figures> of) => of.Aggregate(new Figures(0, 0, 0, 0), (a, b) => new(a.Pipeline + b.Pipeline, a.Best + b.Best, a.Commit + b.Commit, a.Closed + b.Closed));

    private sealed record Figures(decimal Pipeline, decimal Best, decimal Commit, decimal Closed);
}
