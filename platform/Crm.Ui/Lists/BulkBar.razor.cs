using System.Text.Json;
using System.Text.Json.Nodes;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Filters;
using Crm.Ui.Shell;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Crm.Ui.Lists;

/// <summary>
/// What can be done with the records that are selected. What changes, deletes or restores them runs as a job, so that a hundred thousand are no different from
/// two; exporting them and adding them to another record take as long as the person waits.
/// </summary>
public sealed partial class BulkBar
{
    private readonly CancellationTokenSource _gone = new();
    private IReadOnlyList<Gathering> _gatherings = [];
    private bool _editing, _assigning, _adding;

    [Parameter, EditorRequired]
    public Entity Entity { get; set; } = default!;

    [Parameter, EditorRequired]
    public ViewDefinition View { get; set; } = default!;

    [Parameter, EditorRequired]
    public ListState State { get; set; } = default!;

    [Parameter, EditorRequired]
    public ListSelection Selection { get; set; } = default!;

    [Parameter, EditorRequired]
    public IReadOnlyList<ListColumn> Columns { get; set; } = [];

    /// <summary>How many records are shown, of how many there are.</summary>
    [Parameter]
    public int Shown { get; set; }

    [Parameter]
    public long Count { get; set; }

    [Parameter]
    public bool CountIsExact { get; set; }

    [Parameter]
    public EventCallback Changed { get; set; }

    /// <summary>The records were added to another one. What a job does to them, the list hears by itself.</summary>
    [Parameter]
    public EventCallback Done { get; set; }

    [Inject]
    private MassRuns Runs { get; set; } = default!;

    [Inject]
    private ExportService Exports { get; set; } = default!;

    [Inject]
    private Toaster Toaster { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    [Inject]
    private IJSRuntime Browser { get; set; } = default!;

    private string CountText => CountWords.Of(Count, CountIsExact);

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    protected override void OnInitialized() => _gatherings = [.. Gathering.Of(Model, Entity).Where(g => Authority.May(Actor, Operation.Create, g.Links))];

    /// <summary>Closes what is open over the bar; the focus goes back to where it was opened.</summary>
    private async Task CloseAsync(string opener)
    {
        (_editing, _assigning, _adding) = (false, false, false);
        await Browser.InvokeVoidAsync("crm.focus", $"[data-testid={opener}]");
    }

    private async Task AddedAsync()
    {
        _adding = false;
        await Clear();
        await Done.InvokeAsync();
    }

    private Task SelectAll()
    {
        Selection.SelectAll();
        return Changed.InvokeAsync();
    }

    private Task Clear()
    {
        Selection.Clear();
        return Changed.InvokeAsync();
    }

    private Task SetAsync(FieldValue value)
    {
        (_editing, _assigning) = (false, false);
        return RunAsync(Change(SetJson(value)), T["bulk.changing", value.Field.Label], T["bulk.changed", "{0}", value.Field.Label]);
    }

    private Task DeleteAsync() => RunAsync(Change(null), T["bulk.deleting"], T["bulk.deleted", "{0}"]);

    private Task RestoreAsync() => RunAsync(Change(null) with { Restores = true }, T["bulk.restoring"], T["bulk.restored", "{0}"]);

    private async Task RunAsync(MassChange change, string what, string done)
    {
        var run = Runs.RunAsync(change, what, done);
        await Clear();
        await run;
    }

    private MassChange Change(JsonElement? set) => Selection.IsAll
        ? new(Entity, Filter(), null, set) { Search = State.Search.Length == 0 ? null : State.Search }
        : new(Entity, null, [.. Selection.Ids], set);

    private JsonElement Filter()
    {
        var parts = new JsonArray();
        if (View.Filter is { } own)
        {
            parts.Add(JsonNode.Parse(own.GetRawText()));
        }
        foreach (var filter in State.Filters)
        {
            parts.Add(JsonNode.Parse(ConditionWriter.Write(filter)));
        }
        return JsonSerializer.SerializeToElement(new JsonObject { ["all"] = parts });
    }

    private static JsonElement SetJson(FieldValue value)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WritePropertyName(value.Field.Name);
            if (value.Value is null)
            {
                json.WriteNullValue();
            }
            else
            {
                value.Field.Type.WriteJson(json, value.Value);
            }
            json.WriteEndObject();
        }
        return JsonDocument.Parse(stream.ToArray()).RootElement;
    }

    /// <summary>What is selected, as a workbook with the columns of the list. It travels through this connection, because so many ids fit into no address.</summary>
    private async Task ExportAsync()
    {
        try
        {
            var query = State.Query(Entity, View);
            if (!Selection.IsAll)
            {
                query = query with { Filter = new Comparison(new([Entity.Fields[Entity.IdOrdinal]]), ConditionOperator.In, new Constants([.. Selection.Ids.Select(id => (object?)id)])), Search = null };
            }
            var options = new ExportOptions(query, string.Join(',', Columns.Select(c => c.Path))) { Labels = true, TimeZone = Actor.TimeZone };
            await using var export = await Exports.PrepareAsync("xlsx", options, Actor, _gone.Token);
            var file = Path.GetTempFileName();
            await using var content = new FileStream(file, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 64 * 1024, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
            await export.WriteAsync(content, _gone.Token);
            content.Position = 0;
            using var reference = new DotNetStreamReference(content, leaveOpen: true);
            await Browser.InvokeVoidAsync("crmList.save", _gone.Token, FormattableString.Invariant($"{Entity.PluralLabel}-{Time.GetUtcNow():yyyy-MM-dd}.xlsx"), export.ContentType, reference);
        }
        catch (ProblemException e)
        {
            Toaster.ShowProblem(e.Problems[0].Message(Model.Texts));
        }
        catch (Exception e) when (e is OperationCanceledException or JSDisconnectedException)
        {
            // The person left.
        }
    }
}
