using System.Text.Json;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Tests.Databases;
using Crm.Tests.Metadata;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>A record store on a real database of its own, with the clock and the ids in the test's hand.</summary>
public sealed class TestStore : IAsyncDisposable
{
    private TestStore(TestDatabase home, Model model, Database database, IReadOnlyDictionary<string, OutboxHandler> handlers)
    {
        (Home, Model, Database) = (home, model, database);
        Outbox = new(Ids, Clock, new OutboxHandlers(handlers), new ReversedSecrets());
        Queue = new(database, Ids, Clock);
        Dispatcher = new(database, Outbox, Queue, Clock);
        Store = new(database, new WritePath(new ModelSource(model), database, Ids, Clock, Feed, Outbox, new ReversedSecrets(), DataServices.WriteExtensions()), Clock);
        ChangeSets = new(database, Store, new(model));
        Merging = new(database, Store, new(model));
        Duplicates = new(database, Store);
        Refresh = new(database, new(model), Clock);
        Bulk = new(database, new(model), Ids, Clock);
    }

    internal TestDatabase Home { get; }

    public Model Model { get; }

    public Database Database { get; }

    public RecordStore Store { get; }

    public ChangeSets ChangeSets { get; }

    public Merging Merging { get; }

    public DuplicateFinder Duplicates { get; }

    public ModelRefresh Refresh { get; }

    public BulkLoad Bulk { get; }

    public ManualTimeProvider Clock { get; } = new();

    public SequentialIds Ids { get; } = new();

    public ChangeFeed Feed { get; } = new();

    public Outbox Outbox { get; }

    public OutboxQueue Queue { get; }

    /// <summary>Does not run by itself: a test says when.</summary>
    public OutboxDispatcher Dispatcher { get; }

    public Entity this[string entity] => Model[entity];

    /// <summary>A store over the entities that <paramref name="write"/> puts into a metadata folder; users and units are there already.</summary>
    /// <param name="write">Writes the entities.</param>
    /// <param name="handlers">Handlers of the outbox.</param>
    /// <param name="tables">Tables of layers above.</param>
    public static async Task<TestStore> OpenAsync(Action<MetadataFolder> write, IReadOnlyDictionary<string, OutboxHandler>? handlers = null, IReadOnlyList<TableSchema>? tables = null)
    {
        using var folder = new MetadataFolder();
        folder.WithEntity("user", """{"name":"name","type":"text"},{"name":"email","type":"email"}""").WithEntity("unit", """{"name":"name","type":"text"}""");
        write(folder);
        return await OpenAsync(folder.Compile(), handlers, tables);
    }

    /// <summary>A store with one further entity.</summary>
    public static Task<TestStore> OpenAsync(string entity, string fields, string more = "") => OpenAsync(folder => folder.WithEntity(entity, fields, more));

    public static async Task<TestStore> OpenAsync(Model model, IReadOnlyDictionary<string, OutboxHandler>? handlers = null, IReadOnlyList<TableSchema>? tables = null, bool mayHaveProblems = false)
    {
        if (model.Problems.Count > 0 && !mayHaveProblems)
        {
            throw new InvalidOperationException(string.Join('\n', model.Problems));
        }
        var home = await TestDatabase.CreateAsync(SchemaOfModel.Derive(model, previous: null, tables ?? []));
        return new(home, model, await home.OpenAsync(), handlers ?? new Dictionary<string, OutboxHandler>());
    }

    /// <summary>Somebody who is signed in, with a record of their own.</summary>
    public async Task<Actor> PersonAsync(string name, Guid? unit = null)
    {
        var values = new List<FieldValue> { new(this["user"]["name"], name) };
        if (unit is not null)
        {
            values.Add(new(this["user"]["unit"], unit));
        }
        var user = await Store.CreateAsync(this["user"], values, Actor.Platform, Door.Platform);
        return new(user.Id, name, unit, [Actor.Everyone], null, TimeZoneInfo.Utc);
    }

    public Task<Record> CreateAsync(string entity, string json, Actor? actor = null) =>
        Store.CreateAsync(this[entity], Values(entity, json), actor ?? Actor.Platform, Door.Api);

