using System.Text.Json;
using Crm.Metadata;
using Crm.Rules;
using Crm.Tests.Databases;
using Shouldly;
using Xunit;

namespace Crm.Tests.Metadata;

/// <summary>What the product ships: it loads without a complaint, speaks both languages and knows the words of other systems' files.</summary>
[NoDatabase]
public sealed class ShippedMetadataTests
{
    /// <summary>What the platform keeps for one person: it is found at the tabs of lists, at the star of a record, at the bell.</summary>
    private static readonly string[] Personal = ["saved_view", "follow", "notification"];

    /// <summary>The entities that have a file; links follow from the field that holds them.</summary>
    public static TheoryData<string> EntityNames => [.. Shipped.Model.Entities.Values.Where(e => e.LinkOf is null).Select(e => e.Name).Order(StringComparer.Ordinal)];

    [Fact]
    public void It_compiles_without_problems()
    {
        Shipped.Model.Problems.ShouldBeEmpty();
        EntityNames.Count.ShouldBe(Directory.GetFiles(Repository.File("metadata/entities"), "*.json").Length);
        Shipped.Model.Menus.ShouldHaveSingleItem().Groups.ShouldNotBeEmpty();
        Shipped.Model.Organisation.Currency.ShouldBe("USD");
    }

    [Theory]
    [MemberData(nameof(EntityNames))]
    public void Every_label_of_an_entity_is_there_in_both_languages(string name)
    {
        var definition = Shipped.Model[name].Definition;
        var labels = new List<(string, Label?)> { ("label", definition.Label), ("pluralLabel", definition.PluralLabel), ("help", definition.Help) };
        labels.AddRange(Shipped.Model[name].Fields.Select(f => (f.Name, f.Definition.Label)));
        labels.AddRange(definition.Fields.Where(f => f.Help is not null).Select(f => (f.Name + ".help", f.Help)));
        labels.AddRange(Shipped.Model[name].Fields.Select(f => f.Type).OfType<IHasOptions>().SelectMany(c => c.Options).Select(o => ("option " + o.Value, o.Label)));
        var columns = Shipped.Model[name].OwnFields.Select(f => f.Type).OfType<LinksFieldType>().SelectMany(l => l.ItemFields).ToList();
        labels.AddRange(columns.Select(c => (c.ToString(), c.Definition.Label)));
        labels.AddRange(columns.Select(c => c.Type).OfType<IHasOptions>().SelectMany(c => c.Options).Select(o => ("option " + o.Value, o.Label)));
        labels.AddRange(definition.Views.Select(v => ("view " + v.Name, v.Label)));
        labels.AddRange(definition.Form!.Sections.Select(s => ("section " + s.Name, s.Label)));

        labels.Where(l => !IsBilingual(l.Item2)).Select(l => l.Item1).ShouldBeEmpty();
    }

    [Fact]
    public void Every_label_of_the_menus_is_there_in_both_languages() =>
        Shipped.Model.Menus.SelectMany(m => m.Groups)
            .SelectMany(g => g.Items.Select(i => (Of: $"{g.Name} {i.Entity}{i.Page}", i.Label)).Append((Of: g.Name, g.Label)))
            .Where(l => !IsBilingual(l.Label)).Select(l => l.Of).ShouldBeEmpty();

    [Fact]
    public void Every_entity_is_in_the_menu_or_belongs_to_one_that_is()
    {
        var reached = Shipped.Model.Menus.SelectMany(m => m.Groups).SelectMany(g => g.Items).Select(i => i.Entity).OfType<string>().ToHashSet();
        for (var known = 0; known < reached.Count;)
        {
            known = reached.Count;
            reached.UnionWith(reached.Select(name => Shipped.Model[name]).SelectMany(Below).ToList());
        }

        EntityNames.Select(row => row.Data).Except(reached).Except(Personal).ShouldBeEmpty("nobody finds the records of these");

        static IEnumerable<string> Below(Entity entity) =>
            entity.Collections.Select(c => ((CollectionFieldType)c.Type).Child.Name).Concat(entity.Form.Related.Select(r => r.Split('.')[0])).Concat(Shipped.Model.Entities.Values.Where(e => e.Parent?.Target == entity).Select(e => e.Name));
    }

