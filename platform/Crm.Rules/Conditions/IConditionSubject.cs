using Crm.Metadata;

namespace Crm.Rules;

/// <summary>A record as a condition in memory sees it.</summary>
public interface IConditionSubject
{
    /// <summary>The value at the end of a path; null for empty.</summary>
    object? Read(FieldPath path);

    /// <summary>The live records at the end of a path into a collection.</summary>
    IEnumerable<IConditionSubject> Children(ChildPath path);
}
