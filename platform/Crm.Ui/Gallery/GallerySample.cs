namespace Crm.Ui.Gallery;

/// <summary>What kind of part a sample shows.</summary>
public enum GalleryPart
{
    Editor, Cell, Widget, Scene,
}

/// <summary>A part of the screens with something in it, as the gallery shows it and the tests draw it.</summary>
/// <param name="Part">What kind of part.</param>
/// <param name="Name">Its name in the registry.</param>
/// <param name="State">In which state: <c>filled</c>, <c>empty</c>, <c>invalid</c> and so on.</param>
/// <param name="Component">The component.</param>
/// <param name="Parameters">What it is given.</param>
public sealed record GallerySample(GalleryPart Part, string Name, string State, Type Component, IReadOnlyDictionary<string, object?> Parameters)
{
    public const string Filled = "filled", Empty = "empty", Invalid = "invalid", ReadOnly = "readOnly", Hostile = "hostile";

    /// <summary>Of which shape the sample is, where its type has several.</summary>
    public string Shape { get; init; } = "";

    public bool IsRightToLeft { get; init; }

    /// <summary>Tells it from all others.</summary>
    public string Key => $"{Part}/{Name}/{Shape}/{State}".ToLowerInvariant();

    public override string ToString() => Key;
}