    public Task<Record> CreateAsync(string entity, params FieldValue[] values) => Store.CreateAsync(this[entity], values, Actor.Platform, Door.Api);

    public Task<Record> UpdateAsync(Record record, string json, long? version = null, Actor? actor = null) =>
        Store.UpdateAsync(record.Entity, record.Id, Values(record.Entity.Name, json), version, actor ?? Actor.Platform, Door.Api);

    public Task DeleteAsync(Record record) => Store.DeleteAsync(record.Entity, record.Id, Actor.Platform, Door.Api);

    public Task<Record> RestoreAsync(Record record) => Store.RestoreAsync(record.Entity, record.Id, Actor.Platform, Door.Api);

    public Task<Record?> FindAsync(Record record) => Store.FindAsync(record.Entity, record.Id, Actor.Platform);

    /// <summary>The record as it is stored now.</summary>
    public Task<Record> GetAsync(Record record) => Store.GetAsync(record.Entity, record.Id, Actor.Platform);

    public async Task<IReadOnlyList<AuditEntry>> HistoryAsync(Record record) => (await Store.HistoryAsync(record.Entity, record.Id, Actor.Platform)).Items;

    /// <summary>Carries out what the outbox has due.</summary>
    public Task RunOutboxAsync() => Dispatcher.RunDueAsync(TestContext.Current.CancellationToken);

    public Task<IReadOnlyList<OutboxItem>> OutboxAsync(OutboxState state) => Queue.ListAsync(state, 1000, Actor.Platform, cancellationToken: TestContext.Current.CancellationToken);

    public RecordChange Creation(string entity, string json, Guid? id = null) => RecordChange.Create(this[entity], Values(entity, json), id);

    public RecordChange Change(Record record, string json, long? version = null) => RecordChange.Update(record.Entity, record.Id, Values(record.Entity.Name, json), version);

    public Task<IReadOnlyList<RecordChange>> WriteAsync(bool atomic, params RecordChange[] changes) => Store.WriteAsync(new(Actor.Platform, Door.Api, changes, atomic ? WriteMode.Atomic : WriteMode.Partial));

    /// <summary>A page of records: filter and sort as in the API.</summary>
    public Task<RecordPage> QueryAsync(string entity, string? filter = null, string? sort = null, string? search = null, int limit = 1000, string? after = null, string? before = null, CountMode count = CountMode.None, Actor? actor = null, string? fields = null) =>
        Store.QueryAsync(
            new(this[entity])
            {
                Filter = filter is null ? Condition.Always : ConditionReader.Read(filter, this[entity]),
                Sort = SortTerm.Parse(sort, this[entity]),
                Search = search,
                Limit = limit,
                After = after,
                Before = before,
                Count = count,
                Fields = fields?.Split(',').Select(path => this[entity].Resolve(path)!).ToList(),
            },
            actor ?? Actor.Platform);

    public Task<RecordPage> QueryAsync(RecordQuery query) => Store.QueryAsync(query, Actor.Platform);

    public Task<AggregateResult> AggregateAsync(AggregateQuery query) => Store.AggregateAsync(query, Actor.Platform);

    /// <summary>The texts of one field, in the order of the list.</summary>
    public async Task<string[]> NamesAsync(string entity, string? filter = null, string? sort = null, string? search = null, Actor? actor = null, string field = "name") =>
        [.. (await QueryAsync(entity, filter, sort, search, actor: actor, fields: field)).Items.Select(row => row[0]?.ToString() ?? "")];

    public async Task<int> CountAsync(string entity) => (int)(await QueryAsync(entity, limit: 1, count: CountMode.Exact)).Count!;

    public List<FieldValue> Values(string entity, string json)
    {
        using var document = JsonDocument.Parse(json);
        var values = new List<FieldValue>();
        foreach (var member in document.RootElement.EnumerateObject())
        {
            var field = this[entity][member.Name];
            var parsed = member.Value.ValueKind == JsonValueKind.Null ? Parsed.Ok(null) : field.Type.FromJson(member.Value);
            values.Add(parsed.Fault is { } fault ? throw new ArgumentException($"{field}: {fault.Code}") : new(field, parsed.Value));
        }
        return values;
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        await Home.DisposeAsync();
    }
}
