using System.Globalization;
using Crm.Rules;

namespace Crm.Workflow;

/// <summary>Which versions of a definition somebody means, in the words of Elsa's API.</summary>
public sealed record VersionChoice
{
    private static readonly string[] Names = ["Latest", "Published", "LatestOrPublished", "LatestAndPublished", "Draft", "AllVersions"];

    private readonly string _name;
    private readonly int? _number;

    private VersionChoice(string name, int? number = null) => (_name, _number) = (name, number);

    public static VersionChoice Latest { get; } = new("Latest");

    public static VersionChoice Published { get; } = new("Published");

    public static VersionChoice All { get; } = new("AllVersions");

    public static VersionChoice Of(int version) => new("", version);

    /// <exception cref="ProblemException">It is none of the words and no number.</exception>
    public static VersionChoice Parse(string? text, VersionChoice fallback) =>
        string.IsNullOrWhiteSpace(text) ? fallback
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Of(number)
        : Array.Find(Names, n => n.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } name ? new(name)
        : throw new ProblemException(Problem.At("versionOptions", ProblemKind.Invalid, "parameter.choice", "versionOptions", string.Join(", ", Names)));

    public bool Includes(DefinitionVersion version) => _number is { } number ? version.Version == number : _name switch
    {
        "Latest" => version.IsLatest,
        "Published" => version.IsPublished,
        "LatestOrPublished" => version.IsLatest || version.IsPublished,
        "LatestAndPublished" => version is { IsLatest: true, IsPublished: true },
        "Draft" => !version.IsPublished,
        _ => true,
    };
}
