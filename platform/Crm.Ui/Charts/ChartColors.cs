using System.Globalization;

namespace Crm.Ui.Charts;

/// <summary>The colours of what has none of its own, told apart in light and dark and by people who see fewer colours.</summary>
internal static class ChartColors
{
    private const int Count = 8;

    public static string At(int index) => string.Create(CultureInfo.InvariantCulture, $"var(--crm-series-{(index % Count) + 1})");

    /// <summary>A share of a whole as CSS wants it.</summary>
    public static string Percent(decimal part, decimal whole) => string.Create(CultureInfo.InvariantCulture, $"{(whole <= 0 ? 0 : Math.Clamp(100m * part / whole, 0, 100)):0.##}%");
}
