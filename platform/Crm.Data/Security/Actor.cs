using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Who does something: a signed-in person, or the platform itself.</summary>
/// <param name="UserId">Null for the platform itself.</param>
/// <param name="Name">For texts and logs.</param>
/// <param name="UnitId">The unit that the person belongs to.</param>
/// <param name="Roles">Names of the person's roles; everybody has <c>everyone</c>.</param>
/// <param name="Language">Chosen language; null for the organisation's.</param>
/// <param name="TimeZone">In which "today" is meant.</param>
public sealed record Actor(Guid? UserId, string Name, Guid? UnitId, IReadOnlyList<string> Roles, string? Language, TimeZoneInfo TimeZone)
{
    public const string Everyone = "everyone";
    public const string Administrator = "administrator";

    /// <summary>The platform itself: sets up, loads demo data, runs schedules. Rules hold for it, rights do not.</summary>
    public static Actor Platform { get; } = new(null, "CRM", null, [Everyone, Administrator], null, TimeZoneInfo.Utc);

    public IReadOnlyList<Guid> Teams { get; init; } = [];

    /// <summary>Everybody below in the chain of managers.</summary>
    public IReadOnlyList<Guid> Subordinates { get; init; } = [];

    public bool IsAdministrator => Roles.Contains(Administrator);

    public ConditionScope ScopeAt(DateTimeOffset now) => new(UserId, UnitId, now, TimeZone) { MyTeams = Teams, MySubordinates = Subordinates };
}

/// <summary>What one may do with records of an entity.</summary>
public enum Operation
{
    Read, Create, Update, Delete,
}

/// <summary>Decides rights. The one place that every door asks, through the record store.</summary>
public static class Authority
{
    public static bool May(Actor actor, Operation operation, Entity entity) =>
        // What the platform keeps about itself nobody changes through records, the platform included.
        (operation == Operation.Read || !entity.IsSystem) && MayAtAll(actor, operation, entity);

    private static bool MayAtAll(Actor actor, Operation operation, Entity entity) =>
        entity.LinkOf is { } link ? MayLink(actor, operation, link.Entity)
        : entity.Definition.Roles is null && entity.Parent is { } parent ? MayLink(actor, operation, parent.Target!)
        : actor.UserId is null || entity.Definition.Roles is not { } roles || actor.Roles.Any(role => roles.TryGetValue(role, out var grant) && ReachOf(grant, operation) == Reach.All);

    /// <summary>Links and lines belong to the record that holds them: to change them is to change it.</summary>
    private static bool MayLink(Actor actor, Operation operation, Entity holder) => May(actor, operation == Operation.Read ? Operation.Read : Operation.Update, holder);

    /// <exception cref="ProblemException">The actor may not.</exception>
    public static void Demand(Actor actor, Operation operation, Entity entity)
    {
        if (!May(actor, operation, entity))
        {
            throw new ProblemException(Problem.Of(ProblemKind.Forbidden, "forbidden." + operation.ToString().ToLowerInvariant(), entity.PluralLabel));
        }
    }

    /// <summary>Whether the actor may read every entity that <paramref name="path"/> leads into; a lookup's own value belongs to the record that has it.</summary>
    public static bool MayFollow(Actor actor, FieldPath path) => path.Steps.Take(path.Steps.Count - 1).All(step => step.Targets.All(target => May(actor, Operation.Read, target)));

    /// <exception cref="ProblemException">The actor may not read what a path leads to.</exception>
    public static void DemandPaths(Actor actor, IEnumerable<FieldPath> paths)
    {
        foreach (var path in paths)
        {
            for (var i = 0; i < path.Steps.Count - 1; i++)
            {
                foreach (var target in path.Steps[i].Targets)
                {
                    Demand(actor, Operation.Read, target);
                }
            }
        }
    }

    /// <exception cref="ProblemException">The actor may not read what a condition looks at.</exception>
    public static void DemandCondition(Actor actor, Condition condition)
    {
        DemandPaths(actor, condition.Paths);
        foreach (var child in condition.Children)
        {
            Demand(actor, Operation.Read, child);
        }
    }

    private static Reach ReachOf(GrantDefinition grant, Operation operation) => operation switch
    {
        Operation.Read => grant.Read,
        Operation.Create => grant.Create,
        Operation.Update => grant.Update,
        _ => grant.Delete,
    };
}
