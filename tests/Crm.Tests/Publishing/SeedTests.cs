using Crm.Data;
using Crm.Metadata;
using Crm.Tests.Metadata;
using Crm.Tests.Schema;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Crm.Tests.Publishing;

/// <summary>Records that an installation begins with are brought once; from then on they belong to whoever administers it.</summary>
public sealed class SeedTests : IDisposable
{
    private const string Rates = """{"name": "code", "type": "text", "required": true}, {"name": "day", "type": "date"}, {"name": "rate", "type": "decimal", "scale": 4, "min": 0}, {"name": "title", "type": "text", "unique": true}""";

    private readonly MetadataFolder _product = new MetadataFolder()
        .WithEntity("user", """{"name": "name", "type": "text"}""").WithEntity("unit", """{"name": "name", "type": "text"}""").WithEntity("rate", Rates);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _product.Dispose();

    [Fact]
    public async Task What_an_administrator_changed_stays_changed_and_what_was_deleted_stays_away()
    {
        await using var scratch = await ScratchDatabase.OpenAsync();
        _product.With("seeds/rates.json", Seed("""{"code": "A", "day": "2024-12-31", "rate": 1.5}, {"code": "B", "rate": 2}, {"code": "C", "rate": 3}"""));
        var first = await StartAsync(scratch);
        (await first.ListAsync()).ShouldBe(["A=1.5", "B=2", "C=3"]);
        await first.Store.UpdateAsync(first.Entity, await first.IdAsync("A"), [new(first.Entity["rate"], 9m), new(first.Entity["code"], "renamed")], null, Actor.Platform, Door.Form, Cancelled);
        await first.Store.DeleteAsync(first.Entity, await first.IdAsync("B"), Actor.Platform, Door.Form, Cancelled);

        var again = await StartAsync(scratch);

        (await again.ListAsync()).ShouldBe(["C=3", "renamed=9"]);
        (await again.Seeds.BringAsync(Cancelled)).ShouldBeEmpty();
        (await again.Store.HistoryAsync(again.Entity, await again.IdAsync("C"), Actor.Platform, cancellationToken: Cancelled)).Items.ShouldHaveSingleItem().Door.ShouldBe(Door.Platform);
    }

    [Fact]
    public async Task What_is_there_already_is_left_alone_and_what_a_later_file_adds_comes_once()
    {
        await using var scratch = await ScratchDatabase.OpenAsync();
        var before = await StartAsync(scratch);
        await before.Store.CreateAsync(before.Entity, [new(before.Entity["code"], "A"), new(before.Entity["rate"], 7m)], Actor.Platform, Door.Form, Cancelled);

        _product.With("seeds/rates.json", Seed("""{"code": "A", "rate": 1.5}, {"code": "B", "rate": 2}"""));
        (await (await StartAsync(scratch)).ListAsync()).ShouldBe(["A=7", "B=2"]);

        _product.With("seeds/rates.json", Seed("""{"code": "A", "rate": 1.5}, {"code": "B", "rate": 5}, {"code": "C", "rate": 3}"""));
        var later = await StartAsync(scratch);
        (await later.ListAsync()).ShouldBe(["A=7", "B=2", "C=3"]);
        // The one of somebody's own counts as brought: once deleted, it does not come from the file.
        await later.Store.DeleteAsync(later.Entity, await later.IdAsync("A"), Actor.Platform, Door.Form, Cancelled);
        (await (await StartAsync(scratch)).ListAsync()).ShouldBe(["B=2", "C=3"]);
    }

    [Fact]
    public async Task A_folder_of_the_installation_adds_files_and_takes_the_place_of_one_of_the_same_name()
    {
        using var installation = new MetadataFolder().With("seeds/more.json", Seed("""{"code": "X", "rate": 4}, {"code": "B", "rate": 8}""", name: "more")).With("seeds/dropped.json", "null");
        await using var scratch = await ScratchDatabase.OpenAsync();
        _product.With("seeds/rates.json", Seed("""{"code": "A", "rate": 1.5}, {"code": "B", "rate": 2}""")).With("seeds/dropped.json", Seed("""{"code": "D", "rate": 6}""", name: "dropped"));

        // Of two files that say the same record the first by name is heard.
        (await (await StartAsync(scratch, installation.Path)).ListAsync()).ShouldBe(["A=1.5", "B=8", "X=4"]);
    }

