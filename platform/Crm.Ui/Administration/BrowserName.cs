namespace Crm.Ui.Administration;

/// <summary>What a browser says about itself, as people call it: <c>Firefox · Windows</c>.</summary>
public static class BrowserName
{
    // Each browser also claims to be those after it.
    private static readonly (string Mark, string Name)[] Browsers =
        [("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox/", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl")];

    private static readonly (string Mark, string Name)[] Systems =
        [("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux")];

    /// <returns>Null where it is none that is known.</returns>
    public static string? Of(string? agent)
    {
        if (agent is null)
        {
            return null;
        }
        var parts = new[] { Find(Browsers, agent), Find(Systems, agent) }.OfType<string>().ToList();
        return parts.Count == 0 ? null : string.Join(" · ", parts);
    }

    public static bool IsPhone(string? agent) => agent is not null && (agent.Contains("iPhone", StringComparison.Ordinal) || agent.Contains("Android", StringComparison.Ordinal));

    private static string? Find((string Mark, string Name)[] among, string agent) => Array.Find(among, a => agent.Contains(a.Mark, StringComparison.Ordinal)).Name;
}
