using System.Text.Json;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Host.Api;

/// <summary>Records as JSON, in both directions.</summary>
internal static class RecordJson
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    /// <summary>Letters of every language as they are; the answers are JSON, never part of a page.</summary>
    public static readonly JsonWriterOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads a request's body.</summary>
    /// <exception cref="ProblemException">As <see cref="JsonBody.ReadAsync"/>.</exception>
    public static Task<JsonDocument> ReadBodyAsync(HttpRequest request) => JsonBody.ReadAsync(request, Strict);

    /// <summary>Holds a small body against the members that it may have.</summary>
    /// <exception cref="ProblemException">It is no object, or has another member.</exception>
    public static void DemandMembers(JsonElement json, params ReadOnlySpan<string> known)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new ProblemException(Problem.Of(ProblemKind.Invalid, "json.object"));
        }
        foreach (var member in json.EnumerateObject())
        {
            if (!known.Contains(member.Name))
            {
                throw new ProblemException(Problem.At(member.Name, ProblemKind.Invalid, "parameter.unknown", member.Name));
            }
        }
    }

    /// <summary>Reads the fields of a record; every fault is reported, not only the first.</summary>
    /// <param name="json">The object.</param>
    /// <param name="entity">Whose record it is.</param>
    /// <param name="beside">Members that somebody else reads.</param>
    /// <exception cref="ProblemException">A member is no field, cannot be written, or has a value that does not fit.</exception>
    public static List<FieldValue> ReadValues(JsonElement json, Entity entity, params ReadOnlySpan<string> beside)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new ProblemException(Problem.Of(ProblemKind.Invalid, "json.object"));
        }
        var problems = new List<Problem>();
        var members = new List<KeyValuePair<string, JsonElement>>();
        foreach (var member in json.EnumerateObject())
        {
            if (!beside.Contains(member.Name))
            {
                members.Add(new(member.Name, member.Value));
            }
        }
        var values = RecordInput.Read(members, entity, problems);
        return problems.Count == 0 ? values : throw new ProblemException(problems);
    }

    public static void WriteRecord(Utf8JsonWriter json, Record record)
    {
        json.WriteStartObject();
        foreach (var field in record.Entity.Fields)
        {
            if (field.IsStored && field.Ordinal != Entity.DeletedAtOrdinal)
            {
                json.WritePropertyName(field.Name);
                WriteValue(json, field, record.Values[field.Ordinal]);
            }
            else if (field.Type is CollectionFieldType)
            {
                json.WritePropertyName(field.Name);
                field.Type.WriteJson(json, record.Values[field.Ordinal] ?? ItemList.Whole([]));
            }
        }
        json.WriteEndObject();
    }

    public static void WriteValue(Utf8JsonWriter json, Field field, object? value)
    {
        if (value is null)
        {
            json.WriteNullValue();
        }
        else
        {
            field.Type.WriteJson(json, value);
        }
    }
}
