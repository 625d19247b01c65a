namespace Crm.Tests;

/// <summary>A clock that stands still until a test moves it, so that what depends on time is the same in every run.</summary>
public sealed class ManualTimeProvider(DateTimeOffset now) : TimeProvider
{
    private long _ticks = now.UtcTicks;

    public ManualTimeProvider() : this(Start)
    {
    }

    /// <summary>A Wednesday afternoon.</summary>
    public static DateTimeOffset Start { get; } = new(2026, 3, 18, 14, 30, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);
}
