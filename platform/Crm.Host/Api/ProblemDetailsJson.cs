using System.Diagnostics;
using System.Text.Json;
using Crm.Data;
using Crm.Host.Elsa;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Host.Api;

/// <summary>Writes refusals as <c>application/problem+json</c> (RFC 9457): the one error shape of the API.</summary>
internal static class ProblemDetailsJson
{
    public const string ContentType = "application/problem+json; charset=utf-8";

    public static int StatusOf(ProblemKind kind) => kind switch
    {
        ProblemKind.Invalid => StatusCodes.Status400BadRequest,
        ProblemKind.Refused => StatusCodes.Status422UnprocessableEntity,
        ProblemKind.NotFound => StatusCodes.Status404NotFound,
        ProblemKind.Forbidden => StatusCodes.Status403Forbidden,
        ProblemKind.VersionConflict => StatusCodes.Status412PreconditionFailed,
        ProblemKind.Conflict => StatusCodes.Status409Conflict,
        ProblemKind.VersionMissing => StatusCodes.Status428PreconditionRequired,
        _ => StatusCodes.Status400BadRequest,
    };

    /// <summary>Answers with a problem that has no fields: not signed in, too large, no such address, a fault of ours.</summary>
    public static async Task WriteAsync(HttpContext context, int status, string code)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = ContentType;
        var texts = context.RequestServices.GetRequiredService<ModelSource>().Current.Texts;
        await context.Response.Body.WriteAsync(Of(status, code, texts["problem." + code], CorrelationOf(context), withErrors: !ElsaRequest.IsMeant(context)), context.RequestAborted);
    }

    /// <summary>A problem that has no fields.</summary>
    public static byte[] Of(int status, string code, string detail, string? correlationId, bool withErrors = true)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, RecordJson.Readable))
        {
            WriteHead(json, status, code, detail, correlationId);
            if (withErrors)
            {
                json.WriteStartArray("errors");
                json.WriteEndArray();
            }
            json.WriteEndObject();
        }
        return stream.ToArray();
    }

    public static async Task WriteAsync(HttpContext context, ProblemException refusal)
    {
        var texts = context.RequestServices.GetRequiredService<ModelSource>().Current.Texts;
        var status = StatusOf(refusal.Kind);
        context.Response.StatusCode = status;
        context.Response.ContentType = ContentType;
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, RecordJson.Readable))
        {
            Write(json, refusal, status, texts, context);
        }
        await context.Response.Body.WriteAsync(stream.ToArray(), context.RequestAborted);
    }

    /// <summary>Writes the object itself, for answers that hold several.</summary>
    public static void Write(Utf8JsonWriter json, ProblemException refusal, int status, Texts texts, HttpContext? context = null)
    {
        var first = refusal.Problems[0];
        WriteHead(json, status, first.Code, first.Message(texts), context is null ? null : CorrelationOf(context));
        if (context is not null && ElsaRequest.IsMeant(context))
        {
            ElsaRequest.WriteErrors(json, refusal.Problems, status, texts);
            json.WriteEndObject();
            return;
        }
        json.WriteStartArray("errors");
        foreach (var problem in refusal.Problems)
        {
            json.WriteStartObject();
            json.WriteString("field", problem.Field);
            json.WriteString("code", problem.Code);
            json.WriteString("message", problem.Message(texts));
            if (problem.Rule is { } rule)
            {
                json.WriteString("rule", rule);
            }
            if (problem.Records.Count > 0)
            {
                json.WriteStartArray("records");
                foreach (var record in problem.Records)
                {
                    json.WriteStringValue(record);
                }
                json.WriteEndArray();
            }
            if (refusal.Conflicts.FirstOrDefault(c => c.Field.Name == problem.Field) is { } conflict)
            {
                WriteSides(json, conflict);
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (refusal.Conflicts.Count > 0)
        {
            json.WriteStartObject("conflicts");
            foreach (var conflict in refusal.Conflicts)
            {
                json.WriteStartObject(conflict.Field.Name);
                WriteSides(json, conflict);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void WriteSides(Utf8JsonWriter json, FieldConflict conflict)
    {
        json.WritePropertyName("base");
        RecordJson.WriteValue(json, conflict.Field, conflict.Base);
        json.WritePropertyName("yours");
        RecordJson.WriteValue(json, conflict.Field, conflict.Yours);
        json.WritePropertyName("current");
        RecordJson.WriteValue(json, conflict.Field, conflict.Current);
    }

    private static string CorrelationOf(HttpContext context) => Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier;

    private static void WriteHead(Utf8JsonWriter json, int status, string code, string detail, string? correlationId)
    {
        json.WriteStartObject();
        json.WriteString("type", "urn:crm:problem:" + code);
        json.WriteString("title", Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status));
        json.WriteNumber("status", status);
        json.WriteString("detail", detail);
        json.WriteString("code", code);
        if (correlationId is not null)
        {
            json.WriteString("correlationId", correlationId);
        }
    }
}
