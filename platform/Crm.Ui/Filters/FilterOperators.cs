using Crm.Metadata;
using Crm.Rules;

namespace Crm.Ui.Filters;

/// <summary>Which comparisons the filter builder offers: those that a person picks from, not all that a condition can hold.</summary>
public static class FilterOperators
{
    public static IReadOnlyList<ConditionOperator> For(FieldType type) => type switch
    {
        BooleanFieldType => [ConditionOperator.Eq, ConditionOperator.IsNull, ConditionOperator.NotNull],
        ContactListFieldType => [ConditionOperator.Contains, ConditionOperator.Eq, ConditionOperator.Ne, ConditionOperator.IsNull, ConditionOperator.NotNull],
        MultiChoiceFieldType => [ConditionOperator.In, ConditionOperator.NotIn, ConditionOperator.IsNull, ConditionOperator.NotNull],
        TagsFieldType => [ConditionOperator.Contains, ConditionOperator.IsNull, ConditionOperator.NotNull],
        RichTextFieldType or AddressFieldType => [ConditionOperator.Contains, ConditionOperator.IsNull, ConditionOperator.NotNull],
        GeoFieldType or JsonFieldType => [ConditionOperator.IsNull, ConditionOperator.NotNull],
        CurrencyCodeFieldType => [ConditionOperator.Eq, ConditionOperator.Ne, ConditionOperator.IsNull, ConditionOperator.NotNull],
        ChoiceFieldType => [ConditionOperator.In, ConditionOperator.NotIn, ConditionOperator.IsNull, ConditionOperator.NotNull],
        // Those of my teams, those of the people below me.
        UserFieldType or TeamFieldType =>
        [
            ConditionOperator.Eq, ConditionOperator.Ne, ConditionOperator.In, ConditionOperator.NotIn, ConditionOperator.IsNull, ConditionOperator.NotNull,
        ],
        ReferenceFieldType => [ConditionOperator.Eq, ConditionOperator.Ne, ConditionOperator.IsNull, ConditionOperator.NotNull],
        TextualFieldType =>
        [
            ConditionOperator.Contains, ConditionOperator.StartsWith, ConditionOperator.EndsWith, ConditionOperator.Eq, ConditionOperator.Ne,
            ConditionOperator.IsNull, ConditionOperator.NotNull,
        ],
        TemporalFieldType =>
        [
            ConditionOperator.Within, ConditionOperator.Ge, ConditionOperator.Le, ConditionOperator.Between, ConditionOperator.Eq,
            ConditionOperator.IsNull, ConditionOperator.NotNull,
        ],
        OrderedFieldType =>
        [
            ConditionOperator.Ge, ConditionOperator.Le, ConditionOperator.Between, ConditionOperator.Eq, ConditionOperator.Ne,
            ConditionOperator.IsNull, ConditionOperator.NotNull,
        ],
        _ => type.Operators,
    };

    public static bool NeedsValue(ConditionOperator op) => Operators.Of(op).Form != OperandForm.None;

    /// <summary>What may be filtered by: the entity's own fields, owner and times, and the fields of what its lookups point to.</summary>
    public static IReadOnlyList<FieldPath> Fields(Entity entity)
    {
        string[] system = [SystemFields.Owner, SystemFields.Unit, SystemFields.CreatedAt, SystemFields.UpdatedAt];
        var direct = entity.OwnFields.Where(f => f.IsStored).Concat(system.Select(name => entity[name]).Where(f => f.Target is not null || f.Type is not LookupFieldType)).ToList();
        return
        [
            .. direct.SelectMany(f => f.Parts.Select(part => new FieldPath([f, part])).Prepend(new FieldPath([f]))),
            .. direct.Where(f => f.Target is not null).SelectMany(f => f.Target!.OwnFields.Where(t => t.IsStored && t != f.Target.TitleField).Select(t => new FieldPath([f, t]))),
        ];
    }
}
