using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Required fields, the rules of each field's type over what changed, and the conditions under which fields are shown, needed and changeable.</summary>
internal sealed class ValidateStep : IWriteStep
{
    public bool Concerns(Model model, Entity entity, ChangeKind kind) => kind is ChangeKind.Create or ChangeKind.Update;

    public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        var scope = batch.Request.Actor.ScopeAt(batch.Now);
        var reader = new RelatedReader(batch.Session, batch.Dialect, scope);
        var (stored, toBe) = (new RelatedRecords(), (BatchRecords?)null);
        foreach (var group in batch.Pending.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Update).GroupBy(c => c.Entity).ToList())
        {
            var rules = FieldRules.Of(group.Key);
            var questions = group.Select(c => new Question(batch, c, rules, scope, stored, rules.LooksBeyond ? toBe ??= new(batch, stored) : stored)).ToList();
            if (rules.LooksBeyond)
            {
                await reader.AddAsync(stored, [.. questions.Select(q => q.Before).OfType<KnownRecord>()], rules.Conditions, cancellationToken);
                await reader.AddAsync(toBe!, [.. questions.Select(q => q.After)], rules.Conditions, cancellationToken);
            }
            questions.ForEach(Validate);
        }
    }

    /// <summary>Whichever of the two changed, they must go together.</summary>
    private static void ValidateDependent(RecordChange change, Field field, Field master)
    {
        var changed = change.Kind == ChangeKind.Create || new[] { field, master }.Any(f => !f.Type.AreEqual(change.After![f], change.Before![f]));
        if (changed && ChoiceDependency.Misfit(field, change.After!) is { } misfit)
        {
            change.Problems.Add(Problem.At(field.Name, ProblemKind.Refused, "value.dependent", misfit, master.Label));
        }
    }

    private static void Validate(Question question)
    {
        var change = question.Change;
        foreach (var field in change.Entity.Fields)
        {
            var value = change.After!.Values[field.Ordinal];
            var isChanged = change.Kind == ChangeKind.Create || !field.Type.AreEqual(value, change.Before!.Values[field.Ordinal]);
            if (value is null)
            {
                // What the platform computes comes later on the way.
                if (!field.Type.IsComputed && question.IsMissing(field, isChanged))
                {
                    change.Problems.Add(Problem.At(field.Name, ProblemKind.Refused, "required", field.Label));
                }
            }
            else if (isChanged && field.Type.Validate(value) is { } fault)
            {
                change.Problems.Add(Problem.At(field.Name, ProblemKind.Invalid, fault.Code, fault.Arguments));
            }
            if (isChanged && question.Closed(field) is { } rule)
            {
                change.Problems.Add(Problem.At(field.Name, ProblemKind.Refused, "field." + rule, field.Label) with { Rule = $"{field}.{rule}When" });
            }
            if (ChoiceDependency.Master(field) is { } master)
            {
                ValidateDependent(change, field, master);
            }
        }
    }

    /// <summary>What the rules say about one change.</summary>
    private sealed class Question(WriteBatch batch, RecordChange change, FieldRules rules, ConditionScope scope, RelatedRecords stored, RelatedRecords toBe)
    {
        public RecordChange Change => change;

        public KnownRecord? Before { get; } = change.Before is { } before ? stored.Of(change.Id, before) : null;

        public KnownRecord After { get; } = toBe.Of(change.Id, change.After!);

        /// <summary>What the platform writes by itself is not held up by rules for people; what follows from elsewhere has no choice.</summary>
        private bool IsByPeople => batch.Request is { IsUndo: false, Door: not Door.Platform } && (change.FollowsFrom is null || change.Place is not null);

        /// <summary>An empty field is refused where this change empties it or makes it needed; what was missing before may wait.</summary>
        public bool IsMissing(Field field, bool isChanged) => rules.IsEmpty
            ? isChanged && field.Definition.Required
            : rules.IsRequired(field, After, scope) && (isChanged || (!field.Definition.Required && !rules.IsRequired(field, Before!, scope))) && !rules.HasEntries(field, After, scope);

        /// <summary>Which rule keeps the field from being changed; null if none does.</summary>
        public string? Closed(Field field) =>
            rules.IsEmpty || !IsByPeople || change.Values.All(v => v.Field != field || (change.Kind == ChangeKind.Create && v.Value is null)) ? null
            : !rules.IsVisible(field, After, scope) ? "visible"
            : change.Kind == ChangeKind.Update && rules.IsReadOnly(field, Before!, scope) ? "readOnly"
            : null;
    }
}
