using Crm.Metadata;

namespace Crm.Rules;

/// <summary>Conditions that records hold themselves, such as that of a segment: which records belong to it.</summary>
public static class StoredConditions
{
    /// <summary>The entity over whose records a field's conditions are; null where that is not settled yet.</summary>
    /// <param name="field">The field that holds the condition.</param>
    /// <param name="record">The record that holds it; needed where another field of it names the entity.</param>
    /// <param name="model">The Model in force.</param>
    public static Entity? EntityOf(Field field, Record? record, Model model) => field.Type is JsonFieldType json
        ? (json.ConditionOver ?? (json.ConditionOverField is { } other && field.Entity.Find(other) is { } named ? record?[named] as string : null)) is { } name ? model.Find(name) : null
        : null;

    /// <exception cref="ProblemException">The text is no condition over the entity.</exception>
    public static Condition Read(JsonContent condition, Entity over) => KeptConditions.Read(condition.Text, over);
}
