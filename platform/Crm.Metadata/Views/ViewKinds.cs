namespace Crm.Metadata;

/// <summary>The ways in which a view can show records.</summary>
public static class ViewKinds
{
    public const string List = "list";
    public const string Kanban = "kanban";
    public const string Calendar = "calendar";
    public const string Gantt = "gantt";
    public const string Chart = "chart";
    public const string Funnel = "funnel";

    public static IReadOnlyList<string> All { get; } = [List, Kanban, Calendar, Gantt, Chart, Funnel];
}
