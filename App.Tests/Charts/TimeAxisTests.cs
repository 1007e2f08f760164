using ScoreTracking.Charts;

namespace ScoreTracking.Tests.Charts;

public sealed class TimeAxisTests
{
    [Fact]
    public void The_hour_that_comes_twice_in_autumn_says_which_it_is()
    {
        var labels = Hours("Europe/Berlin", new DateTime(2026, 10, 24, 23, 0, 0), 4);

        Assert.Equal(
            ["Sun 25 Oct 2026, 01:00", "Sun 25 Oct 2026, 02:00 (UTC+02:00)", "Sun 25 Oct 2026, 02:00 (UTC+01:00)", "Sun 25 Oct 2026, 03:00"],
            labels.Select(label => label.Full));
        Assert.Equal(["01:00", "02:00", null, "03:00"], labels.Select(label => label.Tick));
    }

    [Fact]
    public void The_hour_missing_in_spring_is_missing() =>
        Assert.Equal(["01:00", "03:00"], Hours("Europe/Berlin", new DateTime(2026, 3, 29, 0, 0, 0), 2).Select(label => label.Tick));

    [Fact]
    public void Half_an_hour_of_clock_change_keeps_its_half_hour()
    {
        // Lord Howe puts clocks back by 30 minutes at 02:00 on 5 April 2026: 01:30 comes twice.
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Australia/Lord_Howe");
        DateTimeOffset[] starts = [.. new[] { 0, 30, 60 }.Select(minutes => TimeZoneInfo.ConvertTime(new DateTimeOffset(2026, 4, 4, 14, 30, 0, TimeSpan.Zero).AddMinutes(minutes), zone))];

        var labels = TimeAxis.Labels(starts);

        Assert.Equal(["Sun 5 Apr 2026, 01:30 (UTC+11:00)", "Sun 5 Apr 2026, 01:30 (UTC+10:30)", "Sun 5 Apr 2026, 02:00"], labels.Select(label => label.Full));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(8, 8)]
    [InlineData(24, 8)]
    [InlineData(48, 8)]
    [InlineData(168, 8)]
    [InlineData(672, 8)]
    [InlineData(1000, 8)]
    [InlineData(9000, 9)]
    public void Ticks_are_few_enough_to_read_and_every_second_stays_on_a_phone(int hours, int most)
    {
        var labels = Hours("Europe/Berlin", new DateTime(2026, 9, 1, 6, 0, 0), hours);

        var ticks = labels.Where(label => label.Tick is not null).ToList();
        Assert.InRange(ticks.Count, 1, most);
        Assert.Equal((ticks.Count + 1) / 2, ticks.Count(tick => tick.IsMajor));
        Assert.Equal(hours, labels.Count);
    }

    [Fact]
    public void A_day_that_begins_at_one_o_clock_still_has_its_tick()
    {
        // Clocks in Beirut skip midnight on 29 March 2026.
        var labels = Hours("Asia/Beirut", new DateTime(2026, 3, 26, 22, 0, 0), 119);

        Assert.Equal(["27 Mar", "28 Mar", "29 Mar", "30 Mar", "31 Mar"], labels.Where(label => label.Tick is not null).Select(label => label.Tick));
    }

    [Fact]
    public void Days_name_no_time()
    {
        var labels = TimeAxis.Labels([.. Enumerable.Range(0, 28).Select(day => new DateTimeOffset(2026, 9, 1, 0, 0, 0, TimeSpan.Zero).AddDays(day))], byDay: true);

        Assert.Equal("Tue 1 Sep 2026", labels[0].Full);
        Assert.Equal(["1 Sep", "8 Sep", "15 Sep", "22 Sep"], labels.Where(label => label.Tick is not null).Select(label => label.Tick));
    }

    [Fact]
    public void No_steps_no_labels() => Assert.Empty(TimeAxis.Labels([]));

    private static IReadOnlyList<ChartLabel> Hours(string zone, DateTime firstUtc, int count) =>
        TimeAxis.Labels([.. Enumerable.Range(0, count).Select(hour =>
            TimeZoneInfo.ConvertTime(new DateTimeOffset(firstUtc, TimeSpan.Zero).AddHours(hour), TimeZoneInfo.FindSystemTimeZoneById(zone)))]);
}
