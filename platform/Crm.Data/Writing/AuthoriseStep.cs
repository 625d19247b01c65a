using Crm.Rules;

namespace Crm.Data;

/// <summary>Refuses what the actor may not do at all.</summary>
internal sealed class AuthoriseStep : IWriteStep
{
    public ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        foreach (var change in batch.Changes)
        {
            Check(batch, change);
        }
        return ValueTask.CompletedTask;
    }

    /// <summary>Refuses one change if its kind is not the actor's to make.</summary>
    public static void Check(WriteBatch batch, RecordChange change)
    {
        var operation = change.Kind switch
        {
            ChangeKind.Create => Operation.Create,
            ChangeKind.Update => Operation.Update,
            _ => Operation.Delete,
        };
        if (!Authority.May(batch.Request.Actor, operation, change.Entity))
        {
            change.Problems.Add(Problem.Of(ProblemKind.Forbidden, "forbidden." + operation.ToString().ToLowerInvariant(), change.Entity.PluralLabel));
        }
    }
}