    [Fact]
    public async Task Nodes_that_start_together_bring_each_record_once()
    {
        await using var scratch = await ScratchDatabase.OpenAsync();
        var node = await StartAsync(scratch);
        _product.With("seeds/rates.json", Seed(string.Join(", ", Enumerable.Range(10, 20).Select(i => $$"""{"code": "N{{i}}", "rate": {{i}}}"""))));
        var models = new ModelSource(new ModelLayers([_product.Path], Shipped.FieldTypes).Compile(PublishedMetadata.None));
        models.Current.Problems.ShouldBeEmpty();

        var refused = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => new Seeds(scratch.Database, scratch.NewStore(models), models, scratch.Clock).BringAsync(Cancelled), Cancelled)));

        refused.ShouldAllBe(r => r.Count == 0);
        (await node.ListAsync()).ShouldBe(Enumerable.Range(10, 20).Select(i => $"N{i}={i}"));
    }

    [Fact]
    public async Task One_that_saving_refuses_is_named_with_its_place_and_comes_once_nothing_stands_in_its_way()
    {
        await using var scratch = await ScratchDatabase.OpenAsync();
        var before = await StartAsync(scratch);
        var taken = await before.Store.CreateAsync(before.Entity, [new(before.Entity["code"], "Z"), new(before.Entity["rate"], 0m), new(before.Entity["title"], "taken")], Actor.Platform, Door.Form, Cancelled);
        _product.With("seeds/rates.json", Seed("""{"code": "A", "rate": 1.5}, {"code": "B", "rate": 2, "title": "taken"}"""));

        var refused = await StartAsync(scratch);

        refused.Refused.ShouldHaveSingleItem().ToString().ShouldStartWith("seeds/rates.json at records[1].title: ");
        (await refused.ListAsync()).ShouldBe(["A=1.5", "Z=0"]);
        await refused.Store.DeleteAsync(refused.Entity, taken.Id, Actor.Platform, Door.Form, Cancelled);
        var mended = await StartAsync(scratch);
        mended.Refused.ShouldBeEmpty();
        (await mended.ListAsync()).ShouldBe(["A=1.5", "B=2"]);
    }

    [Fact]
    public async Task Records_that_are_meant_in_a_currency_come_where_it_is_the_organisations()
    {
        await using var scratch = await ScratchDatabase.OpenAsync();
        _product.With("seeds/rates.json", Seed("""{"code": "A", "rate": 1.5}""", more: "\"onlyForCurrency\": \"USD\",")).With("organisation.json", """{"currency": "EUR"}""");
        (await (await StartAsync(scratch)).ListAsync()).ShouldBeEmpty();

        _product.With("organisation.json", """{"currency": "USD"}""");
        (await (await StartAsync(scratch)).ListAsync()).ShouldBe(["A=1.5"]);
    }

    [Fact]
    public async Task Records_of_one_file_may_point_to_those_of_another_by_their_ids()
    {
        await using var scratch = await ScratchDatabase.OpenAsync();
        _product.WithEntity("part", """{"name": "code", "type": "text"}, {"name": "rate", "type": "lookup", "target": "rate"}""")
            .With("seeds/a_rates.json", Seed("""{"id": "0197c0de-0000-7000-8000-000000000001", "code": "A", "rate": 1.5}""", name: "a_rates"))
            .With("seeds/b_parts.json", Seed("""{"code": "P", "rate": "0197c0de-0000-7000-8000-000000000001"}""", name: "b_parts", entity: "part"));

        var node = await StartAsync(scratch);

        node.Refused.ShouldBeEmpty();
        var part = node.Models.Current["part"];
        var page = await node.Store.QueryAsync(new(part) { Fields = [part.Resolve("rate.code")!] }, Actor.Platform, Cancelled);
        page.Items.ShouldHaveSingleItem()[0].ShouldBe("A");
    }

    [Fact]
    public async Task An_entity_that_gets_another_name_is_not_brought_its_records_again()
    {
        await using var scratch = await ScratchDatabase.OpenAsync();
        _product.With("seeds/rates.json", Seed("""{"code": "A", "rate": 1.5}"""));
        var first = await StartAsync(scratch);
        await first.Store.DeleteAsync(first.Entity, await first.IdAsync("A"), Actor.Platform, Door.Form, Cancelled);

        File.Delete(Path.Combine(_product.Path, "entities", "rate.json"));
        _product.WithEntity("course", Rates, "\"renamedFrom\": \"rate\"").With("seeds/rates.json", Seed("""{"code": "A", "rate": 1.5}, {"code": "B", "rate": 2}""", entity: "course"));

        (await (await StartAsync(scratch, entity: "course")).ListAsync()).ShouldBe(["B=2"]);
    }

    [Fact]
    public async Task Published_records_come_without_a_restart()
    {
        await using var scratch = await ScratchDatabase.OpenAsync();
        var node = await StartAsync(scratch);
        var news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var subscription = scratch.Feed.Subscribe(told => _ = told.Any(n => n.Entity == "rate") && news.TrySetResult());
        using var bringer = new SeedBringer(node.Seeds, node.Models, scratch.Clock, NullLogger<SeedBringer>.Instance);
        await bringer.StartAsync(Cancelled);

        await node.Publisher.PublishAsync("Rates", [new("seeds", "rates", Seed("""{"code": "A", "rate": 1.5}"""))], Actor.Platform, cancellationToken: Cancelled);

        await news.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
        (await node.ListAsync()).ShouldBe(["A=1.5"]);
        await bringer.StopAsync(Cancelled);
    }

    private static string Seed(string records, string name = "rates", string entity = "rate", string more = "") =>
        $$"""{"name": "{{name}}", "entity": "{{entity}}", "key": ["code"], {{more}} "records": [{{records}}]}""";

    /// <summary>What a start does: compile the layers, bring the tables to them, bring the records.</summary>
    private async Task<Node> StartAsync(ScratchDatabase scratch, string? folder = null, string entity = "rate")
    {
        var layers = new ModelLayers(folder is null ? [_product.Path] : [_product.Path, folder], Shipped.FieldTypes);
        var model = layers.Compile(await PublishedStore.ReadAsync(scratch.Database, Cancelled));
        model.Problems.ShouldBeEmpty();
        await scratch.Database.ApplyAsync(SchemaOfModel.Derive(model), cancellationToken: Cancelled);
        var models = new ModelSource(model);
        var store = scratch.NewStore(models);
        var seeds = new Seeds(scratch.Database, store, models, scratch.Clock);
        return new(seeds, store, models, model[entity], new(scratch.Database, models, layers, scratch.Ids, scratch.Clock), await seeds.BringAsync(Cancelled));
    }

    private sealed record Node(Seeds Seeds, RecordStore Store, ModelSource Models, Entity Entity, ModelPublisher Publisher, IReadOnlyList<MetadataProblem> Refused)
    {
        /// <summary>Code and rate of each record, in the order of the codes.</summary>
        public async Task<string[]> ListAsync() => [.. (await PageAsync()).Items.Select(r => $"{r[0]}={ExactDecimal.Trim((decimal)r[1]!)}")];

        public async Task<Guid> IdAsync(string code) => (await PageAsync()).Items.Single(r => (string)r[0]! == code).Id;

        private Task<RecordPage> PageAsync() => Store.QueryAsync(
            new(Entity) { Fields = [new([Entity["code"]]), new([Entity["rate"]])], Sort = SortTerm.Parse("code", Entity), Limit = 100 }, Actor.Platform, Cancelled);
    }
}
