using Crm.Ui.Shell;

namespace Crm.Ui.Charts;

/// <summary>What a bar, slice or place says to those who hear it, and to those who rest the pointer on it.</summary>
internal static class ChartText
{
    public static string Of(ChartPoint point, Chart chart, UiText texts)
    {
        var text = texts["chart.point", point.Label, chart.Format.Full(point.Value, texts)];
        return chart.Parts.Count == 0 ? text : $"{text} ({string.Join(", ", chart.Parts.Select((part, i) => $"{part.Label} {chart.Format.Short(point.Parts[i], texts)}"))})";
    }
}
