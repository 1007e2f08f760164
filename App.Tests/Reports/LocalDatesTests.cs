using System.Globalization;
using ScoreTracking.Reports;

namespace ScoreTracking.Tests.Reports;

public sealed class LocalDatesTests
{
    [Theory]
    [InlineData("UTC", "2026-09-01", "2026-09-01T00:00+00:00")]
    [InlineData("Asia/Kathmandu", "2026-09-01", "2026-09-01T00:00+05:45")]
    [InlineData("Europe/Berlin", "2026-03-29", "2026-03-29T00:00+01:00")]
    [InlineData("Europe/Berlin", "2026-03-30", "2026-03-30T00:00+02:00")]
    [InlineData("Asia/Beirut", "2026-03-29", "2026-03-29T01:00+03:00")]
    [InlineData("America/Havana", "2026-11-01", "2026-11-01T00:00-04:00")]
    public void A_day_begins_at_midnight_or_where_clocks_skip_it_right_after(string zone, string date, string expected)
    {
        var info = TimeZoneInfo.FindSystemTimeZoneById(zone);
        var day = DateOnly.Parse(date, CultureInfo.InvariantCulture);

        var start = LocalDates.StartOf(info, day);

        Assert.Equal(expected, start.ToString("yyyy-MM-dd'T'HH:mmzzz", CultureInfo.InvariantCulture));
        Assert.Equal(day, LocalDates.DateOf(info, start));
        Assert.Equal(day.AddDays(-1), LocalDates.DateOf(info, start.AddTicks(-1)));
    }
}
