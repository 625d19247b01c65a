using System.Text.Json.Nodes;
using Crm.Data;
using Crm.Rules;
using Crm.Workflow;
using static Crm.Host.Elsa.ElsaRequest;

namespace Crm.Host.Elsa;

/// <summary>Changes of running instances by an administrator: another version, another value, one activity more or less.</summary>
internal static class AlterationEndpoints
{
    private const int Most = 10_000;

    public static void MapAlterations(this IEndpointRouteBuilder elsa)
    {
        elsa.MapPost("/alterations/dry-run", DryRunAsync);
        elsa.MapPost("/alterations/run", RunAsync);
        elsa.MapPost("/alterations/submit", SubmitAsync);
        elsa.MapPost("/alterations/workflows/retry", RetryAsync);
        elsa.MapGet("/alterations/migrate/preview", PreviewAsync);
    }

    private static async Task DryRunAsync(HttpContext context, WorkflowEngine engine) =>
        await AnswerAsync(context, new JsonObject { ["workflowInstanceIds"] = DefinitionEndpoints.List(await MatchingAsync(engine, await BodyAsync(context), context.RequestAborted)) });

    private static async Task RunAsync(HttpContext context, WorkflowEngine engine)
    {
        var body = await BodyAsync(context);
        var alterations = AlterationsOf(body);
        await AnswerAsync(context, await AlterAsync(context, engine, Texts(body, "workflowInstanceIds") ?? [], alterations));
    }

    /// <summary>Elsa plans them for later; here they are done when the answer comes, and the answer says how it went.</summary>
    private static async Task SubmitAsync(HttpContext context, WorkflowEngine engine, IdSource ids)
    {
        var body = await BodyAsync(context);
        var alterations = AlterationsOf(body);
        var answer = await AlterAsync(context, engine, await MatchingAsync(engine, Map(body, "filter") ?? [], context.RequestAborted), alterations);
        answer["planId"] = ids.Next().ToString("N");
        await AnswerAsync(context, answer);
    }

    private static async Task RetryAsync(HttpContext context, WorkflowEngine engine)
    {
        var body = await BodyAsync(context);
        var activities = Texts(body, "activityIds");
        var results = new JsonArray();
        foreach (var id in (Texts(body, "workflowInstanceIds") ?? []).Distinct(StringComparer.Ordinal))
        {
            results.Add(await TryAsync(context, id, async () =>
            {
                if (activities is null or { Count: 0 })
                {
                    await engine.RetryAsync(id, cancellationToken: context.RequestAborted);
                    return;
                }
                foreach (var activity in activities)
                {
                    await engine.RestartFromAsync(id, activity, context.RequestAborted);
                }
            }));
        }
        await AnswerAsync(context, new JsonObject { ["results"] = results });
    }

    /// <summary>What migrating the running instances of a definition to a version would do.</summary>
    private static async Task PreviewAsync(HttpContext context, WorkflowEngine engine)
    {
        var definitionId = Query(context, "definitionId") ?? throw Absent("definitionId");
        var targetVersion = QueryNumber(context, "targetVersion") ?? throw Absent("targetVersion");
        await engine.Definitions.RefreshAsync(context.RequestAborted);
        var previews = await engine.PreviewMigrationAsync(definitionId, VersionOf(engine, definitionId, targetVersion).Id, context.RequestAborted);
        await AnswerListAsync(context, previews.Select(p => new JsonObject
        {
            ["workflowInstanceId"] = p.InstanceId, ["fromVersion"] = p.FromVersion, ["toVersion"] = p.ToVersion, ["canMigrate"] = p.Lost.Count == 0, ["lostActivityNodeIds"] = DefinitionEndpoints.List(p.Lost),
        }));
    }

    private static async Task<JsonObject> AlterAsync(HttpContext context, WorkflowEngine engine, IReadOnlyList<string> instances, IReadOnlyList<Alteration> alterations)
    {
        var results = new JsonArray();
        foreach (var id in instances.Distinct(StringComparer.Ordinal))
        {
            results.Add(await TryAsync(context, id, async () =>
            {
                foreach (var alteration in alterations)
                {
                    await alteration.ApplyAsync(engine, id, context.RequestAborted);
                }
            }));
        }
        return new() { ["results"] = results };
    }

    private static async Task<JsonObject> TryAsync(HttpContext context, string instanceId, Func<Task> work)
    {
        var log = new JsonArray();
        var succeeded = true;
        try
        {
            await work();
            log.Add(Entry("Information", "Done."));
        }
        catch (ProblemException refusal)
        {
            succeeded = false;
            var texts = context.RequestServices.GetRequiredService<ModelSource>().Current.Texts;
            foreach (var problem in refusal.Problems)
            {
                log.Add(Entry("Error", problem.Message(texts)));
            }
        }
        return new() { ["workflowInstanceId"] = instanceId, ["log"] = new JsonObject { ["logEntries"] = log }, ["workflowHasScheduledWork"] = succeeded, ["isSuccessful"] = succeeded };

        static JsonNode Entry(string level, string message) => new JsonObject { ["logLevel"] = level, ["message"] = message };
    }

