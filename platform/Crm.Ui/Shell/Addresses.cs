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

    /// <summary>A form filled with what another record holds.</summary>
    public static string Copy(Entity entity, Guid id) => $"/e/{entity.Name}/new?copyOf={id:D}";

    /// <summary>Where records are made one, beginning with this one.</summary>
    public static string Merge(Entity entity, Guid id) => $"{Record(entity, id)}/merge";

    public static string History(Entity entity, Guid id) => $"{Record(entity, id)}/history";

    /// <summary>One record as a business card.</summary>
    public static string Card(Entity entity, Guid id) => $"/api/exports/{entity.Name}?format=vcf&filter={Uri.EscapeDataString($$"""{"field":"id","op":"eq","value":"{{id:D}}"}""")}";

    public static string File(Guid id) => $"/api/files/{id:D}";

    public static string Thumbnail(Guid id, int size) => FormattableString.Invariant($"/api/files/{id:D}/thumbnail?size={size}");

    public static string Of(MenuItem item) => item.Page ?? (item.View is null ? $"/e/{item.Entity}" : $"/e/{item.Entity}/{item.View}");
}
