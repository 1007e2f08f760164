using System.Globalization;
using ScoreTracking.Api;
using ScoreTracking.Delivery;

namespace ScoreTracking.Tests.Delivery;

public sealed class SendWindowTests
{
    private static readonly TimeSpan s_month = TimeSpan.FromDays(31);

    [Theory]
    [InlineData("2026-09-02T10:00Z", "2026-09-02T10:00Z")] // Wednesday noon in Berlin: open.
    [InlineData("2026-09-02T05:59Z", "2026-09-02T06:00Z")]
    [InlineData("2026-09-02T16:00Z", "2026-09-03T06:00Z")] // 18:00 is past the end.
    [InlineData("2026-09-04T16:30Z", "2026-09-07T06:00Z")] // Friday evening: Monday.
    public void Office_hours_open_on_working_days(string at, string opens) =>
        Assert.Equal(Time(opens), Window("mon,tue,wed,thu,fri", "08:00", "18:00").NextOpen(Time(at), Zone("Europe/Berlin")));

    [Theory]
    [InlineData("2026-09-04T21:30Z", "2026-09-04T21:30Z")] // Friday 23:30.
    [InlineData("2026-09-05T03:00Z", "2026-09-05T03:00Z")] // Saturday 05:00, begun on Friday.
    [InlineData("2026-09-05T04:00Z", "2026-09-11T20:00Z")] // Closed at 06:00, and Saturday does not open.
    public void A_night_belongs_to_the_day_it_begins_on(string at, string opens) =>
        Assert.Equal(Time(opens), Window("fri", "22:00", "06:00").NextOpen(Time(at), Zone("Europe/Berlin")));

    [Theory]
    [InlineData("Europe/Berlin", "02:30", "05:00", "2026-03-28T23:00Z", "2026-03-29T01:00Z")] // 02:00 to 03:00 is skipped: it opens at 03:00.
    [InlineData("Europe/Berlin", "02:00", "03:00", "2026-03-29T00:30Z", "2026-04-05T00:00Z")] // Its only hour is skipped: next Sunday.
    [InlineData("Europe/Berlin", "02:15", "02:45", "2026-10-25T00:50Z", "2026-10-25T01:15Z")] // The hour comes twice.
    [InlineData("Europe/Berlin", "01:00", "02:30", "2026-10-25T00:45Z", "2026-10-25T01:00Z")] // Closed at 02:30, and then it is 02:00 again.
    [InlineData("America/New_York", "01:30", "04:00", "2026-11-01T04:00Z", "2026-11-01T05:30Z")] // The first of two half past ones.
    [InlineData("Australia/Lord_Howe", "02:10", "03:00", "2026-10-03T15:00Z", "2026-10-03T15:30Z")] // Half an hour is skipped: 02:00 is 02:30.
    [InlineData("Asia/Kolkata", "09:00", "17:00", "2026-09-06T00:00Z", "2026-09-06T03:30Z")]
    public void On_a_night_the_clocks_change_it_goes_by_what_they_show(string zone, string from, string to, string at, string opens) =>
        Assert.Equal(Time(opens), Window("sun", from, to).NextOpen(Time(at), Zone(zone)));

    [Fact]
    public void A_repeated_hour_is_open_twice_and_a_skipped_one_is_time_lost()
    {
        var night = Window("sun", "01:00", "05:00");
        var berlin = Zone("Europe/Berlin");

        Assert.Equal(TimeSpan.FromHours(5), night.NextClose(Time("2026-10-24T23:00Z"), berlin) - Time("2026-10-24T23:00Z"));
        Assert.Equal(TimeSpan.FromHours(3), night.NextClose(Time("2026-03-29T00:00Z"), berlin) - Time("2026-03-29T00:00Z"));
    }

