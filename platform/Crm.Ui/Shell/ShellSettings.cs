namespace Crm.Ui.Shell;

/// <summary>How a person has arranged the shell.</summary>
public sealed record ShellSettings
{
    public const string Key = "shell.menu";

    /// <summary>Names of the groups of the menu that are folded.</summary>
    public IReadOnlyList<string> Folded { get; init; } = [];
}
