using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Tests.Databases;
using Crm.Tests.Metadata;
using Crm.Tests.Schema;
using Shouldly;
using Xunit;

namespace Crm.Tests.Publishing;

/// <summary>A change of the Model is published as a whole or not at all, takes effect at once, and can be taken back with its data.</summary>
public sealed class PublishingTests : IDisposable
{
    private readonly MetadataFolder _product = new MetadataFolder()
        .WithEntity("user", """{"name": "name", "type": "text"}""").WithEntity("unit", """{"name": "name", "type": "text"}""")
        .WithEntity("thing", """{"name": "name", "type": "text"}, {"name": "size", "type": "integer"}""").With("i18n/en.json", """{"a": "A", "b": "B"}""");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _product.Dispose();

    [Fact]
    public async Task A_published_file_changes_tables_and_model_at_once_and_is_there_after_a_restart()
    {
        await using var scratch = await ScratchDatabase.OpenAsync();
        var (publisher, models, store) = await StartAsync(scratch);
        var heard = new List<long>();
        using var subscription = models.Subscribe(model => heard.Add(model.Version));

        var version = await publisher.PublishAsync("Colours", [Thing("""{"name": "name", "type": "text"}, {"name": "colour", "type": "text"}"""), new("entities", "shelf", """{"name": "shelf", "fields": [{"name": "name", "type": "text"}]}""")], Actor.Platform, cancellationToken: Cancelled);

        (version.Number, models.Current.Version).ShouldBe((1, 1));
        heard.ShouldBe([1L]);
        var thing = models.Current["thing"];
        var record = await store.CreateAsync(thing, [new(thing["colour"], "red")], Actor.Platform, Door.Api, Cancelled);
        var (_, restarted, again) = await StartAsync(scratch);
        (await again.GetAsync(restarted.Current["thing"], record.Id, Actor.Platform, Cancelled))["colour"].ShouldBe("red");
        restarted.Current.Find("shelf").ShouldNotBeNull();
        restarted.Current["thing"].Find("size").ShouldBeNull();
        (await publisher.VersionsAsync(Cancelled)).ShouldHaveSingleItem().Title.ShouldBe("Colours");
    }

    [Fact]
    public async Task A_faulty_file_is_refused_with_its_place_and_nothing_changes()
    {
        await using var scratch = await ScratchDatabase.OpenAsync();
        var (publisher, models, _) = await StartAsync(scratch);
        var before = models.Current;

        var refusal = await Should.ThrowAsync<ProblemException>(() => publisher.PublishAsync("x", [Thing("""{"name": "name", "type": "txt"}"""), new("entities", "shelf", "{ oops")], Actor.Platform, cancellationToken: Cancelled));

        refusal.Kind.ShouldBe(ProblemKind.Refused);
        refusal.Problems.Select(p => p.Field!.Split('#')[0]).ShouldBe(["entities/shelf.json", "entities/thing.json"], ignoreOrder: true);
        refusal.Problems.ShouldContain(p => p.Field == "entities/thing.json#fields[0].type");
        models.Current.ShouldBeSameAs(before);
        (await publisher.VersionsAsync(Cancelled)).ShouldBeEmpty();
        (await scratch.Database.PlanAsync(SchemaOfModel.Derive(before), Cancelled)).Steps.ShouldBeEmpty();
    }

