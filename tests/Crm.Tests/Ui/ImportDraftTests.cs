using System.Text;
using Crm.Data;
using Crm.Tests.Databases;
using Crm.Tests.Metadata;
using Crm.Ui.Imports;
using Shouldly;
using Xunit;

namespace Crm.Tests.Ui;

/// <summary>What the wizard finds out about a file by itself.</summary>
[NoDatabase]
public sealed class ImportDraftTests
{
    [Theory]
    [InlineData("people.csv", "First name,Last name,Job title,Email,Mobile\nAda,Lovelace,Analyst,ada@b.example,1", "contact")]
    [InlineData("kunden.csv", "客户名称,行业,城市,网站\n北京华夏,制造业,北京,https://b.example", "customer")]
    [InlineData("deals.csv", "Name,Customer,Stage,Amount,Close date\nPumps,Acme,won,3,2026-01-01", "opportunity")]
    [InlineData("card.vcf", "BEGIN:VCARD\nVERSION:3.0\nFN:Ada Lovelace\nN:Lovelace;Ada;;;\nTITLE:Analyst\nEMAIL:ada@b.example\nEND:VCARD\n", "contact")]
    public void The_columns_tell_what_a_file_holds(string name, string content, string entity)
    {
        var table = ImportService.ReadTable(name, Encoding.UTF8.GetBytes(content), new());

        ImportDraft.MostLikely([.. Shipped.Model.Entities.Values.Where(e => e.LinkOf is null)], table).Name.ShouldBe(entity);
    }
}
