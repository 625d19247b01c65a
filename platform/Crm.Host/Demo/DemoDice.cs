using System.Buffers.Binary;

namespace Crm.Host.Demo;

/// <summary>
/// All chance in the demo company. It is seeded, so that two people who look at the same demo see the same customers and a test
/// can name figures; nothing here guards a secret.
/// </summary>
internal sealed class DemoDice(int seed)
{
    private readonly Random _random = new(seed);

    public double Next() => _random.NextDouble();

    /// <summary>A whole number from <paramref name="low"/> to <paramref name="high"/>, both included.</summary>
    public int Between(int low, int high) => _random.Next(low, high + 1);

    public bool Chance(double probability) => _random.NextDouble() < probability;

    public T Pick<T>(IReadOnlyList<T> from) => from[_random.Next(from.Count)];

    /// <summary>One of <paramref name="from"/>, the likelier the greater its weight.</summary>
    public T Pick<T>(IReadOnlyList<T> from, Func<T, double> weight)
    {
        var left = _random.NextDouble() * from.Sum(weight);
        foreach (var item in from)
        {
            left -= weight(item);
            if (left < 0)
            {
                return item;
            }
        }
        return from[^1];
    }

    /// <summary>One of the texts, in the language of whoever it is for.</summary>
    public string Say(bool chinese, (string English, string Chinese)[] from)
    {
        var (english, han) = Pick(from);
        return chinese ? han : english;
    }

    /// <summary>A few of <paramref name="from"/>, none twice, in their order.</summary>
    public IReadOnlyList<T> Some<T>(IReadOnlyList<T> from, int count)
    {
        var left = Math.Min(count, from.Count);
        var some = new List<T>(left);
        for (var i = 0; i < from.Count && left > 0; i++)
        {
            if (_random.Next(from.Count - i) < left)
            {
                some.Add(from[i]);
                left--;
            }
        }
        return some;
    }

    /// <summary>Half the values lie below <paramref name="median"/>, and few are many times as large: sizes, prices, durations.</summary>
    public double Skewed(double median, double spread)
    {
        var normal = Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
        return median * Math.Exp(spread * normal);
    }

    /// <summary>A moment in working hours of <paramref name="day"/>.</summary>
    public DateTimeOffset During(DateOnly day) => new(day, new TimeOnly(Between(7, 16), Between(0, 59), Between(0, 59)), TimeSpan.Zero);

    /// <summary>An id of version 7 that begins with <paramref name="at"/>, as the platform's own ids do, so that ids sort by time.</summary>
    public Guid Id(DateTimeOffset at)
    {
        Span<byte> bytes = stackalloc byte[16];
        _random.NextBytes(bytes);
        Span<byte> time = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(time, at.ToUnixTimeMilliseconds());
        time[2..].CopyTo(bytes);
        bytes[6] = (byte)(0x70 | (bytes[6] & 0x0F));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        return new(bytes, bigEndian: true);
    }
}

/// <summary>Picks by weight from a long list without walking it each time.</summary>
internal sealed class DemoUrn<T>
{
    private readonly IReadOnlyList<T> _items;
    private readonly double[] _upTo;

    public DemoUrn(IReadOnlyList<T> items, Func<T, double> weight)
    {
        _items = items;
        _upTo = new double[items.Count];
        var sum = 0d;
        for (var i = 0; i < items.Count; i++)
        {
            _upTo[i] = sum += weight(items[i]);
        }
    }

    public T Draw(DemoDice dice)
    {
        var found = Array.BinarySearch(_upTo, dice.Next() * _upTo[^1]);
        return _items[Math.Min(found < 0 ? ~found : found + 1, _items.Count - 1)];
    }
}
