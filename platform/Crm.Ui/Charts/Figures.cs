using System.Globalization;

namespace Crm.Ui.Charts;

/// <summary>What the database computes, as numbers that can be drawn and added up; figures over amounts are what these are worth in the organisation's currency.</summary>
internal static class Figures
{
    /// <summary>Null where there is nothing, or nothing that is a number.</summary>
    public static decimal? ToDecimal(object? figure) => figure switch
    {
        null => null,
        IConvertible number and not string and not DateTime => Convert.ToDecimal(number, CultureInfo.InvariantCulture),
        _ => null,
    };
}
