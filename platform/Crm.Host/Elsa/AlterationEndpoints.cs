using System.Text.Json.Nodes;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Workflow;
using static Crm.Host.Elsa.ElsaRequest;

namespace Crm.Host.Elsa;

/// <summary>Changes of running instances by an administrator: another version, another value, one activity more or less.</summary>
internal static class AlterationEndpoints
{
    private const int Most = 10_000;

    /// <summary>A filter that names values asks once for each combination of them.</summary>
    private const int MostQuestions = 100;

    /// <summary>A job of this kind is what became of a plan.</summary>
    private const string PlanKind = "alterations";

    /// <summary>What a filter can say. Any other member is refused: without it more instances would be changed than are meant.</summary>
    private static readonly HashSet<string> FilterMembers = new(StringComparer.Ordinal)
    {
        "workflowInstanceIds", "ids", "definitionId", "definitionIds", "definitionVersionIds", "correlationId", "correlationIds", "name", "names", "version", "hasIncidents", "isSystem", "searchTerm", "status", "statuses", "subStatus", "subStatuses",
        "timestampFilters", "emptyFilterSelectsAll",
    };

    public static void MapAlterations(this IEndpointRouteBuilder elsa)
    {
        elsa.MapPost("/alterations/dry-run", DryRunAsync);
        elsa.MapPost("/alterations/run", RunAsync);
        elsa.MapPost("/alterations/submit", SubmitAsync);
        elsa.MapPost("/alterations/workflows/retry", RetryAsync);
        elsa.MapGet("/alterations/migrate/preview", PreviewAsync);
        elsa.MapGet("/alterations/{id}", GetAsync);
    }

    private static async Task DryRunAsync(HttpContext context, WorkflowEngine engine) =>
        await AnswerAsync(context, new JsonObject { ["workflowInstanceIds"] = DefinitionEndpoints.List(await MatchingAsync(engine, await BodyAsync(context), context.RequestAborted)) });

    private static async Task RunAsync(HttpContext context, WorkflowEngine engine)
    {
        var body = await BodyAsync(context);
        var alterations = AlterationsOf(body);
        await AnswerAsync(context, await AlterAsync(context, engine, Texts(body, "workflowInstanceIds") ?? [], alterations));
    }

    /// <summary>Elsa plans them for later; here they are done when the answer comes, and the answer says how it went. That is kept, for whoever asks about the plan.</summary>
    private static async Task SubmitAsync(HttpContext context, WorkflowEngine engine, JobStore jobs, TimeProvider time)
    {
        var actor = await AdministratorAsync(context);
        var body = await BodyAsync(context);
        var (alterations, filter, begun) = (AlterationsOf(body), Map(body, "filter") ?? [], time.GetUtcNow());
        var answer = await AlterAsync(context, engine, await MatchingAsync(engine, filter, context.RequestAborted), alterations);
        var asked = new JsonObject { ["alterations"] = Member(body, "alterations")!.DeepClone(), ["workflowInstanceFilter"] = filter.DeepClone() };
        var plan = await jobs.KeepAsync(PlanKind, asked, answer.DeepClone().AsObject(), answer["results"]!.AsArray().Count, begun, actor.UserId!.Value, CancellationToken.None);
        answer["planId"] = plan.Id.ToString("N");
        await AnswerAsync(context, answer);
    }

