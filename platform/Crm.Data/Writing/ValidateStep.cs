using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Required fields, the rules of each field's type over what changed, and the conditions under which fields are shown, needed and changeable.</summary>
internal sealed class ValidateStep : IWriteStep
{
    public async ValueTask RunAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        foreach (var group in batch.Pending.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Update).GroupBy(c => c.Entity).ToList())
        {
            var rules = FieldRules.Of(group.Key);
            var related = new RelatedRecords();
            if (rules.LooksBeyond)
            {
                await RelatedReader.AddAsync(batch.Session, related, [.. group.SelectMany(c => new[] { c.After, c.Before }).OfType<Record>()], rules, cancellationToken);
            }
            foreach (var change in group)
            {
                Validate(new(batch, change, rules, related));
            }
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
    private sealed class Question(WriteBatch batch, RecordChange change, FieldRules rules, RelatedRecords related)
    {
        private readonly ConditionScope _scope = batch.Request.Actor.ScopeAt(batch.Now);

        public RecordChange Change => change;

        /// <summary>What the platform writes by itself is not held up by rules for people; what follows from elsewhere has no choice.</summary>
        private bool IsByPeople => batch.Request is { IsUndo: false, Door: not Door.Platform } && (change.FollowsFrom is null || change.Place is not null);

        /// <summary>An empty field is refused where this change empties it or makes it needed; what was missing before may wait.</summary>
        public bool IsMissing(Field field, bool isChanged) => rules.IsEmpty
            ? isChanged && field.Definition.Required
            : rules.IsRequired(field, After, _scope) && (isChanged || (!field.Definition.Required && !rules.IsRequired(field, Before, _scope)));

        /// <summary>Which rule keeps the field from being changed; null if none does.</summary>
        public string? Closed(Field field) =>
            rules.IsEmpty || !IsByPeople || change.Values.All(v => v.Field != field || (change.Kind == ChangeKind.Create && v.Value is null)) ? null
            : !rules.IsVisible(field, After, _scope) ? "visible"
            : change.Kind == ChangeKind.Update && rules.IsReadOnly(field, Before, _scope) ? "readOnly"
            : null;

        private object? After(FieldPath path) => related.Read(change.After!, path);

        private object? Before(FieldPath path) => related.Read(change.Before!, path);
    }
}
