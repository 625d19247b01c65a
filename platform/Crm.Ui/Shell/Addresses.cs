using Crm.Metadata;

namespace Crm.Ui.Shell;

/// <summary>The addresses of the product's pages; nobody else puts one together.</summary>
public static class Addresses
{
    public static string List(Entity entity, string? view = null) => view is null ? $"/e/{entity.Name}" : $"/e/{entity.Name}/{view}";

    public static string Dashboard(string name) => $"/dashboards/{name}";

    public static string Record(Entity entity, Guid id) => $"/e/{entity.Name}/{id:D}";

    /// <summary>A blank form, with a lookup already set where the new record belongs to another one.</summary>
    public static string New(Entity entity, Field? preset = null, Record? pointedTo = null) => preset is null || pointedTo is null
        ? $"/e/{entity.Name}/new"
        : $"/e/{entity.Name}/new?{preset.Name}={preset.Type.ToText(preset.ValueFor(pointedTo.Entity, pointedTo.Id), System.Globalization.CultureInfo.InvariantCulture)}";

    public static string File(Guid id) => $"/api/files/{id:D}";

    public static string Thumbnail(Guid id, int size) => FormattableString.Invariant($"/api/files/{id:D}/thumbnail?size={size}");

    public static string Of(MenuItem item) => item.Page ?? (item.View is null ? $"/e/{item.Entity}" : $"/e/{item.Entity}/{item.View}");
}
