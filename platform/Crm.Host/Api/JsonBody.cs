using System.Text;
using System.Text.Json;
using Crm.Rules;

namespace Crm.Host.Api;

/// <summary>JSON as it arrives: the one way in for the bodies of every API.</summary>
internal static class JsonBody
{
    /// <summary>Reads a request's body.</summary>
    /// <exception cref="ProblemException">It is no JSON, repeats a member where <paramref name="options"/> allow none twice, or spells a text that is none.</exception>
    public static async Task<JsonDocument> ReadAsync(HttpRequest request, JsonDocumentOptions options)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        return Parse(body.GetBuffer().AsMemory(0, (int)body.Length), options);
    }

    /// <summary>Reads bytes that stay as they are until the document is no longer needed.</summary>
    /// <exception cref="ProblemException">As <see cref="ReadAsync"/>.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> bytes, JsonDocumentOptions options)
    {
        if (bytes.Span.StartsWith(Encoding.UTF8.Preamble))
        {
            bytes = bytes[Encoding.UTF8.Preamble.Length..];
        }
        try
        {
            var json = JsonDocument.Parse(bytes, options);
            return JsonText.IsWellFormed(json.RootElement) ? json : throw new ProblemException(Broken());
        }
        catch (InvalidOperationException)
        {
            // Names are compared while parsing, and half a surrogate pair cannot be.
            throw new ProblemException(Broken());
        }
        catch (JsonException e)
        {
            // Only what is wrong with the text itself has a place in it.
            throw new ProblemException(e.LineNumber is { } line ? Problem.Of(ProblemKind.Invalid, "json", line + 1, e.BytePositionInLine + 1 ?? 0) : Repeated(bytes, options));
        }
    }

    private static Problem Broken() => Problem.Of(ProblemKind.Invalid, "value.brokenUnicode");

    private static Problem Repeated(ReadOnlyMemory<byte> bytes, JsonDocumentOptions options)
    {
        using var json = JsonDocument.Parse(bytes, options with { AllowDuplicateProperties = true });
        return JsonText.IsWellFormed(json.RootElement) && PathOfRepeated(json.RootElement) is { } path ? Problem.At(path, ProblemKind.Invalid, "json.twice", path) : Broken();
    }

    /// <summary>The path of the first member whose object has it twice; null if there is none.</summary>
    private static string? PathOfRepeated(JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                var names = new HashSet<string>(StringComparer.Ordinal);
                foreach (var member in json.EnumerateObject())
                {
                    if (!names.Add(member.Name))
                    {
                        return member.Name;
                    }
                    if (PathOfRepeated(member.Value) is { } inner)
                    {
                        return inner.StartsWith('[') ? member.Name + inner : $"{member.Name}.{inner}";
                    }
                }
                return null;
            case JsonValueKind.Array:
                foreach (var (i, item) in json.EnumerateArray().Index())
                {
                    if (PathOfRepeated(item) is { } inner)
                    {
                        return inner.StartsWith('[') ? $"[{i}]{inner}" : $"[{i}].{inner}";
                    }
                }
                return null;
            default:
                return null;
        }
    }
}
