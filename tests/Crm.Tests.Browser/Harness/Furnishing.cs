using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;
using Shouldly;

namespace Crm.Tests.Browser.Harness;

/// <summary>A record of each kind with every field filled that applies, the later ones pointing to the earlier, so that every page has something to show.</summary>
internal static class Furnishing
{
    public static readonly string[] Kinds = ["customer", "contact", "product", "campaign", "lead", "opportunity", "quote", "meeting", "call", "task", "note", "service_request"];

    private const int Long = 5000;

    /// <param name="page">Of an administrator.</param>
    /// <param name="text">What to write into a text field that takes so many characters.</param>
    /// <returns>The id of each record, by its entity.</returns>
    public static async Task<IReadOnlyDictionary<string, string>> MakeAsync(IPage page, Func<int, string> text)
    {
        var me = await Api.FirstAsync(page, "user");
        var model = await Api.GetAsync(page, "/api/model");
        var entities = model.GetProperty("entities").EnumerateArray().ToDictionary(e => e.GetProperty("name").GetString()!, StringComparer.Ordinal);
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var kind in Kinds)
        {
            ids[kind] = await MakeAsync(page, entities[kind], ids, text);
        }
        await Api.CreateAsync(page, "notification", new() { ["user"] = me, ["kind"] = "mention", ["text"] = text(Long), ["link"] = "/e/customer/" + ids["customer"] });
        await Api.CreateAsync(page, "saved_view", new() { ["name"] = text(80), ["entity"] = "customer", ["shared"] = "all", ["definition"] = """{"name":"saved","kind":"list","columns":["name"]}""" });
        await Api.CreateAsync(page, "attachment", new() { ["name"] = text(255), ["regarding"] = new { entity = "customer", id = ids["customer"] }, ["description"] = text(Long) });
        var deleted = await Api.CreateAsync(page, "customer", new() { ["name"] = text(200) });
        (await page.APIRequest.DeleteAsync($"/api/records/customer/{deleted}")).Ok.ShouldBeTrue();
        return ids;
    }

    /// <summary>What does not apply to such a record is left out as the server says.</summary>
    private static async Task<string> MakeAsync(IPage page, JsonElement entity, Dictionary<string, string> ids, Func<int, string> text)
    {
        var values = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var field in entity.GetProperty("fields").EnumerateArray().Where(f => !f.GetProperty("system").GetBoolean() && !f.GetProperty("readOnly").GetBoolean()))
        {
            if (Value(field, ids, text) is { } value)
            {
                values[field.GetProperty("name").GetString()!] = value;
            }
        }
        var address = "/api/records/" + entity.GetProperty("name").GetString();
        var answer = await page.APIRequest.PostAsync(address, new() { DataObject = values });
        if (answer.Status != 201)
        {
            var errors = (await answer.JsonAsync())!.Value.GetProperty("errors").EnumerateArray().Where(e => e.GetProperty("code").GetString() == "field.visible").ToList();
            errors.ForEach(e => values.Remove(e.GetProperty("field").GetString()!));
            answer = await page.APIRequest.PostAsync(address, new() { DataObject = values });
        }
        answer.Status.ShouldBe(201, address + await answer.TextAsync());
        return (await answer.JsonAsync())!.Value.GetProperty("id").GetString()!;
    }

    private static object? Value(JsonElement field, Dictionary<string, string> ids, Func<int, string> text)
    {
        var name = field.GetProperty("name").GetString()!;
        var now = TimeProvider.System.GetUtcNow();
        return field.GetProperty("type").GetString() switch
        {
            "text" or "longText" or "richText" or "markdown" => text(field.TryGetProperty("maxLength", out var most) ? most.GetInt32() : Long),
            "tags" => new[] { text(40), text(12) },
            "choice" when name is "stage" or "status" or "priority" or "kind" && field.TryGetProperty("options", out var options) => options[0].GetProperty("value").GetString(),
            "money" or "percent" => 50,
            "date" => now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            "dateTime" => now.AddHours(name == "end" ? 1 : 0).ToString("o", CultureInfo.InvariantCulture),
            "email" => "ada@example.test",
            "lookup" when ids.TryGetValue(field.TryGetProperty("target", out var target) ? target.GetString()! : "", out var id) => id,
            "anyLookup" when name == "regarding" && ids.ContainsKey("opportunity") => new { entity = "opportunity", id = ids["opportunity"] },
            _ => null,
        };
    }
}
