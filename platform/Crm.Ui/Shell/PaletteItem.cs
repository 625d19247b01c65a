using Crm.Data;
using Crm.Metadata;

namespace Crm.Ui.Shell;

/// <summary>Something that the palette leads to or does.</summary>
/// <param name="Group">Key of the heading that it stands under.</param>
/// <param name="Icon">What it looks like.</param>
/// <param name="Title">What it is called, with what was looked for marked in it.</param>
/// <param name="Detail">What tells it from others of that name.</param>
/// <param name="Address">Where it leads; null for what is done in place.</param>
public sealed record PaletteItem(string Group, string Icon, Snippet Title, string Detail, string? Address)
{
    /// <summary>Other words by which it is found.</summary>
    public string Words { get; init; } = "";

    /// <summary>The entity of which a record is to be created.</summary>
    public Entity? Create { get; init; }

    /// <summary>The name by which the browser does it, such as <c>theme:dark</c>.</summary>
    public string? Act { get; init; }
}
