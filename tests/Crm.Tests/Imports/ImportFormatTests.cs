using System.Text;
using Crm.Data;
using Crm.Metadata;
using Crm.Tests.Metadata;
using Shouldly;
using Xunit;

namespace Crm.Tests.Imports;

/// <summary>How a file is written is found out from what stands in it, and can be said where that is not enough.</summary>
public sealed class ImportFormatTests(ImportServer server) : IClassFixture<ImportServer>
{
    static ImportFormatTests() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    [Theory]
    [InlineData("utf-8", "Müller,客户")]
    [InlineData("utf-16", "Muller,plain")]
    [InlineData("utf-16BE", "Muller,plain")]
    [InlineData("windows-1252", "Müller – „Ärger“ €,naïve café")]
    [InlineData("gb18030", "北京长城科技有限公司,客户经理")]
    public void Encodings_are_told_apart_without_a_mark(string encoding, string row)
    {
        var bytes = Encoding.GetEncoding(encoding).GetBytes($"name,note\n{row}\n");

        var table = ImportService.ReadTable("a.csv", bytes, new ImportProfile());

        (table.Encoding, string.Join(',', table.Rows[0].Values)).ShouldBe((encoding, row));
    }

    [Fact]
    public void An_encoding_that_is_named_wins_and_one_that_nobody_knows_is_refused()
    {
        var bytes = Encoding.GetEncoding("windows-1251").GetBytes("name\nПривет\n");

        ImportService.ReadTable("a.csv", bytes, new ImportProfile { Encoding = "windows-1251" }).Rows[0].Values.ShouldBe(["Привет"]);
        Should.Throw<Crm.Rules.ProblemException>(() => ImportService.ReadTable("a.csv", bytes, new ImportProfile { Encoding = "klingon" })).Problems[0].Code.ShouldBe("import.encoding");
    }

    [Theory]
    [InlineData("a;b\n1;2,5\n3;4,5\n", ";")]
    [InlineData("name,remark\nx,\"one; two; three; four\"\n", ",")]
    [InlineData("sep=|\na|b,c,d\n1|2\n", "|")]
    [InlineData("a\tb\n1,2\t3\n", "\t")]
    [InlineData("only\none, two\n", ",")]
    public void Delimiters_are_those_that_cut_all_rows_alike(string text, string delimiter) =>
        ImportService.ReadTable("a.csv", Encoding.UTF8.GetBytes(text), new ImportProfile()).Delimiter.ShouldBe(delimiter);

    [Theory]
    [InlineData("Ada,36,1815-12-10\nGrace,85,1906-12-09\n", false)]
    [InlineData("name,age,born\nAda,36,1815-12-10\n", true)]
    [InlineData("first,second\none,two\n", true)]
    [InlineData("name,2025,2026\nAda,1,2\n", true)]
    public void A_first_row_that_is_like_the_others_is_no_heading(string text, bool hasHeading)
    {
        var table = ImportService.ReadTable("a.csv", Encoding.UTF8.GetBytes(text), new ImportProfile());

        // Years over figures look like figures: that one has to be said.
        if (text.StartsWith("name,2025", StringComparison.Ordinal))
        {
            table = ImportService.ReadTable("a.csv", Encoding.UTF8.GetBytes(text), new ImportProfile { Header = true });
        }
        table.HasHeading.ShouldBe(hasHeading);
        table.Columns[0].ShouldBe(hasHeading ? text.Split(',')[0] : "column 1");
    }