    [Fact]
    public async Task Rolling_back_brings_fields_names_and_values_back()
    {
        await using var scratch = await ScratchDatabase.OpenAsync();
        var (publisher, models, store) = await StartAsync(scratch);
        var record = await store.CreateAsync(models.Current["thing"], [new(models.Current["thing"]["name"], "n"), new(models.Current["thing"]["size"], 5L)], Actor.Platform, Door.Api, Cancelled);

        await publisher.PublishAsync("1", [Thing("""{"name": "title", "type": "text", "renamedFrom": "name"}""")], Actor.Platform, cancellationToken: Cancelled);
        (await store.GetAsync(models.Current["thing"], record.Id, Actor.Platform, Cancelled))["title"].ShouldBe("n");
        await publisher.PublishAsync("2", [new("entities", "thing", null), new("entities", "item", """{"name": "item", "renamedFrom": "thing", "fields": [{"name": "title", "type": "text"}]}""")], Actor.Platform, cancellationToken: Cancelled);
        (await store.GetAsync(models.Current["item"], record.Id, Actor.Platform, Cancelled))["title"].ShouldBe("n");
        models.Current.Find("thing").ShouldBeNull();

        (await Should.ThrowAsync<ProblemException>(() => publisher.RollbackAsync(1, Actor.Platform, cancellationToken: Cancelled))).Problems[0].Code.ShouldBe("model.laterChange");
        (await publisher.RollbackAsync(2, Actor.Platform, cancellationToken: Cancelled)).Number.ShouldBe(3);
        (await store.GetAsync(models.Current["thing"], record.Id, Actor.Platform, Cancelled))["title"].ShouldBe("n");
        await Should.ThrowAsync<ProblemException>(() => publisher.RollbackAsync(9, Actor.Platform, cancellationToken: Cancelled));
    }

    [Fact]
    public async Task A_rename_that_is_rolled_back_keeps_what_was_written_meanwhile()
    {
        await using var scratch = await ScratchDatabase.OpenAsync();
        var (publisher, models, store) = await StartAsync(scratch);
        await publisher.PublishAsync("1", [Thing("""{"name": "title", "type": "text", "renamedFrom": "name"}""")], Actor.Platform, cancellationToken: Cancelled);
        var record = await store.CreateAsync(models.Current["thing"], [new(models.Current["thing"]["title"], "new")], Actor.Platform, Door.Api, Cancelled);

        await publisher.RollbackAsync(1, Actor.Platform, cancellationToken: Cancelled);

        (await store.GetAsync(models.Current["thing"], record.Id, Actor.Platform, Cancelled))["name"].ShouldBe("new");
        models.Current["thing"].Find("size").ShouldNotBeNull();
    }

    [Fact]
    public async Task A_check_says_what_would_happen_and_does_nothing()
    {
        await using var scratch = await ScratchDatabase.OpenAsync();
        var (publisher, models, store) = await StartAsync(scratch);
        await store.CreateAsync(models.Current["thing"], [new(models.Current["thing"]["size"], 5L)], Actor.Platform, Door.Api, Cancelled);

        var check = await publisher.CheckAsync([Thing("""{"name": "name", "type": "text"}""")], Cancelled);

        check.Problems.ShouldBeEmpty();
        var step = check.Plan.Steps.ShouldHaveSingleItem();
        (step.Verdict, step.Column, step.Rows).ShouldBe((SchemaVerdict.Destructive, "size", 1));
        models.Current.Version.ShouldBe(0);
    }

    [Fact]
    public async Task What_the_platform_works_with_cannot_be_published_away()
    {
        await using var scratch = await ScratchDatabase.OpenAsync();
        var (publisher, models, _) = await StartAsync(scratch);

        foreach (var file in new MetadataFile[] { new("entities", "user", null), new("entities", "user", """{"name": "user", "fields": [{"name": "name", "type": "integer"}]}""") })
        {
            var refusal = await Should.ThrowAsync<ProblemException>(() => publisher.PublishAsync("x", [file], Actor.Platform, cancellationToken: Cancelled));
            refusal.Problems.ShouldHaveSingleItem().Message(Shipped.Model.Texts).ShouldContain("the platform works with it");
        }
        models.Current.Version.ShouldBe(0);
    }

    [Fact]
    public async Task Only_an_administrator_publishes_and_unchanged_files_are_refused()
    {
        await using var scratch = await ScratchDatabase.OpenAsync();
        var (publisher, _, _) = await StartAsync(scratch);
        var person = new Actor(scratch.Ids.Next(), "Ada", null, [Actor.Everyone], null, TimeZoneInfo.Utc);

        (await Should.ThrowAsync<ProblemException>(() => publisher.PublishAsync("x", [Thing("")], person, cancellationToken: Cancelled))).Kind.ShouldBe(ProblemKind.Forbidden);
        await publisher.PublishAsync("x", [Thing("")], Actor.Platform, cancellationToken: Cancelled);
        (await Should.ThrowAsync<ProblemException>(() => publisher.PublishAsync("x", [Thing("")], Actor.Platform, cancellationToken: Cancelled))).Problems[0].Code.ShouldBe("model.unchanged");
    }

