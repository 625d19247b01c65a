using Crm.Tests.Databases;
using Crm.Workflow;
using Shouldly;
using Xunit;
using static Crm.Tests.Workflow.Bench;

namespace Crm.Tests.Workflow;

/// <summary>Activities that say when they can execute; those that the product brings always can.</summary>
[NoDatabase]
public class PreconditionTests
{
    [Fact]
    public async Task An_activity_that_cannot_execute_stays_open_and_the_journal_says_so()
    {
        var lines = new List<string>();
        var engine = new MemoryEngine(new(typeof(NeverReady).Assembly), new ManualTimeProvider(), new SequentialIds().Next) { Output = lines.Add };

        var run = await engine.StartAsync(engine.Add(Json(Sequence("""{"type": "Test.NeverReady", "id": "n"}""", Write("w", "never")))));

        (run.SubStatus, run.Incidents.Count).ShouldBe((WorkflowSubStatus.Suspended, 0));
        run.Open.Single(c => c.Node.Id == "n").Status.ShouldBe(ActivityStatus.Pending);
        run.Journal.Last(e => e.Context.Node.Id == "n").Event.ShouldBe(ActivityEvent.PreconditionFailed);
        lines.ShouldBeEmpty();
    }
}

/// <summary>An activity of another assembly than the engine's.</summary>
[Activity("Test.NeverReady", "Tests", "Never can be executed.")]
public sealed class NeverReady : Activity
{
    protected internal override bool CanExecute(ActivityContext context) => false;

    protected internal override ValueTask ExecuteAsync(ActivityContext context) => throw new NotSupportedException();
}
