using System.Text.Json;
using System.Text.Json.Nodes;
using Crm.Data;
using Crm.Rules;
using static Crm.Host.Api.ApiRequest;

namespace Crm.Host.Api;

/// <summary><c>/api/jobs</c>: how work in the background is getting on.</summary>
internal static class JobEndpoints
{
    private const string BadRowsName = "bad-rows.csv";

    public static void MapJobs(this IEndpointRouteBuilder api)
    {
        api.MapGet("/jobs/{id}", GetAsync);
        api.MapPost("/jobs/{id}/cancel", CancelAsync);
        api.MapGet("/jobs/{id}/bad-rows", BadRowsAsync).WithMetadata(HttpManners.NotJson.Mark);
    }

    private static async Task GetAsync(HttpContext context, string id, JobStore jobs) => await WriteAsync(context, await FindAsync(context, id, jobs));

    private static async Task CancelAsync(HttpContext context, string id, JobStore jobs)
    {
        var job = await FindAsync(context, id, jobs);
        await jobs.CancelAsync(job.Id, context.RequestAborted);
        await WriteAsync(context, await FindAsync(context, id, jobs));
    }

    private static async Task<IResult> BadRowsAsync(HttpContext context, string id, JobStore jobs, FileArea files)
    {
        var job = await FindAsync(context, id, jobs);
        var name = job.Result?["badRows"]?.GetValue<string>() ?? throw new ProblemException(Problem.Of(ProblemKind.NotFound, "job.noBadRows"));
        try
        {
            return Results.File(await files.ReadAsync(name, context.RequestAborted), "text/csv; charset=utf-8", BadRowsName);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ProblemException(Problem.Of(ProblemKind.NotFound, "file.gone", BadRowsName));
        }
    }

    private static async Task<Job> FindAsync(HttpContext context, string id, JobStore jobs)
    {
        var job = Guid.TryParseExact(id, "D", out var jobId) ? await jobs.FindAsync(jobId, await ActorAsync(context), context.RequestAborted) : null;
        return job ?? throw new ProblemException(Problem.Of(ProblemKind.NotFound, "job.unknown", id));
    }

    private static Task WriteAsync(HttpContext context, Job job)
    {
        var texts = context.RequestServices.GetRequiredService<ModelSource>().Current.Texts;
        return WriteJsonAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteString("id", job.Id);
            json.WriteString("kind", job.Kind);
            json.WriteString("state", JsonNamingPolicy.CamelCase.ConvertName(job.State.ToString()));
            json.WriteNumber("done", job.Done);
            if (job.Total is { } total)
            {
                json.WriteNumber("total", total);
            }
            else
            {
                json.WriteNull("total");
            }
            json.WritePropertyName("result");
            ResultOf(job).WriteTo(json);
            if (job.ProblemOf() is { } problem)
            {
                json.WritePropertyName("problem");
                ProblemDetailsJson.Write(json, new ProblemException(problem), ProblemDetailsJson.StatusOf(problem.Kind), texts);
            }
            json.WriteEndObject();
        });
    }

    /// <summary>The stored result, with the address of the file of bad rows in place of its name.</summary>
    private static JsonObject ResultOf(Job job)
    {
        var result = (JsonObject?)job.Result?.DeepClone() ?? [];
        if (result.ContainsKey("badRows"))
        {
            result["badRows"] = $"/api/jobs/{job.Id:D}/bad-rows";
        }
        return result;
    }
}
