using Microsoft.Extensions.Options;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Live;

namespace ScoreTracking.Journeys;

/// <summary>
/// Reads the log for journeys. It moves nobody: it notes who is to begin and whom the one who moves people is to look at,
/// together with its cursor. What then happens is decided by the log alone, so an event noted twice changes nothing.
/// </summary>
internal sealed class JourneyFollower(
    JourneyInterest interest, SqliteFile file, LiveUpdates updates, TimeProvider time, IOptions<JourneyOptions> options, ILogger<JourneyFollower> logger)
    : EventFollower(CursorName, file, updates, time, logger)
{
    public const string CursorName = "journeys";

    private Statement _contact = null!;
    private Statement _link = null!;
    private Statement _bounced = null!;
    private Statement _arrive = null!;
    private Statement _lookAtWaiting = null!;
    private Statement _lookAtContact = null!;
    private Statement _news = null!;

    /// <summary>Something was noted. On the follower's thread.</summary>
    public event Action? Found;

    protected override TimeSpan SettleFor => options.Value.SettleFor;

    protected override bool IsIdle => interest.All.Count == 0;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        interest.Read();
        return base.StartAsync(cancellationToken);
    }

    protected override void Prepare(WriteConnection connection)
    {
        _contact = connection.Prepare("SELECT contact_id FROM messages WHERE id = ?1");
        _link = connection.Prepare("SELECT 1 FROM events e JOIN links l ON l.id = e.link_id WHERE e.id = ?1 AND instr(lower(l.url), lower(?2)) > 0");
        _bounced = connection.Prepare($"SELECT 1 FROM message_state s WHERE s.message_id = ?1 AND {JourneyEvents.BounceHolds}");
        _arrive = connection.Prepare("INSERT INTO journey_arrivals (journey_id, contact_id) SELECT ?1, ?2 WHERE EXISTS (SELECT 1 FROM journeys WHERE id = ?1 AND status = 'published')");
        _lookAtWaiting = connection.Prepare("UPDATE enrollments SET due_at = 1 WHERE waits_for = ?1 AND status = 1");
        _lookAtContact = connection.Prepare("UPDATE enrollments SET due_at = 1 WHERE contact_id = ?1 AND journey_id = ?2 AND status = 1 AND due_at > 0");
        _news = connection.Prepare("INSERT OR IGNORE INTO contact_news (contact_id) SELECT ?1 WHERE EXISTS (SELECT 1 FROM journey_segments)");
    }

    protected override bool Wants(in FollowedEvent followed) => (!followed.Type.IsHit() || followed.IsConfirmedHit) && interest.Wants(followed);

    protected override void Handle(IReadOnlyList<FollowedEvent> wanted)
    {
        var journeys = interest.All;
        var isWatched = journeys.Any(journey => journey.Trigger is JourneyTrigger.SegmentJoined);
        foreach (var followed in wanted)
        {
            if (_contact.Bind(1, followed.MessageId).Scalar() is not { } contact)
            {
                continue;
            }

            if (isWatched)
            {
                _news.Bind(1, contact).Run();
            }

            if (journeys.Any(journey => Sends(journey, followed)))
            {
                _lookAtWaiting.Bind(1, followed.MessageId).Run();
            }

            foreach (var journey in journeys)
            {
                Follow(journey, contact, followed);
            }
        }
    }

    protected override void Handled(bool committed)
    {
        if (committed)
        {
            Found?.Invoke();
        }
    }

    private static bool Sends(FollowedJourney journey, FollowedEvent followed) => journey.Sends.Contains(followed.CampaignId);

    private void Follow(FollowedJourney journey, long contact, in FollowedEvent followed)
    {
        if (JourneyInterest.Begins(journey.Trigger, followed) && Counts((JourneyTrigger.OfEvent)journey.Trigger!, followed))
        {
            _arrive.Bind(1, journey.Id).Bind(2, contact).Run();
        }

        foreach (var goal in journey.Goals)
        {
            if (JourneyInterest.MayReach(goal, followed))
            {
                _lookAtContact.Bind(1, contact).Bind(2, journey.Id).Run();
                return;
            }
        }
    }

    // The link is the one that is asked for, and a bounce holds.
    private bool Counts(JourneyTrigger.OfEvent wanted, in FollowedEvent followed) =>
        (wanted.LinkContains.Length == 0 || _link.Bind(1, followed.Id).Bind(2, wanted.LinkContains).Scalar() is not null)
        && (followed.Type != EventType.Bounced || _bounced.Bind(1, followed.MessageId).Scalar() is not null);
}
