using System.Collections.Specialized;
using System.Text;
using System.Web;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Ui.Dashboards;

/// <summary>What a person has chosen at the top of a dashboard. It lives in the address, so that it can be shared.</summary>
/// <param name="Period">The time.</param>
/// <param name="Chosen">Values by the name of their filter.</param>
public sealed record DashboardState(Period Period, IReadOnlyDictionary<string, object> Chosen)
{
    /// <summary>Reads an address; what cannot be understood is as if it were not there.</summary>
    public static DashboardState Read(string uri, DashboardDefinition dashboard, IReadOnlyList<DashboardFilter> filters)
    {
        NameValueCollection query = HttpUtility.ParseQueryString(new Uri(uri).Query);
        var chosen = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var filter in filters)
        {
            if (query[filter.Name] is { Length: > 0 } text && ValueOf(filter.Path.Field, text) is { } value)
            {
                chosen[filter.Name] = value;
            }
        }
        return new(dashboard.Period is null ? Period.All : Period.Read(query["period"], dashboard.Period.Default), chosen);
    }

    /// <summary>The address of a page at <paramref name="path"/> in this state.</summary>
    public string Address(string path, DashboardDefinition dashboard, IReadOnlyList<DashboardFilter> filters)
    {
        var query = new StringBuilder();
        if (dashboard.Period is { } period && Period != Period.Read(null, period.Default))
        {
            Append("period", Period.Text);
        }
        foreach (var filter in filters)
        {
            if (Chosen.TryGetValue(filter.Name, out var value))
            {
                Append(filter.Name, filter.Path.Field.Type.ToFileText(value));
            }
        }
        return path + query;

        void Append(string name, string value) => query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
    }

    public DashboardState With(string filter, object? value)
    {
        var chosen = new Dictionary<string, object>(Chosen, StringComparer.Ordinal);
        if (value is null)
        {
            chosen.Remove(filter);
        }
        else
        {
            chosen[filter] = value;
        }
        return this with { Chosen = chosen };
    }

    /// <summary>What was chosen, as conditions over an entity; a record of a tree stands for all below it as well.</summary>
    public IEnumerable<Condition> On(Entity entity, IReadOnlyList<DashboardFilter> filters) => filters
        .Where(f => Chosen.ContainsKey(f.Name) && f.Paths.ContainsKey(entity))
        .Select(f => new Comparison(f.Paths[entity], f.Path.Field.TreeField is null ? ConditionOperator.Eq : ConditionOperator.Under, new Constants([Chosen[f.Name]])));

    private static object? ValueOf(Field field, string text)
    {
        var parsed = field.Target is not null ? Guid.TryParse(text, out var id) ? Parsed.Ok(id) : Parsed.Ok(null) : field.Type.FromText(text, TextFormat.Invariant);
        return parsed.Fault is null && parsed.Value is { } value && field.Type.Validate(value) is null ? value : null;
    }

    public bool Equals(DashboardState? other) => other is not null && Period == other.Period && Chosen.Count == other.Chosen.Count && Chosen.All(c => Equals(other.Chosen.GetValueOrDefault(c.Key), c.Value));

    public override int GetHashCode() => HashCode.Combine(Period, Chosen.Count);
}
