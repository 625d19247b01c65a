namespace Crm.Workflow;

/// <summary>
/// Paths of HTTP endpoints. A template is kept under its pattern, in which every parameter is <c>{}</c>, and a request asks for all patterns that
/// could mean its path: so it is found by equality, however many endpoints and waiting instances there are.
/// </summary>
public static class HttpRoute
{
    private const string Any = "{}", Rest = "{*}";

    /// <summary>Of longer paths only the first parts may be parameters.</summary>
    private const int MostParameters = 6;

    /// <summary>The patterns of a template; optional parts at its end make several.</summary>
    public static IEnumerable<string> Patterns(string template)
    {
        var parts = Parts(template);
        yield return Join(parts.Select(Pattern));
        for (var length = parts.Length - 1; length >= 0 && IsOptional(parts[length]); length--)
        {
            yield return Join(parts.Take(length).Select(Pattern));
        }
    }

    /// <summary>All patterns that could mean a path.</summary>
    public static IReadOnlyList<string> PatternsOf(string path)
    {
        var parts = Parts(path).Select(p => p.ToLowerInvariant()).ToArray();
        var free = Math.Min(parts.Length, MostParameters);
        var patterns = new List<string>(1 << (free + 1));
        for (var mask = 0; mask < 1 << free; mask++)
        {
            patterns.Add(Join(parts.Select((p, i) => i < free && (mask & (1 << i)) != 0 ? Any : p)));
        }
        for (var length = 0; length <= free; length++)
        {
            for (var mask = 0; mask < 1 << length; mask++)
            {
                patterns.Add(Join(parts.Take(length).Select((p, i) => (mask & (1 << i)) != 0 ? Any : p).Append(Rest)));
            }
        }
        return patterns;
    }

    private static string Pattern(string part) => !part.Contains('{', StringComparison.Ordinal) ? part.ToLowerInvariant() : part.StartsWith("{*", StringComparison.Ordinal) ? Rest : Any;

    private static bool IsOptional(string part) => part.StartsWith('{') && (part.EndsWith("?}", StringComparison.Ordinal) || part.StartsWith("{*", StringComparison.Ordinal) || part.Contains('=', StringComparison.Ordinal));

    private static string[] Parts(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries);

    private static string Join(IEnumerable<string> parts) => "/" + string.Join('/', parts);
}
