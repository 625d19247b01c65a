using System.Globalization;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Shell;
using Microsoft.AspNetCore.Components;

namespace Crm.Ui.Dashboards;

/// <summary>
/// The place of a widget. It reads for itself, so that a page is there at once and one figure that takes long or fails keeps nothing else waiting.
/// </summary>
public sealed partial class WidgetFrame
{
    private readonly CancellationTokenSource _gone = new();
    private Widget? _widget;
    private WidgetData? _data;
    private DashboardState? _shown;
    private Type? _body;
    private string? _problem;
    private bool _loading, _mayRetry;

    [Parameter, EditorRequired]
    public WidgetDefinition Definition { get; set; } = default!;

    [Parameter, EditorRequired]
    public DashboardState State { get; set; } = default!;

    [Parameter, EditorRequired]
    public IReadOnlyList<DashboardFilter> Filters { get; set; } = [];

    [Inject]
    private WidgetReader Reader { get; set; } = default!;

    [Inject]
    private Registry<WidgetKindAttribute, WidgetBody> Kinds { get; set; } = default!;

    [Inject]
    private Mishaps Mishaps { get; set; } = default!;

    private string Label => Definition.Label?.ToString() ?? (Definition.Entity is { } entity && Model.Find(entity) is { } found ? found.PluralLabel : Metadata.Label.FromName(Definition.Name)).ToString();

    private string HeadingId => "widget-" + Definition.Name;

    private bool IsTile => Definition.Kind == WidgetKinds.Tile;

    private string Place => string.Create(CultureInfo.InvariantCulture, $"--wide: {Definition.Width ?? (IsTile ? 1 : 2)}; --high: {Definition.Height ?? (IsTile ? 1 : 2)}");

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    protected override async Task OnParametersSetAsync()
    {
        if (State != _shown)
        {
            await LoadAsync();
        }
    }

    private async Task LoadAsync()
    {
        var wanted = _shown = State;
        (_loading, _problem) = (true, null);
        try
        {
            _widget ??= Widget.Of(Definition, Model);
            _body = Kinds.Find(Definition.Kind) ?? throw new ProblemException(Problem.Of(ProblemKind.Invalid, "widget.kind", Definition.Kind, string.Join(", ", Kinds.Names)));
            var data = await Reader.ReadAsync(_widget, wanted, Filters, _gone.Token);
            if (wanted == _shown)
            {
                (_data, _loading) = (data, false);
            }
        }
        catch (ProblemException e)
        {
            Fail(e.Problems[0].Message(Model.Texts), mayRetry: e.Kind != ProblemKind.Forbidden);
        }
        catch (OperationCanceledException)
        {
            // The person left.
        }
#pragma warning disable CA1031 // One widget that fails must not take the page along; what happened is in the log.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Fail(T["widget.failed", Mishaps.Note(e)], mayRetry: true);
        }
    }

    private void Fail(string problem, bool mayRetry) => (_problem, _mayRetry, _loading, _data) = (problem, mayRetry, false, null);
}
