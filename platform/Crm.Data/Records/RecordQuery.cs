using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>How many records there are, beside the page itself.</summary>
public enum CountMode
{
    None, Capped, Exact,
}

/// <summary>One step of an order. Text ignores case; empty values come last ascending and first descending.</summary>
public sealed record SortTerm(FieldPath Path, bool Descending)
{
    /// <summary>Reads <c>-amount,name</c>.</summary>
    /// <exception cref="ProblemException">A term leads to no field.</exception>
    public static IReadOnlyList<SortTerm> Parse(string? sort, Entity entity)
    {
        if (string.IsNullOrWhiteSpace(sort))
        {
            return [];
        }
        var terms = new List<SortTerm>();
        foreach (var part in sort.Split(',', StringSplitOptions.TrimEntries))
        {
            var descending = part.StartsWith('-');
            var path = entity.Resolve(descending ? part[1..] : part);
            if (path is not { Field: { IsStored: true, Type.IsSortable: true } } || terms.Count == MaxTerms)
            {
                throw new ProblemException(Problem.At("sort", ProblemKind.Invalid, "sort.field", part, entity.Name));
            }
            terms.Add(new(path, descending));
        }
        return terms;
    }

    public const int MaxTerms = 6;

    public override string ToString() => (Descending ? "-" : "") + Path;
}

/// <summary>A question to the record store: which records of an entity, in which order, which of their fields.</summary>
public sealed record RecordQuery(Entity Entity)
{
    /// <summary>More records than this do not come in one page.</summary>
    public const int MaxLimit = 1_000;

    public Condition Filter { get; init; } = Condition.Always;

    public IReadOnlyList<SortTerm> Sort { get; init; } = [];

    /// <summary>What to read, paths through lookups included; null for every field of the entity. The id always comes along.</summary>
    public IReadOnlyList<FieldPath>? Fields { get; init; }

    /// <summary>Words that must all occur in the search fields.</summary>
    public string? Search { get; init; }

    public int Limit { get; init; } = 50;

    /// <summary>The <see cref="RecordPage.Next"/> of the page before.</summary>
    public string? After { get; init; }

    /// <summary>The <see cref="RecordPage.Previous"/> of the page behind: the page that ends just before it.</summary>
    public string? Before { get; init; }

    public CountMode Count { get; init; } = CountMode.None;

    /// <summary>Whether to look into the recycle bin instead of among the live records.</summary>
    public bool Deleted { get; init; }

    /// <summary>Whether the page says what the records are called that references, rows and links in it point to.</summary>
    public bool Titles { get; init; }
}

/// <summary>A page of records. Values are read by path: <c>page.Items[0][page.IndexOf("customer.name")]</c>.</summary>
public sealed record RecordPage(Entity Entity, IReadOnlyList<FieldPath> Columns, IReadOnlyList<RecordRow> Items, string? Next, long? Count, bool CountIsExact)
{
    /// <summary>Leads to the page before this one; null on the first.</summary>
    public string? Previous { get; init; }

    /// <summary>What the records are called that references, rows and links of the page point to, where <see cref="RecordQuery.Titles"/> asked for it.</summary>
    public IReadOnlyDictionary<Guid, string> Titles { get; init; } = new Dictionary<Guid, string>();

    /// <summary>Place of a path among <see cref="Columns"/>; -1 if it was not asked for.</summary>
    public int IndexOf(string path)
    {
        for (var i = 0; i < Columns.Count; i++)
        {
            if (Columns[i].ToString() == path)
            {
                return i;
            }
        }
        return -1;
    }
}

/// <summary>One record of a page: its id and the values of the page's columns.</summary>
public sealed record RecordRow(Guid Id, object?[] Values)
{
    public object? this[int column] => Values[column];
}
