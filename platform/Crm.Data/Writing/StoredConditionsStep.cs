using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>A condition that a record holds must be one over the entity that it is meant for.</summary>
internal sealed class StoredConditionsStep : IWriteExtension
{
    public WriteSlot Slot => WriteSlot.Gates;

    public bool Concerns(Model model, Entity entity, ChangeKind kind) => kind is ChangeKind.Create or ChangeKind.Update && entity.OwnFields.Any(f => f.Type is JsonFieldType { IsCondition: true });

    public ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        foreach (var group in batch.Pending.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Update).GroupBy(c => c.Entity).ToList())
        {
            foreach (var field in group.Key.OwnFields.Where(f => f.Type is JsonFieldType { IsCondition: true }))
            {
                foreach (var change in group)
                {
                    Check(batch.Model, field, change);
                }
            }
        }
        return ValueTask.CompletedTask;
    }

    private static void Check(Model model, Field field, RecordChange change)
    {
        if (change.After![field] is not JsonContent condition)
        {
            return;
        }
        var over = StoredConditions.EntityOf(field, change.After, model);
        if (change.Before is { } before && Equals(before[field], condition) && StoredConditions.EntityOf(field, before, model) == over)
        {
            return;
        }
        if (over is null)
        {
            change.Problems.Add(Problem.At(field.Name, ProblemKind.Invalid, "condition.over", field.Label));
            return;
        }
        try
        {
            StoredConditions.Read(condition, over);
        }
        catch (ProblemException refusal)
        {
            change.Problems.AddRange(refusal.Problems.Select(p => p with { Field = field.Name, Kind = ProblemKind.Invalid }));
        }
    }
}
