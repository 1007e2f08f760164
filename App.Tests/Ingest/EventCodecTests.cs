using ScoreTracking.Events;
using ScoreTracking.Ingest;

namespace ScoreTracking.Tests.Ingest;

public sealed class EventCodecTests
{
    // Written by the first release: it knew neither the page an open was on nor the country at the edge.
    private const string FirstRelease =
        "010701000000000000002AD75CA0010000E82DD75CA00100002A070000C1010664656D6F3A310C3139382E35312E3130302E370B4D6F7A696C6C612F352E30";

    [Fact]
    public void What_an_older_release_left_in_the_inbox_is_read()
    {
        var read = EventCodec.Read(Convert.FromHexString(FirstRelease));

        Assert.Equal((EventType.Opened, 42, 7, "demo:1"), (read.Type, read.MessageId, read.CampaignId, read.SourceKey));
        Assert.Equal(("198.51.100.7", "Mozilla/5.0", null, null), (read.IpAddress, read.UserAgent, read.RefererHost, read.EdgeCountry));
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1_788_264_001_000), read.ReceivedAt);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1L << 40)]
    public void What_is_written_is_read(long reclassifies)
    {
        var reported = new EmailEvent
        {
            Type = EventType.Opened,
            Source = EventSource.Tracking,
            OccurredAt = new DateTimeOffset(2026, 9, 1, 12, 0, 0, TimeSpan.Zero),
            ReceivedAt = new DateTimeOffset(2026, 9, 1, 12, 0, 1, TimeSpan.Zero),
            MessageId = long.MaxValue,
            CampaignId = 7,
            LinkId = 300,
            ConnectionId = 2,
            SourceKey = "",
            CustomerId = "c",
            CustomerEmail = "ana@example.com",
            EspMessageId = "<1@example.com>",
            Url = "https://example.com/ü",
            Reason = "because",
            IpAddress = "198.51.100.7",
            UserAgent = "Mozilla/5.0",
            Metadata = "{}",
            Normalised = "{}",
            Bounce = BounceKind.Soft,
            KnownVerdict = Verdict.Self,
            KnownReasons = VerdictReasons.PreviewToken | VerdictReasons.ByHand,
            RefererHost = "mail.example.com",
            EdgeCountry = "DE",
            Reclassifies = reclassifies,
        };

        Assert.Equal(reported, EventCodec.Read(EventCodec.Write(reported)));
        Assert.DoesNotContain(typeof(EmailEvent).GetProperties(), property => property.Name != nameof(EmailEvent.Reclassifies) && (property.GetValue(reported) is null or 0L));
    }
}
