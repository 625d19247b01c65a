using Crm.Metadata;

namespace Crm.Rules;

/// <summary>A record as a condition in memory sees it.</summary>
public interface IConditionSubject
{
    /// <summary>The value at the end of a path; null for empty.</summary>
    object? Read(FieldPath path);

    /// <summary>The live records at the end of a path into a collection.</summary>
    IEnumerable<IConditionSubject> Children(ChildPath path);

    /// <summary>Whether one of them meets a condition; a subject that has been told does not need them at hand.</summary>
    bool Has(ChildExists question, ConditionScope scope) => Children(question.Path).Any(c => ConditionEvaluator.Holds(question.Where, c, scope));
}
