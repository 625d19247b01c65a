using System.Text.Json;
using Crm.Data;
using Crm.Metadata;
using Crm.Tests.Api;
using Shouldly;
using Xunit;

namespace Crm.Tests.Imports;

/// <summary>Business cards as phones and mail programs write them.</summary>
public sealed class CardImportTests(ImportServer server) : IClassFixture<ImportServer>
{
    [Fact]
    public async Task Every_card_of_every_file_goes_in()
    {
        var folder = SharedData.Path("vcard_ical");
        var reference = JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "reference.json"), TestContext.Current.CancellationToken)).GetProperty("vcard");
        foreach (var file in reference.EnumerateObject())
        {
            if (file.Name == "sabre_issue64.vcf")
            {
                // Nothing but a photograph: nobody could say whose.
                Should.Throw<Crm.Rules.ProblemException>(() => ImportService.ReadTable(file.Name, File.ReadAllBytes(Path.Combine(folder, "vcard", file.Name)), new ImportProfile { Entity = "contact" })).Problems[0].Code.ShouldBe("import.vcf");
                continue;
            }
            await GoesInAsync(file.Name, await File.ReadAllBytesAsync(Path.Combine(folder, "vcard", file.Name), TestContext.Current.CancellationToken), file.Value);
        }
    }

    private async Task GoesInAsync(string file, byte[] content, JsonElement reference)
    {
        var table = ImportService.ReadTable(file, content, new ImportProfile { Entity = "contact" });
        table.Rows.Count.ShouldBe(reference.GetProperty("cards").GetInt32(), file);
        var names = table.Rows.Select(r => r.Values[table.Columns.ToList().IndexOf("name")]).ToList();
        names.ShouldAllBe(n => n.Length > 0 && !n.Contains('=') && !n.Contains('\uFFFD'));
        foreach (var expected in reference.GetProperty("fn").EnumerateArray())
        {
            names.ShouldContain(expected.GetString()!.Replace("\\,", ",").Trim());
        }

        var accepted = await server.SendAsync("contact", content, "\"createMissing\": [\"customer\"], \"duplicates\": \"allow\"", file);
        accepted.Status.ShouldBe(202, accepted.Text);
        var outcome = new ImportOutcome(await server.FinishedAsync(accepted.Json.GetProperty("id").GetString()!));

        outcome.Counts.ShouldBe($"{table.Rows.Count}, 0, 0, 0, 0", file + outcome.Result);
    }

    [Fact]
    public void A_card_says_who_where_and_how()
    {
        const string Card = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:M\\;ller;J\u00fcrgen;;Dr.;\r\nFN:Dr. J\u00fcrgen M\\;ller\r\nORG:Acme\\, Inc.;Sales;North\r\nTITLE:Head\r\nitem1.TEL;TYPE=CELL:+49 170 1\r\n 23\r\nTEL;TYPE=WORK,FAX:110110\r\nTEL;TYPE=WORK;TYPE=PREF:030 999\r\nTEL:030 111\r\nEMAIL;TYPE=INTERNET:second@example.com\r\nEMAIL;TYPE=INTERNET,PREF:first@example.com\r\nEMAIL:no address\r\nADR;TYPE=WORK:;;Main St 1\\nFloor 2;Bonn;NRW;53111;Germany\r\nBDAY:19800322\r\nNOTE:One\\nTwo\r\nEND:VCARD\r\n";

        var table = ImportService.ReadTable("a.vcf", System.Text.Encoding.UTF8.GetBytes(Card), new ImportProfile { Entity = "contact" });

        var card = table.Columns.Zip(table.Rows.Single().Values).ToDictionary(c => c.First, c => c.Second);
        card["name"].ShouldBe("Dr. J\u00fcrgen M;ller");
        card["last_name"].ShouldBe("M;ller");
        card["company"].ShouldBe("Acme, Inc.");
        card["department"].ShouldBe("Sales, North");
        card["mobile"].ShouldBe("+49 170 123");
        card["phone"].ShouldBe("030 999");
        card["phone 2"].ShouldBe("030 111");
        card["fax"].ShouldBe("110110");
        card["email"].ShouldBe("first@example.com");
        card["email 2"].ShouldBe("second@example.com");
        card["street"].ShouldBe("Main St 1, Floor 2");
        card["city"].ShouldBe("Bonn");
        card["birthday"].ShouldBe("1980-03-22");
        card["notes"].ShouldBe("TEL: 030 111\nEMAIL: second@example.com\nEMAIL: no address\nOne\nTwo");
    }

    [Fact]
    public async Task Cards_go_out_as_they_came_in()
    {
        var contact = await server.CreateAsync("contact", """{"name": "Zoë, Ltd; \\ Ng", "last_name": "Ng", "first_name": "Zoë", "email": "zoe@example.com", "phone": "+49 30 12", "description": "a very long note of more than seventy-five bytes, 它也包含中文字符以便折行不会切断字符\nsecond line"}""");
        var card = await server.Admin.ReadAsync($"/api/exports/contact?format=vcf&filter={Uri.EscapeDataString($$"""{"field": "id", "op": "eq", "value": "{{contact.GetProperty("id").GetString()}}"}""")}");
        card.Status.ShouldBe(200, card.Text);
        card.Text.Split("\r\n").ShouldAllBe(line => System.Text.Encoding.UTF8.GetByteCount(line) <= 75);

        var table = ImportService.ReadTable("a.vcf", System.Text.Encoding.UTF8.GetBytes(card.Text), new ImportProfile { Entity = "contact" });

        var read = table.Columns.Zip(table.Rows.Single().Values).ToDictionary(c => c.First, c => c.Second);
        read["name"].ShouldBe("Zoë, Ltd; \\ Ng");
        read["first_name"].ShouldBe("Zoë");
        read["notes"].ShouldBe(contact.GetProperty("description").GetString());
        (await server.Admin.ReadAsync("/api/exports/product?format=vcf")).Code.ShouldBe("export.cards");
    }
}
