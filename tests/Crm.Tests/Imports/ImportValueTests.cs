using Shouldly;
using Xunit;

namespace Crm.Tests.Imports;

/// <summary>Texts of a file become values and records: what they mean is said once, in the options.</summary>
public sealed class ImportValueTests(ImportServer server) : IClassFixture<ImportServer>
{
    [Fact]
    public async Task Texts_are_read_as_people_write_them()
    {
        var outcome = await server.ImportAsync("gadget", "name,code,day,size,rate,price,active,kind\na,txt1,2026-01-31,\"1,234\",1.50,\"$1,234.50\",yes,first KIND\nb,txt2,31.1.2026,0,-2,12 USD,0,Second\nc,txt3,,,,,,第一种\n");

        outcome.Counts.ShouldBe("3, 0, 0, 0, 0");
        (await ListAsync("day,size,rate,price,active,kind", "txt")).ShouldBe(["2026-01-31|1234|1.5|1234.50|True|a", "2026-01-31|0|-2|12.00|False|b", "|||||a"]);
    }

    [Fact]
    public async Task A_value_that_does_not_fit_is_named_with_row_and_column_and_the_rest_goes_in()
    {
        var outcome = await server.ImportAsync("gadget", "name,code,day,size,kind\na,bad1,2026-02-30,1,a\n,bad2,,,\nc,bad3,,-5,c\nd,bad4,,7,b\n");

        outcome.Counts.ShouldBe("1, 0, 0, 0, 3");
        outcome.Problems.ShouldBe(["2 day: value.date", "4 kind: value.choice", "3 name: required"], ignoreOrder: true);
        (await ListAsync("name", "bad")).ShouldBe(["d"]);
    }

    [Fact]
    public async Task Value_maps_and_texts_that_mean_nothing_are_applied()
    {
        var outcome = await server.ImportAsync(
            "gadget", "Title,code,Art,size\nGTXPro,map1,eins,?\nGTX,map2,zwei,NULL\nMap,map3,keine,5\n",
            """ "mapping": {"Title": "name", "Art": "kind"}, "valueMaps": {"name": {"GTXPro": "GTX Pro"}, "Art": {"eins": "a", "zwei": "b", "keine": ""}}, "nullValues": ["?", "NULL"] """);

        outcome.Counts.ShouldBe("3, 0, 0, 0, 0");
        (await ListAsync("name,kind,size", "map")).ShouldBe(["GTX Pro|a|", "GTX|b|", "Map||5"]);
    }

    [Fact]
    public async Task Dates_are_read_in_the_form_that_is_named_and_in_no_other()
    {
        var outcome = await server.ImportAsync("gadget", "name,code,day\na,fmt1,3/4/2026\nb,fmt2,2026-03-04\n", "\"dateFormat\": \"M/d/yyyy\"");

        outcome.Problems.ShouldBe(["3 day: value.dateFormat"]);
        (await ListAsync("day", "fmt")).ShouldBe(["2026-03-04"]);
    }

    [Fact]
    public async Task An_empty_heading_in_the_mapping_leaves_a_column_out()
    {
        await server.ImportAsync("gadget", "name,code,size\na,out1,5\n", "\"mapping\": {\"size\": \"\"}");

        (await ListAsync("size", "out")).ShouldBe([""]);
    }

    [Fact]
    public async Task Rows_find_their_records_by_key()
    {
        const string Options = "\"key\": [\"code\"]";
        (await server.ImportAsync("gadget", "name,code,size\na,key1,1\nb,key2,2\n", Options)).Counts.ShouldBe("2, 0, 0, 0, 0");
        (await server.ImportAsync("gadget", "name,code,size\na,key1,1\nb,key2,3\nc,key3,3\n", Options)).Counts.ShouldBe("1, 1, 1, 0, 0");
        (await server.ImportAsync("gadget", "name,code\na2,key1\nd,key4\n", Options + ", \"mode\": \"update\"")).Counts.ShouldBe("0, 1, 0, 0, 1");
        (await server.ImportAsync("gadget", "name,code\ne,key5\ne,key1\n", "\"mode\": \"create\"")).Counts.ShouldBe("1, 0, 0, 1, 0");

        (await ListAsync("name,size", "key")).ShouldBe(["a2|1", "b|3", "c|3", "e|"]);
    }

    [Fact]
    public async Task Of_two_rows_with_one_key_the_first_counts()
    {
        var outcome = await server.ImportAsync("gadget", "name,code\na,dup1\nb,dup1\nc,\nd,\n", "\"key\": [\"code\"]");

        outcome.Counts.ShouldBe("3, 0, 0, 1, 0");
        outcome.Problems.ShouldBe(["3 code: import.rowTwice"]);
        (await ListAsync("name", "dup")).ShouldBe(["a"]);
    }

