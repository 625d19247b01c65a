using System.Globalization;
using System.Text;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Tests.Databases;
using Shouldly;
using Xunit;

namespace Crm.Tests.Imports;

/// <summary>Files can say what no number, day or length of time can be, and ask for what takes for ever: a row says so, and the rest goes in.</summary>
[NoDatabase]
public sealed class ImportLimitsTests
{
    [Theory]
    [InlineData("0001-01-01 00:00:00", "Asia/Shanghai")]
    [InlineData("9999-12-31 23:59:59", "America/New_York")]
    public void A_moment_that_lies_beyond_the_first_or_the_last_day_is_refused(string text, string zone) =>
        new DateTimeFieldType().FromText(text, new(CultureInfo.InvariantCulture, TimeZone: TimeZoneInfo.FindSystemTimeZoneById(zone))).Fault!.Code.ShouldBe("value.dateTime");

    [Theory]
    [InlineData("9999999999999999999999999999")]
    [InlineData("-9999999999999999999999999999")]
    public void A_length_of_time_that_no_number_can_hold_is_refused(string text) => new DurationFieldType().FromText(text, TextFormat.Invariant).Fault!.Code.ShouldBe("value.duration");

    [Fact]
    public void A_product_that_no_number_can_hold_is_written_out_and_is_no_number()
    {
        var made = Compile(new() { Name = "c", Of = "a", By = ["b"] }, new() { Name = "d", Of = "a", Times = 10 }).Extend(["79228162514264337593543950335", "2"], 1);

        made[2].ShouldBe("79228162514264337593543950335 × 2 × 1 + 0");
        made[3].ShouldBe("79228162514264337593543950335 × 10 + 0");
        new DecimalFieldType().FromText(made[2], TextFormat.Invariant).Fault.ShouldNotBeNull();
    }

    [Fact]
    public void A_cell_over_which_a_pattern_thinks_too_long_stays_as_it_is()
    {
        var cell = new string('a', 60) + "!";

        Compile(new ImportComputedColumn { Name = "c", Of = "a", Pattern = "^(a+)+$" }).Extend([cell, ""], 1)[2].ShouldBe(cell);
    }

    [Theory]
    [InlineData("DTSTART;VALUE=DATE:99991231", "9999-12-31 00:00:00", "")]
    [InlineData("DTSTART:99991231T230000Z\nDURATION:P1D", "9999-12-31T23:00:00Z", "")]
    [InlineData("DTSTART;TZID=Asia/Shanghai:00010101T000000\nDTEND:20260301T100000Z", "", "2026-03-01T10:00:00Z")]
    public void A_calendar_leaves_out_moments_beyond_the_first_and_the_last_day(string lines, string start, string end)
    {
        var text = $"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Far away\n{lines}\nEND:VEVENT\nEND:VCALENDAR\n";

        var table = ImportService.ReadTable("a.ics", Encoding.UTF8.GetBytes(text), new ImportProfile());

        var row = table.Columns.Zip(table.Rows.Single().Values).ToDictionary(c => c.First, c => c.Second);
        (row["subject"], row.GetValueOrDefault("start", ""), row.GetValueOrDefault("end", "")).ShouldBe(("Far away", start, end));
    }

    private static ComputedColumns Compile(params ImportComputedColumn[] computed)
    {
        var problems = new List<Problem>();
        var made = ComputedColumns.Compile(["a", "b"], computed, new HashSet<string>(), problems);
        problems.ShouldBeEmpty();
        return made;
    }
}
