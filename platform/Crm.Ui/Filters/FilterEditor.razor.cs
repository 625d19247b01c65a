using Crm.Metadata;
using Crm.Rules;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;

namespace Crm.Ui.Filters;

/// <summary>A field that can be filtered by, as the builder lists it.</summary>
public sealed record FilterField(FieldPath Path, string Label);

public sealed partial class FilterEditor
{
    private IReadOnlyList<FilterField> _fields = [];

    [Parameter, EditorRequired]
    public Entity Entity { get; set; } = default!;

    [Parameter, EditorRequired]
    public FilterDraft Draft { get; set; } = default!;

    [Parameter]
    public EventCallback<Condition> Apply { get; set; }

    [Parameter]
    public EventCallback Cancel { get; set; }

    [Inject]
    private IJSRuntime Browser { get; set; } = default!;

    [Inject]
    private FilterWords Words { get; set; } = default!;

    protected override void OnInitialized() =>
        _fields = [.. FilterOperators.Fields(Entity).Select(path => new FilterField(path, FilterWords.LabelOf(path)))];

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            await Browser.InvokeVoidAsync("crm.focus", "[data-testid=filter-editor] [role=combobox]");
        }
    }

    private void Choose(FieldPath? path)
    {
        if (path is not null && !path.Equals(Draft.Path))
        {
            Draft.Choose(path);
        }
    }

    private void Choose(string? op)
    {
        if (Enum.TryParse<ConditionOperator>(op, out var chosen))
        {
            Draft.Choose(chosen);
        }
    }

    private Task ApplyAsync() => Draft.Build() is { } condition ? Apply.InvokeAsync(condition) : Task.CompletedTask;

    private Task PressAsync(KeyboardEventArgs e) => e.Key == "Escape" ? Cancel.InvokeAsync() : Task.CompletedTask;
}
