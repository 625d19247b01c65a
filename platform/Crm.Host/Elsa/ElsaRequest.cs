using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Crm.Data;
using Crm.Host.Api;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Host.Elsa;

/// <summary>How Elsa's API is asked and how it answers, where that is another way than ours.</summary>
internal static class ElsaRequest
{
    public const string BasePath = "/elsa/api";

    /// <summary>Definitions nest deeper than records do.</summary>
    private static readonly JsonDocumentOptions Reading = new() { AllowDuplicateProperties = false, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 200 };

    public static bool IsMeant(HttpContext context) => context.Request.Path.StartsWithSegments(BasePath, StringComparison.OrdinalIgnoreCase);

    public static async ValueTask<Actor> AdministratorAsync(HttpContext context)
    {
        var actor = await ApiRequest.ActorAsync(context);
        return actor.IsAdministrator ? actor : throw new ProblemException(Problem.Of(ProblemKind.Forbidden, "forbidden.administrator"));
    }

    /// <summary>The body, or an empty object where there is none.</summary>
    /// <exception cref="ProblemException">It is no JSON object, or as <see cref="JsonBody.ReadAsync"/>.</exception>
    public static async Task<JsonObject> BodyAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.ContentLength == 0 || (request.ContentLength is null && !request.Headers.ContainsKey("Transfer-Encoding")))
        {
            return [];
        }
        using var body = await JsonBody.ReadAsync(request, Reading);
        return body.RootElement.ValueKind == JsonValueKind.Object
            ? JsonObject.Create(body.RootElement.Clone())!
            : throw new ProblemException(Problem.Of(ProblemKind.Invalid, "json.object"));
    }

    public static Task AnswerAsync(HttpContext context, JsonNode? answer, int status = StatusCodes.Status200OK) => ApiRequest.WriteJsonAsync(context, status, json =>
    {
        if (answer is null)
        {
            json.WriteNullValue();
        }
        else
        {
            answer.WriteTo(json);
        }
    });

    /// <summary>Answers a list as Elsa does: the items and how many they are.</summary>
    public static Task AnswerListAsync(HttpContext context, IEnumerable<JsonNode?> items)
    {
        var list = new JsonArray([.. items]);
        return AnswerAsync(context, new JsonObject { ["items"] = list, ["count"] = list.Count });
    }

    public static Task AnswerPageAsync(HttpContext context, IEnumerable<JsonNode?> items, long total) => AnswerAsync(context, new JsonObject { ["items"] = new JsonArray([.. items]), ["totalCount"] = total });

    /// <summary>A member of the body in either casing.</summary>
    public static JsonNode? Member(JsonObject body, string name) => body.TryGetPropertyValue(name, out var value) ? value : body[char.ToUpperInvariant(name[0]) + name[1..]];

    /// <summary>The same as text; null where it is none or empty.</summary>
    /// <exception cref="ProblemException">It is something else, or cannot be stored.</exception>
    public static string? Text(JsonObject body, string name) => Member(body, name) switch
    {
        null => null,
        JsonValue value when value.GetValueKind() is JsonValueKind.String or JsonValueKind.Number => Checked(name, value.ToString()),
        _ => throw new ProblemException(Problem.At(name, ProblemKind.Invalid, "parameter.text", name)),
    };

    public static IReadOnlyList<string>? Texts(JsonObject body, string name) => Member(body, name) switch
    {
        null => null,
        JsonArray { Count: <= 10_000 } list => [.. list.Select(item => item is JsonValue value && value.GetValueKind() == JsonValueKind.String ? Checked(name, value.GetValue<string>()) ?? "" : throw new ProblemException(Problem.At(name, ProblemKind.Invalid, "parameter.texts", name)))],
        _ => throw new ProblemException(Problem.At(name, ProblemKind.Invalid, "parameter.texts", name)),
    };

    public static bool? Flag(JsonObject body, string name) => Member(body, name) switch
    {
        null => null,
        JsonValue value when value.GetValueKind() is JsonValueKind.True or JsonValueKind.False => value.GetValue<bool>(),
        _ => throw new ProblemException(Problem.At(name, ProblemKind.Invalid, "parameter.choice", name, "true, false")),
    };

    public static int? Number(JsonObject body, string name) => Text(body, name) is { } text ? Whole(name, text) : null;

    public static JsonObject? Map(JsonObject body, string name) => Member(body, name) switch
    {
        null => null,
        JsonObject map => map,
        _ => throw new ProblemException(Problem.At(name, ProblemKind.Invalid, "json.object")),
    };

    /// <summary>A map of values as workflows have them.</summary>
    public static IReadOnlyDictionary<string, object?> ValuesOf(JsonObject? map) =>
        map is null ? new Dictionary<string, object?>() : (Dictionary<string, object?>)Crm.Workflow.Values.FromJson(map.ContainsKey("$values") ? [] : map)!;

    public static string? Query(HttpContext context, string name) => Checked(name, context.Request.Query[name].FirstOrDefault());

    /// <summary>A parameter that is given several times, or once with commas.</summary>
    public static IReadOnlyList<string>? QueryTexts(HttpContext context, string name) =>
        context.Request.Query[name] is { Count: > 0 } values ? [.. values.OfType<string>().SelectMany(v => v.Split(',', StringSplitOptions.RemoveEmptyEntries)).Select(v => Checked(name, v)!)] : null;

    public static bool? QueryFlag(HttpContext context, string name) => Query(context, name) is not { } text ? null
        : bool.TryParse(text, out var flag) ? flag
        : throw new ProblemException(Problem.At(name, ProblemKind.Invalid, "parameter.choice", name, "true, false"));

    public static int? QueryNumber(HttpContext context, string name) => Query(context, name) is { } text ? Whole(name, text) : null;

    /// <summary>Which part of a list is asked for, by page or by what to leave out.</summary>
    public static (int Skip, int Take) Page(int? page, int? pageSize, int? skip, int? take, int usual)
    {
        var size = Math.Clamp(take ?? pageSize ?? usual, 1, 1_000);
        return ((int)Math.Clamp(skip ?? ((long)(page ?? 0) * size), 0, 1_000_000), size);
    }

    public static T? Choice<T>(string name, string? text) where T : struct, Enum => string.IsNullOrWhiteSpace(text) ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && Enum.IsDefined(typeof(T), number) ? (T)Enum.ToObject(typeof(T), number)
        : Array.Find(Enum.GetNames<T>(), n => n.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } known ? Enum.Parse<T>(known)
        : throw Unknown<T>(name);

    /// <summary>The choices of a list; null where it is none or empty.</summary>
    public static IReadOnlyList<T>? Choices<T>(JsonObject body, string name) where T : struct, Enum =>
        Texts(body, name) is { Count: > 0 } texts ? [.. texts.Select(text => Choice<T>(name, text) ?? throw Unknown<T>(name))] : null;

    public static ProblemException Missing(string code, string id) => new(Problem.Of(ProblemKind.NotFound, code, id));

    /// <summary>The errors of a refusal as Elsa Studio shows them: sentences by field, those of no field under <c>generalErrors</c>.</summary>
    public static void WriteErrors(Utf8JsonWriter json, IReadOnlyList<Problem> problems, int status, Texts texts)
    {
        json.WriteNumber("statusCode", status);
        json.WriteString("message", problems[0].Message(texts));
        json.WriteStartObject("errors");
        foreach (var field in problems.GroupBy(p => p.Field ?? "generalErrors"))
        {
            json.WriteStartArray(field.Key);
            foreach (var problem in field)
            {
                json.WriteStringValue(problem.Message(texts));
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static ProblemException Unknown<T>(string name) where T : struct, Enum => new(Problem.At(name, ProblemKind.Invalid, "parameter.choice", name, string.Join(", ", Enum.GetNames<T>())));

    private static int Whole(string name, string text) => int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : throw new ProblemException(Problem.At(name, ProblemKind.Invalid, "parameter.number", name));

    private static string? Checked(string name, string? text) => string.IsNullOrEmpty(text) ? null
        : text.Contains('\0', StringComparison.Ordinal) ? throw new ProblemException(Problem.At(name, ProblemKind.Invalid, "value.controlCharacters"))
        : text;
}
