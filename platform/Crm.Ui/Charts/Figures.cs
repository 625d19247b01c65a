using System.Globalization;
using Crm.Metadata;

namespace Crm.Ui.Charts;

/// <summary>What the database computes, as numbers that can be drawn and added up.</summary>
internal static class Figures
{
    /// <summary>Null where there is nothing, or nothing that is a number.</summary>
    public static decimal? ToDecimal(object? figure) => figure switch
    {
        null => null,
        Money money => money.Amount,
        IConvertible number and not string and not DateTime => Convert.ToDecimal(number, CultureInfo.InvariantCulture),
        _ => null,
    };
}
