using System.Text.Json;
using Crm.Data;

namespace Crm.Host.Api;

/// <summary>A record's changes as JSON, newest first.</summary>
internal static class HistoryJson
{
    public static void Write(Utf8JsonWriter json, AuditPage page)
    {
        json.WriteStartObject();
        json.WriteStartArray("items");
        foreach (var entry in page.Items)
        {
            json.WriteStartObject();
            json.WriteNumber("version", entry.Version);
            json.WriteString("kind", JsonNamingPolicy.CamelCase.ConvertName(entry.Kind.ToString()));
            json.WriteString("at", Metadata.Iso8601.ToText(entry.At));
            if (entry.ById is { } by)
            {
                json.WriteStartObject("by");
                json.WriteString("id", by);
                json.WriteString("name", entry.ByName);
                json.WriteEndObject();
            }
            json.WriteString("door", JsonNamingPolicy.CamelCase.ConvertName(entry.Door.ToString()));
            json.WriteString("changeSet", entry.ChangeSet);
            json.WriteString("cause", entry.Cause);
            WriteChanges(json, entry.Changes);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteString("next", page.Next);
        json.WriteBoolean("whole", page.Next is null);
        json.WriteEndObject();
    }

    public static void WriteChanges(Utf8JsonWriter json, IReadOnlyList<FieldChange> changes)
    {
        json.WriteStartArray("changes");
        foreach (var change in changes)
        {
            json.WriteStartObject();
            json.WriteString("field", change.Field.Name);
            json.WritePropertyName("from");
            RecordJson.WriteValue(json, change.Field, change.Before);
            json.WritePropertyName("to");
            RecordJson.WriteValue(json, change.Field, change.After);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
