using System.Runtime.CompilerServices;
using System.Text.Json;
using Crm.Metadata;

namespace Crm.Rules;

/// <summary>
/// When the fields of an entity are shown, needed and changeable, and where defaults are copied from: what their metadata says, compiled once. The form
/// and the write path ask the same object, so that what the one shows is what the other enforces.
/// </summary>
public sealed class FieldRules
{
    private static readonly ConditionalWeakTable<Entity, FieldRules> Kept = [];

    private readonly Dictionary<Field, Rule> _rules = [];

    private FieldRules(Entity entity, Action<Field, string, Problem>? report)
    {
        foreach (var field in entity.OwnFields)
        {
            var definition = field.Definition;
            var rule = new Rule(
                Read(definition.VisibleWhen, field, "visibleWhen", report), Read(definition.RequiredWhen, field, "requiredWhen", report),
                Read(definition.ReadOnlyWhen, field, "readOnlyWhen", report), ReadSource(definition.Default, field, report));
            if (rule != Rule.None)
            {
                _rules[field] = rule;
            }
        }
        Paths = [.. _rules.Values.SelectMany(r => r.Paths).Where(p => !p.IsDirect).Distinct()];
        Climbed = [.. _rules.Values.SelectMany(r => r.Conditions).SelectMany(c => c.Climbed).Distinct()];
    }

    public bool IsEmpty => _rules.Count == 0;

    /// <summary>Whether they look at other records than the one that they are asked about.</summary>
    public bool LooksBeyond => Paths.Count > 0 || Climbed.Count > 0;

    /// <summary>The paths through lookups that the rules follow.</summary>
    public IReadOnlyList<FieldPath> Paths { get; }

    /// <summary>The paths from whose ends the rules climb a tree.</summary>
    public IReadOnlyList<FieldPath> Climbed { get; }

    /// <summary>Fields whose default is copied from elsewhere, and from where.</summary>
    public IEnumerable<(Field Field, FieldPath Source)> Copied => _rules.Where(r => r.Value.Source is not null).Select(r => (r.Key, r.Value.Source!));

    public static FieldRules Of(Entity entity) => Kept.GetValue(entity, e => new(e, null));

    public bool IsVisible(Field field, Func<FieldPath, object?> read, ConditionScope scope) => Holds(field, r => r.VisibleWhen, read, scope) ?? true;

    /// <summary>A field that is not shown is not required either.</summary>
    public bool IsRequired(Field field, Func<FieldPath, object?> read, ConditionScope scope) =>
        (field.Definition.Required || (Holds(field, r => r.RequiredWhen, read, scope) ?? false)) && IsVisible(field, read, scope);

    public bool IsReadOnly(Field field, Func<FieldPath, object?> read, ConditionScope scope) => Holds(field, r => r.ReadOnlyWhen, read, scope) ?? false;

    /// <summary>What decides whether the field is shown, the first step up a tree included; nothing for one that always is.</summary>
    public IEnumerable<FieldPath> ShownBy(Field field) => _rules.GetValueOrDefault(field)?.VisibleWhen is { } condition
        ? condition.Paths.Concat(condition.Climbed.Select(p => new FieldPath([.. p.Steps, p.Field.TreeField!])))
        : [];

    public FieldPath? SourceOf(Field field) => _rules.GetValueOrDefault(field)?.Source;

    private bool? Holds(Field field, Func<Rule, Condition?> which, Func<FieldPath, object?> read, ConditionScope scope) =>
        _rules.TryGetValue(field, out var rule) && which(rule) is { } condition ? ConditionEvaluator.Holds(condition, read, scope) : null;

    private static Condition? Read(JsonElement? json, Field field, string member, Action<Field, string, Problem>? report)
    {
        if (json is not { } wanted)
        {
            return null;
        }
        try
        {
            var condition = ConditionReader.Read(wanted, field.Entity);
            return condition.Children.Any() ? throw new ProblemException(Problem.Of(ProblemKind.Invalid, "condition.collection")) : condition;
        }
        catch (ProblemException refusal)
        {
            foreach (var problem in refusal.Problems)
            {
                // The reader speaks of a filter; here it is a member of the field.
                report?.Invoke(field, member + (problem.Field is { Length: > 6 } at ? at[6..] : ""), problem);
            }
            return null;
        }
    }

    private static FieldPath? ReadSource(JsonElement? json, Field field, Action<Field, string, Problem>? report)
    {
        if (json is not { ValueKind: JsonValueKind.Object } wanted)
        {
            return null;
        }
        if (wanted.TryGetProperty("var", out var variable))
        {
            if (Variable.ForDefault(variable, field.Type) is null)
            {
                report?.Invoke(field, "default.var", Problem.Of(ProblemKind.Invalid, "condition.variable", variable.ToString()));
            }
            return null;
        }
        if (!wanted.TryGetProperty("field", out var name))
        {
            return null;
        }
        var path = name.ValueKind == JsonValueKind.String ? field.Entity.Resolve(name.GetString()!) : null;
        if (path is { Field.IsStored: true } && path.Field.Type.ValueType == field.Type.ValueType && path.Field.Target == field.Target && path.Field != field)
        {
            return path;
        }
        report?.Invoke(field, "default.field", Problem.Of(ProblemKind.Invalid, "default.source", name.ToString()));
        return null;
    }

    /// <summary>Reports rules that cannot be read; the fields are then as if they had none.</summary>
    public sealed class Check : IModelCheck
    {
        IEnumerable<MetadataProblem> IModelCheck.Check(Model model)
        {
            var found = new List<MetadataProblem>();
            foreach (var entity in model.Entities.Values.OrderBy(e => e.Name, StringComparer.Ordinal))
            {
                _ = new FieldRules(entity, (field, member, problem) => found.Add(new(model.FileOf(entity), $"{field.DefinedAt}.{member}", problem.Message(model.Texts))));
            }
            return found;
        }
    }

    private sealed record Rule(Condition? VisibleWhen, Condition? RequiredWhen, Condition? ReadOnlyWhen, FieldPath? Source)
    {
        public static readonly Rule None = new(null, null, null, null);

        public IEnumerable<Condition> Conditions => new[] { VisibleWhen, RequiredWhen, ReadOnlyWhen }.OfType<Condition>();

        public IEnumerable<FieldPath> Paths => Conditions.SelectMany(c => c.Paths).Concat(Source is null ? [] : [Source]);
    }
}
