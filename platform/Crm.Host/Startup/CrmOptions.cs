namespace Crm.Host.Startup;

/// <summary>Start-up settings, from the environment (<c>Crm__DataPath</c>) or appsettings.json (section <c>Crm</c>).</summary>
internal sealed class CrmOptions
{
    /// <summary><c>sqlite</c>, or <c>postgres</c> with a connection string named Crm.</summary>
    public string Database { get; set; } = "sqlite";

    /// <summary>Folder of the database file, of uploaded files and of keys; relative to the working directory.</summary>
    public string DataPath { get; set; } = "data";

    /// <summary>A further metadata folder, laid over the product's, or several, separated as in PATH.</summary>
    public string? MetadataPath { get; set; }

    /// <summary>Where people reach the server, such as <c>https://crm.example.com</c>: what it gives out begins with it. Without it, with the address at which it listens.</summary>
    public string? PublicAddress { get; set; }

    /// <summary><c>true</c> loads demo users and data into an empty database.</summary>
    public string? Demo { get; set; }

    /// <summary>Queries that take longer are listed for administrators, with an index that would help.</summary>
    public int SlowQueryMilliseconds { get; set; } = 200;

    public AdminOptions Admin { get; set; } = new();

    public RateLimitOptions RateLimit { get; set; } = new();

    public bool IsLargeDemo => string.Equals(Demo, "large", StringComparison.OrdinalIgnoreCase);

    public bool IsDemo => Demo is not null && !string.Equals(Demo, "false", StringComparison.OrdinalIgnoreCase);

    internal sealed class RateLimitOptions
    {
        /// <summary>Requests to the API a minute and caller; 0 for any number.</summary>
        public int PerMinute { get; set; } = 6_000;

        /// <summary>Attempts to sign in a minute and address; 0 for any number.</summary>
        public int SignInPerMinute { get; set; } = 60;

        /// <summary>Whether callers on the same machine are counted too.</summary>
        public bool Loopback { get; set; }
    }

    internal sealed class AdminOptions
    {
        public string Email { get; set; } = "admin@example.com";

        /// <summary>Empty makes a random one, printed once at the first start.</summary>
        public string? Password { get; set; }
    }
}
