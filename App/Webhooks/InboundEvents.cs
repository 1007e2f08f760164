using System.Security.Cryptography;
using ScoreTracking.Events;
using ScoreTracking.Mail;
using ScoreTracking.Tokens;

namespace ScoreTracking.Webhooks;

/// <summary>
/// What inbound mail says, as events. Anybody can write such a mail, so it changes a message only where it carries the token
/// of an address we gave out for just that; everything else is listed as received and matches nothing.
/// </summary>
internal sealed class InboundEvents(TrackingIds ids)
{
    // A mail's date is its writer's: not trusted further back than mail servers keep trying.
    private static readonly TimeSpan s_oldest = TimeSpan.FromDays(7);

    public IEnumerable<EmailEvent> Read(ReadOnlyMemory<byte> raw, long connectionId, DateTimeOffset now)
    {
        var reading = InboundMail.Read(raw);
        // The same mail delivered twice is one report.
        var mailId = reading.MessageId ?? Convert.ToHexStringLower(SHA256.HashData(raw.Span)[..16]);
        for (var i = 0; i < reading.Results.Count; i++)
        {
            var result = reading.Results[i];
            if (result.Kind.Event() is { } type)
            {
                var said = Normalise(type, result, reading, EventIds.Hash(mailId, $"{i}", result.Recipient), now);
                var reported = Untrusted(EventTranslation.Translate(InboundWebhook.Name, connectionId, said, now));
                yield return reported with
                {
                    MessageId = Proven(type, reading),

                    // A reply changes no list: the Message-ID it answers is proof enough.
                    EspMessageId = type == EventType.Replied ? reading.InReplyTo.Concat(reading.References.Reverse()).FirstOrDefault() : null,
                };
            }
        }
    }

    private static EmailEvent Untrusted(EmailEvent reported) => reported with
    {
        Source = EventSource.Inbound,
        MessageId = 0,
        CampaignId = 0,
        CustomerId = null,
        EspMessageId = null,
        IpAddress = null,
    };

    private static NormalisedEvent Normalise(EventType type, InboundResult result, InboundReading reading, string eventId, DateTimeOffset now) => new()
    {
        Type = type,
        EventId = eventId,
        OccurredAt = result.OccurredAt is { } at && at <= now && at > now - s_oldest ? at : now,
        Recipient = result.Recipient,
        Bounce = result.Bounce,
        Status = result.Status,
        Reason = result.Diagnostic ?? (result.FeedbackType is { } feedback ? $"feedback: {feedback}" : null),
        MtaResponse = result.Diagnostic,
        Tags = result.FeedbackType is { } tag ? [tag] : [],
    };

    // A token counts only for what its address was made for; a complaint returns the whole mail, so any of them proves it.
    private long Proven(EventType type, InboundReading reading)
    {
        foreach (var address in reading.Tokens)
        {
            TrackingKind? kind = (address.Kind, type) switch
            {
                (VerpKind.Bounce, EventType.Bounced or EventType.Deferred or EventType.Delivered or EventType.Complained) => TrackingKind.Bounce,
                (VerpKind.Unsubscribe, EventType.Unsubscribed or EventType.Complained) => TrackingKind.MailUnsubscribe,
                (VerpKind.Reply, EventType.Replied or EventType.Complained) => TrackingKind.Reply,

                // Replies go to the envelope sender where a mail program ignores From.
                (VerpKind.Bounce, EventType.Replied) => TrackingKind.Bounce,
                _ => null,
            };
            if (kind is { } known && ids.TryRead(known, address.Token, out var id))
            {
                return id.MessageId;
            }
        }

        return 0;
    }
}
