using System.Text.Json;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Host.Api;

/// <summary>
/// Many records in one request: <c>{"atomic", "create": [], "update": [], "upsert": {"key", "items"}, "delete": []}</c>. Each answer names the
/// list (<c>op</c>) and the place in it (<c>index</c>).
/// </summary>
internal sealed class BatchJson
{
    public const int MaxItems = 10_000;

    private readonly List<Item> _items = [];

    public bool Atomic { get; private set; }

    /// <summary>What can be tried; items that could not be read are not among it.</summary>
    public IReadOnlyList<RecordChange> Changes => [.. _items.Where(i => i.Change is not null).Select(i => i.Change!)];

    public bool HasUnreadable => _items.Exists(i => i.Change is null);

    public bool HasFailures => _items.Exists(i => i.Problem is not null);

    /// <summary>The gravest refusal decides the status of an atomic request.</summary>
    public int FailureStatus => ProblemDetailsJson.StatusOf(_items.Where(i => i.Problem is not null).Min(i => i.Problem!.Kind));

    /// <exception cref="ProblemException">The request as a whole cannot be understood.</exception>
    public static BatchJson Read(JsonElement json, Entity entity)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new ProblemException(Problem.Of(ProblemKind.Invalid, "json.object"));
        }
        var batch = new BatchJson();
        foreach (var member in json.EnumerateObject())
        {
            switch (member.Name)
            {
                case "atomic":
                    batch.Atomic = member.Value.ValueKind is JsonValueKind.True or JsonValueKind.False
                        ? member.Value.GetBoolean()
                        : throw new ProblemException(Problem.At(member.Name, ProblemKind.Invalid, "value.boolean"));
                    break;
                case "create":
                    batch.Add(member.Name, member.Value, item => RecordChange.Create(entity, RecordJson.ReadValues(item, entity)));
                    break;
                case "update":
                    batch.Add(member.Name, member.Value, item => ReadUpdate(item, entity));
                    break;
                case "delete":
                    batch.Add(member.Name, member.Value, item => RecordChange.Delete(entity, ReadId(item), ReadVersion(item)));
                    break;
                case "upsert":
                    batch.ReadUpsert(member.Value, entity);
                    break;
                default:
                    throw new ProblemException(Problem.At(member.Name, ProblemKind.Invalid, "parameter.unknown", member.Name));
            }
        }
        return batch._items.Count > MaxItems ? throw new ProblemException(Problem.Of(ProblemKind.Invalid, "batch.tooMany", MaxItems)) : batch;
    }

    /// <summary>Takes over what became of the changes.</summary>
    public void Settle()
    {
        foreach (var item in _items.Where(i => i.Change is { Failed: true }))
        {
            item.Problem = new ProblemException(item.Change!.Problems) { Conflicts = item.Change.Conflicts };
        }
    }

    public void Write(Utf8JsonWriter json, Texts texts)
    {
        json.WriteStartObject();
        json.WriteStartArray("items");
        WriteItems(json, texts, _items);
        json.WriteEndArray();
        if (_items.Find(i => i.Problem is null) is { } written)
        {
            json.WriteString("changeSet", written.Change!.ChangeSet);
        }
        json.WriteEndObject();
    }

    /// <summary>Every item of an atomic request that was refused.</summary>
    public void WriteFailures(Utf8JsonWriter json, Texts texts)
    {
        var status = FailureStatus;
        var first = _items.First(i => i.Problem is not null && ProblemDetailsJson.StatusOf(i.Problem.Kind) == status).Problem!.Problems[0];
        json.WriteStartObject();
        json.WriteString("type", "urn:crm:problem:" + first.Code);
        json.WriteString("title", Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status));
        json.WriteNumber("status", status);
        json.WriteString("detail", first.Message(texts));
        json.WriteString("code", first.Code);
        json.WriteStartArray("errors");
        foreach (var item in _items.Where(i => i.Problem is not null))
        {
            foreach (var problem in item.Problem!.Problems)
            {
                json.WriteStartObject();
                json.WriteNumber("index", item.Index);
                json.WriteString("op", item.Op);
                json.WriteString("field", problem.Field);
                json.WriteString("code", problem.Code);
                json.WriteString("message", problem.Message(texts));
                json.WriteEndObject();
            }
        }
        json.WriteEndArray();
        json.WriteStartArray("items");
        WriteItems(json, texts, _items.Where(i => i.Problem is not null));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteItems(Utf8JsonWriter json, Texts texts, IEnumerable<Item> items)
    {
        foreach (var item in items)
        {
            json.WriteStartObject();
            json.WriteNumber("index", item.Index);
            json.WriteString("op", item.Op);
            if (item.Problem is { } refusal)
            {
                json.WritePropertyName("problem");
                ProblemDetailsJson.Write(json, refusal, ProblemDetailsJson.StatusOf(refusal.Kind), texts);
            }
            else
            {
                json.WriteString("id", item.Change!.Id);
                json.WriteNumber("version", item.Change.After!.Version);
            }
            json.WriteEndObject();
        }
    }

    private static RecordChange ReadUpdate(JsonElement item, Entity entity) =>
        RecordChange.Update(entity, ReadId(item), RecordJson.ReadValues(item, entity, SystemFields.Id, SystemFields.Version), ReadVersion(item));

    private void ReadUpsert(JsonElement json, Entity entity)
    {
        List<Field> key = [];
        JsonElement? items = null;
        foreach (var member in json.ValueKind == JsonValueKind.Object ? json.EnumerateObject() : throw new ProblemException(Problem.At("upsert", ProblemKind.Invalid, "json.object")))
        {
            switch (member.Name)
            {
                case "key" when member.Value.ValueKind == JsonValueKind.Array:
                    key.AddRange(member.Value.EnumerateArray().Select(name => entity.Find(name.ToString()) is { IsStored: true, IsWritable: true } field
                        ? field
                        : throw new ProblemException(Problem.At("upsert.key", ProblemKind.Invalid, "key.field", name.ToString(), entity.Label))));
                    break;
                case "items":
                    items = member.Value;
                    break;
                default:
                    throw new ProblemException(Problem.At("upsert." + member.Name, ProblemKind.Invalid, "parameter.unknown", member.Name));
            }
        }
        if (key.Count == 0 || items is not { } list)
        {
            throw new ProblemException(Problem.At("upsert.key", ProblemKind.Invalid, "import.keyMissing"));
        }
        Add("upsert", list, item => RecordChange.Upsert(entity, key, RecordJson.ReadValues(item, entity)));
    }

    private void Add(string op, JsonElement list, Func<JsonElement, RecordChange> read)
    {
        if (list.ValueKind != JsonValueKind.Array)
        {
            throw new ProblemException(Problem.At(op == "upsert" ? "upsert.items" : op, ProblemKind.Invalid, "value.list"));
        }
        if (list.GetArrayLength() > MaxItems)
        {
            throw new ProblemException(Problem.At(op, ProblemKind.Invalid, "batch.tooMany", MaxItems));
        }
        var index = 0;
        foreach (var json in list.EnumerateArray())
        {
            var item = new Item(op, index++);
            try
            {
                item.Change = read(json);
            }
            catch (ProblemException refusal)
            {
                item.Problem = refusal;
            }
            _items.Add(item);
        }
    }

    private static Guid ReadId(JsonElement json)
    {
        var id = json.ValueKind == JsonValueKind.Object && json.TryGetProperty(SystemFields.Id, out var member) ? member : json;
        return id.ValueKind == JsonValueKind.String && Guid.TryParseExact(id.GetString(), "D", out var parsed) ? parsed : throw new ProblemException(Problem.At(SystemFields.Id, ProblemKind.Invalid, "batch.item"));
    }

    private static long? ReadVersion(JsonElement json) =>
        json.ValueKind != JsonValueKind.Object || !json.TryGetProperty(SystemFields.Version, out var version) ? null
        : version.ValueKind == JsonValueKind.Number && version.TryGetInt64(out var number) ? number
        : throw new ProblemException(Problem.At(SystemFields.Version, ProblemKind.Invalid, "value.integer"));

    private sealed class Item(string op, int index)
    {
        public string Op { get; } = op;

        public int Index { get; } = index;

        public RecordChange? Change { get; set; }

        public ProblemException? Problem { get; set; }
    }
}
