using Crm.Metadata;
using Crm.Ui.Fields;
using Crm.Ui.Records;
using Microsoft.AspNetCore.Components;

namespace Crm.Ui.Filters;

public sealed partial class FilterValue
{
    private string? _title;

    [Parameter, EditorRequired]
    public FilterDraft Draft { get; set; } = default!;

    [Parameter]
    public EventCallback Changed { get; set; }

    [Inject]
    private FilterWords Words { get; set; } = default!;

    [Inject]
    private RecordTitles Titles { get; set; } = default!;

    private Field Field => Draft.Path!.Field;

    /// <summary>What can stand in place of a fixed value, so that a shared filter fits everybody.</summary>
    private IReadOnlyList<string> VariablesOffered => (Field.Type, Draft.Operator is ConditionOperator.In or ConditionOperator.NotIn) switch
    {
        (UserFieldType { Teams: true }, true) => ["myTeams", "mySubordinates"],
        (UserFieldType, true) => ["mySubordinates"],
        (TeamFieldType, true) => ["myTeams"],
        (UserFieldType, false) => ["me"],
        (LookupFieldType, false) when Field.Target?.Name == "unit" => ["myUnit"],
        (TemporalFieldType, false) => ["today"],
        _ => [],
    };

    protected override async Task OnParametersSetAsync()
    {
        if (Field.PointedTo(Draft.ValueAt(0)) is { } pointed)
        {
            _title = (await Titles.OfAsync(Field.PointedToBy(Draft.ValueAt(0)))).GetValueOrDefault(pointed.Id);
        }
    }

    private Task Set(int index, FieldInput input) => SetValue(index, input.Fault is null ? input.Value : null);

    private Task SetValue(int index, object? value)
    {
        Draft.SetValue(index, value);
        return Changed.InvokeAsync();
    }

    private Task Tick(string value, bool on)
    {
        Draft.Values.Remove(value);
        if (on)
        {
            Draft.Values.Add(value);
        }
        return Changed.InvokeAsync();
    }

    private Task Pick(string? span)
    {
        Draft.Span = string.IsNullOrEmpty(span) ? null : span;
        return Changed.InvokeAsync();
    }

    private Task Use(string? variable)
    {
        Draft.Values.Clear();
        Draft.Variable = variable;
        return Changed.InvokeAsync();
    }
}
