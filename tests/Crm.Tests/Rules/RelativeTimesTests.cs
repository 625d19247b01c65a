using System.Globalization;
using Crm.Rules;
using Crm.Tests.Databases;
using Shouldly;
using Xunit;

namespace Crm.Tests.Rules;

[NoDatabase]
public sealed class RelativeTimesTests
{
    [Theory]
    [InlineData("today", "2026-03-18", "2026-03-18", "2026-03-19")]
    [InlineData("yesterday", "2026-03-01", "2026-02-28", "2026-03-01")]
    [InlineData("tomorrow", "2026-12-31", "2027-01-01", "2027-01-02")]
    [InlineData("last7days", "2026-03-18", "2026-03-12", "2026-03-19")]
    [InlineData("next7days", "2026-03-18", "2026-03-18", "2026-03-25")]
    [InlineData("last1days", "2026-03-18", "2026-03-18", "2026-03-19")]
    [InlineData("next365days", "2024-01-01", "2024-01-01", "2024-12-31")]
    [InlineData("thisWeek", "2026-03-18", "2026-03-16", "2026-03-23")]
    [InlineData("thisWeek", "2026-03-22", "2026-03-16", "2026-03-23")]
    [InlineData("thisWeek", "2026-03-23", "2026-03-23", "2026-03-30")]
    [InlineData("lastWeek", "2027-01-01", "2026-12-21", "2026-12-28")]
    [InlineData("nextWeek", "2026-12-28", "2027-01-04", "2027-01-11")]
    [InlineData("thisMonth", "2024-02-29", "2024-02-01", "2024-03-01")]
    [InlineData("lastMonth", "2026-01-31", "2025-12-01", "2026-01-01")]
    [InlineData("nextMonth", "2026-01-31", "2026-02-01", "2026-03-01")]
    [InlineData("thisQuarter", "2026-03-31", "2026-01-01", "2026-04-01")]
    [InlineData("lastQuarter", "2026-01-01", "2025-10-01", "2026-01-01")]
    [InlineData("nextQuarter", "2026-11-30", "2027-01-01", "2027-04-01")]
    [InlineData("thisYear", "2026-12-31", "2026-01-01", "2027-01-01")]
    [InlineData("lastYear", "2026-01-01", "2025-01-01", "2026-01-01")]
    [InlineData("nextYear", "2026-01-01", "2027-01-01", "2028-01-01")]
    [InlineData("last2weeks", "2026-03-18", "2026-03-05", "2026-03-19")]
    [InlineData("next2weeks", "2026-03-18", "2026-03-18", "2026-04-01")]
    [InlineData("last1months", "2026-03-18", "2026-02-19", "2026-03-19")]
    [InlineData("last1months", "2026-03-31", "2026-03-01", "2026-04-01")]
    [InlineData("next6months", "2026-08-31", "2026-08-31", "2027-02-28")]
    [InlineData("last4quarters", "2026-03-18", "2025-03-19", "2026-03-19")]
    [InlineData("next1years", "2024-02-29", "2024-02-29", "2025-02-28")]
    public void A_span_begins_on_its_first_day_and_ends_before_the_day_after(string span, string today, string from, string until) =>
        RelativeTimes.Resolve(span, Day(today)).ShouldBe((Day(from), Day(until)));

    [Theory]
    [InlineData("")]
    [InlineData("Today")]
    [InlineData("last0days")]
    [InlineData("last-7days")]
    [InlineData("last 7days")]
    [InlineData("last99999days")]
    [InlineData("lastdays")]
    [InlineData("past7days")]
    [InlineData("thisDecade")]
    [InlineData("someWeek")]
    [InlineData("last7decades")]
    [InlineData("last0weeks")]
    [InlineData("last12hours")]
    [InlineData("next101years")]
    public void What_is_no_span_of_days_is_not_known(string span) => RelativeTimes.IsKnown(span, forMoments: false).ShouldBeFalse();

    [Theory]
    [InlineData("last24hours", -24, 0)]
    [InlineData("next3hours", 0, 3)]
    public void Hours_are_counted_from_now(string span, int from, int until)
    {
        var scope = new ConditionScope(null, null, ManualTimeProvider.Start, TimeZoneInfo.Utc);

        var (first, after) = RelativeTimes.Resolve(span, scope)!.Value;

        first.ShouldBe(ManualTimeProvider.Start.AddHours(from));
        after.ShouldBe(ManualTimeProvider.Start.AddHours(until).AddMicroseconds(until == 0 ? 1 : 0));
    }

    [Fact]
    public void Every_span_that_is_offered_is_known() => RelativeTimes.Suggested.ShouldAllBe(span => RelativeTimes.IsKnown(span));

    private static DateOnly Day(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);
}
