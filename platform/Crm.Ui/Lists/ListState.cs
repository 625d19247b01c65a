using System.Globalization;
using System.Text;
using Crm.Metadata;
using Crm.Rules;
using Crm.Data;
using Crm.Ui.Filters;

namespace Crm.Ui.Lists;

/// <summary>What a person has asked of a view: words, order and conditions beyond the view's own. It lives in the address, so that it can be shared.</summary>
/// <param name="Search">Words to look for.</param>
/// <param name="Sort">The order; null for the view's.</param>
/// <param name="Filters">Conditions that must all hold.</param>
public sealed record ListState(string Search, string? Sort, IReadOnlyList<Condition> Filters)
{
    public static ListState Empty { get; } = new("", null, []);

    /// <summary>The kind of view to show the records as; null for the view's own.</summary>
    public string? Mode { get; init; }

    /// <summary>The record that is open beside the list.</summary>
    public Guid? Open { get; init; }

    /// <summary>Whether it is the recycle bin that is looked into.</summary>
    public bool InBin { get; init; }

    /// <summary>Calendar and gantt: the day around which is shown; null for today.</summary>
    public DateOnly? On { get; init; }

    /// <summary>Calendar: month, week, day or agenda; null for what the person used last.</summary>
    public string? Span { get; init; }

    public bool IsNarrowed => Search.Length > 0 || Filters.Count > 0;

    /// <summary>The same question: what is open beside it does not change what the list shows.</summary>
    public ListState Question => this with { Open = null };

    /// <summary>Reads the parts of an address.</summary>
    /// <exception cref="ProblemException">The filter or the order is not of this entity.</exception>
    public static ListState Read(Entity entity, string? search, string? sort, string? filter)
    {
        _ = SortTerm.Parse(sort, entity);
        var condition = string.IsNullOrWhiteSpace(filter) ? Condition.Always : ConditionReader.Read(filter, entity);
        return new(search?.Trim() ?? "", string.IsNullOrWhiteSpace(sort) ? null : sort, condition is AllOf all ? all.Parts : [condition]);
    }

    /// <summary>The address of a page at <paramref name="path"/> in this state.</summary>
    public string Address(string path)
    {
        var query = new StringBuilder();
        Append(query, "q", Search);
        Append(query, "sort", Sort);
        Append(query, "filter", Filters.Count == 0 ? null : ConditionWriter.Write(Condition.And(Filters)));
        Append(query, "as", Mode);
        Append(query, "bin", InBin ? "1" : null);
        Append(query, "on", On?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        Append(query, "span", Span);
        Append(query, "open", Open?.ToString("D"));
        return path + query;
    }

    public ListState With(Condition filter) => this with { Filters = [.. Filters, filter] };

    public ListState Without(Condition filter) => this with { Filters = [.. Filters.Where(f => !ReferenceEquals(f, filter))] };

    public ListState Replace(Condition old, Condition by) => this with { Filters = [.. Filters.Select(f => ReferenceEquals(f, old) ? by : f)] };

    /// <summary>The conditions of the view and those that the person added.</summary>
    public Condition Filter(Entity entity, ViewDefinition view) => Condition.And([view.Filter is { } json ? ConditionReader.Read(json, entity) : null, .. Filters]);

    public RecordQuery Query(Entity entity, ViewDefinition view) => new(entity)
    {
        Filter = Filter(entity, view),
        Sort = SortTerm.Parse(Sort ?? view.Sort, entity),
        Search = Search.Length == 0 ? null : Search,
        Deleted = InBin,
    };

    private static void Append(StringBuilder query, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }
    }
}
