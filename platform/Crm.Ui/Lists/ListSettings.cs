using Crm.Metadata;

namespace Crm.Ui.Lists;

/// <summary>How much room a row takes.</summary>
public static class ListDensity
{
    public const string Compact = "compact", Normal = "normal", Roomy = "roomy";

    public static IReadOnlyList<string> All { get; } = [Compact, Normal, Roomy];
}

/// <summary>A column as a person wants it.</summary>
public sealed record ListColumnSetting(string Field, int? Width = null);

/// <summary>What a person has changed about a view for themselves; whatever is null is as the view says.</summary>
public sealed record ListSettings
{
    public static ListSettings None { get; } = new();

    public IReadOnlyList<ListColumnSetting>? Columns { get; init; }

    public string? Sort { get; init; }

    /// <summary>The field to group by; empty for no groups although the view has them.</summary>
    public string? GroupBy { get; init; }

    public string? Density { get; init; }

    public bool IsNone => this == None;

    /// <summary>Under which key they are kept.</summary>
    public static string KeyOf(Entity entity, ViewDefinition view) => $"list:{entity.Name}:{view.Name}";

    /// <summary>The view as the person wants it. Whatever metadata no longer knows is passed over.</summary>
    public ViewDefinition ApplyTo(ViewDefinition view, Entity entity) => IsNone ? view : view with
    {
        Columns = Columns?.Where(c => entity.Resolve(c.Field) is not null).Select(c => new ViewColumn(c.Field, c.Width)).ToList() is { Count: > 0 } columns ? columns : view.Columns,
        Sort = Sort is not null && IsOrder(Sort, entity) ? Sort : view.Sort,
        GroupBy = GroupBy is null ? view.GroupBy : entity.Find(GroupBy)?.Name,
    };

    private static bool IsOrder(string sort, Entity entity) => sort.Split(',').All(t => entity.Resolve(t.TrimStart('-')) is { Field: { IsStored: true, Type.IsSortable: true } });
}
