namespace Crm.Host.Startup;

/// <summary>What the person who starts the server reads.</summary>
internal static partial class StartupLog
{
    public static void Ready(IEnumerable<string> urls, string? announcement)
    {
        Console.WriteLine($"CRM is ready at {string.Join(" and ", urls)}");
        if (announcement is not null)
        {
            Console.WriteLine(announcement);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Metadata: {Problem}")]
    public static partial void Problem(ILogger logger, string problem);
}
