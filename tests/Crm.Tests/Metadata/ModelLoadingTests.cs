using Crm.Metadata;
using Crm.Tests.Databases;
using Shouldly;
using Xunit;

namespace Crm.Tests.Metadata;

/// <summary>
/// Metadata is written by people: each mistake is named with its file, its place and a sentence, and costs no more than
/// the part that it concerns.
/// </summary>
[NoDatabase]
public sealed class ModelLoadingTests : IDisposable
{
    private const string Name = """{"name": "name", "type": "text"}""";

    private readonly MetadataFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"name": "x", "fields": [], "colour": "red"}""", "colour", "There is no member 'colour' here.")]
    [InlineData("""{"name": "x", "fields": [], "form": {"sections": [{"name": "a", "fields": [], "width": 2}]}}""", "form.sections[0].width", "There is no member 'width' here.")]
    [InlineData("""{"name": "x", "fields": [{"name": "a"}]}""", "fields[0]", "Missing: 'type'.")]
    [InlineData("""{"name": "x", "fields": "none"}""", "fields", "The value has the wrong type.")]
    [InlineData("""{"name": "x", "fields": null}""", "fields", "The value must not be null.")]
    [InlineData("""{"name": "x", "fields": [null]}""", "fields", "The entry [0] must not be null.")]
    [InlineData("""{"name": "x", "fields": [{"name": null, "type": "text"}]}""", "fields[0].name", "The value must not be null.")]
    [InlineData("""{"name": "x", "fields": [], "views": [{"name": "a", "columns": ["id", null]}]}""", "views[0].columns", "The entry [1] must not be null.")]
    [InlineData("""{"name": "x", "fields": [], "indexes": [null]}""", "indexes", "The entry [0] must not be null.")]
    [InlineData("""{"name": "x", "fields": [], "roles": {"everyone": null}}""", "roles", "The entry 'everyone' must not be null.")]
    [InlineData("""{"name": "x", "fields": [], "template": "robot"}""", "template", "The value has the wrong type.")]
    [InlineData("""{"name": "x", "fields": [], "label": {"en": "X", "EN": "X"}}""", "label", "The label names the language 'EN' twice.")]
    [InlineData("""{"name": "X!", "fields": []}""", "name", "The file is called 'x.json', so its name must be 'x', not 'X!'.")]
    public void A_mistake_in_a_file_is_reported_with_its_place(string json, string path, string message)
    {
        var model = _folder.With("entities/x.json", json).Compile();

        model.Problems.ShouldBe([new("entities/x.json", path, message)]);
        model.Find("x").ShouldBeNull();
    }

    [Fact]
    public void A_byte_order_mark_as_editors_write_it_does_no_harm() =>
        _folder.With("entities/x.json", "\uFEFF{\"name\": \"x\", \"fields\": []}").Compile().Problems.ShouldBeEmpty();

    [Fact]
    public void A_member_that_occurs_twice_is_reported()
    {
        var model = _folder.With("entities/x.json", """{"name": "x", "label": "A", "label": "B", "fields": []}""").Compile();

        model.Problems.ShouldHaveSingleItem().Message.ShouldContain("label");
    }

    [Fact]
    public void Broken_json_of_one_file_leaves_the_rest()
    {
        var model = _folder.With("entities/broken.json", "{\n  \"name\": oops\n}").WithEntity("whole", Name).Compile();

        var problem = model.Problems.ShouldHaveSingleItem();
        problem.File.ShouldBe("entities/broken.json");
        problem.Message.ShouldEndWith("Line 2.");
        model.Entities.Keys.ShouldBe(["whole"]);
    }

    [Theory]
    [InlineData("""{"name": "b", "type": "txt"}""", "fields[1].type", "There is no field type 'txt'.")]
    [InlineData("""{"name": "B", "type": "text"}""", "fields[1].name", "'B' is no valid name")]
    [InlineData("""{"name": "name", "type": "text"}""", "fields[1].name", "The field 'name' occurs twice.")]
    [InlineData("""{"name": "owner", "type": "text"}""", "fields[1].name", "Every entity already has a field 'owner'.")]
    [InlineData("""{"name": "b", "type": "text", "maxLenght": 10}""", "fields[1].maxLenght", "There is no member 'maxLenght' here.")]
    [InlineData("""{"name": "b", "type": "text", "maxLength": 0}""", "fields[1]", "maxLength must lie between 1 and 1,000,000.")]
    [InlineData("""{"name": "b", "type": "choice"}""", "fields[1]", "a choice needs options.")]
    [InlineData("""{"name": "b", "type": "choice", "options": [{"label": "A"}]}""", "fields[1].options[0]", "Missing: 'value'.")]
    [InlineData("""{"name": "b", "type": "choice", "options": [null]}""", "fields[1].options", "The entry [0] must not be null.")]
    [InlineData("""{"name": "b", "type": "lookup"}""", "fields[1]", "a lookup needs a target.")]
    [InlineData("""{"name": "b", "type": "autonumber", "pattern": "A-{yyyy}"}""", "fields[1]", "must hold exactly one counter")]
    public void A_faulty_field_is_reported_and_left_out(string field, string path, string message)
    {
        var model = _folder.WithEntity("x", $"{Name}, {field}").Compile();

        var problem = model.Problems.ShouldHaveSingleItem();
        (problem.File, problem.Path).ShouldBe(("entities/x.json", path));
        problem.Message.ShouldContain(message);
        model["x"].OwnFields.ShouldHaveSingleItem().Name.ShouldBe("name");
    }

    [Theory]
    [InlineData("""{"name": "b", "type": "integer", "default": "many"}""", "default")]
    [InlineData("""{"name": "b", "type": "money", "default": {"amount": "x"}}""", "default")]
    [InlineData("""{"name": "b", "type": "integer", "default": {"expression": "1 + 1"}}""", "default")]
    [InlineData("""{"name": "b", "type": "text", "default": {"var": "nobody"}}""", "default.var")]
    [InlineData("""{"name": "b", "type": "text", "default": {"var": "me"}}""", "default.var")]
    [InlineData("""{"name": "b", "type": "lookup", "target": "x", "default": {"var": "mySubordinates"}}""", "default.var")]
    [InlineData("""{"name": "b", "type": "date", "default": {"var": 5}}""", "default.var")]
    [InlineData("""{"name": "b", "type": "links", "target": "x", "default": []}""", "default")]
    [InlineData("""{"name": "b", "type": "links", "target": "x", "unique": true}""", "unique")]
    [InlineData("""{"name": "b", "type": "integer", "dependsOn": "name"}""", "dependsOn")]
    [InlineData("""{"name": "b", "type": "lookup", "target": "x", "dependsOn": "nothing"}""", "dependsOn")]
    [InlineData("""{"name": "b", "type": "lookup", "target": "x", "dependsOn": "b"}""", "dependsOn")]
    [InlineData("""{"name": "b", "type": "lookup", "target": "y", "dependsOn": "name"}""", "dependsOn")]
    public void An_option_that_means_nothing_to_the_field_is_reported_and_the_field_works_without_it(string field, string path)
    {
        var model = _folder.WithEntity("x", $"{Name}, {field}").WithEntity("y", """{"name": "size", "type": "integer"}""").Compile();

        model.Problems.Select(p => (p.File, p.Path)).ShouldBe([("entities/x.json", "fields[1]." + path)]);
        model["x"].Find("b").ShouldNotBeNull();
    }

    [Fact]
    public void A_lookup_to_nowhere_is_reported_where_it_stands_even_behind_a_faulty_field()
    {
        var model = _folder.WithEntity("x", $$"""{"name": "a", "type": "txt"}, {{Name}}, {"name": "b", "type": "lookup", "target": "nowhere"}""").Compile();

        model.Problems.Select(p => p.Path).ShouldBe(["fields[0].type", "fields[2].target"]);
    }

    [Theory]
    [InlineData("\"titleField\": \"nil\"", "titleField")]
    [InlineData("\"searchFields\": [\"name\", \"owner.nil\"]", "searchFields[1]")]
    [InlineData("\"unique\": [[\"nil\"]]", "unique[0]")]
    [InlineData("\"indexes\": [[\"name\"], [\"nil\"]]", "indexes[1]")]
    [InlineData("\"form\": {\"highlights\": [\"nil\"]}", "form.highlights[0]")]
    [InlineData("\"form\": {\"sections\": [{\"name\": \"a\", \"fields\": [\"name\", \"nil\"]}]}", "form.sections[0].fields[1]")]
    [InlineData("\"form\": {\"related\": [\"nil.owner\"]}", "form.related[0]")]
    [InlineData("\"form\": {\"related\": [\"x.name\"]}", "form.related[0]")]
    [InlineData("\"views\": [{\"name\": \"v\", \"columns\": [\"nil\"]}]", "views[0].columns[0]")]
    [InlineData("\"views\": [{\"name\": \"v\", \"sort\": \"-nil\"}]", "views[0].sort[0]")]
    [InlineData("\"views\": [{\"name\": \"v\", \"groupBy\": \"nil\"}]", "views[0].groupBy")]
    [InlineData("\"views\": [{\"name\": \"w\"}, {\"name\": \"v\", \"filter\": {\"all\": [{\"field\": \"nil\", \"op\": \"isNull\"}]}}]", "views[1].filter.all[0].field")]
    [InlineData("\"views\": [{\"name\": \"v\", \"kind\": \"map\"}]", "views[0].kind")]
    [InlineData("\"views\": [{\"name\": \"v\", \"kind\": \"kanban\"}]", "views[0].groupBy")]
    [InlineData("\"views\": [{\"name\": \"v\", \"kind\": \"kanban\", \"groupBy\": \"owner\", \"measure\": \"name\"}]", "views[0].measure")]
    [InlineData("\"views\": [{\"name\": \"v\", \"kind\": \"calendar\"}]", "views[0].start")]
    [InlineData("\"views\": [{\"name\": \"v\", \"kind\": \"calendar\", \"start\": \"name\"}]", "views[0].start")]
    [InlineData("\"views\": [{\"name\": \"v\", \"kind\": \"gantt\", \"start\": \"created_at\"}]", "views[0].end")]
    [InlineData("\"views\": [{\"name\": \"v\", \"kind\": \"gantt\", \"start\": \"created_at\", \"end\": \"updated_at\", \"parent\": \"owner\"}]", "views[0].parent")]
    [InlineData("\"views\": [{\"name\": \"v\"}, {\"name\": \"v\"}]", "views[1].name")]
    public void A_reference_to_nothing_is_reported(string member, string path)
    {
        var model = _folder.WithEntity("x", Name, member).Compile();

        model.Problems.Select(p => (p.File, p.Path)).ShouldBe([("entities/x.json", path)]);
    }

    [Theory]
    [InlineData("{\"entity\": \"nil\"}", "groups[0].items[0].entity")]
    [InlineData("{\"entity\": \"x\", \"view\": \"nil\"}", "groups[0].items[0].view")]
    [InlineData("{\"entity\": \"x\", \"page\": \"/import\"}", "groups[0].items[0]")]
    [InlineData("{\"label\": \"Nowhere\"}", "groups[0].items[0]")]
    public void A_menu_entry_that_leads_nowhere_is_reported(string item, string path)
    {
        var model = _folder.WithEntity("x", Name).With("menus/main.json", $$"""{"name": "main", "groups": [{"name": "g", "items": [{{item}}]}]}""").Compile();

        model.Problems.Select(p => (p.File, p.Path)).ShouldBe([("menus/main.json", path)]);
    }

    [Fact]
    public void A_later_folder_takes_the_place_of_files_and_texts_of_the_same_name()
    {
        using var over = new MetadataFolder();
        _folder.WithEntity("x", Name).WithEntity("y", Name).With("organisation.json", """{"currency": "EUR"}""").With("i18n/en.json", """{"a": "A", "b": "B"}""");
        over.WithEntity("x", Name, "\"label\": \"Ours\"").With("i18n/en.json", """{"b": "Ours"}""");

        var model = Shipped.Compile(_folder.Path, over.Path);

        model.Problems.ShouldBeEmpty();
        model["x"].Label.In("en").ShouldBe("Ours");
        model["y"].Label.In("en").ShouldBe("Y");
        model.Organisation.Currency.ShouldBe("EUR");
        model.Texts.Of("en").ShouldBe(new Dictionary<string, string> { ["a"] = "A", ["b"] = "Ours" }, ignoreOrder: true);
    }

    [Fact]
    public void A_folder_that_does_not_exist_is_reported() =>
        Shipped.Compile(Path.Combine(_folder.Path, "nil")).Problems.ShouldHaveSingleItem().Message.ShouldContain("does not exist");

    [Fact]
    public void Options_beside_the_general_members_go_to_the_field_type()
    {
        var model = _folder.With("organisation.json", """{"currency": "EUR"}""").WithEntity("x", $$"""
            {{Name}}, {"name": "a", "type": "text", "maxLength": 7}, {"name": "n", "type": "integer", "min": 1, "max": 5, "grouping": false},
            {"name": "m", "type": "money"}, {"name": "s", "type": "money", "currency": "CHF"}, {"name": "l", "type": "lookup", "target": "x", "onDelete": "cascade"}
            """).Compile();

        model.Problems.ShouldBeEmpty();
        ((TextFieldType)model["x"]["a"].Type).MaxLength.ShouldBe(7);
        var number = (IntegerFieldType)model["x"]["n"].Type;
        (number.Min, number.Max, number.Grouping).ShouldBe((1, 5, false));
        ((MoneyFieldType)model["x"]["m"].Type).Currency.ShouldBe("EUR");
        ((MoneyFieldType)model["x"]["s"].Type).Currency.ShouldBe("CHF");
        ((LookupFieldType)model["x"]["l"].Type).OnDelete.ShouldBe(OnDelete.Cascade);
        model["x"]["l"].Target.ShouldBe(model["x"]);
        model.ReferencesTo(model["x"]).ShouldBe([model["x"]["l"]]);
    }

    [Fact]
    public void Comments_and_trailing_commas_are_welcome() =>
        _folder.With("entities/x.json", """
            { // Ours
              "name": "x", "fields": [ {"name": "name", "type": "text",}, ],
            }
            """).Compile().Problems.ShouldBeEmpty();

    [Fact]
    public void An_entity_without_form_and_title_gets_them_from_its_fields()
    {
        var entity = _folder.WithEntity("x", """{"name": "n", "type": "integer"}, {"name": "first_words", "type": "text"}""").Compile()["x"];

        entity.TitleField.ShouldBe(entity["first_words"]);
        entity.Form.Sections.ShouldHaveSingleItem().Fields.ShouldBe(["n", "first_words"]);
        entity["first_words"].Label.In("zh-CN").ShouldBe("First words");
    }

    [Theory]
    [InlineData("zh-CN", "客户")]
    [InlineData("ZH-cn", "客户")]
    [InlineData("en-GB", "Customer")]
    [InlineData("fr", "Customer")]
    public void A_label_falls_back_to_the_parent_language_and_then_to_English(string language, string text) =>
        _folder.WithEntity("x", Name, """ "label": {"en": "Customer", "zh-CN": "客户"} """).Compile()["x"].Label.In(language).ShouldBe(text);

    [Theory]
    [InlineData("name", "name")]
    [InlineData("parent.parent.name", "name")]
    [InlineData("owner.unit", "unit")]
    [InlineData("nil", null)]
    [InlineData("name.name", null)]
    [InlineData("parent.nil", null)]
    [InlineData("", null)]
    [InlineData("parent.", null)]
    [InlineData("parent.parent.parent.parent.parent.parent.name", null)]
    public void A_path_leads_through_lookups_to_a_field(string path, string? field)
    {
        var model = _folder.WithEntity("user", Name).WithEntity("x", Name + """, {"name": "parent", "type": "lookup", "target": "x"}""").Compile();

        model.Problems.ShouldBeEmpty();
        model["x"].Resolve(path)?.Field.Name.ShouldBe(field);
        (model["x"].Resolve(path) is null).ShouldBe(field is null);
        model["x"].Resolve(path)?.ToString().ShouldBe(path);
    }

    [Fact]
    public void A_view_in_a_file_of_its_own_joins_those_of_its_entity()
    {
        var model = _folder.WithEntity("thing", Name, "\"views\": [{\"name\": \"all\"}]")
            .With("views/board.json", """{"name": "board", "entity": "thing", "kind": "kanban", "groupBy": "owner"}""")
            .With("views/all.json", """{"name": "all", "entity": "thing"}""")
            .With("views/lost.json", """{"name": "lost", "entity": "nowhere"}""")
            .With("views/odd.json", """{"name": "odd", "entity": "thing", "filter": {"field": "name", "op": "bigger", "value": 1}}""")
            .WithEntity("user", Name)
            .Compile();

        model["thing"].Views.Select(v => v.Name).ShouldBe(["all", "board", "odd"]);
        model.Problems.Select(p => (p.File, p.Path)).ShouldBe([("views/all.json", "name"), ("views/lost.json", "entity"), ("views/odd.json", "filter.op")], ignoreOrder: true);
    }
}
