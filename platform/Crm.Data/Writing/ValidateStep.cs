using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Required fields and the rules of each field's type, over what changed.</summary>
internal sealed class ValidateStep : IWriteStep
{
    public ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        foreach (var change in batch.Pending.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Update))
        {
            foreach (var field in change.Entity.Fields)
            {
                Validate(change, field);
                if (ChoiceDependency.Master(field) is { } master)
                {
                    ValidateDependent(change, field, master);
                }
            }
        }
        return ValueTask.CompletedTask;
    }

    /// <summary>Whichever of the two changed, they must go together.</summary>
    private static void ValidateDependent(RecordChange change, Field field, Field master)
    {
        var changed = change.Kind == ChangeKind.Create || new[] { field, master }.Any(f => !f.Type.AreEqual(change.After![f], change.Before![f]));
        if (changed && ChoiceDependency.Misfit(field, change.After!) is { } misfit)
        {
            change.Problems.Add(Problem.At(field.Name, ProblemKind.Refused, "value.dependent", misfit, master.Label));
        }
    }

    private static void Validate(RecordChange change, Field field)
    {
        var value = change.After!.Values[field.Ordinal];
        if (change.Kind == ChangeKind.Update && field.Type.AreEqual(value, change.Before!.Values[field.Ordinal]))
        {
            return;
        }
        if (value is null)
        {
            if (field.Definition.Required)
            {
                change.Problems.Add(Problem.At(field.Name, ProblemKind.Refused, "required", field.Label));
            }
        }
        else if (field.Type.Validate(value) is { } fault)
        {
            change.Problems.Add(Problem.At(field.Name, ProblemKind.Invalid, fault.Code, fault.Arguments));
        }
    }
}