    [Theory]
    [MemberData(nameof(EntityNames))]
    public void Every_entity_has_one_default_view_a_title_and_a_form_with_each_of_its_fields(string name)
    {
        var entity = Shipped.Model[name];

        entity.Views.Count(v => v.Default).ShouldBe(1);
        // A number is given to every record; lines are shown with the record that they belong to.
        (entity.Parent is not null || entity.TitleField is { Type: AutonumberFieldType } or { Definition.Required: true }).ShouldBeTrue("a record without a title cannot be told from others");
        entity.OwnFields.Select(f => f.Name).Except(entity.Form.Sections.SelectMany(s => s.Fields)).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(EntityNames))]
    public void Every_filter_of_a_view_is_a_condition_over_its_entity(string name)
    {
        foreach (var filter in Shipped.Model[name].Views.Select(v => v.Filter).OfType<JsonElement>())
        {
            Should.NotThrow(() => ConditionReader.Read(filter, Shipped.Model[name]));
        }
    }

    [Theory]
    [MemberData(nameof(EntityNames))]
    public void Every_default_value_is_one_that_its_field_accepts(string name)
    {
        foreach (var field in Shipped.Model[name].OwnFields.Where(f => f.Definition.Default is { ValueKind: not JsonValueKind.Object }))
        {
            var parsed = field.Type.FromJson(field.Definition.Default!.Value);
            parsed.Fault.ShouldBeNull(field.ToString());
            field.Type.Validate(parsed.Value!).ShouldBeNull(field.ToString());
        }
    }

    // The region of a sales team is the user's unit and the sales agent of a deal its owner: system fields, which importing knows by itself.
    [Theory]
    [InlineData("customer", "account,sector,year_established,revenue,employees,office_location,subsidiary_of", "name,industry,year_established,annual_revenue,employees,country,parent")]
    [InlineData("product", "product,series,sales_price", "name,series,price")]
    [InlineData("user", "sales_agent,manager,regional_office", "name,manager,")]
    [InlineData("opportunity", "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value", "name,,product,customer,stage,engage_date,close_date,amount")]
    public void Columns_of_a_common_pipeline_export_find_their_fields(string entity, string columns, string fields) =>
        string.Join(',', columns.Split(',').Select(c => FieldFor(Shipped.Model[entity], c)?.Name)).ShouldBe(fields);

    [Theory]
    [MemberData(nameof(EntityNames))]
    public void No_two_fields_answer_to_one_word(string name) =>
        Shipped.Model[name].OwnFields.SelectMany(f => Words(f).Distinct()).GroupBy(w => w).Where(g => g.Count() > 1).Select(g => g.Key).ShouldBeEmpty();

    [Theory]
    [InlineData("technolgy", "technology")]
    [InlineData("medical", "medical")]
    [InlineData("employment", "employment")]
    [InlineData("services", "services")]
    [InlineData("制药", "pharma")]
    [InlineData("Oil and Gas", "energy")]
    public void Industries_are_found_by_value_label_and_alias(string text, string industry) =>
        Shipped.Model["customer"]["industry"].Type.FromText(text, TextFormat.Invariant).Value.ShouldBe(industry);

    private static bool IsBilingual(Label? label) =>
        label is not null && new[] { "en", "zh-CN" }.All(language => label.ByLanguage.TryGetValue(language, out var text) && !string.IsNullOrWhiteSpace(text));

    private static Field? FieldFor(Entity entity, string column) => entity.OwnFields.FirstOrDefault(f => Words(f).Contains(Word(column)));

    private static IEnumerable<string> Words(Field field) => field.Definition.Aliases.Concat(field.Label.ByLanguage.Values).Append(field.Name).Select(Word);

    private static string Word(string text) => Folding.Fold(text).Replace('_', ' ');
}
