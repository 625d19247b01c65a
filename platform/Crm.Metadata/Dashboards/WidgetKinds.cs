namespace Crm.Metadata;

/// <summary>The ways in which a widget can show figures and records.</summary>
public static class WidgetKinds
{
    public const string Tile = "tile";
    public const string Funnel = "funnel";
    public const string Bar = "bar";
    public const string Line = "line";
    public const string Donut = "donut";
    public const string Leaderboard = "leaderboard";
    public const string Table = "table";
    public const string Calendar = "calendar";
    public const string Tasks = "tasks";

    public static IReadOnlyList<string> All { get; } = [Tile, Funnel, Bar, Line, Donut, Leaderboard, Table, Calendar, Tasks];
}