    [Fact]
    public async Task An_empty_key_means_no_record_that_is_there()
    {
        await server.ImportAsync("gadget", "name,notes,size\nkeyless,kept,1\n");

        var outcome = await server.ImportAsync("gadget", "name,code,notes\nother,,lost\n", "\"key\": [\"code\"]");

        outcome.Counts.ShouldBe("1, 0, 0, 0, 0");
        (await server.ListAsync("gadget", "notes", filter: """{"field": "name", "op": "eq", "value": "keyless"}""")).ShouldBe(["kept"]);
    }

    [Fact]
    public async Task Keys_differ_where_their_values_differ_however_alike_they_look()
    {
        const string Options = "\"key\": [\"moment\"]";
        await server.ImportAsync("gadget", "name,code,moment\na,mom1,2026-01-01T10:00:00.000001Z\n", Options);

        var outcome = await server.ImportAsync("gadget", "name,code,moment\na2,mom1,2026-01-01T10:00:00.000001Z\nb,mom2,2026-01-01T10:00:00.000002Z\nc,mom3,2026-01-01T10:00:01Z\n", Options);

        outcome.Counts.ShouldBe("2, 1, 0, 0, 0");
        (await ListAsync("name", "mom")).ShouldBe(["a2", "b", "c"]);
    }

    [Fact]
    public async Task Lookups_are_found_by_title_whatever_the_case_or_by_the_field_that_is_named_or_by_id()
    {
        var id = (await server.CreateAsync("maker", """{"name": "Müller Werke", "city": "Bonn"}""")).GetProperty("id").GetString();

        (await server.ImportAsync("gadget", $"name,code,maker\na,look1,MULLER werke\nb,look2,{id}\n")).Counts.ShouldBe("2, 0, 0, 0, 0");
        (await server.ImportAsync("gadget", "name,code,maker\nc,look3,bonn\n", "\"lookups\": {\"maker\": \"city\"}")).Counts.ShouldBe("1, 0, 0, 0, 0");

        (await ListAsync("maker.name", "look")).ShouldBe(["Müller Werke", "Müller Werke", "Müller Werke"]);
    }

    [Fact]
    public async Task A_column_of_owners_names_people_and_teams_and_creates_nobody_for_a_team()
    {
        await server.CreateAsync("team", """{"name": "Tender desk"}""");
        await server.CreateAsync("user", """{"name": "Ada Lovelace"}""");

        (await server.ImportAsync("gadget", "name,code,owner\na,own1,tender DESK\nb,own2,Ada Lovelace\nc,own3,Nobody\n")).Problems.ShouldBe(["4 owner: import.lookupNotFound"]);
        var outcome = await server.ImportAsync("gadget", "name,code,owner\nd,own4,Tender desk\ne,own5,Newcomer\n", "\"createMissing\": [\"owner\"]");

        outcome.Result.GetProperty("createdLookups").GetRawText().ShouldBe("""{"user":1}""");
        (await ListAsync("owner.name", "own")).ShouldBe(["Tender desk", "Ada Lovelace", "Tender desk", "Newcomer"]);
    }

    [Fact]
    public async Task A_lookup_that_means_nothing_or_several_is_an_error_of_its_row()
    {
        await server.CreateAsync("maker", """{"name": "Twice"}""");
        await server.CreateAsync("maker", """{"name": "TWICE"}""");

        var outcome = await server.ImportAsync("gadget", $"name,code,maker\na,amb1,twice\nb,amb2,Nobody\nc,amb3,{SequentialIds.Unknown}\nd,amb4,\n");

        outcome.Problems.ShouldBe(["2 maker: import.lookupAmbiguous", "3 maker: import.lookupNotFound", "4 maker: lookup.missing"], ignoreOrder: true);
        (await ListAsync("name", "amb")).ShouldBe(["d"]);
    }

    [Fact]
    public async Task A_lookup_is_found_however_many_records_share_another_name_of_the_file()
    {
        await server.CreateAsync("maker", """{"name": "Lone maker"}""");
        var crowd = string.Join(',', Enumerable.Repeat("""{"name": "Crowd"}""", 1_100));
        (await Api.HttpRequests.PostAsync(server.Admin, "/api/records/maker/batch", $$"""{"create": [{{crowd}}]}""")).Status.ShouldBe(200);

        var outcome = await server.ImportAsync("gadget", "name,code,maker\na,crowd1,lone maker\nb,crowd2,crowd\n", "\"createMissing\": [\"maker\"]");

        outcome.Problems.ShouldBe(["3 maker: import.lookupAmbiguous"]);
        (await ListAsync("maker.name", "crowd")).ShouldBe(["Lone maker"]);
    }