    /// <summary>A plan and what became of it, instance by instance.</summary>
    private static async Task GetAsync(HttpContext context, string id, JobStore jobs)
    {
        var plan = Guid.TryParse(id, out var planId) && await jobs.FindAsync(planId, await AdministratorAsync(context), context.RequestAborted) is { Kind: PlanKind } kept ? kept : throw Missing("job.unknown", id);
        var (name, begun, done) = (plan.Id.ToString("N"), Iso8601.ToText(plan.CreatedAt), Iso8601.ToText(plan.FinishedAt!.Value));
        await AnswerAsync(context, new JsonObject
        {
            ["plan"] = new JsonObject
            {
                ["id"] = name, ["alterations"] = plan.Input["alterations"]!.DeepClone(), ["workflowInstanceFilter"] = plan.Input["workflowInstanceFilter"]!.DeepClone(), ["status"] = "Completed", ["createdAt"] = begun, ["startedAt"] = begun,
                ["completedAt"] = done,
            },
            ["jobs"] = new JsonArray([.. plan.Result!["results"]!.AsArray().Select((result, i) => new JsonObject
            {
                ["id"] = $"{name}-{i + 1}", ["planId"] = name, ["workflowInstanceId"] = result!["workflowInstanceId"]!.DeepClone(), ["status"] = result["isSuccessful"]!.GetValue<bool>() ? "Completed" : "Failed",
                ["log"] = result["log"]!["logEntries"]!.DeepClone(), ["createdAt"] = begun, ["startedAt"] = begun, ["completedAt"] = done,
            })]),
        });
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
        var time = context.RequestServices.GetRequiredService<TimeProvider>();
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

        JsonNode Entry(string level, string message) => new JsonObject { ["logLevel"] = level, ["message"] = message, ["timestamp"] = Iso8601.ToText(time.GetUtcNow()), ["eventName"] = null };
    }

    /// <summary>An empty filter means nobody, unless it says that it means everybody.</summary>
    private static async Task<IReadOnlyList<string>> MatchingAsync(WorkflowEngine engine, JsonObject body, CancellationToken cancellationToken)
    {
        Check(body);
        var filter = InstanceEndpoints.FilterOf(body) with { Limit = Most };
        var (versions, correlations, names) = (Texts(body, "definitionVersionIds"), Texts(body, "correlationIds"), Texts(body, "names"));
        // No instance is the system's own, and none is one of no values.
        if (Flag(body, "isSystem") == true || ((string[])["definitionIds", "definitionVersionIds", "correlationIds", "names", "statuses", "subStatuses"]).Any(name => Member(body, name) is JsonArray { Count: 0 }) ||
            (filter == new InstanceFilter { Limit = Most } && (versions, correlations, names) is (null, null, null) && Flag(body, "emptyFilterSelectsAll") != true))
        {
            return [];
        }
        List<InstanceFilter> questions =
        [
            .. (from version in AnyOf(versions, filter.VersionId)
                from correlation in AnyOf(correlations, filter.CorrelationId)
                from name in AnyOf(names, filter.Name)
                where (filter.CorrelationId ?? correlation) == correlation && (filter.Name ?? name) == name
                select filter with { VersionId = version, CorrelationId = correlation, Name = name }).Take(MostQuestions + 1),
        ];
        if (questions.Count > MostQuestions)
        {
            throw new ProblemException(Problem.At("filter", ProblemKind.Invalid, "value.tooMany", MostQuestions));
        }
        var matching = new List<string>();
        foreach (var question in questions)
        {
            matching.AddRange((await engine.ListAsync(question, cancellationToken)).Select(i => i.Id));
        }
        return [.. matching.Distinct(StringComparer.Ordinal)];

        static IEnumerable<string?> AnyOf(IReadOnlyList<string>? given, string? otherwise) => given ?? (IEnumerable<string?>)[otherwise];
    }

    /// <summary>What is not understood here is not left out of account.</summary>
    private static void Check(JsonObject filter)
    {
        foreach (var (name, value) in filter)
        {
            var member = name.Length > 0 ? char.ToLowerInvariant(name[0]) + name[1..] : name;
            // Nothing, or nothing in a list, asks for nothing.
            if (!FilterMembers.Contains(member) && !(member == "activityFilters" && value is null or JsonArray { Count: 0 }))
            {
                throw new ProblemException(Problem.At(name, ProblemKind.Invalid, "parameter.unknown", name));
            }
        }
    }

    private static List<Alteration> AlterationsOf(JsonObject body)
    {
        var alterations = new List<Alteration>();
        foreach (var item in Member(body, "alterations") as JsonArray ?? throw Absent("alterations"))
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