    [Fact]
    public async Task A_broken_published_file_is_reported_with_its_layer_and_the_one_below_stays()
    {
        await using var scratch = await ScratchDatabase.OpenAsync();
        await StartAsync(scratch);
        await scratch.Database.WriteAsync(async session => await session.ExecuteAsync("""INSERT INTO "_metadata" ("kind", "name", "content", "version") VALUES ('entities', 'thing', '{ oops', 1), ('nonsense', 'x', '{}', 1)""", [], Cancelled), Cancelled);
        await scratch.Database.WriteAsync(async session => await session.ExecuteAsync("""INSERT INTO "_model_version" ("id", "number", "at", "title", "changes") VALUES ($1, 1, $2, 't', '[]')""", [Param.Uuid(scratch.Ids.Next()), Param.Timestamp(scratch.Clock.GetUtcNow())], Cancelled), Cancelled);

        var (_, models, _) = await StartAsync(scratch);

        models.Current.Problems.Select(p => (p.Layer, p.File)).ShouldBe([("published", "entities/thing.json"), ("published", "nonsense/x.json")]);
        models.Current["thing"].Find("size").ShouldNotBeNull();
        models.Current.Problems[0].ToString().ShouldStartWith("published: entities/thing.json: ");
    }

    [Fact]
    public async Task Published_texts_are_laid_over_the_products_key_by_key()
    {
        await using var scratch = await ScratchDatabase.OpenAsync();
        var (publisher, models, _) = await StartAsync(scratch);

        await publisher.PublishAsync("x", [new("i18n", "en", """{"b": "Ours"}""")], Actor.Platform, cancellationToken: Cancelled);

        models.Current.Texts.Of("en").ShouldBe(new Dictionary<string, string> { ["a"] = "A", ["b"] = "Ours" }, ignoreOrder: true);
    }

    [Fact]
    public async Task Another_node_hears_of_a_published_change()
    {
        Assert.SkipUnless(PostgresServer.Current is not null, "SQLite has one node only");
        await using var scratch = await ScratchDatabase.OpenAsync();
        var (publisher, _, _) = await StartAsync(scratch);
        var (second, models, _) = await StartAsync(scratch);
        var heard = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        var listening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var subscription = models.Subscribe(model => heard.TrySetResult(model.Version));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        var line = scratch.Database.ListenAsync(ModelPublisher.Channel, async () =>
        {
            await second.ReloadAsync(stop.Token);
            listening.TrySetResult();
        }, stop.Token);
        await listening.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancelled);

        await publisher.PublishAsync("x", [Thing("""{"name": "other", "type": "text"}""")], Actor.Platform, cancellationToken: Cancelled);

        (await heard.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancelled)).ShouldBe(1);
        models.Current["thing"].Find("other").ShouldNotBeNull();
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => line);
    }

    private static MetadataFile Thing(string fields) => new("entities", "thing", $$"""{"name": "thing", "fields": [{{fields}}]}""");

    /// <summary>What a start does: compile the layers, bring the tables to them.</summary>
    private async Task<(ModelPublisher Publisher, ModelSource Models, RecordStore Store)> StartAsync(ScratchDatabase scratch)
    {
        var layers = new ModelLayers([_product.Path], Shipped.FieldTypes);
        var model = layers.Compile(await PublishedStore.ReadAsync(scratch.Database, Cancelled));
        await scratch.Database.ApplyAsync(SchemaOfModel.Derive(model), cancellationToken: Cancelled);
        var models = new ModelSource(model);
        return (new(scratch.Database, models, layers, scratch.Ids, scratch.Clock), models, scratch.NewStore(models));
    }
}
