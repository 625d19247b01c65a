using System.Text.Json;
using Crm.Metadata;

namespace Crm.Rules;

/// <summary>
/// The one condition tree: list filter, view, row security, gate, segment. Two-valued: <c>not</c> is the exact complement.
/// Every node is bound to the Model; two back-ends give it meaning, <see cref="ConditionEvaluator"/> and <see cref="ConditionSql"/>.
/// </summary>
public abstract record Condition
{
    /// <summary>Holds for every record.</summary>
    public static Condition Always { get; } = new AllOf([]);

    /// <summary>Every path that the condition reads, those from records within its <see cref="Questions"/> included.</summary>
    public IEnumerable<FieldPath> Paths => OwnPaths.Concat(Questions.SelectMany(q => q.Where.Paths));

    /// <summary>The paths that it reads from the record itself.</summary>
    public IEnumerable<FieldPath> OwnPaths => Leaves.SelectMany(leaf => leaf switch
    {
        Comparison { Operand: OtherField other } comparison => [comparison.Path, other.Path],
        Comparison comparison => [comparison.Path],
        WordIn word => word.Texts,
        SameText same => [same.Path],
        ChildExists { Path.Through: { } through } => [through],
        _ => Enumerable.Empty<FieldPath>(),
    });

    /// <summary>The paths from whose ends it climbs a tree: what stands above those values decides as well. From a record itself the climb begins at its parent.</summary>
    public IEnumerable<FieldPath> Climbed => OwnClimbed.Concat(Questions.SelectMany(q => q.Where.Climbed));

    /// <summary>Those among them that begin at the record itself.</summary>
    public IEnumerable<FieldPath> OwnClimbed => Leaves.OfType<Comparison>().Where(c => c.Operator == ConditionOperator.Under)
        .Select(c => c.Path.Field.Name == SystemFields.Id ? new([.. c.Path.Steps.SkipLast(1), c.Path.Field.TreeField!]) : c.Path);

    /// <summary>What it asks about records that point to the one it is asked about; what those are asked in turn is a matter of their own.</summary>
    public IEnumerable<ChildExists> Questions => Leaves.OfType<ChildExists>();

    /// <summary>The entities whose records decide beside the one that is asked about.</summary>
    public IEnumerable<Entity> Children => Questions.SelectMany(q => q.Where.Children.Prepend(q.Path.Child));

    /// <summary>Every entity of which it reads more records than the one that it is asked about: those behind lookups, those that point to one, those that stand above in a tree.</summary>
    public IEnumerable<Entity> Reads => Paths.SelectMany(p => p.Steps.SkipLast(1)).Select(s => s.Target).OfType<Entity>().Concat(Climbed.Select(p => p.Field.TreeField!.Entity)).Concat(Children).Distinct();

    private IEnumerable<Condition> Leaves => this switch
    {
        AllOf all => all.Parts.SelectMany(p => p.Leaves),
        AnyOf any => any.Parts.SelectMany(p => p.Leaves),
        Not not => not.Inner.Leaves,
        _ => [this],
    };

    /// <summary>The entities of which another record than the one that is asked about can decide: behind lookups, above in a tree, below.</summary>
    public IEnumerable<Entity> LooksAt =>
        Paths.SelectMany(p => p.Steps.SkipLast(1)).SelectMany(s => s.Targets).Concat(Climbed.Select(p => p.Field.TreeField!.Entity)).Concat(Children);

    /// <summary>Both; conditions that always hold disappear.</summary>
    public static Condition And(params IEnumerable<Condition?> conditions)
    {
        Condition[] parts = [.. conditions.Where(c => c is not null && c != Always).Select(c => c!)];
        return parts.Length switch { 0 => Always, 1 => parts[0], _ => new AllOf(parts) };
    }
}

/// <summary>Every part holds; an empty one always does.</summary>
public sealed record AllOf(IReadOnlyList<Condition> Parts) : Condition;

/// <summary>At least one part holds; an empty one never does.</summary>
public sealed record AnyOf(IReadOnlyList<Condition> Parts) : Condition;

/// <summary>The exact complement.</summary>
public sealed record Not(Condition Inner) : Condition;

/// <summary>A field compared with something.</summary>
public sealed record Comparison(FieldPath Path, ConditionOperator Operator, Operand Operand) : Condition;

/// <summary>A folded word that occurs in at least one of several texts: what text search asks. It has no JSON; <c>q</c> and <c>matches</c> become it.</summary>
/// <param name="Texts">The fields that hold them.</param>
/// <param name="Word">In its folded form, never empty.</param>
/// <param name="ByIndex">Whether few enough records hold it that asking the search index first is worth while; it changes nothing about what is found.</param>
public sealed record WordIn(IReadOnlyList<FieldPath> Texts, string Word, bool ByIndex = false) : Condition;

/// <summary>
/// A text that is one of several but for case and accents, which is what imports mean by a name. It has no JSON. A list along the index finds hundreds at once;
/// said as so many comparisons, the database would look at every record.
/// </summary>
/// <param name="Path">The field that holds it.</param>
/// <param name="Among">The texts.</param>
public sealed record SameText(FieldPath Path, IReadOnlyList<string> Among) : Condition;

/// <summary>At least one record at the end of <paramref name="Path"/> meets <paramref name="Where"/>.</summary>
public sealed record ChildExists(ChildPath Path, Condition Where) : Condition;

/// <summary>What a field is compared with.</summary>
public abstract record Operand;

/// <summary>
/// Values known when the condition was read: one, several for <c>in</c> and <c>between</c>, none for <c>isNull</c>. In a list, a
/// <see cref="Variable"/> may stand among them.
/// </summary>
public sealed record Constants(IReadOnlyList<object?> Values) : Operand;

/// <summary>A value that depends on who asks and when.</summary>
public sealed record Variable(string Name) : Operand
{
    /// <summary>Each stands for one value.</summary>
    public static readonly IReadOnlyList<string> Names = ["me", "myUnit", "now", "today"];

    /// <summary>Each stands for any number of values, so that only lists can hold them.</summary>
    public static readonly IReadOnlyList<string> Sets = ["myTeams", "mySubordinates"];

    /// <summary>The variable that a default names; null if there is none whose one value fits.</summary>
    public static Variable? ForDefault(JsonElement name, FieldType type) =>
        name.ValueKind == JsonValueKind.String && name.GetString() is { } known && Names.Contains(known) && Fits(known, type) ? new(known) : null;

    public bool IsSet => Sets.Contains(Name);

    /// <summary>Whether values of <paramref name="type"/> can be what the variable stands for.</summary>
    public static bool Fits(string name, FieldType type) => name switch
    {
        "now" or "today" => type is TemporalFieldType,
        _ => (Names.Contains(name) || Sets.Contains(name)) && type is LookupFieldType,
    };
}

/// <summary>Another field of the same record.</summary>
public sealed record OtherField(FieldPath Path) : Operand;

/// <summary>A span of time relative to today, such as <c>last7days</c>.</summary>
public sealed record RelativeTime(string Span) : Operand;
