namespace Crm.Host.Demo;

/// <summary>What customers sent back.</summary>
internal sealed class DemoReturns(DemoBook book, DemoDice dice, DemoClock clock)
{
    private static readonly (string Reason, string Settlement, string Condition, string Text, string Chinese)[] Reasons =
    [
        ("wrong_item", "replacement", "unopened", "Ordered with the wrong thread.", "螺纹规格订错。"), ("defect", "repair", "defective", "Display stays dark.", "显示屏不亮。"), ("damaged", "replacement", "damaged", "Damaged on the way.", "运输途中损坏。"),
        ("not_needed", "refund", "unopened", "The project was made smaller.", "项目规模缩小。"), ("too_late", "credit", "good", "Came after the shutdown.", "停车检修结束后才到货。"),
    ];

    public void Write(IReadOnlyList<DemoSale> sales)
    {
        var delivered = sales.Where(s => s.Order is not null && s.Close > clock.Yesterday.AddDays(-400) && clock.IsPast(s.Close.AddDays(45))).ToList();
        foreach (var sale in dice.Some(delivered.Where(s => s.Close < clock.Yesterday.AddDays(-80)).ToList(), 13).Concat(dice.Some(delivered.Where(s => s.Close >= clock.Yesterday.AddDays(-80)).ToList(), 5)))
        {
            var day = DemoClock.WorkingDay(sale.Close.AddDays(dice.Between(30, 42)));
            var at = dice.During(day);
            var (reason, settlement, condition, english, chinese) = dice.Pick(Reasons);
            var status = day < clock.Yesterday.AddDays(-35) ? dice.Chance(0.9) ? "settled" : "refused" : dice.Pick(["requested", "approved", "received", "inspected"]);
            var (line, owner) = (sale.Lines[0], sale.Customer.Owner);
            var quantity = Math.Max(1, line.Quantity / 12);
            var price = decimal.Round(line.Price * (100 - line.Discount) / 100, 2);
            var isIn = status is "received" or "inspected" or "settled";
            var id = book.Add("return_order", at, owner, ("customer", sale.Customer.Id), ("contact", sale.Contact?.Id), ("order", sale.Order), ("status", status), ("reason", reason), ("settlement", status == "settled" ? settlement : null), ("date", day), ("received_on", isIn ? Earlier(day.AddDays(6), clock.Yesterday) : null),
                ("refund_amount", status == "settled" && settlement is "refund" or "credit" ? sale.Money(price * quantity) : null), ("refusal_reason", status == "refused" ? sale.SpeaksChinese ? "超过退货期限。" : "Asked for after the time within which goods are taken back." : null), ("description", sale.SpeaksChinese ? chinese : english));
            book.Add("return_order_line", at, owner, ("return_order", id), ("position", 1L), ("product", line.Product), ("description", line.Text), ("quantity", (decimal)quantity), ("unit_price", sale.Money(price)), ("amount", sale.Money(price * quantity)), ("condition", isIn ? condition : null));
        }
    }

    private static DateOnly Earlier(DateOnly left, DateOnly right) => left < right ? left : right;
}
