using Bunit;
using Crm.Metadata;
using Crm.Ui.Filters;
using Shouldly;
using Xunit;

namespace Crm.Tests.Ui;

/// <summary>Putting a filter together.</summary>
public sealed class FilterEditorTests
{
    [Fact]
    public async Task Whatever_a_field_is_compared_with_has_a_name()
    {
        Screen.Speak("en");
        await using var screen = await Screen.OpenAsync();
        (string Field, ConditionOperator Comparison, string Input, string Name)[] inputs =
        [
            ("name", ConditionOperator.Contains, "filter-one", "Value"), ("probability", ConditionOperator.Ge, "filter-one", "Value"), ("amount", ConditionOperator.Le, "filter-one", "Value"),
            ("close_date", ConditionOperator.Eq, "filter-one", "Value"), ("close_date", ConditionOperator.Within, "filter-one", "Value"), ("customer", ConditionOperator.Eq, "filter-one", "Value"),
            ("close_date", ConditionOperator.Between, "filter-from", "From"), ("amount", ConditionOperator.Between, "filter-to", "To"),
        ];
        foreach (var (field, comparison, input, name) in inputs)
        {
            var draft = new FilterDraft();
            draft.Choose(new FieldPath([screen["opportunity"][field]]));
            draft.Choose(comparison);

            var editor = screen.Render<FilterEditor>(p => p.Add(e => e.Entity, screen["opportunity"]).Add(e => e.Draft, draft));

            editor.FindAll($"input[id={input}], select[id={input}]").Count.ShouldBe(1, $"{field} {comparison}");
            editor.Find($"label[for={input}]").TextContent.ShouldBe(name, $"{field} {comparison}");
        }
    }
}
