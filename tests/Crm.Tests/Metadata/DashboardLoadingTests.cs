using Crm.Tests.Databases;
using Shouldly;
using Xunit;

namespace Crm.Tests.Metadata;

/// <summary>Dashboards are checked against the Model: what is wrong is told with its file and path, and the page is there all the same.</summary>
[NoDatabase]
public sealed class DashboardLoadingTests
{
    private const string Deal = """
        {"name": "name", "type": "text"}, {"name": "amount", "type": "money"}, {"name": "closed", "type": "date"},
        {"name": "stage", "type": "choice", "options": [{"value": "open"}, {"value": "won"}]}
        """;

    [Fact]
    public void A_dashboard_that_fits_is_part_of_the_model_in_its_order()
    {
        using var folder = Folder().With("dashboards/first.json", Dashboard("first", """
            {"name": "won", "kind": "tile", "entity": "deal", "measure": {"fn": "sum", "field": "amount", "filter": {"field": "stage", "op": "eq", "value": "won"}}, "dateField": "closed", "compare": "previousPeriod", "target": 100000},
            {"name": "funnel", "kind": "funnel", "entity": "deal", "view": "funnel"},
            {"name": "months", "kind": "line", "entity": "deal", "dateField": "closed", "by": "month", "splitBy": "stage"},
            {"name": "next", "kind": "calendar"}
            """, """
            "order": 1, "period": {"default": "thisQuarter"}, "filters": [{"field": "owner"}, {"field": "stage"}],
            """)).With("dashboards/second.json", Dashboard("second", ""));

        var model = folder.Compile();

        model.Problems.ShouldBeEmpty();
        model.Dashboards.Select(d => d.Name).ShouldBe(["first", "second"]);
    }

    [Theory]
    [InlineData("""{"name": "w", "kind": "tile", "entity": "nothing"}""", "widgets[0].entity")]
    [InlineData("""{"name": "w", "kind": "tile"}""", "widgets[0].entity")]
    [InlineData("""{"name": "w", "kind": "speedometer", "entity": "deal"}""", "widgets[0].kind")]
    [InlineData("""{"name": "w", "kind": "tile", "entity": "deal", "view": "nothing"}""", "widgets[0].view")]
    [InlineData("""{"name": "w", "kind": "tile", "entity": "deal", "filter": {"field": "nothing", "op": "isNull"}}""", "widgets[0].filter.field")]
    [InlineData("""{"name": "w", "kind": "tile", "entity": "deal", "measure": {"fn": "variance", "field": "amount"}}""", "widgets[0].measure.fn")]
    [InlineData("""{"name": "w", "kind": "tile", "entity": "deal", "measure": {"fn": "sum", "field": "nothing"}}""", "widgets[0].measure.field")]
    [InlineData("""{"name": "w", "kind": "tile", "entity": "deal", "measure": {"fn": "sum", "field": "name"}}""", "widgets[0].measure.field")]
    [InlineData("""{"name": "w", "kind": "tile", "entity": "deal", "measure": {"fn": "share"}}""", "widgets[0].measure.filter")]
    [InlineData("""{"name": "w", "kind": "tile", "entity": "deal", "measure": {"fn": "share", "filter": {"field": "stage", "op": "eq", "value": 5}}}""", "widgets[0].measure.filter.value")]
    [InlineData("""{"name": "w", "kind": "tile", "entity": "deal", "measure": {"fn": "days", "from": "closed", "to": "name"}}""", "widgets[0].measure.to")]
    [InlineData("""{"name": "w", "kind": "tile", "entity": "deal", "dateField": "name"}""", "widgets[0].dateField")]
    [InlineData("""{"name": "w", "kind": "tile", "entity": "deal", "compare": "previousYear"}""", "widgets[0].compare")]
    [InlineData("""{"name": "w", "kind": "bar", "entity": "deal"}""", "widgets[0].groupBy")]
    [InlineData("""{"name": "w", "kind": "bar", "entity": "deal", "groupBy": "owner.nothing"}""", "widgets[0].groupBy")]
    [InlineData("""{"name": "w", "kind": "bar", "entity": "deal", "groupBy": "stage", "by": "month"}""", "widgets[0].by")]
    [InlineData("""{"name": "w", "kind": "bar", "entity": "deal", "groupBy": "stage", "sort": "amount"}""", "widgets[0].sort")]
    [InlineData("""{"name": "w", "kind": "line", "entity": "deal", "groupBy": "stage"}""", "widgets[0].groupBy")]
    [InlineData("""{"name": "w", "kind": "table", "entity": "deal", "columns": ["name", "nothing"]}""", "widgets[0].columns[1]")]
    [InlineData("""{"name": "w", "kind": "table", "entity": "deal", "sort": "nothing"}""", "widgets[0].sort")]
    [InlineData("""{"name": "w", "kind": "table", "entity": "deal", "limit": 0}""", "widgets[0].limit")]
    [InlineData("""{"name": "w", "kind": "tile", "entity": "deal", "width": 5}""", "widgets[0].width")]
    [InlineData("""{"name": "w", "kind": "tile", "entity": "deal"}, {"name": "w", "kind": "tile", "entity": "deal"}""", "widgets[1].name")]
    public void What_a_widget_names_must_be_there_and_fit(string widgets, string path)
    {
        using var folder = Folder().With("dashboards/sales.json", Dashboard("sales", widgets));

        var problem = folder.Compile().Problems.ShouldHaveSingleItem();

        (problem.File, problem.Path).ShouldBe(("dashboards/sales.json", path));
    }

    [Theory]
    [InlineData(""" "filters": [{"field": "stage"}, {"field": "nothing"}], """, "filters[1].field")]
    [InlineData(""" "filters": [{"field": "name"}], """, "filters[0].field")]
    [InlineData(""" "period": {"default": "lastweekend"}, """, "period.default")]
    [InlineData(""" "period": {"default": "last5hours"}, """, "period.default")]
    public void What_the_page_names_must_be_there_and_fit(string more, string path)
    {
        using var folder = Folder().With("dashboards/sales.json", Dashboard("sales", """{"name": "w", "kind": "tile", "entity": "deal"}""", more));

        var problem = folder.Compile().Problems.ShouldHaveSingleItem();

        (problem.File, problem.Path).ShouldBe(("dashboards/sales.json", path));
    }

    private static MetadataFolder Folder() => new MetadataFolder()
        .WithEntity("user", """{"name": "name", "type": "text"}""")
        .WithEntity("meeting", """{"name": "subject", "type": "text"}, {"name": "start", "type": "dateTime"}""", "\"template\": \"interaction\"")
        .WithEntity("deal", Deal, """ "views": [{"name": "funnel", "kind": "funnel", "groupBy": "stage", "measure": "amount"}] """);

    private static string Dashboard(string name, string widgets, string more = "") => $$"""{"name": "{{name}}", {{more}} "widgets": [{{widgets}}]}""";
}
