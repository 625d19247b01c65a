using System.Text.Json;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Workflow;

/// <summary>Conditions as workflows have them: a value may be worked out in JavaScript, <c>{"expression": "getScore() + 1"}</c>.</summary>
internal static class WorkflowConditions
{
    /// <summary>The condition that an input holds, as the tree or as its text; an empty one always holds.</summary>
    /// <exception cref="ProblemException">It is no condition over the entity.</exception>
    /// <exception cref="WorkflowException">One of its expressions fails.</exception>
    public static Condition Read(Input<object> input, Entity entity, ActivityContext context)
    {
        var given = input.Get(context);
        // Only what stands in the definition is run; what came into the workflow from elsewhere is data.
        var evaluate = input.Expression is null or CopyExpression ? ValuesIn(context) : null;
        return given is null or "" ? Condition.Always : ConditionReader.Read(given as string ?? Values.ToJson(given), entity, evaluate);
    }

    /// <summary>Works the values of a condition out where an activity stands.</summary>
    public static Func<string, JsonElement> ValuesIn(ActivityContext context)
    {
        var scripts = context.Run.Surroundings.Parts.Scripts;
        return source => JsonElement.Parse(Values.ToJson(scripts.Evaluate(scripts.Compile(source), context)));
    }

    /// <summary>Whether a condition holds for a record that a workflow has in hand; what it asks beyond the record is read in the burst's transaction, if it is in one.</summary>
    public static bool Holds(Condition condition, Record record, DurableSurroundings surroundings, CancellationToken cancellationToken)
    {
        if (condition.Paths.All(p => p.IsDirect) && !condition.Climbed.Any() && !condition.Children.Any())
        {
            return ConditionEvaluator.Holds(condition, path => record[path.Field], Actor.Platform.ScopeAt(surroundings.Engine.Now));
        }
        // Where expressions are evaluated nothing can be awaited.
        return Task.Run(() => AskAsync(condition, record, surroundings, cancellationToken), cancellationToken).GetAwaiter().GetResult();
    }

    private static async Task<bool> AskAsync(Condition condition, Record record, DurableSurroundings surroundings, CancellationToken cancellationToken)
    {
        var engine = surroundings.Engine;
        if (surroundings.Session is { } transaction)
        {
            return await engine.Records.HoldsAsync(transaction, condition, record, Actor.Platform, cancellationToken);
        }
        await using var session = await engine.Database.ReadAsync(cancellationToken);
        return await engine.Records.HoldsAsync(session, condition, record, Actor.Platform, cancellationToken);
    }
}
