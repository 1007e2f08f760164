using System.Globalization;
using ScoreTracking.Events;
using ScoreTracking.Ingest;
using ScoreTracking.Mail;

namespace ScoreTracking.Delivery;

/// <summary>What an attempt means for the log and for the queue. Pure: the same outcome always says the same, however often it is read again.</summary>
internal static class HandOffEvents
{
    // What a server has to say, it says early.
    private const int MaxText = 1_000;

    /// <summary>When a deferred message is tried again; null for every other end, and where it was tried long enough.</summary>
    public static DateTimeOffset? NextAttempt(AttemptOutcome outcome)
    {
        if (outcome.End != AttemptEnd.Deferred)
        {
            return null;
        }

        var at = DateTimeOffset.FromUnixTimeMilliseconds(outcome.At);
        return RetrySchedule.Next(outcome.Attempt.Number, outcome.Attempt.FirstAt == 0 ? at : DateTimeOffset.FromUnixTimeMilliseconds(outcome.Attempt.FirstAt), at);
    }

    /// <summary>The event, or null where nobody knows what happened.</summary>
    public static EmailEvent? Of(AttemptOutcome outcome, DateTimeOffset now)
    {
        EventType? type = outcome.End switch
        {
            AttemptEnd.Accepted => EventType.Sent,
            AttemptEnd.Refused => EventType.Bounced,
            AttemptEnd.Deferred => NextAttempt(outcome) is null ? EventType.Bounced : EventType.Deferred,
            AttemptEnd.Dropped => EventType.Dropped,
            AttemptEnd.Open or AttemptEnd.Uncertain => null,
        };
        return type is not { } happened ? null : new EmailEvent
        {
            Type = happened,
            Source = EventSource.Smtp,
            MessageId = outcome.Attempt.MessageId,
            OccurredAt = DateTimeOffset.FromUnixTimeMilliseconds(outcome.At),
            ReceivedAt = now,
            SourceKey = SourceKeys.HandOff(outcome.Attempt.MessageId, outcome.Attempt.Number),
            EspMessageId = happened != EventType.Sent ? null
                : outcome.EspMessageId.Length > 0 ? outcome.EspMessageId
                : outcome.Attempt.MimeId.Length > 0 ? outcome.Attempt.MimeId : null,
            Bounce = happened == EventType.Bounced ? KindOf(outcome) : BounceKind.None,
            Reason = happened == EventType.Sent ? null : ReasonOf(outcome),
        };
    }

    // 72 hours of "not now" say nothing worse of an address than that it did not work.
    private static BounceKind KindOf(AttemptOutcome outcome)
    {
        if (outcome.End == AttemptEnd.Deferred)
        {
            return BounceKind.Soft;
        }

        var kind = BounceClass.Classify(outcome.Status, outcome.Code == 0 ? null : outcome.Code, outcome.Text);
        return kind == BounceKind.None ? BounceKind.Soft : kind;
    }

    private static string ReasonOf(AttemptOutcome outcome)
    {
        var said = outcome.Status.Length > 0 && !outcome.Text.Contains(outcome.Status, StringComparison.Ordinal) ? $"{outcome.Status} {outcome.Text}" : outcome.Text;
        var text = outcome.Code > 0 && !said.StartsWith(outcome.Code.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            ? string.Create(CultureInfo.InvariantCulture, $"{outcome.Code} {said}")
            : said;
        return text.Length > MaxText ? text[..MaxText] : text;
    }
}
