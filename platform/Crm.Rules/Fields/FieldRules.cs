using System.Collections.Frozen;
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
        // Shown and needed on the same terms is common: one condition then, asked once.
        var read = new Dictionary<string, Condition>(StringComparer.Ordinal);
        foreach (var field in entity.OwnFields)
        {
            var definition = field.Definition;
            var rule = new Rule(
                Read(definition.VisibleWhen, field, "visibleWhen", read, report), Read(definition.RequiredWhen, field, "requiredWhen", read, report),
                Read(definition.ReadOnlyWhen, field, "readOnlyWhen", read, report), ReadSource(definition.Default, field, report),
                definition.RequiredWhen is not null && field.Type is CollectionFieldType list ? new(new(null, list.Child, list.Parent), Condition.Always) : null);
            if (rule != Rule.None)
            {
                _rules[field] = rule;
            }
        }
        Conditions = [.. new HashSet<Condition>(_rules.Values.SelectMany(r => r.Conditions), ReferenceEqualityComparer.Instance)];
        LooksBeyond = Conditions.Any(c => c.Reads.Any());
        LooksInto = Conditions.SelectMany(c => LookedInto(c, entity)).Select(e => e.Name).ToFrozenSet(StringComparer.Ordinal);
    }

    public bool IsEmpty => _rules.Count == 0;

    /// <summary>All conditions of the fields.</summary>
    public IReadOnlyList<Condition> Conditions { get; }

    /// <summary>Whether they look at other records than the one that they are asked about.</summary>
    public bool LooksBeyond { get; }

    /// <summary>The names of entities in whose records they look for some that point to the record, or to one that it points to; not for its own rows and links.</summary>
    public IReadOnlySet<string> LooksInto { get; }

    /// <summary>Fields whose default is copied from elsewhere, and from where.</summary>
    public IEnumerable<(Field Field, FieldPath Source)> Copied => _rules.Where(r => r.Value.Source is not null).Select(r => (r.Key, r.Value.Source!));

    public static FieldRules Of(Entity entity) => Kept.GetValue(entity, e => new(e, null));

    public bool IsVisible(Field field, IConditionSubject record, ConditionScope scope) => Holds(field, r => r.VisibleWhen, record, scope) ?? true;

    /// <summary>A field that is not shown is not required either.</summary>
    public bool IsRequired(Field field, IConditionSubject record, ConditionScope scope) =>
        (field.Definition.Required || (Holds(field, r => r.RequiredWhen, record, scope) ?? false)) && IsVisible(field, record, scope);

    public bool IsReadOnly(Field field, IConditionSubject record, ConditionScope scope) => Holds(field, r => r.ReadOnlyWhen, record, scope) ?? false;

    /// <summary>Whether rows or links that may be needed are there, where nothing is said of them.</summary>
    public bool HasEntries(Field field, IConditionSubject record, ConditionScope scope) => _rules.GetValueOrDefault(field)?.Entries is { } entries && record.Has(entries, scope);

    /// <summary>What decides whether the field is shown; null for one that always is.</summary>
    public Condition? ShownBy(Field field) => _rules.GetValueOrDefault(field)?.VisibleWhen;

    public FieldPath? SourceOf(Field field) => _rules.GetValueOrDefault(field)?.Source;

    private bool? Holds(Field field, Func<Rule, Condition?> which, IConditionSubject record, ConditionScope scope) =>
        _rules.TryGetValue(field, out var rule) && which(rule) is { } condition ? ConditionEvaluator.Holds(condition, record, scope) : null;

    /// <summary>What is in the record's own rows and links the form knows by itself.</summary>
    private static IEnumerable<Entity> LookedInto(Condition condition, Entity entity) => condition.Questions.SelectMany(q =>
        q.Path is { Through: null, Parent.OwnedBy: { } collection } && collection.Entity == entity ? q.Where.Children : q.Where.Children.Prepend(q.Path.Child));

    private static Condition? Read(JsonElement? json, Field field, string member, Dictionary<string, Condition> read, Action<Field, string, Problem>? report)
    {
        if (json is not { } wanted)
        {
            return null;
        }
        try
        {
            var text = wanted.GetRawText();
            return read.TryGetValue(text, out var known) ? known : read[text] = ConditionReader.Read(wanted, field.Entity);
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

    private sealed record Rule(Condition? VisibleWhen, Condition? RequiredWhen, Condition? ReadOnlyWhen, FieldPath? Source, ChildExists? Entries)
    {
        public static readonly Rule None = new(null, null, null, null, null);

        public IEnumerable<Condition> Conditions => new[] { VisibleWhen, RequiredWhen, ReadOnlyWhen, Entries }.OfType<Condition>();
    }
}
