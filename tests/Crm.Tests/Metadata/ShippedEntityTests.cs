using Crm.Metadata;
using Shouldly;
using Xunit;

namespace Crm.Tests.Metadata;

/// <summary>What every shipped entity owes those who work with it: a way to it, words in both languages, lists, a form in sections, colours for what is looked at in passing.</summary>
public sealed class ShippedEntityTests
{
    private const int FewestViews = 4, FewestColumns = 3;

    /// <summary>What people meet at another place than a list of its own: the bell, the tabs of a list, the star of a record.</summary>
    private static readonly HashSet<string> Personal = new(["notification", "saved_view", "follow"], StringComparer.Ordinal);

    /// <summary>Short lists that are looked up more than worked with.</summary>
    private static readonly HashSet<string> Plain = new(
        ["exchange_rate", "price_book", "product_category", "queue", "reminder", "role", "skill", "tag", "team", "unit", "user", "working_calendar", "entitlement_use", .. Personal], StringComparer.Ordinal);

    private static readonly string[] Coloured = ["stage", "status", "priority", "urgency", "severity", "level", "result"];

    private static readonly Model Model = Shipped.Model;

    public static TheoryData<string> Entities => [.. Model.Entities.Values.Where(e => e is { LinkOf: null }).Select(e => e.Name).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Entities))]
    public void Every_word_of_an_entity_is_there_in_both_languages(string name)
    {
        var definition = Model[name].Definition;
        var words = new List<(string Place, Label? Label)> { ("label", definition.Label), ("pluralLabel", definition.PluralLabel), ("help", definition.Help) };
        words.AddRange(definition.Views.Select(v => ($"views.{v.Name}", v.Label)));
        words.AddRange((definition.Form?.Sections ?? []).Select(s => ($"form.{s.Name}", s.Label)));
        foreach (var field in Model[name].OwnFields)
        {
            words.AddRange(WordsOf(field));
            if (field.Type is LinksFieldType links)
            {
                words.AddRange(links.ItemFields.SelectMany(WordsOf).Select(w => ($"{field.Name}.{w.Place}", w.Label)));
            }
        }
        words.AddRange(definition.Duplicates.Select(d => ($"duplicates.{d.Name}", d.Label)));

        words.Where(w => w.Label is null || !w.Label.ByLanguage.TryGetValue("en", out var english) || english.Length == 0 || !w.Label.ByLanguage.TryGetValue("zh-CN", out var chinese) || chinese.Length == 0)
            .Select(w => w.Place).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Entities))]
    public void Every_entity_has_an_icon_lists_with_columns_and_a_form_with_all_its_fields(string name)
    {
        var entity = Model[name];
        var definition = entity.Definition;
        definition.Icon.ShouldNotBeNullOrEmpty();
        var lists = definition.Views.Where(v => v.Kind == ViewKinds.List).ToList();
        lists.ShouldContain(v => v.Default);
        lists.ShouldAllBe(v => v.Columns.Count >= FewestColumns);
        if (definition.Template != EntityTemplate.Line && !entity.IsSystem && !Plain.Contains(name))
        {
            definition.Views.Count.ShouldBeGreaterThanOrEqualTo(FewestViews);
        }
        definition.Form.ShouldNotBeNull();
        var shown = definition.Form.Sections.SelectMany(s => s.Fields).ToHashSet(StringComparer.Ordinal);
        entity.OwnFields.Where(f => !shown.Contains(f.Name)).Select(f => f.Name).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Entities))]
    public void What_is_looked_at_in_passing_has_colours(string name) => Model[name].OwnFields
        .Where(f => f.Type is ChoiceFieldType choice && Coloured.Any(c => f.Name == c || f.Name.EndsWith("_" + c, StringComparison.Ordinal)) && !f.Name.StartsWith("marital", StringComparison.Ordinal) && choice.Options.Any(o => string.IsNullOrEmpty(o.Color)))
        .Select(f => f.Name).ShouldBeEmpty();

    [Fact]
    public void Every_entity_can_be_reached_from_the_menu_or_from_a_record_that_can()
    {
        var reached = Model.Menus.SelectMany(m => m.Groups).SelectMany(g => g.Items).Select(i => i.Entity).OfType<string>().Select(n => Model[n]).ToHashSet();
        var frontier = new Queue<Entity>(reached);
        while (frontier.TryDequeue(out var entity))
        {
            var further = entity.Collections.Select(f => ((CollectionFieldType)f.Type).Child)
                .Concat((entity.Definition.Form?.Related ?? []).Select(r => Model.Find(r.Split('.')[0])).OfType<Entity>());
            foreach (var next in further.Where(reached.Add))
            {
                frontier.Enqueue(next);
            }
        }

        Model.Entities.Values.Where(e => e.LinkOf is null && !reached.Contains(e) && !Personal.Contains(e.Name)).Select(e => e.Name).ShouldBeEmpty();
    }

    private static IEnumerable<(string Place, Label? Label)> WordsOf(Field field) =>
    [
        (field.Name, field.Definition.Label),
        .. field.Definition.Help is { } help ? [($"{field.Name}.help", (Label?)help)] : Array.Empty<(string, Label?)>(),
        .. field.Type is IHasOptions choice ? choice.Options.Select(o => ($"{field.Name}.{o.Value}", o.Label)) : [],
    ];
}
