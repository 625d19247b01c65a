using Crm.Tests.Databases;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Crm.Tests.Schema;

/// <summary>
/// Apply, compare again, nothing left: whatever chain of changes metadata goes through, after each of them the tables are what the Model
/// wants, every value is where it belongs or was counted as lost beforehand, and what did not change has not been touched.
/// </summary>
public sealed class SchemaChainTests
{
    private static readonly Arbitrary<ChainStep[]> Chains = Arb.From(
        from count in Gen.Choose(1, 9)
        from steps in (
            from kind in Gen.Choose(0, 11)
            from a in Gen.Choose(0, 40)
            from b in Gen.Choose(0, 40)
            select new ChainStep(kind, a, b)).ListOf(count)
        select steps.ToArray(),
        steps => steps.Select((_, i) => steps.Where((_, j) => i != j).ToArray()).Where(s => s.Length > 0));

    [Fact]
    public void Every_chain_of_changes_leaves_nothing_to_do_and_every_value_in_its_place()
    {
        // FsCheck's properties are synchronous.
        Check.One(Rounds.Of(PostgresServer.Current is null ? 40 : 15), Prop.ForAll(Chains, steps => Task.Run(() => RunAsync(steps)).GetAwaiter().GetResult()));
    }

    [Fact]
    public Task A_field_that_returns_has_its_values_although_its_former_name_still_has_values_that_were_set_aside() =>
        RunAsync([new(Kind: 6, A: 13, B: 23), new(Kind: 5, A: 37, B: 4), new(Kind: 4, A: 17, B: 11), new(Kind: 10, A: 17, B: 29)]);

    private static async Task RunAsync(ChainStep[] steps)
    {
        await using var database = await ScratchDatabase.OpenAsync();
        await new SchemaChain(database).RunAsync(steps);
    }
}
