using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace Crm.Tests.Rules;

/// <summary>
/// Conditions that reach into rows, links and what points to a record, at any depth: what SQL selects is what evaluation in memory selects, and <c>not</c>
/// selects the rest. Some of the records that would decide lie in the recycle bin.
/// </summary>
public sealed class CollectionPropertyTests
{
    private const int Conditions = 250;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Sql_selects_what_evaluation_selects_among_records_that_belong_together(int seed)
    {
        var (store, all) = await CollectionScenario.FillAsync(seed);
        await using var opened = store;
        var things = all.Where(r => r.Entity == store["thing"]).ToList();
        var byId = all.ToDictionary(r => (r.Entity, r.Id));
        var scope = Actor.Platform.ScopeAt(store.Clock.GetUtcNow());

        Check.One(Rounds.Of(Conditions).WithEndSize(60), Prop.ForAll(new CollectionConditions().Trees, Agree));

        void Agree(ConditionTree tree)
        {
            var condition = ConditionReader.Read(tree.Json, store["thing"]);
            var expected = things.Where(r => ConditionEvaluator.Holds(condition, new Subject(r, byId), scope)).Select(r => r.Id).ToHashSet();

            Select(condition).ShouldBe(expected, ignoreOrder: true, $"{tree}");
            Select(new Not(condition)).ShouldBe(things.Select(r => r.Id).Where(id => !expected.Contains(id)), ignoreOrder: true, $"not {tree}");
        }

        IEnumerable<Guid> Select(Condition condition) =>
            [.. store.Store.QueryAsync(new(store["thing"]) { Filter = condition, Fields = [], Limit = 1000 }, Actor.Platform, TestContext.Current.CancellationToken).GetAwaiter().GetResult().Items.Select(i => i.Id)];
    }

    private sealed class Subject(Record record, Dictionary<(Entity Entity, Guid Id), Record> live) : IConditionSubject
    {
        public object? Read(FieldPath path)
        {
            var at = record;
            for (var i = 0; i < path.Steps.Count - 1; i++)
            {
                if (at[path.Steps[i]] is not Guid id || !live.TryGetValue((path.Steps[i].Target!, id), out var next))
                {
                    return null;
                }
                at = next;
            }
            return at[path.Field];
        }

        public IEnumerable<IConditionSubject> Children(ChildPath path)
        {
            var to = path.Through is { } through ? Read(through) as Guid? : record.Id;
            var target = path.Through is { } lookup ? lookup.Field.Target : record.Entity;
            return live.Values.Where(r => r.Entity == path.Child && path.Parent.PointedTo(r[path.Parent]) is var (entity, id) && entity == target && id == to).Select(r => new Subject(r, live));
        }
    }
}
