using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Crm.Metadata;

namespace Crm.Rules;

/// <summary>
/// Conditions by their JSON, because views and programs send the same ones over and over. What a condition means to somebody at some moment is found out
/// when it is asked, so that it can be shared; it lives as long as the entity of its Model.
/// </summary>
public static class KeptConditions
{
    /// <summary>When there are more, all are forgotten.</summary>
    private const int Most = 500;

    /// <summary>Longer ones are seldom sent twice.</summary>
    private const int Longest = 2_000;

    private static readonly ConditionalWeakTable<Entity, ConcurrentDictionary<string, Condition>> Kept = [];

    /// <exception cref="ProblemException">The text is no JSON, or no condition over <paramref name="entity"/>.</exception>
    public static Condition Read(string json, Entity entity)
    {
        if (json.Length > Longest)
        {
            return ConditionReader.Read(json, entity);
        }
        var kept = Kept.GetValue(entity, _ => new(StringComparer.Ordinal));
        if (!kept.TryGetValue(json, out var condition))
        {
            condition = ConditionReader.Read(json, entity);
            if (kept.Count >= Most)
            {
                kept.Clear();
            }
            kept[json] = condition;
        }
        return condition;
    }
}
