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

    public bool IsNarrowed => Search.Length > 0 || Filters.Count > 0;

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
        return path + query;
    }

    public ListState With(Condition filter) => this with { Filters = [.. Filters, filter] };

    public ListState Without(Condition filter) => this with { Filters = [.. Filters.Where(f => !ReferenceEquals(f, filter))] };

    public ListState Replace(Condition old, Condition by) => this with { Filters = [.. Filters.Select(f => ReferenceEquals(f, old) ? by : f)] };

    public RecordQuery Query(Entity entity, ViewDefinition view) => new(entity)
    {
        Filter = Condition.And([view.Filter is { } json ? ConditionReader.Read(json, entity) : null, .. Filters]),
        Sort = SortTerm.Parse(Sort ?? view.Sort, entity),
        Search = Search.Length == 0 ? null : Search,
    };

    private static void Append(StringBuilder query, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }
    }
}
