using Crm.Metadata;
using Crm.Rules;
using Microsoft.AspNetCore.WebUtilities;

namespace Crm.Ui.Records;

/// <summary>What entities of the template interaction have in common: calls, meetings, tasks, mails. Where metadata leaves something out, it is simply not there.</summary>
internal static class Interactions
{
    private const string Done = "completed";

    /// <summary>States in which nothing is left to be done.</summary>
    private static readonly string[] Closed = [Done, "cancelled", "failed"];

    public static bool Is(Entity entity) => entity.Definition.Template == EntityTemplate.Interaction;

    public static Field? Status(Entity entity) => entity.Find("status") is { Type: ChoiceFieldType type } status && type.Find(Done) is not null ? status : null;

    /// <summary>By when it is to be done, or when it begins.</summary>
    public static Field? When(Entity entity) => Moment(entity, "due") ?? Moment(entity, "start");

    public static bool IsOpen(Entity entity, object? status) => Status(entity) is not null && !Closed.Contains(status as string);

    /// <summary>Those that are still to be done; null where the entity does not say what that means.</summary>
    public static Condition? Open(Entity entity) => Among(entity, ConditionOperator.NotIn);

    /// <summary>Those that are history.</summary>
    public static Condition? Finished(Entity entity) => Among(entity, ConditionOperator.In);

    /// <summary>The values that say that it is done.</summary>
    public static Data.FieldValue? Finish(Entity entity) => Status(entity) is { IsWritable: true } status ? new(status, Done) : null;

    /// <summary>The lookup by which a new record says what it is about: the one for any record before those for one kind.</summary>
    public static Field? About(Entity made, Entity of) => made.OwnFields
        .Where(f => f.IsWritable && f.OwnedBy is null && f.Targets.Contains(of))
        .OrderByDescending(f => f.Type is AnyLookupFieldType).FirstOrDefault();

    /// <summary>What a new record about another one starts with, as part of an address: the record, and what the two have in common.</summary>
    public static string Preset(Entity made, Record of)
    {
        var values = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var lookup in made.OwnFields.Where(f => f.IsWritable && f.OwnedBy is null && f.Targets.Count > 0))
        {
            var value = lookup == About(made, of.Entity) || (lookup.Target == of.Entity && made != of.Entity) ? lookup.ValueFor(of.Entity, of.Id)
                : lookup.Target is { } target && of.Entity.Find(lookup.Name) is { IsSystem: false } same && same.Target == target ? of[same]
                : null;
            if (value is not null)
            {
                values[lookup.Name] = lookup.Type.ToText(value, System.Globalization.CultureInfo.InvariantCulture);
            }
        }
        return QueryHelpers.AddQueryString("", values);
    }

    private static Field? Moment(Entity entity, string name) => entity.Find(name) is { IsStored: true, Type: DateTimeFieldType } field ? field : null;

    private static Comparison? Among(Entity entity, ConditionOperator how) => Status(entity) is { } status
        ? new(new([status]), how, new Constants([.. Closed.Where(c => ((ChoiceFieldType)status.Type).Find(c) is not null)]))
        : null;
}
