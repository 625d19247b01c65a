using System.Globalization;
using Crm.Data;
using Crm.Metadata;
using Crm.Ui.Shell;

namespace Crm.Ui.Charts;

/// <summary>How a figure is written: short where it is large and room is scarce, in full where somebody asks.</summary>
public sealed record FigureFormat(FigureUnit Unit, string? Currency = null)
{
    private static readonly Dictionary<string, string> Symbols = new(StringComparer.Ordinal) { ["USD"] = "$", ["EUR"] = "€", ["GBP"] = "£", ["CNY"] = "¥", ["JPY"] = "¥", ["KRW"] = "₩", ["INR"] = "₹" };

    private static readonly (decimal From, decimal Unit, string Suffix)[] Thousands = [(1_000_000_000, 1_000_000_000, "B"), (1_000_000, 1_000_000, "M"), (10_000, 1_000, "K")];

    private static readonly (decimal From, decimal Unit, string Suffix)[] Myriads = [(100_000_000, 100_000_000, "亿"), (10_000, 10_000, "万")];

    public static FigureFormat Of(Measure measure) => measure.Function switch
    {
        MeasureFunction.Share => new(FigureUnit.Percent),
        MeasureFunction.Days => new(FigureUnit.Days),
        MeasureFunction.Count or MeasureFunction.CountDistinct => new(FigureUnit.Number),
        _ => measure.Path?.Field.Type switch
        {
            MoneyFieldType money => new(FigureUnit.Money, money.BaseCurrency),
            PercentFieldType => new(FigureUnit.Percent),
            RollupFieldType { Result: MoneyFieldType money } => new(FigureUnit.Money, money.BaseCurrency),
            _ => new(FigureUnit.Number),
        },
    };

    public string Short(decimal figure, UiText texts)
    {
        var step = Unit is FigureUnit.Percent ? default : (CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == "zh" ? Myriads : Thousands).FirstOrDefault(s => Math.Abs(figure) >= s.From);
        if (step.Suffix is null)
        {
            return Write(figure, Unit is FigureUnit.Percent or FigureUnit.Days || (Math.Abs(figure) < 100 && figure != decimal.Truncate(figure)) ? "#,0.#" : "#,0", "", texts);
        }
        var scaled = figure / step.Unit;
        return Write(scaled, Math.Abs(scaled) >= 100 ? "#,0" : "#,0.#", step.Suffix, texts);
    }

    public string Full(decimal figure, UiText texts) => Write(figure, Unit == FigureUnit.Money && figure != decimal.Truncate(figure) ? "#,0.00" : "#,0.##", "", texts);

    private string Write(decimal figure, string format, string suffix, UiText texts)
    {
        var culture = CultureInfo.CurrentCulture;
        var number = Math.Abs(figure).ToString(format, culture) + suffix;
        var text = Unit switch
        {
            FigureUnit.Percent => number + culture.NumberFormat.PercentSymbol,
            FigureUnit.Days => texts[number == "1" ? "figure.day" : "figure.days", number],
            FigureUnit.Money when Currency is { } currency => Symbols.TryGetValue(currency, out var symbol)
                ? culture.NumberFormat.CurrencyPositivePattern is 1 or 3 ? $"{number} {symbol}" : symbol + number
                : $"{number} {currency}",
            _ => number,
        };
        return figure < 0 ? "−" + text : text;
    }
}

/// <summary>What is counted.</summary>
public enum FigureUnit
{
    Number, Money, Percent, Days,
}
