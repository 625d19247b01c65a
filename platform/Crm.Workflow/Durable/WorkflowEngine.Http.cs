using System.Globalization;
using Crm.Data;
using Crm.Rules;

namespace Crm.Workflow;

/// <content>Requests from outside that workflows begin with or wait for.</content>
public sealed partial class WorkflowEngine
{
    private static readonly string[] HttpMethods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"];

    /// <summary>Whoever may be meant by a request: workflows that begin with it, then instances that wait for it.</summary>
    /// <param name="path">The path below the one where requests for workflows come in.</param>
    /// <param name="method">The method; null asks for any.</param>
    /// <param name="instanceId">Only this instance.</param>
    /// <param name="correlationId">Only instances with this correlation.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IReadOnlyList<HttpTarget>> FindHttpAsync(string path, string? method, string? instanceId = null, string? correlationId = null, CancellationToken cancellationToken = default)
    {
        var patterns = HttpRoute.PatternsOf(path);
        List<string> hashes = [.. (method is null ? HttpMethods : [method]).SelectMany(m => patterns.Select(p => HttpEndpoint.Requested(p, m).Hash()))];
        var targets = instanceId is null ? hashes.SelectMany(h => definitions.HttpStarts.GetValueOrDefault(h) ?? []).ToList() : [];
        foreach (var some in hashes.Chunk(400))
        {
            List<SqlParameter> parameters = [.. some.Select(Param.Text)];
            var sql = $"SELECT \"id\", \"instance_id\", \"payload\" FROM \"{WorkflowTables.Bookmark}\" WHERE \"hash\" IN ({string.Join(", ", Enumerable.Range(1, some.Length).Select(i => "$" + i.ToString(CultureInfo.InvariantCulture)))})";
            sql += OnlyOf(instanceId, correlationId, parameters);
            await using var session = await database.ReadAsync(cancellationToken);
            targets.AddRange(await session.QueryAsync(sql + " LIMIT 10", parameters, r => HttpTarget.ToResume(r.Text(0)!, r.Text(1)!, r.Text(2)!), cancellationToken));
        }
        return targets;
    }
}
