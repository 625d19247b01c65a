using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Tests.Metadata;
using Shouldly;
using Xunit;

namespace Crm.Tests.Schema;

/// <summary>Metadata changes under data that is there: what can be kept is kept, what would be lost is named first.</summary>
public sealed class SchemaChangeTests
{
    private const string Name = """{"name": "name", "type": "text"}""";

    [Fact]
    public async Task The_same_model_leaves_nothing_to_do()
    {
        await using var database = await ScratchDatabase.OpenAsync();
        (await database.ApplyAsync(Shipped.Model)).Verdict.ShouldBe(SchemaVerdict.Additive);

        (await database.PlanAsync()).Steps.ShouldBeEmpty();
        (await database.ApplyAsync(Shipped.Model)).Steps.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_field_that_goes_is_kept_until_somebody_says_yes_and_comes_back_with_its_values()
    {
        await using var database = await ScratchDatabase.OpenAsync();
        await database.ApplyAsync("thing", $$"""{{Name}}, {"name": "note", "type": "text"}""");
        var thing = await database.CreateAsync("thing", ("name", "a"), ("note", "mine"));
        await database.CreateAsync("thing", ("name", "b"));
        var without = ScratchDatabase.Compile(f => f.WithEntity("thing", Name));

        var plan = await database.PlanAsync(without);
        var step = plan.Steps.ShouldHaveSingleItem();
        (step.Verdict, step.Code, step.Table, step.Column, step.Rows).ShouldBe((SchemaVerdict.Destructive, "columnDropped", "thing", "note", 1));

        await database.ApplyAsync(without);
        plan = await database.PlanAsync();
        plan.IsEmpty.ShouldBeTrue();
        plan.Steps.ShouldHaveSingleItem().Code.ShouldBe("columnLeftover");
        (await database.GetAsync("thing", thing.Id))["name"].ShouldBe("a");

        (await database.ApplyAsync("thing", $$"""{{Name}}, {"name": "note", "type": "text"}""")).Steps.ShouldHaveSingleItem().Code.ShouldBe("columnReturned");
        (await database.GetAsync("thing", thing.Id))["note"].ShouldBe("mine");

        await database.ApplyAsync(without, allowDestructive: true);
        (await database.PlanAsync()).Steps.ShouldBeEmpty();
        (await database.CatalogAsync()).Columns.ShouldNotContain("thing.note");
    }

    [Fact]
    public async Task An_entity_that_goes_is_kept_until_somebody_says_yes()
    {
        await using var database = await ScratchDatabase.OpenAsync();
        await database.ApplyAsync(f => f.WithEntity("thing", Name).WithEntity("part", $$"""{{Name}}, {"name": "thing", "type": "lookup", "target": "thing"}"""));
        var thing = await database.CreateAsync("thing", ("name", "a"));
        var part = await database.CreateAsync("part", ("name", "p"), ("thing", thing.Id));
        var without = ScratchDatabase.Compile(f => f.WithEntity("part", Name));

        var steps = (await database.PlanAsync(without)).Steps;
        steps.Select(s => (s.Verdict, s.Code, s.Rows)).ShouldContain((SchemaVerdict.Destructive, "tableDropped", 1));
        steps.Select(s => (s.Verdict, s.Code, s.Rows)).ShouldContain((SchemaVerdict.Destructive, "columnDropped", 1));

        await database.ApplyAsync(without);
        (await database.PlanAsync()).IsEmpty.ShouldBeTrue();
        await database.ApplyAsync(f => f.WithEntity("thing", Name).WithEntity("part", $$"""{{Name}}, {"name": "thing", "type": "lookup", "target": "thing"}"""));
        (await database.GetAsync("part", part.Id))["thing"].ShouldBe(thing.Id);

        await database.ApplyAsync(without, allowDestructive: true);
        (await database.CatalogAsync()).Columns.ShouldNotContain(c => c.StartsWith("thing.", StringComparison.Ordinal));
        (await database.GetAsync("part", part.Id))["name"].ShouldBe("p");
    }

    [Fact]
    public async Task Renamed_entities_and_fields_keep_data_history_numbers_and_references()
    {
        await using var database = await ScratchDatabase.OpenAsync();
        await database.ApplyAsync(f => f
            .WithEntity("thing", """{"name": "title", "type": "text", "unique": true}, {"name": "code", "type": "autonumber", "pattern": "T-{000}"}, {"name": "parent", "type": "lookup", "target": "thing"}, {"name": "price", "type": "money"}""", "\"indexes\": [[\"title\", \"price\"]]")
            .WithEntity("part", $$"""{{Name}}, {"name": "thing", "type": "lookup", "target": "thing"}"""));
        var first = await database.CreateAsync("thing", ("title", "A"), ("price", new Money(1.5m, "USD")));
        var second = await database.CreateAsync("thing", ("title", "B"), ("parent", first.Id));
        var part = await database.CreateAsync("part", ("name", "p"), ("thing", second.Id));
        await database.Store.UpdateAsync(database["thing"], first.Id, [new(database["thing"]["title"], "Ä")], null, Actor.Platform, Door.Api, TestContext.Current.CancellationToken);

        var plan = await database.ApplyAsync(f => f
            .WithEntity("item", """{"name": "name", "type": "text", "unique": true, "renamedFrom": ["nothing", "title"]}, {"name": "number", "type": "autonumber", "pattern": "T-{000}", "renamedFrom": "code"}, {"name": "above", "type": "lookup", "target": "item", "renamedFrom": "parent"}, {"name": "cost", "type": "money", "renamedFrom": "price"}""", "\"renamedFrom\": \"thing\", \"indexes\": [[\"name\", \"cost\"]]")
            .WithEntity("part", $$"""{{Name}}, {"name": "item", "type": "lookup", "target": "item", "renamedFrom": "thing"}"""));

        plan.Verdict.ShouldBe(SchemaVerdict.Additive);
        (await database.PlanAsync()).Steps.ShouldBeEmpty();
        var renamed = await database.GetAsync("item", first.Id);
        (renamed["name"], renamed["number"], renamed["cost"]).ShouldBe(("Ä", "T-001", new Money(1.5m, "USD")));
        (await database.GetAsync("item", second.Id))["above"].ShouldBe(first.Id);
        (await database.GetAsync("part", part.Id))["item"].ShouldBe(second.Id);
        (await database.CreateAsync("item", ("name", "C")))["number"].ShouldBe("T-003");
        var history = (await database.Store.HistoryAsync(database["item"], first.Id, Actor.Platform, cancellationToken: TestContext.Current.CancellationToken)).Items;
        history.Select(h => h.Changes.FirstOrDefault(c => c.Field.Name == "name")?.After).ShouldBe(["Ä", "A"]);
        await Should.ThrowAsync<ProblemException>(() => database.CreateAsync("item", ("name", "Ä")));
        var schema = SchemaOfModel.Derive(database.Model);
        (await database.CatalogAsync()).Indexes.ShouldBe(schema.Tables.SelectMany(t => t.Indexes).Select(i => i.Name), ignoreOrder: true);
    }

    [Theory]
    [InlineData("text", "12", "integer", 12L)]
    [InlineData("integer", 7L, "text", "7")]
    [InlineData("boolean", true, "text", "true")]
    [InlineData("boolean", true, "integer", 1L)]
    [InlineData("text", "yes", "boolean", true)]
    [InlineData("text", "no", "boolean", false)]
    public async Task A_type_that_can_hold_the_values_takes_them_over(string from, object value, string to, object expected)
    {
        await using var database = await ScratchDatabase.OpenAsync();
        await database.ApplyAsync("thing", $$"""{{Name}}, {"name": "x", "type": "{{from}}"}""");
        var thing = await database.CreateAsync("thing", ("name", "a"), ("x", value));

        var plan = await database.ApplyAsync("thing", $$"""{{Name}}, {"name": "x", "type": "{{to}}"}""");

        plan.Verdict.ShouldBe(SchemaVerdict.Rebuild);
        (await database.GetAsync("thing", thing.Id))["x"].ShouldBe(expected);
        var rest = await database.PlanAsync();
        rest.Steps.ShouldBeEmpty();
        (await database.Store.QueryAsync(new(database["thing"]) { Filter = new Comparison(database["thing"].Resolve("x")!, ConditionOperator.Eq, new Constants([expected])) }, Actor.Platform, TestContext.Current.CancellationToken)).Items.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Values_that_another_type_cannot_hold_are_counted_and_kept_aside()
    {
        await using var database = await ScratchDatabase.OpenAsync();
        await database.ApplyAsync("thing", $$"""{{Name}}, {"name": "x", "type": "text"}""");
        var fits = await database.CreateAsync("thing", ("x", "12"));
        var not = await database.CreateAsync("thing", ("x", "twelve"));
        var integer = ScratchDatabase.Compile(f => f.WithEntity("thing", $$"""{{Name}}, {"name": "x", "type": "integer"}"""));

        (await database.PlanAsync(integer)).Steps.ShouldContain(s => s.Verdict == SchemaVerdict.Destructive && s.Code == "columnNarrowed" && s.Rows == 1);
        await database.ApplyAsync(integer);

        (await database.GetAsync("thing", fits.Id))["x"].ShouldBe(12L);
        (await database.GetAsync("thing", not.Id))["x"].ShouldBeNull();
        (await database.RowsAsync("SELECT \"x$was\" FROM \"thing\" ORDER BY 1")).ShouldBe(["12", "twelve"]);
        (await database.PlanAsync()).IsEmpty.ShouldBeTrue();
        await database.ApplyAsync(integer, allowDestructive: true);
        (await database.PlanAsync()).Steps.ShouldBeEmpty();
    }

    [Fact]
    public async Task Decimals_that_would_lose_digits_want_a_yes_and_those_that_would_not_do_not()
    {
        await using var database = await ScratchDatabase.OpenAsync();
        await database.ApplyAsync("thing", """{"name": "x", "type": "decimal", "scale": 2}""");
        var thing = await database.CreateAsync("thing", ("x", 1.25m));

        (await database.ApplyAsync("thing", """{"name": "x", "type": "decimal", "scale": 4}""")).Verdict.ShouldBe(SchemaVerdict.Rebuild);
        (await database.GetAsync("thing", thing.Id))["x"].ShouldBe(1.25m);

        (await database.ApplyAsync("thing", """{"name": "x", "type": "decimal", "scale": 1}""", allowDestructive: true)).Verdict.ShouldBe(SchemaVerdict.Destructive);
        (await database.GetAsync("thing", thing.Id))["x"].ShouldBe(1.2m);
    }

    [Fact]
    public async Task A_uniqueness_that_the_data_breaks_is_refused_with_count_and_example_and_changes_nothing()
    {
        await using var database = await ScratchDatabase.OpenAsync();
        await database.ApplyAsync("thing", $$"""{{Name}}, {"name": "x", "type": "integer"}""");
        foreach (var x in new long[] { 1, 1, 1, 2, 2, 3 })
        {
            await database.CreateAsync("thing", ("x", x));
        }
        var gone = await database.CreateAsync("thing", ("x", 3L));
        await database.Store.DeleteAsync(database["thing"], gone.Id, Actor.Platform, Door.Api, TestContext.Current.CancellationToken);
        var before = await database.CatalogAsync();

        foreach (var type in new[] { "integer", "text" })
        {
            var unique = ScratchDatabase.Compile(f => f.WithEntity("thing", $$"""{{Name}}, {"name": "x", "type": "{{type}}", "unique": true}, {"name": "y", "type": "text"}"""));
            (await database.PlanAsync(unique)).Refusals.ShouldHaveSingleItem();
            var refusal = await Should.ThrowAsync<ProblemException>(() => database.Database.ApplyAsync(SchemaOfModel.Derive(unique), cancellationToken: TestContext.Current.CancellationToken));
            refusal.Problems.ShouldHaveSingleItem().Message(Shipped.Model.Texts).ShouldBe("thing: x cannot be unique, because 2 values occur more than once, for example 1.");
        }

        (await database.CatalogAsync()).Columns.ShouldBe(before.Columns, ignoreOrder: true);
        (await database.PlanAsync()).Steps.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_required_field_over_records_without_a_value_stays_empty_and_the_plan_says_so()
    {
        await using var database = await ScratchDatabase.OpenAsync();
        await database.ApplyAsync("thing", Name);
        var thing = await database.CreateAsync("thing", ("name", "a"));

        var plan = await database.ApplyAsync("thing", $$"""{{Name}}, {"name": "x", "type": "integer", "required": true}""");

        plan.Steps.ShouldHaveSingleItem().Message(Shipped.Model.Texts).ShouldContain("1 records there are have no value yet");
        (await database.GetAsync("thing", thing.Id))["x"].ShouldBeNull();
    }

    [Fact]
    public async Task A_lookup_that_points_elsewhere_loses_what_is_not_there_and_says_how_much()
    {
        await using var database = await ScratchDatabase.OpenAsync();
        await database.ApplyAsync(f => f.WithEntity("a", Name).WithEntity("b", Name).WithEntity("thing", """{"name": "to", "type": "lookup", "target": "a"}"""));
        var a = await database.CreateAsync("a", ("name", "a"));
        var thing = await database.CreateAsync("thing", ("to", a.Id));

        var plan = await database.ApplyAsync(f => f.WithEntity("a", Name).WithEntity("b", Name).WithEntity("thing", """{"name": "to", "type": "lookup", "target": "b"}"""));

        plan.Steps.ShouldContain(s => s.Code == "columnNarrowed" && s.Rows == 1);
        (await database.GetAsync("thing", thing.Id))["to"].ShouldBeNull();
        (await database.PlanAsync()).IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public async Task A_table_that_others_point_to_is_written_anew_without_breaking_them()
    {
        await using var database = await ScratchDatabase.OpenAsync();
        await database.ApplyAsync(f => f.WithEntity("a", $$"""{{Name}}, {"name": "x", "type": "text"}, {"name": "up", "type": "lookup", "target": "a"}""").WithEntity("b", """{"name": "to", "type": "lookup", "target": "a"}"""));
        var a = await database.CreateAsync("a", ("name", "a"), ("x", "1"));
        var below = await database.CreateAsync("a", ("name", "below"), ("up", a.Id));
        var b = await database.CreateAsync("b", ("to", a.Id));

        await database.ApplyAsync(f => f.WithEntity("a", $$"""{{Name}}, {"name": "x", "type": "integer"}, {"name": "up", "type": "lookup", "target": "a"}""").WithEntity("b", """{"name": "to", "type": "lookup", "target": "a"}"""), allowDestructive: true);

        (await database.GetAsync("b", b.Id))["to"].ShouldBe(a.Id);
        (await database.GetAsync("a", below.Id))["up"].ShouldBe(a.Id);
        (await database.GetAsync("a", a.Id))["x"].ShouldBe(1L);
    }

    [Fact]
    public async Task A_change_that_breaks_off_leaves_the_old_tables()
    {
        await using var database = await ScratchDatabase.OpenAsync();
        await database.ApplyAsync("thing", $$"""{{Name}}, {"name": "x", "type": "text"}""");
        var thing = await database.CreateAsync("thing", ("name", "a"), ("x", "1"));
        var before = await database.CatalogAsync();
        var next = ScratchDatabase.Compile(f => f.WithEntity("item", """{"name": "name", "type": "text"}, {"name": "x", "type": "integer"}""", "\"renamedFrom\": \"thing\"").WithEntity("other", Name));

        await Should.ThrowAsync<TimeoutException>(() => database.Database.ChangeAsync<bool>(SchemaOfModel.Derive(next), true, (_, _) => throw new TimeoutException(), TestContext.Current.CancellationToken));

        var after = await database.CatalogAsync();
        after.Columns.ShouldBe(before.Columns, ignoreOrder: true);
        after.Indexes.ShouldBe(before.Indexes, ignoreOrder: true);
        (await database.GetAsync("thing", thing.Id))["x"].ShouldBe("1");
        await database.CreateAsync("thing", ("name", "b"), ("x", "2"));
        (await database.ApplyAsync(next, allowDestructive: true)).IsEmpty.ShouldBeFalse();
        (await database.GetAsync("item", thing.Id))["x"].ShouldBe(1L);
    }
}
