using System.Text.RegularExpressions;

namespace Crm.Tests.Browser.Harness;

/// <summary>
/// Addresses that a journey waits for. Assertions ask again and again; waiting for a navigation would miss one that is over already.
/// </summary>
internal static partial class Places
{
    /// <summary>The form of a record that is not saved yet.</summary>
    [GeneratedRegex("/new(?:[?]|$)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    public static partial Regex NewRecord { get; }

    /// <summary>The sign-in page.</summary>
    [GeneratedRegex("/sign-in(?:[?]|$)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    public static partial Regex Door { get; }
}
