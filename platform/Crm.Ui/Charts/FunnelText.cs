using System.Globalization;
using Crm.Data;
using Crm.Metadata;
using Crm.Ui.Shell;

namespace Crm.Ui.Charts;

/// <summary>The figures of a funnel in words.</summary>
internal static class FunnelText
{
    public static string LabelOf(FunnelStage stage, UiText texts) => stage.Option?.Text.ToString() ?? stage.Title ?? stage.Value ?? texts["funnel.none"];

    public static string Share(long part, long whole) =>
        whole == 0 ? "" : (100m * part / whole).ToString("0.0", CultureInfo.CurrentCulture) + " %";

    public static string Amount(decimal amount) => amount.ToString(amount == decimal.Truncate(amount) ? "N0" : "N2", CultureInfo.CurrentCulture);

    /// <summary>The unit of all sums, whatever the single amounts are in; it stands in the heading once.</summary>
    public static string? Unit(Field measure) => FigureFormat.Of(new(MeasureFunction.Sum, new([measure]), "sum")).Currency;
}
