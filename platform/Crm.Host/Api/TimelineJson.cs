using System.Globalization;
using System.Text.Json;
using Crm.Data;
using Crm.Metadata;
using Crm.Ui.Shell;

namespace Crm.Host.Api;

/// <summary>What happened around a record, in the words of the person who asks.</summary>
internal static class TimelineJson
{
    public static void Write(Utf8JsonWriter json, TimelinePage page, Entity entity, Guid id, Actor actor, Texts texts)
    {
        json.WriteStartObject();
        json.WriteStartArray("items");
        foreach (var item in page.Items)
        {
            json.WriteStartObject();
            json.WriteString("kind", item.Kind);
            json.WriteString("at", Iso8601.ToText(item.At));
            if (item.ById is { } by)
            {
                json.WriteStartObject("by");
                json.WriteString("id", by);
                json.WriteString("name", item.ByName);
                json.WriteEndObject();
            }
            else
            {
                json.WriteNull("by");
            }
            if (item.Entry is { } entry)
            {
                json.WriteString("door", JsonNamingPolicy.CamelCase.ConvertName(entry.Door.ToString()));
            }
            var changes = item is { Kind: "updated", Entry: { } change } ? change.Changes.Select(c => Words(c, page, actor, texts)).ToList() : [];
            json.WriteString("text", TextOf(item, entity, changes, texts));
            json.WriteStartArray("changes");
            changes.ForEach(json.WriteStringValue);
            json.WriteEndArray();
            var (of, record) = item.Of is { } other ? (other, item.Id) : (entity, id);
            json.WriteString("entity", of.Name);
            json.WriteString("id", record);
            json.WriteString("link", Addresses.Record(of, record));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteString("next", page.Next);
        json.WriteEndObject();
    }

    private static string TextOf(TimelineItem item, Entity entity, List<string> changes, Texts texts) => item.Kind switch
    {
        "created" => texts["timeline.created", entity.Label],
        "updated" => changes.Count == 1 ? changes[0] : texts["timeline.updated", string.Join(texts["timeline.separator"], changes)],
        "deleted" => texts["timeline.deleted", entity.Label],
        "restored" => texts["timeline.restored", entity.Label],
        _ => texts["timeline.related", item.Of!.Label, item.Title ?? texts["lookup.untitled"]],
    };

    private static string Words(FieldChange change, TimelinePage page, Actor actor, Texts texts) =>
        texts["timeline.change", change.Field.Label, Value(change.Field, change.Before, page, actor, texts), Value(change.Field, change.After, page, actor, texts)];

    private static string Value(Field field, object? value, TimelinePage page, Actor actor, Texts texts) => value switch
    {
        null => texts["filter.empty"],
        bool yes => texts[yes ? "common.yes" : "common.no"],
        Guid id when field.Target is not null => page.Titles.GetValueOrDefault(id) ?? texts["lookup.untitled"],
        DateTimeOffset moment => TimeZoneInfo.ConvertTime(moment, actor.TimeZone).ToString("g", CultureInfo.CurrentCulture),
        _ when field.Type is ChoiceFieldType => field.Type.ToText(value, CultureInfo.CurrentUICulture),
        _ => field.Type.ToText(value, CultureInfo.CurrentCulture),
    };
}
