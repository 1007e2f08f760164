using ScoreTracking.Counters;
using ScoreTracking.Reports;

namespace ScoreTracking.Tests.Reports;

public sealed class LocalSpansTests
{
    [Fact]
    public void The_autumn_night_of_Berlin_has_two_o_clock_twice() =>
        Assert.Equal(
            ["01:00+02:00 4", "02:00+02:00 4", "02:00+01:00 4", "03:00+01:00 4"],
            Hours("Europe/Berlin", "2026-10-24T23:00Z", "2026-10-25T02:59Z"));

    [Fact]
    public void The_autumn_night_of_New_York_has_one_o_clock_twice() =>
        Assert.Equal(
            ["00:00-04:00 4", "01:00-04:00 4", "01:00-05:00 4", "02:00-05:00 4"],
            Hours("America/New_York", "2026-11-01T04:00Z", "2026-11-01T07:59Z"));

    [Fact]
    public void The_spring_night_of_New_York_has_no_two_o_clock() =>
        Assert.Equal(
            ["01:00-05:00 4", "03:00-04:00 4"],
            Hours("America/New_York", "2026-03-08T06:00Z", "2026-03-08T07:59Z"));

    [Fact]
    public void Lord_Howe_puts_its_clocks_back_by_half_an_hour() =>
        Assert.Equal(
            ["00:00+11:00 4", "01:00+11:00 4", "01:30+10:30 2", "02:00+10:30 4"],
            Hours("Australia/Lord_Howe", "2026-04-04T13:00Z", "2026-04-04T16:29Z"));

    [Fact]
    public void Lord_Howe_puts_its_clocks_forward_by_half_an_hour() =>
        Assert.Equal(
            ["01:00+10:30 4", "02:30+11:00 2", "03:00+11:00 4"],
            Hours("Australia/Lord_Howe", "2026-10-03T14:30Z", "2026-10-03T16:59Z"));

    [Theory]
    [InlineData("Asia/Kolkata", "2026-09-01T10:00Z", "15:00+05:30 4", "16:00+05:30 4")]
    [InlineData("Asia/Kathmandu", "2026-09-01T10:00Z", "15:00+05:45 4", "16:00+05:45 4")]
    [InlineData("America/St_Johns", "2026-09-01T10:00Z", "07:00-02:30 4", "08:00-02:30 4")]
    [InlineData("Pacific/Chatham", "2026-09-01T10:00Z", "22:00+12:45 4", "23:00+12:45 4")]
    public void Zones_off_the_full_hour_have_hours_of_their_own(string zone, string from, string first, string second) =>
        Assert.Equal([first, second], Hours(zone, from, "2026-09-01T10:59Z"));

    [Theory]
    [InlineData("Europe/Berlin", "2026-03-29T12:00Z", 92)]
    [InlineData("Europe/Berlin", "2026-10-25T12:00Z", 100)]
    [InlineData("Europe/Berlin", "2026-09-01T12:00Z", 96)]
    [InlineData("Australia/Lord_Howe", "2026-04-05T00:00Z", 98)]
    public void A_day_lasts_from_midnight_to_midnight(string zone, string time, int quarters)
    {
        var span = Assert.Single(Spans(zone, TimelineInterval.Day, time, time));

        Assert.Equal(quarters, span.End - span.Start);
        Assert.Equal(TimeSpan.Zero, (LocalSpans.TimeOf(span.Start) + span.Offset).TimeOfDay);
    }

    [Theory]
    [InlineData("UTC"), InlineData("Europe/London"), InlineData("America/Santiago"), InlineData("Asia/Beirut"), InlineData("Africa/Casablanca")]
    [InlineData("Africa/Cairo"), InlineData("Atlantic/Azores"), InlineData("Australia/Lord_Howe"), InlineData("Antarctica/Troll"), InlineData("Pacific/Chatham")]
    public void A_year_is_covered_without_gap_or_overlap(string zone)
    {
        foreach (var (interval, shortest, longest, fewest, most) in new[]
        {
            (TimelineInterval.Quarter, 1, 1, (96 * 368) + 1, (96 * 368) + 1),
            (TimelineInterval.Hour, 4, 4, (24 * 368) + 1, (24 * 368) + 6),
            (TimelineInterval.Day, 96, 104, 369, 370),
        })
        {
            var spans = Spans(zone, interval, "2025-12-30T00:00Z", "2027-01-02T00:00Z");

            Assert.True(spans.Zip(spans.Skip(1)).All(pair => pair.First.End == pair.Second.Start));
            Assert.InRange(spans.Max(span => span.End - span.Start), shortest, longest);
            Assert.True(spans[0].Start <= Quarter("2025-12-30T00:00Z") && spans[^1].End > Quarter("2027-01-02T00:00Z"));
            Assert.InRange(spans.Count, fewest, most);
        }
    }

    private static List<string> Hours(string zone, string from, string to) =>
        [.. Spans(zone, TimelineInterval.Hour, from, to).Select(span =>
            $"{new DateTimeOffset(LocalSpans.TimeOf(span.Start)).ToOffset(span.Offset):HH:mmzzz} {span.End - span.Start}")];

    private static List<LocalSpan> Spans(string zone, TimelineInterval interval, string from, string to) =>
        [.. LocalSpans.Of(TimeZoneInfo.FindSystemTimeZoneById(zone), interval, Quarter(from), Quarter(to))];

    private static long Quarter(string time) => DateTimeOffset.Parse(time).ToUnixTimeMilliseconds() / Dimension.QuarterMilliseconds;
}
