namespace Crm.Host.Startup;

/// <summary>What the person who starts the server reads.</summary>
internal static partial class StartupLog
{
    public static void Ready(IEnumerable<string> urls, IEnumerable<string> announcement)
    {
        Console.WriteLine($"CRM is ready at {string.Join(" and ", urls)}");
        foreach (var line in announcement)
        {
            Console.WriteLine(line);
        }
    }

    /// <summary>A start that cannot go on says why, and nothing else.</summary>
    public static void CannotStart(string reason) => Console.Error.WriteLine("CRM cannot start: " + reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Metadata: {Problem}")]
    public static partial void Problem(ILogger logger, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database may not use the extension pg_trgm, so that search reads whole tables. Let an administrator run: CREATE EXTENSION pg_trgm")]
    public static partial void SearchWithoutIndex(ILogger logger);
}
