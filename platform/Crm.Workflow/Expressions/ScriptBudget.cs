using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Crm.Workflow;

/// <summary>What one evaluation of a script may use up: time, memory, and the stack of its thread.</summary>
internal sealed class ScriptBudget
{
    /// <summary>The longest text that a script may make.</summary>
    public const int MaxText = 4_000_000;

    /// <summary>The longest list over which a function of the interpreter may go; those take no statements.</summary>
    public const int MaxItems = 200_000;

    /// <summary>Arguments that may be handed over as a list.</summary>
    public const int MaxArguments = 10_000;

    /// <summary>How deep values, chains of prototypes and the like may be; the interpreter walks them by recursion.</summary>
    public const int MaxDepth = 200;

    /// <summary>What may be allocated, whether it is still held or not: that is what can be asked cheaply.</summary>
    private const long MaxBytes = 256L << 20;

    public static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(1);

    private long _bytes, _started;
    private int _bound;

    public void Begin() => (_bytes, _started, _bound) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp(), 0);

    /// <summary>Looks whether there is something left.</summary>
    /// <exception cref="ScriptLimitException">Nothing is.</exception>
    public void Spend()
    {
        if (GC.GetAllocatedBytesForCurrentThread() - _bytes > MaxBytes)
        {
            throw new ScriptLimitException("The script uses too much memory.");
        }
        if (Stopwatch.GetElapsedTime(_started) > MaxTime)
        {
            throw new ScriptLimitException("The script takes too long.");
        }
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new ScriptLimitException("The script calls itself too deeply.");
        }
    }

    /// <summary>A function was bound once more; each binding is a call inside a call.</summary>
    public void Bind() => Keep(++_bound, MaxDepth, "The script binds functions too often.");

    public static void KeepText(long length) => Keep(length, MaxText, "A text would be too long.");

    public static void KeepItems(long length) => Keep(length, MaxItems, "A list is too long.");

    public static void KeepDepth(long depth) => Keep(depth, MaxDepth, "A value is nested too deeply.");

    public static void Keep(long value, long most, string message)
    {
        if (value > most)
        {
            throw new ScriptLimitException(message);
        }
    }
}