    [Fact]
    public async Task Missing_lookups_are_created_once_where_that_is_wanted()
    {
        var outcome = await server.ImportAsync("gadget", "name,code,maker\na,new1,Newcomer\nb,new2,NEWCOMER\nc,new3,Newcomer 2\n", "\"createMissing\": [\"maker\"]");

        outcome.Counts.ShouldBe("3, 0, 0, 0, 0");
        outcome.Result.GetProperty("createdLookups").GetRawText().ShouldBe("""{"maker":2}""");
        (await ListAsync("maker.name", "new")).ShouldBe(["Newcomer", "Newcomer", "Newcomer 2"]);
    }

    [Fact]
    public async Task A_missing_lookup_that_cannot_be_created_is_an_error_of_its_rows_only()
    {
        await server.CreateAsync("maker", """{"name": "Sound"}""");

        var outcome = await server.ImportAsync("part", "name,maker,guild\nshut 1,Sound,Unheard\nshut 2,Sound,\n", "\"createMissing\": [\"guild\"]");

        (outcome.State, outcome.Counts).ShouldBe(("succeeded", "1, 0, 0, 0, 1"));
        outcome.Problems.ShouldBe(["2 guild: import.lookupNotFound"]);
    }

    [Fact]
    public async Task Rows_may_name_rows_further_down()
    {
        var outcome = await server.ImportAsync("gadget", "name,code,parent,twin\nself child,self1,self parent,self parent\nself parent,self2,,self child\nself lone,self3,self nobody,\n");

        outcome.Counts.ShouldBe("3, 0, 0, 0, 1");
        outcome.Problems.ShouldBe(["4 parent: import.lookupNotFound"]);
        (await ListAsync("parent.name,twin.name", "self")).ShouldBe(["self parent|self parent", "|self child", "|"]);
    }

    [Fact]
    public async Task A_row_further_down_that_is_refused_is_an_error_of_the_row_that_names_it_and_of_nothing_else()
    {
        var outcome = await server.ImportAsync("crew", "name,grade,boss,mate\nann,1,bob,cid\nbob,2,cid,\ncid,9,,\n");

        outcome.Counts.ShouldBe("3, 0, 0, 0, 1");
        outcome.Problems.ShouldBe(["2 boss: lookup.filtered"]);
        outcome.Result.TryGetProperty("badRows", out _).ShouldBeTrue();
        (await server.ListAsync("crew", "boss.name,mate.name", "name", """{"field": "name", "op": "in", "value": ["ann", "bob", "cid"]}""")).ShouldBe(["|cid", "cid|", "|"]);
    }

    [Fact]
    public async Task A_name_that_several_rows_further_down_have_is_taken_for_none_of_them()
    {
        const string Csv = "name,mate,boss\ndan,eve,fay\neve,,\neve,,\n";
        var dry = await server.ImportAsync("crew", Csv, "\"dryRun\": true");

        var outcome = await server.ImportAsync("crew", Csv);

        outcome.Counts.ShouldBe("3, 0, 0, 0, 1");
        outcome.Problems.ShouldBe(["2 mate: import.lookupAmbiguous", "2 boss: import.lookupNotFound"], ignoreOrder: true);
        (dry.Counts, string.Join('\n', dry.Problems)).ShouldBe((outcome.Counts, string.Join('\n', outcome.Problems)));
        (await server.ListAsync("crew", "mate.name", filter: """{"field": "name", "op": "eq", "value": "dan"}""")).ShouldBe([""]);
    }

    [Fact]
    public async Task Who_allows_duplicates_allows_them_where_rows_name_rows_further_down()
    {
        var outcome = await server.ImportAsync("crew", "name,mate\ngus,ivy\nhal,ivy\nivy,\n", "\"duplicates\": \"allow\"");

        outcome.Counts.ShouldBe("3, 0, 0, 0, 0");
        (await server.ListAsync("crew", "mate.name", "name", """{"field": "name", "op": "in", "value": ["gus", "hal"]}""")).ShouldBe(["ivy", "ivy"]);
    }

    [Fact]
    public async Task Records_go_in_by_the_door_of_imports_and_all_in_one_change_set()
    {
        var outcome = await server.ImportAsync("gadget", "name,code\na,door1\nb,door2\n");

        foreach (var id in await ListAsync("id", "door"))
        {
            var entry = (await Api.HttpRequests.ReadAsync(server.Admin, $"/api/records/gadget/{id}/history")).Json.GetProperty("items")[0];
            (entry.GetProperty("door").GetString(), entry.GetProperty("changeSet").GetString()).ShouldBe(("import", outcome.Result.GetProperty("changeSet").GetString()));
        }
    }

    private Task<string[]> ListAsync(string fields, string code) => server.ListAsync("gadget", fields, "code", $$"""{"field": "code", "op": "startsWith", "value": "{{code}}"}""");
}