    /// <summary>An empty filter means nobody, unless it says that it means everybody.</summary>
    private static async Task<IReadOnlyList<string>> MatchingAsync(WorkflowEngine engine, JsonObject body, CancellationToken cancellationToken)
    {
        var filter = InstanceEndpoints.FilterOf(body) with { Limit = Most };
        return filter == new InstanceFilter { Limit = Most } && Flag(body, "emptyFilterSelectsAll") != true ? [] : [.. (await engine.ListAsync(filter, cancellationToken)).Select(i => i.Id)];
    }

    private static List<Alteration> AlterationsOf(JsonObject body)
    {
        var alterations = new List<Alteration>();
        foreach (var item in body["alterations"] as JsonArray ?? throw Absent("alterations"))
        {
            var json = item as JsonObject ?? throw new ProblemException(Problem.At("alterations", ProblemKind.Invalid, "json.object"));
            alterations.Add(Text(json, "type") switch
            {
                "ModifyVariable" => new(Need("variableId"), json["value"] is { } value ? Values.FromJson(value) : null, null, (engine, id, a, token) => engine.SetVariableAsync(id, a.Text, a.Value, token)),
                "Migrate" => new("", null, Number(json, "targetVersion") ?? throw Absent("targetVersion"), MigrateAsync),
                "ScheduleActivity" => new(OfActivity(), null, null, ScheduleAsync),
                "CancelActivity" => new(OfActivity(), null, null, CancelActivityAsync),
                "SkipActivity" => new(OfActivity(), Text(json, "outcome") ?? "Done", null, SkipActivityAsync),
                "Cancel" => new("", null, null, (engine, id, _, token) => engine.CancelAsync(id, token)),
                _ => throw new ProblemException(Problem.At("alterations.type", ProblemKind.Invalid, "parameter.choice", "type", "ModifyVariable, Migrate, ScheduleActivity, CancelActivity, SkipActivity, Cancel")),
            });

            string Need(string name) => Text(json, name) ?? throw Absent(name);

            string OfActivity() => Text(json, "activityInstanceId") ?? Need("activityId");
        }
        return alterations;
    }

    private static async Task MigrateAsync(WorkflowEngine engine, string instanceId, Alteration alteration, CancellationToken cancellationToken)
    {
        var instance = await InstanceEndpoints.FindAsync(engine, instanceId, cancellationToken);
        await engine.MigrateAsync(instanceId, VersionOf(engine, instance.DefinitionId, alteration.Version).Id, cancellationToken);
    }

    /// <summary>What failed is tried again; anything else is begun anew where it stands.</summary>
    private static async Task ScheduleAsync(WorkflowEngine engine, string instanceId, Alteration alteration, CancellationToken cancellationToken)
    {
        var failed = (await MeantAsync(engine, instanceId, alteration, cancellationToken)).Find(c => c.Status == ActivityStatus.Faulted);
        await (failed is null ? engine.RestartFromAsync(instanceId, alteration.Text, cancellationToken) : engine.RetryAsync(instanceId, failed.Id, cancellationToken));
    }

    private static async Task CancelActivityAsync(WorkflowEngine engine, string instanceId, Alteration alteration, CancellationToken cancellationToken)
    {
        foreach (var id in (await MeantAsync(engine, instanceId, alteration, cancellationToken)).Select(c => c.Id).DefaultIfEmpty(alteration.Text))
        {
            await engine.CancelActivityAsync(instanceId, id, cancellationToken);
        }
    }

    /// <summary>What failed is taken for done, and the instance goes on after it by the outcome.</summary>
    private static async Task SkipActivityAsync(WorkflowEngine engine, string instanceId, Alteration alteration, CancellationToken cancellationToken)
    {
        foreach (var id in (await MeantAsync(engine, instanceId, alteration, cancellationToken)).Where(c => c.Status == ActivityStatus.Faulted).Select(c => c.Id).DefaultIfEmpty(alteration.Text))
        {
            await engine.SkipAsync(instanceId, id, (string)alteration.Value!, cancellationToken);
        }
    }

    /// <summary>The open executions that an alteration is about: one, or all of an activity.</summary>
    private static async Task<List<ActivityContext>> MeantAsync(WorkflowEngine engine, string instanceId, Alteration alteration, CancellationToken cancellationToken) =>
        (await engine.InspectAsync(instanceId, cancellationToken))?.Open.Where(c => c.Id == alteration.Text || c.Node.Id == alteration.Text || c.Node.NodeId == alteration.Text).ToList() ?? [];

    private static DefinitionVersion VersionOf(WorkflowEngine engine, string definitionId, int? number) =>
        engine.Definitions.Versions(definitionId).FirstOrDefault(v => v.Version == number) ?? throw Missing("workflow.missing", definitionId);

    private static ProblemException Absent(string name) => new(Problem.At(name, ProblemKind.Invalid, "parameter.missing", name));

    private sealed record Alteration(string Text, object? Value, int? Version, Func<WorkflowEngine, string, Alteration, CancellationToken, Task> Apply)
    {
        public Task ApplyAsync(WorkflowEngine engine, string instanceId, CancellationToken cancellationToken) => Apply(engine, instanceId, this, cancellationToken);
    }
}
