using Crm.Data;
using Crm.Rules;
using Crm.Workflow;
using Shouldly;
using Xunit;
using static Crm.Tests.Workflow.Bench;

namespace Crm.Tests.Workflow;

/// <summary>Definitions that several nodes read, save and bring along at the same time.</summary>
public class DefinitionStoreTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_version_that_could_not_be_compiled_is_compiled_when_somebody_asks_again()
    {
        await using var home = await WorkflowHome.OpenAsync();
        var id = await home.PublishAsync(Write("w", "x"));
        var node = await NodeAsync(home);
        string model;
        await using (var session = await home.Store.Database.ReadAsync(Cancellation))
        {
            model = (await session.FirstAsync("SELECT \"model\" FROM \"_workflow_definition\"", [], row => row.Text(0), Cancellation))!;
        }
        await SetModelAsync(home, "{");
        await Should.ThrowAsync<ProblemException>(() => node.GraphAsync(id));
        (await node.GraphAsync("nobody")).ShouldBeNull();

        await SetModelAsync(home, model);

        (await node.GraphAsync(id)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Changes_that_nodes_make_at_once_are_told_apart_so_that_none_is_missed()
    {
        await using var home = await WorkflowHome.OpenAsync();
        DefinitionStore[] nodes = [home.Definitions, await NodeAsync(home)];

        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => nodes[i % 2].SaveAsync(Parts.Reader.Read(Json(Write("w", "x"), "", "flow" + i)), publish: true, Actor.Platform, Cancellation)));

        await using var session = await home.Store.Database.ReadAsync(Cancellation);
        (await session.FirstAsync("SELECT count(DISTINCT \"changed_at\") FROM \"_workflow_definition\"", [], row => row.Integer(0)!.Value, Cancellation)).ShouldBe(12);
    }

    [Fact]
    public async Task A_draft_over_a_published_version_is_the_latest_on_every_node()
    {
        await using var home = await WorkflowHome.OpenAsync();
        var id = await home.PublishAsync(Write("w", "one"));
        var node = await NodeAsync(home);
        (await node.FindAsync(id, Cancellation))!.IsLatest.ShouldBeTrue();

        await home.Definitions.SaveAsync(Parts.Reader.Read(Json(Write("w", "two"))), publish: false, Actor.Platform, Cancellation);
        await node.RefreshAsync(Cancellation);

        var published = (await node.FindAsync(id, Cancellation))!;
        (published.IsLatest, published.IsPublished).ShouldBe((false, true));
    }

    [Fact]
    public async Task Two_nodes_that_start_together_with_new_files_both_start()
    {
        await using var home = await WorkflowHome.OpenAsync();
        DefinitionStore[] nodes = [home.Definitions, await NodeAsync(home), await NodeAsync(home)];
        var folder = Directory.CreateTempSubdirectory("crm-workflows-");
        try
        {
            for (var i = 0; i < 5; i++)
            {
                await File.WriteAllTextAsync(Path.Combine(folder.FullName, $"{i}.json"), Json(Write("w", "x"), "", "flow" + i), Cancellation);
            }

            var problems = await Task.WhenAll(nodes.Select(n => Task.Run(() => n.LoadAsync([folder.FullName], Cancellation), Cancellation)));

            problems.ShouldAllBe(p => p.Count == 0);
            nodes.ShouldAllBe(n => n.Latest().Count == 5 && n.All().Count == 5);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Whoever_creates_a_definition_that_somebody_creates_at_the_same_moment_is_told_so()
    {
        await using var home = await WorkflowHome.OpenAsync();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            try
            {
                await home.Definitions.SaveAsync(Parts.Reader.Read(Json(Write("w", "x" + i))), publish: false, Actor.Platform, Cancellation);
                return null;
            }
            catch (ProblemException refusal)
            {
                return refusal.Problems[0].Code;
            }
        }));

        outcomes.Count(code => code is null).ShouldBeGreaterThan(0);
        outcomes.ShouldAllBe(code => code == null || code == "workflow.saved");
        home.Definitions.Versions("test").ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("""{"type": "Elsa.Timer", "id": "t", "interval": "9999999.00:00:00", "customProperties": {"canStartWorkflow": true} }""", "workflow.trigger.due")]
    [InlineData("""{"type": "Crm.RecordChanged", "id": "t", "name": "Change", "entity": "thing"}""", "workflow.trigger.middle")]
    [InlineData("""{"type": "Crm.RecordChanged", "id": "t", "entity": "thing", "condition": {"typeName": "Object", "expression": {"type": "Object", "value": "{\"field\": \"count\", \"op\": \"in\", \"value\": [{\"expression\": \"1\"}]}"} }, "customProperties": {"canStartWorkflow": true} }""", "workflow.trigger.input")]
    public async Task A_trigger_that_could_never_start_the_workflow_is_not_published(string trigger, string code)
    {
        await using var home = await WorkflowHome.OpenAsync();

        var refusal = await Should.ThrowAsync<ProblemException>(() => home.PublishAsync(Flow([trigger, Write("w", "x")], "t->w")));

        refusal.Problems.ShouldHaveSingleItem().Code.ShouldBe(code);
    }

    /// <summary>The definitions as another process over the same database sees them.</summary>
    private static async Task<DefinitionStore> NodeAsync(WorkflowHome home)
    {
        var node = new DefinitionStore(home.Store.Database, Parts, home.Store.Ids, home.Clock);
        await node.LoadAsync([], Cancellation);
        return node;
    }

    private static Task<int> SetModelAsync(WorkflowHome home, string model) => home.Store.Database.WriteAsync(
        async session => await session.ExecuteAsync("UPDATE \"_workflow_definition\" SET \"model\" = $1", [Param.Text(model)], Cancellation), Cancellation);
}
