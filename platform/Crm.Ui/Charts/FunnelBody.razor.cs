using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Lists;
using Crm.Ui.Shell;
using Microsoft.AspNetCore.Components;

namespace Crm.Ui.Charts;

/// <summary>The same figures over any choice or lookup, the largest first: who, where, which product.</summary>
[ViewKind("chart")]
public sealed class ChartBody : FunnelBody;

/// <summary>A view's records by stage; each figure leads to the records behind it.</summary>
public partial class FunnelBody
{
    private readonly CancellationTokenSource _gone = new();
    private Funnel? _funnel;
    private Condition? _viewFilter;
    private string? _shown;
    private string? _problem;
    private bool _loading;

    /// <summary>Without the figures beside it, where there is little room.</summary>
    [Parameter]
    public bool PictureOnly { get; set; }

    [Inject]
    private RecordStore Store { get; set; } = default!;

    private string TotalAddress => Drill(null);

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
        GC.SuppressFinalize(this);
    }

    protected override async Task OnParametersSetAsync()
    {
        var wanted = State.Address(View.Name);
        if (wanted == _shown)
        {
            return;
        }
        (_shown, _loading) = (wanted, true);
        try
        {
            var funnel = await ReadAsync();
            if (wanted == _shown)
            {
                (_funnel, _problem, _loading) = (funnel, null, false);
            }
        }
        catch (ProblemException e)
        {
            (_problem, _loading) = (e.Problems[0].Message(Model.Texts), false);
        }
        catch (OperationCanceledException)
        {
            // The person left.
        }
    }

    private async Task<Funnel> ReadAsync()
    {
        var groupBy = Entity.Find(View.GroupBy ?? "") ?? throw new ProblemException(Problem.Of(ProblemKind.Invalid, "aggregate.field", "groupBy"));
        var measure = View.Measure is null ? null : Entity.Find(View.Measure);
        _viewFilter = View.Filter is { } json ? ConditionReader.Read(json, Entity) : null;
        var filter = Condition.And([_viewFilter, .. State.Filters, State.Search.Length == 0 ? null : TextSearch.Condition(Entity, State.Search, Actor)]);
        var result = await Store.AggregateAsync(Funnel.Query(Entity, groupBy, measure, filter), Actor, _gone.Token);
        return View.Kind == "chart" ? Funnel.Of(groupBy, measure, result).LargestFirst() : Funnel.Of(groupBy, measure, result);
    }

    private string AddressOf(FunnelStage stage) => Drill(GroupValue.Is(new([_funnel!.GroupBy]), stage.Group));

    private string Drill(Condition? stage)
    {
        IEnumerable<Condition?> parts = [_viewFilter, .. State.Filters, stage];
        return (State with { Sort = null, Filters = [.. parts.Where(p => p is not null).Select(p => p!)] }).Address(Addresses.List(Entity, EntityViews.Widest(Entity).Name));
    }
}
