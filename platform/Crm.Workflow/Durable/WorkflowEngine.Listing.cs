using System.Globalization;
using Crm.Data;
using Crm.Rules;

namespace Crm.Workflow;

/// <summary>By which moment instances are ordered or filtered.</summary>
public enum InstanceMoment
{
    Created, Updated, Finished,
}

/// <summary>Which instances somebody asks for.</summary>
public sealed record InstanceFilter
{
    public string? DefinitionId { get; init; }

    public IReadOnlyCollection<string>? DefinitionIds { get; init; }

    public string? VersionId { get; init; }

    public int? Version { get; init; }

    public IReadOnlyCollection<string>? Ids { get; init; }

    public WorkflowStatus? Status { get; init; }

    public IReadOnlyCollection<WorkflowStatus>? Statuses { get; init; }

    public WorkflowSubStatus? SubStatus { get; init; }

    public IReadOnlyCollection<WorkflowSubStatus>? SubStatuses { get; init; }

    public string? CorrelationId { get; init; }

    public string? Name { get; init; }

    public bool? HasIncidents { get; init; }

    /// <summary>Part of a name, or an id, correlation or definition.</summary>
    public string? Search { get; init; }

    /// <summary>Comparisons with moments: which, how (<c>&lt;</c>, <c>&lt;=</c>, <c>=</c>, <c>&gt;=</c>, <c>&gt;</c>, <c>&lt;&gt;</c>), with what.</summary>
    public IReadOnlyCollection<(InstanceMoment Moment, string Operator, DateTimeOffset Value)>? Moments { get; init; }

    public InstanceMoment OrderBy { get; init; } = InstanceMoment.Updated;

    public bool OrderByName { get; init; }

    public bool Ascending { get; init; }

    /// <summary>Left out at the beginning, where somebody counts pages.</summary>
    public int Skip { get; init; }

    public int Limit { get; init; } = 100;
}

/// <content>Finding instances.</content>
public sealed partial class WorkflowEngine
{
    private static readonly (WorkflowStatus Status, WorkflowSubStatus SubStatus)[] States =
    [
        (WorkflowStatus.Running, WorkflowSubStatus.Pending), (WorkflowStatus.Running, WorkflowSubStatus.Executing), (WorkflowStatus.Running, WorkflowSubStatus.Suspended), (WorkflowStatus.Running, WorkflowSubStatus.Interrupted),
        (WorkflowStatus.Finished, WorkflowSubStatus.Finished), (WorkflowStatus.Finished, WorkflowSubStatus.Faulted), (WorkflowStatus.Finished, WorkflowSubStatus.Cancelled),
    ];

    private static readonly string[] Operators = ["<", "<=", "=", ">=", ">", "<>"];

    /// <summary>Instances, the last changed first unless the filter says otherwise.</summary>
    public Task<IReadOnlyList<WorkflowInstance>> ListAsync(InstanceFilter filter, CancellationToken cancellationToken = default) => ListAsync(filter, InstanceRows.ColumnsWithoutState, cancellationToken);

