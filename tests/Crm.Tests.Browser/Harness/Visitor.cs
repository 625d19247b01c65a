using Microsoft.Playwright;

namespace Crm.Tests.Browser.Harness;

/// <summary>Who looks at the product, and through what: the screen, the language and the theme that the browser asks for.</summary>
public sealed record Visitor
{
    public int Width { get; init; } = 1280;

    public int Height { get; init; } = 800;

    public string Locale { get; init; } = "en-US";

    public string TimeZone { get; init; } = "Europe/Berlin";

    public bool Dark { get; init; }

    public bool Touch { get; init; }

    public static Visitor Desk { get; } = new();

    public static Visitor Phone { get; } = new() { Width = 390, Height = 844, Touch = true };

    internal BrowserNewContextOptions ToOptions(Uri address) => new()
    {
        BaseURL = address.AbsoluteUri,
        ViewportSize = new ViewportSize { Width = Width, Height = Height },
        Locale = Locale,
        TimezoneId = TimeZone,
        ColorScheme = Dark ? ColorScheme.Dark : ColorScheme.Light,
        ReducedMotion = ReducedMotion.Reduce,
        HasTouch = Touch,
        IsMobile = Touch,
    };
}
