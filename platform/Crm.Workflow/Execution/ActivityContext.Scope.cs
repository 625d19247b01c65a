namespace Crm.Workflow;

/// <content>What is visible from here outwards.</content>
public sealed partial class ActivityContext
{
    /// <summary>Finds a variable from here outwards.</summary>
    public bool TryVariable(string name, out object? value)
    {
        for (var scope = this; scope is not null; scope = scope.Parent)
        {
            if (scope.Locals is { } locals)
            {
                foreach (var local in locals)
                {
                    if (string.Equals(local.Key, name, StringComparison.Ordinal))
                    {
                        value = local.Value;
                        return true;
                    }
                }
            }
            var index = scope.Node.IndexOfName(name);
            if (index >= 0)
            {
                value = scope.Variables![index];
                return true;
            }
        }
        value = null;
        return false;
    }

    /// <summary>Finds a variable by its id, or where a definition gives none, by its name.</summary>
    public bool TryVariable(VariableReference reference, out object? value)
    {
        for (var scope = this; reference.Id is not null && scope is not null; scope = scope.Parent)
        {
            var index = scope.Node.IndexOfId(reference.Id);
            if (index >= 0)
            {
                value = scope.Variables![index];
                return true;
            }
        }
        value = null;
        return reference.Name is { Length: > 0 } name && TryVariable(name, out value);
    }

    /// <summary>Sets a variable that some scope from here outwards declares; false if none does.</summary>
    /// <exception cref="WorkflowException">The value does not fit the variable's type.</exception>
    public bool TrySetVariable(string? id, string? name, object? value)
    {
        for (var scope = this; scope is not null; scope = scope.Parent)
        {
            var index = id is not null ? scope.Node.IndexOfId(id) : scope.Node.IndexOfName(name!);
            if (index >= 0)
            {
                scope.Variables![index] = Values.To(scope.Node.Variables[index].Type, value);
                Run.Touch(scope.Node.Variables[index].Name);
                return true;
            }
            if (name is not null && scope.Locals is { } locals)
            {
                var local = Array.FindIndex(locals, l => l.Key == name);
                if (local >= 0)
                {
                    locals[local] = new(name, value);
                    Run.Touch(name);
                    return true;
                }
            }
        }
        return false;
    }

    /// <summary>The nearest enclosing workflow that is used as an activity; null at the top.</summary>
    internal ActivityContext? Composite()
    {
        for (var scope = Parent; scope is not null; scope = scope.Parent)
        {
            if (scope.Node.Activity is WorkflowActivity)
            {
                return scope;
            }
        }
        return null;
    }

    internal void Bind(string target, object? value)
    {
        if (!TrySetVariable(target, null, value) && !TrySetVariable(null, target, value) && Run.Graph.Definition.Outputs.Any(o => o.Name == target))
        {
            Run.SetOutput(target, value);
        }
    }
}