    private async Task<IReadOnlyList<WorkflowInstance>> ListAsync(InstanceFilter filter, string columns, CancellationToken cancellationToken)
    {
        var (condition, parameters) = ConditionOf(filter);
        var order = $"ORDER BY \"{(filter.OrderByName ? "name" : Column(filter.OrderBy))}\"{(filter.Ascending ? "" : " DESC")}";
        parameters.AddRange([Param.Integer(filter.Limit), Param.Integer(filter.Skip), Param.Integer(filter.Limit + filter.Skip)]);
        var (limit, skip, both) = ("$" + (parameters.Count - 2), "$" + (parameters.Count - 1), "$" + parameters.Count);
        var from = filter is { OrderByName: false, OrderBy: InstanceMoment.Updated } && filter.DefinitionId is null && filter.Status is null && filter.SubStatus is null
            // The moment of the last change is indexed within each state only, because it moves so often; the first of each state are found fast.
            ? $"({string.Join(" UNION ALL ", States.Select(s => $"SELECT * FROM (SELECT {columns} FROM \"{WorkflowTables.Instance}\" WHERE \"status\" = '{s.Status}' AND \"sub_status\" = '{s.SubStatus}' AND {condition} {order} LIMIT {both}) \"{s.SubStatus}\""))}) \"every\""
            : $"(SELECT {columns} FROM \"{WorkflowTables.Instance}\" WHERE {condition} {order}, \"id\" LIMIT {both}) \"every\"";
        await using var session = await database.ReadAsync(cancellationToken);
        return await session.QueryAsync($"SELECT * FROM {from} {order}, \"id\" LIMIT {limit} OFFSET {skip}", parameters, InstanceRows.Read, cancellationToken);
    }

    /// <summary>How many instances there are, but no more than <paramref name="most"/>: counting on costs what reading them does.</summary>
    public async Task<long> CountAsync(InstanceFilter filter, int most = 10_000, CancellationToken cancellationToken = default)
    {
        var (condition, parameters) = ConditionOf(filter);
        parameters.Add(Param.Integer(most));
        await using var session = await database.ReadAsync(cancellationToken);
        return await session.FirstAsync($"SELECT count(*) FROM (SELECT 1 FROM \"{WorkflowTables.Instance}\" WHERE {condition} LIMIT ${parameters.Count}) counted", parameters, r => r.Integer(0)!.Value, cancellationToken);
    }

    private static (string Condition, List<SqlParameter> Parameters) ConditionOf(InstanceFilter filter)
    {
        var parameters = new List<SqlParameter>();
        var conditions = new List<string>();
        Is("definition_id", filter.DefinitionId);
        IsIn("definition_id", filter.DefinitionIds);
        Is("version_id", filter.VersionId);
        IsIn("id", filter.Ids);
        Is("status", filter.Status?.ToString());
        IsIn("status", filter.Statuses?.Select(s => s.ToString()));
        Is("sub_status", filter.SubStatus?.ToString());
        IsIn("sub_status", filter.SubStatuses?.Select(s => s.ToString()));
        Is("correlation_id", filter.CorrelationId);
        Is("name", filter.Name);
        if (filter.Version is { } version)
        {
            conditions.Add("\"version\" = " + Add(Param.Integer(version)));
        }
        if (filter.HasIncidents is { } has)
        {
            conditions.Add(has ? "\"incidents\" > 0" : "\"incidents\" = 0");
        }
        foreach (var (moment, comparison, value) in filter.Moments ?? [])
        {
            conditions.Add($"\"{Column(moment)}\" {(Operators.Contains(comparison) ? comparison : "=")} {Add(Param.Timestamp(value))}");
        }
        if (filter.Search is { Length: > 0 } text)
        {
            var (exact, like) = (Add(Param.Text(text)), Add(Param.Text($"%{DefinitionStore.Escaped(text)}%")));
            conditions.Add($"(\"id\" = {exact} OR \"correlation_id\" = {exact} OR \"definition_id\" = {exact} OR \"name\" LIKE {like} ESCAPE '\\')");
        }
        return (conditions.Count == 0 ? "1 = 1" : string.Join(" AND ", conditions), parameters);

        string Add(SqlParameter value)
        {
            parameters.Add(value);
            return "$" + parameters.Count.ToString(CultureInfo.InvariantCulture);
        }

        void Is(string column, string? value)
        {
            if (value is not null)
            {
                conditions.Add($"\"{column}\" = {Add(Param.Text(value))}");
            }
        }

        void IsIn(string column, IEnumerable<string>? values)
        {
            if (values?.ToList() is { } list)
            {
                conditions.Add(list.Count == 0 ? "1 = 0" : $"\"{column}\" IN ({string.Join(", ", list.Select(v => Add(Param.Text(v))))})");
            }
        }
    }

    private static string Column(InstanceMoment moment) => moment switch
    {
        InstanceMoment.Created => "created_at",
        InstanceMoment.Finished => "finished_at",
        _ => "updated_at",
    };
}
