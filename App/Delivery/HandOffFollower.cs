using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Ingest;
using ScoreTracking.Live;

namespace ScoreTracking.Delivery;

/// <summary>What reports mean for mail we handed over: one that arrives for an uncertain hand-off settles it, and a soft bounce queues the mail again after a while, twice at most within 72 hours.</summary>
internal sealed class HandOffFollower(Outbox outbox, InDoubt inDoubt, SendQueue queue, SqliteFile file, LiveUpdates updates, TimeProvider time, ILogger<HandOffFollower> logger)
    : EventFollower("delivery", file, updates, time, logger)
{
    // Attempts of each round are numbered from here on: no round has as many.
    private const int RoundOfAttempts = 100;

    private static readonly TimeSpan[] s_waits = [TimeSpan.FromHours(4), TimeSpan.FromHours(24)];

    private Statement _uncertain = null!;
    private Statement _forget = null!;
    private Statement _bounced = null!;
    private Statement _handedOver = null!;
    private Statement _again = null!;
    private Statement _waiting = null!;
    private bool _queued;

    protected override void Prepare(WriteConnection connection)
    {
        _uncertain = connection.Prepare("SELECT campaign_id, connection_id, attempts, first_tried_at, tried_at FROM deliveries WHERE message_id = ?1 AND state = 2");
        _forget = connection.Prepare("DELETE FROM deliveries WHERE message_id = ?1 AND state = 2");
        _bounced = connection.Prepare("""
            SELECT s.campaign_id, coalesce(c.connection_id, w.connection_id) FROM message_state s
                LEFT JOIN campaigns c ON c.id = s.campaign_id AND c.delivery = 'smtp' AND c.status IN ('running', 'testing', 'completed', 'paused')
                LEFT JOIN mail_contents w ON w.message_id = s.message_id AND w.connection_id <> 0 AND s.campaign_id = 0
            WHERE s.message_id = ?1 AND s.bounce = ?2 AND s.erased = 0 AND s.sent_at > ?3 AND coalesce(c.connection_id, w.connection_id) IS NOT NULL
            """);
        _handedOver = connection.Prepare("SELECT count(*) FROM events WHERE message_id = ?1 AND type = ?2 AND source = ?3");
        _again = connection.Prepare("""
            INSERT INTO deliveries (message_id, campaign_id, connection_id, state, next_at, attempts) VALUES (?1, ?2, ?3, 1, ?4, ?5)
            ON CONFLICT (message_id) DO UPDATE SET next_at = excluded.next_at, attempts = excluded.attempts, first_tried_at = 0
                WHERE state = 1 AND EXISTS (SELECT 1 FROM event_keys WHERE key = ?6)
            """);
        _waiting = connection.Prepare("SELECT attempts FROM deliveries WHERE message_id = ?1 AND state = 1");
        using var any = connection.Prepare("SELECT 1 FROM deliveries WHERE state = 2 LIMIT 1");
        if (any.Scalar() is not null)
        {
            inDoubt.Any = true;
        }
    }

    protected override bool Wants(in FollowedEvent followed) => followed.Type == EventType.Bounced || (inDoubt.Any && (followed.Type == EventType.Sent || Proves(followed)));

    protected override void Handle(IReadOnlyList<FollowedEvent> wanted)
    {
        _queued = false;
        foreach (var followed in wanted)
        {
            if (followed.Type == EventType.Sent)
            {
                _forget.Bind(1, followed.MessageId).Run();
            }
            else if (!Settle(followed) && followed.Type == EventType.Bounced)
            {
                QueueAgain(followed.MessageId);
            }
        }
    }

    protected override void Handled(bool committed)
    {
        if (committed && _queued)
        {
            queue.Wake();
        }
    }

    // Whatever comes back from the other side had got there.
    private static bool Proves(in FollowedEvent followed) => followed.IsConfirmedHit
        || followed.Type is EventType.Delivered or EventType.Bounced or EventType.Complained or EventType.Unsubscribed or EventType.Replied;

    private bool Settle(in FollowedEvent followed)
    {
        var found = inDoubt.Any && _uncertain.Bind(1, followed.MessageId).Step();
        if (found)
        {
            // It was handed over after all: the log gets its "sent", and that removes the row.
            var attempt = new Attempt(followed.MessageId, _uncertain.Number(0), _uncertain.Number(1), (int)_uncertain.Number(2), _uncertain.Number(3), "");
            outbox.Tell(new AttemptOutcome(attempt, AttemptEnd.Accepted, _uncertain.Number(4)));
        }

        _uncertain.Reset();
        return found;
    }

    private void QueueAgain(long messageId)
    {
        var now = Time.GetUtcNow();
        var isSoft = _bounced.Bind(1, messageId).Bind(2, (long)BounceKind.Soft).Bind(3, (now - RetrySchedule.GiveUpAfter).ToUnixTimeMilliseconds()).Step();
        var (campaignId, connectionId) = isSoft ? (_bounced.Number(0), _bounced.Number(1)) : default;
        _bounced.Reset();
        if (!isSoft)
        {
            return;
        }

        var rounds = (int)_handedOver.Bind(1, messageId).Bind(2, (long)EventType.Sent).Bind(3, (long)EventSource.Smtp).Scalar()!.Value;
        if (rounds > 0 && rounds <= s_waits.Length)
        {
            // A fast report finds the row of the very hand-off it is about, which the log has and the queue is yet to be told of. Any other row stays as it is.
            Span<byte> handedOver = stackalloc byte[SourceKeys.Length];
            SourceKeys.Write(SourceKeys.HandOff(messageId, (int)(_waiting.Bind(1, messageId).Scalar() ?? 0) + 1), handedOver);
            _again.Bind(1, messageId).Bind(2, campaignId).Bind(3, connectionId).Bind(4, (now + s_waits[rounds - 1]).ToUnixTimeMilliseconds()).Bind(5, rounds * RoundOfAttempts).Bind(6, handedOver).Run();
            _queued = true;
        }
    }
}

/// <summary>Whether any hand-off has no known end: only then reports need to be looked at for one.</summary>
internal sealed class InDoubt
{
    private volatile bool _any;

    public bool Any
    {
        get => _any;
        set => _any = value;
    }
}