    [Theory]
    [InlineData("12/1/2010 13:04|12/13/2010 8:00", "2010-12-01T13:04:00Z|2010-12-13T08:00:00Z")]
    [InlineData("05-03-2016 12:00|29-02-2016 01:16", "2016-03-05T12:00:00Z|2016-02-29T01:16:00Z")]
    [InlineData("1.2.2026 08:30:15|15.2.2026 09:00:00", "2026-02-01T08:30:15Z|2026-02-15T09:00:00Z")]
    [InlineData("2026-01-31 10:00:00.000|2026-02-01", "2026-01-31T10:00:00Z|2026-02-01T00:00:00Z")]
    [InlineData("1/2/2026 9:15 PM|2/3/2026 12:00 AM", "2026-01-02T21:15:00Z|2026-02-03T00:00:00Z")]
    public async Task Forms_of_moments_are_found_out_from_the_whole_column(string texts, string moments)
    {
        var code = "form" + Math.Abs(string.GetHashCode(texts, StringComparison.Ordinal));
        var outcome = await server.ImportAsync("gadget", "name;code;moment\n" + string.Concat(texts.Split('|').Select((t, i) => $"x;{code}-{i};{t}\n")));

        outcome.Problems.ShouldBeEmpty();
        (await server.ListAsync("gadget", "moment", "code", $$"""{"field": "code", "op": "startsWith", "value": "{{code}}"}""")).Select(m => m.Replace(".000000Z", "Z", StringComparison.Ordinal)).ShouldBe(moments.Split('|'));
    }

    [Fact]
    public async Task Of_many_days_in_one_form_the_one_that_is_in_another_is_the_mistake()
    {
        var rows = string.Concat(Enumerable.Range(1, 28).Select(d => $"x,day{d:00},{d}/2/2026\n"));

        var outcome = await server.ImportAsync("gadget", "name,code,day\n" + rows + "x,day99,2/30/2026\n");

        outcome.Problems.ShouldBe(["30 day: value.dateFormat"]);
        (await server.ListAsync("gadget", "day", "code", """{"field": "code", "op": "eq", "value": "day07"}""")).ShouldBe(["2026-02-07"]);
    }

    [Theory]
    [InlineData("1.234,50|12,5|7", "", "1234.5|12.5|7")]
    [InlineData("1,234.50|12.5|7", "", "1234.5|12.5|7")]
    [InlineData("1,234|2,345|7", "", "1234|2345|7")]
    [InlineData("1,5|2.5|7.5", "", "2.5|7.5")]
    [InlineData("1,23|2,34|7", "\"decimal\": \".\"", "7")]
    public async Task Decimal_signs_are_found_out_or_said(string texts, string options, string numbers)
    {
        var code = "sign" + Math.Abs(string.GetHashCode(texts, StringComparison.Ordinal));
        await server.ImportAsync("gadget", "name;code;rate\n" + string.Concat(texts.Split('|').Select((t, i) => $"x;{code}-{i};{t}\n")), options);

        (await server.ListAsync("gadget", "rate", "code", $$"""{"field": "code", "op": "startsWith", "value": "{{code}}"}""")).ShouldBe(numbers.Split('|'));
    }

    [Fact]
    public async Task Parts_of_addresses_and_amounts_have_columns_of_their_own_on_the_way_in_and_out()
    {
        const string Csv = "name,code,Street,Zip,Town,place.country,price,price.currency\nx,part1,\"Main St 1\nFloor 2\",53111,Bonn,Germany,12.50,usd\ny,part2,,,,,3,\n";

        var outcome = await server.ImportAsync("gadget", Csv);

        outcome.Counts.ShouldBe("2, 0, 0, 0, 0");
        var export = await Api.HttpRequests.ReadAsync(server.Admin, "/api/exports/gadget?fields=name,code,place,price&sort=code&filter=" + Uri.EscapeDataString("""{"field": "code", "op": "startsWith", "value": "part"}"""));
        export.Text.Replace("\r\n", "\n", StringComparison.Ordinal).ShouldBe("name,code,place.street,place.postal_code,place.city,place.region,place.country,price,price.currency\nx,part1,\"Main St 1\nFloor 2\",53111,Bonn,,DE,12.50,USD\ny,part2,,,,,,3.00,USD\n");
        (await server.ImportAsync("gadget", export.Text, "\"key\": [\"code\"]")).Counts.ShouldBe("0, 0, 2, 0, 0");
    }

    [Fact]
    public void Columns_find_their_fields_by_name_label_alias_and_part()
    {
        var entity = Shipped.Model["contact"];

        ImportTarget.Suggest("Surname", entity)!.Path.ShouldBe("last_name");
        ImportTarget.Suggest("E-Mail", entity)!.Field.Name.ShouldStartWith("email");
        ImportTarget.Suggest("nonsense", entity).ShouldBeNull();
    }
}
