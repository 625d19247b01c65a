namespace Crm.Ui.Charts;

/// <summary>Figures to be drawn: one for each bar, slice or place on a line, perhaps divided into parts.</summary>
/// <param name="Points">In the order in which they are drawn.</param>
/// <param name="Parts">Into what each is divided; empty where it is not.</param>
/// <param name="Format">How the figures are written.</param>
/// <param name="Heading">What the points are: the field's name.</param>
public sealed record Chart(IReadOnlyList<ChartPoint> Points, IReadOnlyList<ChartPart> Parts, FigureFormat Format, string Heading)
{
    /// <summary>Whether the points follow each other in time.</summary>
    public bool IsTimed { get; init; }

    /// <summary>Whether there are more than are shown.</summary>
    public bool HasMore { get; init; }

    /// <summary>Whether the figures can be added up to a whole.</summary>
    public bool IsWhole { get; init; }

    public decimal Total => Points.Sum(p => p.Value);

    public decimal Most => Points.Count == 0 ? 0 : Points.Max(p => p.Value);

    public bool IsEmpty => Points.All(p => p is { Value: 0, Count: 0 });

    /// <summary>The end of the axis: a round number that nothing exceeds.</summary>
    public decimal Ceiling
    {
        get
        {
            if (Most <= 0)
            {
                return 1;
            }
            var power = (decimal)Math.Pow(10, Math.Floor(Math.Log10((double)Most)));
            return power * new[] { 1m, 1.5m, 2m, 3m, 4m, 5m, 8m, 10m }.First(step => Most <= power * step || step == 10m);
        }
    }
}

/// <summary>One bar, slice or place on a line.</summary>
/// <param name="Key">Tells it from the others.</param>
/// <param name="Label">What it stands for.</param>
/// <param name="Value">The figure.</param>
/// <param name="Count">How many records are behind it.</param>
/// <param name="Address">The list of those records; null where there is none.</param>
public sealed record ChartPoint(string Key, string Label, decimal Value, long Count, string? Address)
{
    /// <summary>A colour that metadata gives it.</summary>
    public string? Color { get; init; }

    /// <summary>The figure of each part.</summary>
    public IReadOnlyList<decimal> Parts { get; init; } = [];
}

/// <summary>One of the parts into which all points are divided.</summary>
public sealed record ChartPart(string Key, string Label, string Color);