    [Fact]
    public void Whole_days_join_and_a_whole_week_never_closes()
    {
        var weekend = Window("sat,sun", "00:00", "24:00");
        var berlin = Zone("Europe/Berlin");

        Assert.Equal(Time("2026-09-06T22:00Z"), weekend.NextClose(Time("2026-09-05T10:00Z"), berlin));
        Assert.Null(Window("mon,tue,wed,thu,fri,sat,sun", "00:00", "24:00").NextClose(Time("2026-09-05T10:00Z"), berlin));
    }

    [Fact]
    public void Work_goes_on_only_while_it_is_open()
    {
        var office = Window("mon,tue,wed,thu,fri", "08:00", "18:00");
        var berlin = Zone("Europe/Berlin");

        // Friday 16:00: two hours today, ten on Monday, three on Tuesday.
        Assert.Equal(Time("2026-09-08T09:00Z"), office.Finish(Time("2026-09-04T14:00Z"), TimeSpan.FromHours(15), berlin, s_month));
        Assert.Null(office.Finish(Time("2026-09-04T14:00Z"), TimeSpan.FromHours(1_500), berlin, s_month));
    }

    // Minute by minute over the two nights on which clocks change is slow to read and leaves nothing out.
    [Theory, InlineData("Europe/Berlin", "2026-03-28T12:00Z"), InlineData("Europe/Berlin", "2026-10-24T12:00Z"), InlineData("Australia/Lord_Howe", "2026-04-04T06:00Z")]
    public void The_next_opening_is_the_first_minute_that_is_open(string zone, string noon)
    {
        var window = Window("sat,sun", "01:40", "02:20");
        var place = Zone(zone);
        var opens = Time(noon).AddDays(2);
        opens = window.NextOpen(opens, place);
        for (var at = Time(noon).AddDays(2); at >= Time(noon); at -= TimeSpan.FromMinutes(1))
        {
            opens = window.IsOpen(at, place) ? at : opens;
            Assert.Equal(opens, window.NextOpen(at, place));
        }
    }

    [Theory]
    [InlineData("mon,wed,fri", "08:00", "18:30", "Mon, Wed, Fri, 08:00–18:30")]
    [InlineData("tue,wed,thu", "22:00", "06:00", "Tue–Thu, 22:00–06:00")]
    [InlineData("mon,tue,wed,thu,fri,sat,sun", "00:00", "24:00", "every day, 00:00–24:00")]
    public void It_is_stored_and_said_as_it_was_given(string days, string from, string to, string words)
    {
        var stored = SendWindowBody.Write(Window(days, from, to));

        Assert.Equal(words, SendWindowBody.Read(stored)!.Words);
        Assert.Equal(stored, SendWindowBody.Write(SendWindowBody.Read(stored)));
    }

    [Theory]
    [InlineData("", "08:00", "18:00", "window.days")]
    [InlineData("mon,mon", "08:00", "18:00", "window.days")]
    [InlineData("monday", "08:00", "18:00", "window.days")]
    [InlineData("mon", "24:00", "18:00", "window.from")]
    [InlineData("mon", "8", "18:00", "window.from")]
    [InlineData("mon", "08:00", "00:00", "window.to")]
    [InlineData("mon", "08:00", "08:00", "window.to")]
    [InlineData("mon", "08:00", "25:00", "window.to")]
    public void A_window_that_makes_no_sense_is_refused_at_its_field(string days, string from, string to, string path)
    {
        var errors = new FieldErrors();

        Assert.Null(Body(days, from, to).ToWindow(errors, "window"));
        Assert.Equal([path], errors.ToDictionary().Keys);
    }

    private static SendWindow Window(string days, string from, string to) => Body(days, from, to).ToWindow(new FieldErrors(), "window")!;

    private static SendWindowBody Body(string days, string from, string to) =>
        new() { Days = days.Split(',', StringSplitOptions.RemoveEmptyEntries), From = from, To = to };

    private static TimeZoneInfo Zone(string id) => TimeZoneInfo.FindSystemTimeZoneById(id);

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
