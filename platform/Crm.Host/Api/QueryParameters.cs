using System.Globalization;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Host.Api;

/// <summary>Reads the query string of a list: filter, sort, fields, limit, after, before, count, q, view.</summary>
internal sealed record QueryParameters(Entity Entity, RecordQuery Query, string? Fields)
{
    /// <summary>The parameters that say which records, and how they are shown.</summary>
    public static readonly string[] OfRecords = ["filter", "sort", "fields", "q", "view"];

    /// <summary>Those and the ones that say which page of them.</summary>
    public static readonly string[] OfList = [.. OfRecords, "limit", "after", "before", "count"];

    /// <exception cref="ProblemException">A parameter is unknown or given twice.</exception>
    public static void Check(IQueryCollection parameters, IReadOnlyList<string> known)
    {
        foreach (var (name, values) in parameters)
        {
            if (!known.Contains(name))
            {
                throw new ProblemException(Problem.At(name, ProblemKind.Invalid, "parameter.unknown", name));
            }
            if (values.Count != 1)
            {
                throw new ProblemException(Problem.At(name, ProblemKind.Invalid, "parameter.twice", name));
            }
        }
    }

    /// <param name="parameters">The query string.</param>
    /// <param name="entity">Whose records.</param>
    /// <exception cref="ProblemException">A parameter cannot be read.</exception>
    public static QueryParameters Read(IQueryCollection parameters, Entity entity)
    {
        var view = Text(parameters, "view") is { } viewName
            ? entity.Views.FirstOrDefault(v => v.Name == viewName) ?? throw new ProblemException(Problem.At("view", ProblemKind.Invalid, "view.unknown", viewName, entity.Label))
            : null;
        var query = new RecordQuery(entity)
        {
            Filter = Condition.And(
                view?.Filter is { } viewFilter ? KeptConditions.Read(viewFilter.GetRawText(), entity) : null,
                Text(parameters, "filter") is { } filter ? KeptConditions.Read(filter, entity) : null),
            Sort = SortTerm.Parse(Text(parameters, "sort") ?? view?.Sort, entity),
            Search = Text(parameters, "q"),
            After = Text(parameters, "after"),
            Before = Text(parameters, "before"),
            Limit = Limit(Text(parameters, "limit"), 50, RecordQuery.MaxLimit),
            Count = Count(Text(parameters, "count")),
        };
        var fields = Text(parameters, "fields") ?? (view is { Columns.Count: > 0 } ? string.Join(',', view.Columns.Select(c => c.Field)) : null);
        return new(entity, query, fields);
    }

    /// <summary>Reads <c>limit</c> and <c>after</c> of a list that has nothing else.</summary>
    /// <exception cref="ProblemException">A parameter cannot be read.</exception>
    public static (int Limit, string? After) ReadPage(IQueryCollection parameters, int usual, int most) => (Limit(Text(parameters, "limit"), usual, most), Text(parameters, "after"));

    public static string? Text(IQueryCollection parameters, string name) => parameters[name].ToString() is { Length: > 0 } text
        ? text.Contains('\0', StringComparison.Ordinal) ? throw new ProblemException(Problem.At(name, ProblemKind.Invalid, "value.controlCharacters")) : text
        : null;

    private static int Limit(string? text, int usual, int most) => text is null ? usual
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit >= 1 && limit <= most ? limit
        : throw new ProblemException(Problem.At("limit", ProblemKind.Invalid, "limit", most));

    private static CountMode Count(string? text) => text switch
    {
        null or "none" => CountMode.None,
        "capped" => CountMode.Capped,
        "exact" => CountMode.Exact,
        _ => throw new ProblemException(Problem.At("count", ProblemKind.Invalid, "count")),
    };
}
