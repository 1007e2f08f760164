using System.Text;
using ScoreTracking.Api;
using ScoreTracking.EventLog;
using ScoreTracking.Reports;

namespace ScoreTracking.Tests.Reports;

/// <summary>How lists and files write times, names and cursors.</summary>
public sealed class ReportTextTests
{
    [Theory]
    [InlineData("2026-10-25T00:59:59.999Z", "Europe/Berlin", "2026-10-25T02:59:59.999+02:00")]
    [InlineData("2026-10-25T01:00:00Z", "Europe/Berlin", "2026-10-25T02:00:00+01:00")]
    [InlineData("2026-03-08T06:59:59Z", "America/New_York", "2026-03-08T01:59:59-05:00")]
    [InlineData("2026-03-08T07:00:00Z", "America/New_York", "2026-03-08T03:00:00-04:00")]
    [InlineData("2026-04-04T15:00:00Z", "Australia/Lord_Howe", "2026-04-05T01:30:00+10:30")]
    [InlineData("2026-01-01T00:00:00.005Z", "Asia/Kathmandu", "2026-01-01T05:45:00.005+05:45")]
    [InlineData("1969-12-31T23:59:59.990Z", "America/St_Johns", "1969-12-31T20:29:59.990-03:30")]
    [InlineData("2024-02-29T12:00:00Z", "UTC", "2024-02-29T12:00:00+00:00")]
    public void A_moment_is_written_in_UTC_and_on_the_organizations_clock(string utc, string zone, string local)
    {
        var at = DateTimeOffset.Parse(utc, null).ToUnixTimeMilliseconds();
        var times = new IsoTime(TimeZoneInfo.FindSystemTimeZoneById(zone));
        Span<byte> text = stackalloc byte[IsoTime.MaxLength];

        Assert.Equal(utc, Encoding.ASCII.GetString(text[..IsoTime.WriteUtc(at, text)]));
        Assert.Equal(local, Encoding.ASCII.GetString(text[..times.WriteLocal(at, text)]));
    }

    [Fact]
    public void A_time_in_a_file_is_a_time_of_the_API()
    {
        var random = new Random(7);
        Span<byte> text = stackalloc byte[IsoTime.MaxLength];
        for (var i = 0; i < 10_000; i++)
        {
            var time = DateTimeOffset.UnixEpoch.AddMilliseconds(random.NextInt64(0, 4_000_000_000_000));

            Assert.Equal(ApiSetup.Text(time), Encoding.ASCII.GetString(text[..IsoTime.WriteUtc(time.ToUnixTimeMilliseconds(), text)]));
        }
    }

    [Fact]
    public void A_sealed_cursor_opens_its_own_list_only()
    {
        var cursor = SealedCursor.Write("events", "7\nopened", 1, 42);

        Assert.True(SealedCursor.TryRead("events", "7\nopened", cursor, 2, out var key));
        Assert.Equal([1, 42], key!);
        Assert.False(SealedCursor.TryRead("events", "8\nopened", cursor, 2, out key));
        Assert.Null(key);
        Assert.False(SealedCursor.TryRead("recipients", "7\nopened", cursor, 2, out _));
        Assert.False(SealedCursor.TryRead("events", "7\nopened", cursor, 1, out _));
        Assert.False(SealedCursor.TryRead("events", "7\nopened", PageCursor.Write("events", 1, 42), 2, out _));
        Assert.False(SealedCursor.TryRead("events", "7\nopened", "%%%", 2, out _));
        Assert.True(SealedCursor.TryRead("events", "7\nopened", null, 2, out key));
        Assert.Null(key);
    }

    [Theory]
    [InlineData("ana@example.com", "a…@example.com")]
    [InlineData("550 5.1.1 <ana.b+c@x.example>: unknown", "550 5.1.1 <a…@x.example>: unknown")]
    [InlineData("no address @ all", "no address @ all")]
    [InlineData("é@ü.example, b@c", "é…@ü.example, b…@c")]
    public void Who_sees_no_addresses_sees_their_first_letter(string text, string shown) => Assert.Equal(shown, ActivityWords.Mask(text));

    [Fact]
    public void The_detail_of_an_event_is_read_without_a_document()
    {
        var detail = new EventDetail();

        detail.Read("""{"source_key":"api:1","reason":"a\"b\u00e4\n","url":null,"reported_at":"x","metadata":{"a":[1,{"url":"no"}],"reason":"no"}}"""u8);

        Assert.Equal("api:1", Encoding.UTF8.GetString(detail.SourceKey));
        Assert.Equal("a\"bä\n", Encoding.UTF8.GetString(detail.Reason));
        Assert.True(detail.Url.IsEmpty);
        Assert.Equal("""{"a":[1,{"url":"no"}],"reason":"no"}""", Encoding.UTF8.GetString(detail.Metadata));
        detail.Read(default);
        Assert.True(detail.Reason.IsEmpty && detail.Metadata.IsEmpty && detail.SourceKey.IsEmpty);
    }
}
