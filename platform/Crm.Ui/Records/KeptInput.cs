using System.Buffers;
using System.Text;
using System.Text.Json;
using Crm.Metadata;

namespace Crm.Ui.Records;

/// <summary>
/// What somebody typed into a record and has not saved, as a text that the browser keeps meanwhile: it outlives the server and the page. Secrets and what is
/// sensitive are not in it.
/// </summary>
/// <param name="At">When it was kept.</param>
/// <param name="Version">The state of the record that was typed over.</param>
/// <param name="Fields">By name.</param>
public sealed record KeptInput(DateTimeOffset At, long Version, IReadOnlyDictionary<string, KeptField> Fields)
{
    /// <summary>What there is to keep of a draft; null if there is nothing.</summary>
    public static KeptInput? Of(RecordDraft draft, DateTimeOffset now)
    {
        var fields = draft.Changed.Where(f => !f.IsSensitive && f.Type is not SecretFieldType && !f.Type.AreEqual(draft.Original[f], draft.Current[f]))
            .ToDictionary(f => f.Name, f => new KeptField(Json(f, draft.Current[f]), Json(f, draft.Original[f]), draft.TitleOf(f)), StringComparer.Ordinal);
        return fields.Count == 0 ? null : new(now, draft.Original.Version, fields);
    }

    /// <summary>Reads what a browser has kept; null if that is nothing, or nothing of ours.</summary>
    public static KeptInput? Read(string? text)
    {
        try
        {
            return string.IsNullOrEmpty(text) ? null : JsonSerializer.Deserialize<KeptInput>(text) is { Fields.Count: > 0 } kept ? kept : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The text for the browser.</summary>
    public string Write() => JsonSerializer.Serialize(this);

    /// <summary>Whether both hold the same, whenever they were kept.</summary>
    public bool IsSameAs(KeptInput? other) =>
        other is not null && Version == other.Version && Fields.Count == other.Fields.Count && Fields.All(f => other.Fields.TryGetValue(f.Key, out var same) && same == f.Value);

    internal static object? Value(Field field, string? json)
    {
        if (json is null)
        {
            return null;
        }
        using var read = JsonDocument.Parse(json);
        return field.Type.FromJson(read.RootElement).Value;
    }

    private static string? Json(Field field, object? value)
    {
        if (value is null)
        {
            return null;
        }
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            field.Type.WriteJson(json, value);
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}

/// <summary>One field of what is kept.</summary>
/// <param name="Value">What it shall be, as JSON; null is empty.</param>
/// <param name="Before">What it was when it was typed over.</param>
/// <param name="Title">What a lookup is called.</param>
public sealed record KeptField(string? Value, string? Before, string? Title);
