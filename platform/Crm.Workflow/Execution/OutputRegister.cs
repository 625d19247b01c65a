namespace Crm.Workflow;

/// <summary>What the activities of an instance gave out last, for expressions that ask for it.</summary>
internal sealed class OutputRegister(WorkflowGraph graph)
{
    private Dictionary<int, Dictionary<string, object?>>? _outputs;

    /// <summary>The outputs by the index of their node; null where there are none.</summary>
    public IReadOnlyDictionary<int, Dictionary<string, object?>>? ByNode => _outputs;

    public object? LastResult { get; set; }

    /// <summary>An output of an activity by its id or name; the only one or "Result" where none is named.</summary>
    public object? OutputOf(string idOrName, string? output)
    {
        if (_outputs is null)
        {
            return null;
        }
        foreach (var node in graph.Nodes)
        {
            if ((node.Id == idOrName || node.Name == idOrName) && _outputs.TryGetValue(node.Index, out var values))
            {
                return output is not null ? values.GetValueOrDefault(output) : values.TryGetValue("Result", out var result) ? result : values.Values.FirstOrDefault();
            }
        }
        return null;
    }

    public void RecordOutput(ActivityNode node, string output, object? value)
    {
        _outputs ??= [];
        if (!_outputs.TryGetValue(node.Index, out var values))
        {
            _outputs[node.Index] = values = new(StringComparer.Ordinal);
        }
        values[output] = value;
        if (output == "Result")
        {
            LastResult = value;
        }
    }

    public void RestoreOutputs(Dictionary<int, Dictionary<string, object?>> outputs) => _outputs = outputs;
}
