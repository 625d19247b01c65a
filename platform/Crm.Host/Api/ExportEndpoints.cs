using Crm.Data;
using Crm.Rules;
using Microsoft.Net.Http.Headers;
using static Crm.Host.Api.ApiRequest;

namespace Crm.Host.Api;

/// <summary><c>GET /api/exports/{entity}</c>: the records of a list as a file, streamed.</summary>
internal static class ExportEndpoints
{
    public static void MapExports(this IEndpointRouteBuilder api) => api.MapGet("/exports/{entity}", GetAsync).Takes([.. QueryParameters.OfRecords, "format", "headings", "ids", "bom", "delimiter"]).WithMetadata(HttpManners.NotJson.Mark);

    private static async Task GetAsync(HttpContext context, string entity, ExportService exports, TimeProvider time)
    {
        var of = EntityOf(context, entity);
        var parameters = context.Request.Query;
        var query = QueryParameters.Read(parameters, of);
        var actor = await ActorAsync(context);
        var format = parameters["format"].ToString() is { Length: > 0 } given ? given : "csv";
        var delimiter = parameters["delimiter"].ToString();
        var options = new ExportOptions(query.Query, query.Fields)
        {
            Labels = Choice(parameters, "headings", "names", "labels") == "labels",
            Ids = Choice(parameters, "ids", "false", "true") == "true",
            Mark = Choice(parameters, "bom", "false", "true") == "true",
            Delimiter = delimiter.Length == 0 ? "," : delimiter is "," or ";" or "\t" or "|" ? delimiter : throw new ProblemException(Problem.At("delimiter", ProblemKind.Invalid, "import.delimiter")),
            TimeZone = actor.TimeZone,
        };
        await using var export = await exports.PrepareAsync(format, options, actor, context.RequestAborted);
        context.Response.ContentType = export.ContentType;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.ContentDisposition = Attachment(FormattableString.Invariant($"{of.PluralLabel}-{time.GetUtcNow():yyyy-MM-dd}.{format}"));
        await export.WriteAsync(context.Response.Body, context.RequestAborted);
    }

    /// <summary>A file is saved, not shown; its name may hold letters of any language.</summary>
    internal static string Attachment(string name, string disposition = "attachment")
    {
        var header = new ContentDispositionHeaderValue(disposition);
        header.SetHttpFileName(name);
        return header.ToString();
    }

    private static string Choice(IQueryCollection parameters, string name, string first, string second) => parameters[name].ToString() switch
    {
        "" => first,
        var given when given == first || given == second => given,
        _ => throw new ProblemException(Problem.At(name, ProblemKind.Invalid, "parameter.choice", name, first + ", " + second)),
    };
}
