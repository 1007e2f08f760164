using ScoreTracking.Events;

namespace ScoreTracking.Tests.Support;

/// <summary>Valid values where only one of them matters.</summary>
public static class Some
{
    public const string Firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    public const string ApplePrivacy = "Mozilla/5.0";
    public const string Scanner = "python-requests/2.32";

    public static readonly DateTimeOffset Noon = new(2026, 9, 1, 12, 0, 0, TimeSpan.Zero);

    public static EmailEvent Event(
        long messageId, EventType type, TimeSpan after = default, string? key = null, long linkId = 0, string? userAgent = Firefox,
        string? ip = "203.0.113.7", BounceKind bounce = BounceKind.None, EventSource source = EventSource.Api) => new()
        {
            Type = type,
            Source = source,
            MessageId = messageId,
            OccurredAt = Noon + after,
            ReceivedAt = Noon + TimeSpan.FromDays(30),
            SourceKey = key,
            LinkId = linkId,
            UserAgent = type.IsHit() ? userAgent : null,
            IpAddress = type.IsHit() ? ip : null,
            Bounce = bounce,
        };
}
