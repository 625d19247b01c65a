using System.Globalization;

namespace Crm.Workflow;

/// <content>The values of the inputs.</content>
public sealed partial class ActivityContext
{
    private static readonly object Unset = new();

    private object?[]? _values;
    private int[]? _versions;

    /// <summary>The value of an input, evaluated at most once as long as nothing changed that it reads.</summary>
    internal object? Value(Input input)
    {
        var values = _values ??= NewValues();
        if (ReferenceEquals(values[input.Slot], Unset))
        {
            values[input.Slot] = Evaluate(input);
        }
        return values[input.Slot];
    }

    /// <summary>The value of an input for a loop's next turn: evaluated again only where something changed that it reads.</summary>
    internal object? Turn(Input input)
    {
        var values = _values ??= NewValues();
        var versions = _versions ??= new int[values.Length];
        if (ReferenceEquals(values[input.Slot], Unset) || Run.HasChanged(input.Expression!.Reads, versions[input.Slot]))
        {
            values[input.Slot] = Evaluate(input);
            versions[input.Slot] = Run.VariablesVersion;
        }
        return values[input.Slot];
    }

    /// <summary>The value that an input had, where it is known without evaluating anything.</summary>
    internal bool TryKnown(Input input, out object? value)
    {
        if (input.Expression is null)
        {
            value = input.Read(this);
            return true;
        }
        value = _values?[input.Slot];
        return _values is not null && !ReferenceEquals(value, Unset);
    }

    internal object? Evaluate(Input input)
    {
        try
        {
            return Values.To(input.Type, input.Expression!.Evaluate(this));
        }
        catch (WorkflowException fault)
        {
            throw new WorkflowException(fault.Code, string.Create(CultureInfo.InvariantCulture, $"Input '{input.Name}': {fault.Message}"), fault) { Advice = fault.Advice };
        }
    }

    internal void EvaluateInputs()
    {
        var inputs = Node.EagerInputs;
        if (inputs.Length == 0)
        {
            return;
        }
        // A resumed activity sees its inputs as they are now.
        _values = NewValues();
        foreach (var input in inputs)
        {
            _values[input.Slot] = Evaluate(input);
        }
    }

    private object?[] NewValues()
    {
        var values = new object?[Node.SlotCount];
        Array.Fill(values, Unset);
        return values;
    }
}
