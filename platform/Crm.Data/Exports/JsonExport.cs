using System.Text.Json;

namespace Crm.Data;

/// <summary>A JSON array of records in the form of the API.</summary>
[ExportFormat("json")]
internal sealed class JsonExport : Export
{
    private Utf8JsonWriter? _json;
    private RecordShape _shape = default!;

    public override string ContentType => "application/json; charset=utf-8";

    public override void Begin(Stream output)
    {
        _json = new(output, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        _json.WriteStartArray();
    }

    public override async Task<string?> WritePageAsync(RecordStore store, Session session, string? after, CancellationToken cancellationToken)
    {
        var next = await store.WriteItemsAsync(session, _json!, Options.Query with { Limit = PageSize, After = after }, _shape, Actor, cancellationToken);
        _json!.Flush();
        return next;
    }

    public override void End()
    {
        _json!.WriteEndArray();
        _json.Flush();
    }

    public override void Dispose() => _json?.Dispose();

    protected override IReadOnlyList<ExportColumn> Choose()
    {
        _shape = RecordShape.Of(Options.Query.Entity, Options.Fields);
        return [];
    }
}
