using System.Globalization;

namespace Crm.Workflow;

/// <summary>
/// Ids of what happens in an instance: made from the id of the instance and a number that counts up, so that they need not be kept, and so that the instance is found again from one.
/// </summary>
internal static class ExecutionIds
{
    /// <summary>What all ids of an instance begin from.</summary>
    public static ulong Seed(string instanceId) => Mix(ulong.TryParse(instanceId, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var number) ? number : Fold(instanceId));

    public static string Of(ulong seed, long number) => Mix(seed + (ulong)number).ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>A number for an id that is none (FNV-1a).</summary>
    private static ulong Fold(string id)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in id)
        {
            hash = unchecked((hash ^ c) * 1099511628211UL);
        }
        return hash;
    }

    /// <summary>Ids of the instances to which an execution may belong, the likeliest first: its id was made from that of its instance and a number.</summary>
    public static IEnumerable<string> InstancesOf(string executionId, int count)
    {
        if (executionId.Length == 16 && ulong.TryParse(executionId, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var mixed))
        {
            var sum = Unmix(mixed);
            for (var number = 1; number <= count; number++)
            {
                yield return Unmix(unchecked(sum - (ulong)number)).ToString("x16", CultureInfo.InvariantCulture);
            }
        }
    }

    /// <summary>Undoes <see cref="Mix"/>.</summary>
    private static ulong Unmix(ulong number)
    {
        unchecked
        {
            number = (number ^ (number >> 31) ^ (number >> 62)) * 0x319642B2D24D8EC3;
            number = (number ^ (number >> 27) ^ (number >> 54)) * 0x96DE1B173F119089;
            return (number ^ (number >> 30) ^ (number >> 60)) - 0x9E3779B97F4A7C15;
        }
    }

    /// <summary>Spreads numbers that count up over all 64 bits (the finalizer of SplitMix64), so that ids look and distribute like random ones.</summary>
    private static ulong Mix(ulong number)
    {
        unchecked
        {
            number += 0x9E3779B97F4A7C15;
            number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9;
            number = (number ^ (number >> 27)) * 0x94D049BB133111EB;
            return number ^ (number >> 31);
        }
    }
}
