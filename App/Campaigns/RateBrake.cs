using ScoreTracking.Auth;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Live;
using ScoreTracking.Settings;

namespace ScoreTracking.Campaigns;

/// <summary>
/// Pauses a campaign we hand off when complaints or hard bounces pass the limit, and tells everybody who may send. Only a person
/// lets it go on; from then on it is judged by what comes after.
/// </summary>
internal sealed class RateBrake(SqliteFile file, LiveUpdates updates, TimeProvider time, ILogger<RateBrake> logger) : EventFollower("rate brake", file, updates, time, logger)
{
    private readonly LiveUpdates _updates = updates;

    // Over a limit with too little mail to say so: each message sent may decide. Empty after a restart, until the next complaint or bounce.
    private readonly HashSet<long> _close = [];
    private readonly HashSet<long> _paused = [];
    private readonly HashSet<long> _told = [];
    private Statement _limits = null!;
    private Statement _figures = null!;
    private Statement _pause = null!;
    private Statement _note = null!;
    private Statement _notify = null!;
    private Statement _people = null!;
    private Statement _address = null!;

    protected override void Prepare(WriteConnection connection)
    {
        _limits = connection.Prepare("SELECT pause_complaints, pause_complaints_after, pause_hard_bounces, pause_hard_bounces_after FROM organization");

        // What was refused when we handed it over was never sent; its row stays until the campaign is deleted.
        _figures = connection.Prepare($"""
            SELECT
                coalesce((SELECT uniq FROM counters WHERE campaign_id = ?1 AND dimension = '{Dimension.Summary.Name}' AND key = '' AND type = {(int)EventType.Sent} AND verdict = 0), 0)
                    + (SELECT count(*) FROM deliveries WHERE campaign_id = ?1 AND state = {(int)DeliveryState.Failed}),
                coalesce((SELECT uniq FROM counters WHERE campaign_id = ?1 AND dimension = '{Dimension.Summary.Name}' AND key = '' AND type = {(int)EventType.Complained} AND verdict = 0), 0),
                coalesce((SELECT uniq FROM counters WHERE campaign_id = ?1 AND dimension = '{Dimension.Bounce.Name}' AND key = '{(int)BounceKind.Hard}' AND type = {(int)EventType.Bounced} AND verdict = 0), 0),
                coalesce(b.sent, 0), coalesce(b.complained, 0), coalesce(b.hard_bounced, 0)
            FROM campaigns c LEFT JOIN campaign_brakes b ON b.campaign_id = c.id
            WHERE c.id = ?1 AND c.delivery = 'smtp' AND c.status IN ('{CampaignStatus.Running}', '{CampaignStatus.Testing}')
            """);
        _pause = connection.Prepare($"UPDATE campaigns SET status = '{CampaignStatus.Paused}', held_because = ?2 WHERE id = ?1");
        _note = connection.Prepare("""
            INSERT INTO campaign_brakes (campaign_id, sent, complained, hard_bounced, pulled_at) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (campaign_id) DO UPDATE SET sent = excluded.sent, complained = excluded.complained, hard_bounced = excluded.hard_bounced, pulled_at = excluded.pulled_at
            """);
        _notify = connection.Prepare($"""
            INSERT INTO notifications (kind, message_id, event_id, at, created_at, read_at) VALUES ({(int)NotificationKinds.CampaignPaused}, ?1, ?2, ?3, ?3, 0)
            ON CONFLICT (message_id, kind) DO NOTHING RETURNING id
            """);
        _people = connection.Prepare($"SELECT id FROM users WHERE role IN ('{Roles.Marketer}', '{Roles.Admin}')");
        _address = connection.Prepare("INSERT INTO notification_readers (user_id, notification_id, read_at) VALUES (?1, ?2, 0)");
    }

    protected override bool Wants(in FollowedEvent followed) =>
        followed.CampaignId != 0 && (followed.Type is EventType.Complained or EventType.Bounced || (followed.Type == EventType.Sent && _close.Contains(followed.CampaignId)));

    protected override void Handle(IReadOnlyList<FollowedEvent> wanted)
    {
        var limits = Limits();
        foreach (var campaign in wanted.GroupBy(followed => followed.CampaignId))
        {
            Judge(campaign.Last(), limits);
        }
    }

    protected override void Handled(bool committed)
    {
        if (committed && _paused.Count > 0)
        {
            _updates.Signal([.. _paused.Select(LiveTopic.Campaign), LiveTopic.Campaigns, .. _told.Select(LiveTopic.Notifications)]);
        }

        _paused.Clear();
        _told.Clear();
    }

    private void Judge(in FollowedEvent last, PauseRates limits)
    {
        var campaignId = last.CampaignId;
        _close.Remove(campaignId);
        if (Figures(campaignId) is not { } found)
        {
            return;
        }

        var (all, accepted) = found;
        var since = all - accepted;
        if (BrakeRules.Reason(since, limits) is not { } reason)
        {
            if (BrakeRules.IsClose(since, limits))
            {
                _close.Add(campaignId);
            }

            return;
        }

        var now = Time.GetUtcNow().ToUnixTimeMilliseconds();
        _pause.Bind(1, campaignId).Bind(2, reason).Run();
        _note.Bind(1, campaignId).Bind(2, all.Handed).Bind(3, all.Complained).Bind(4, all.HardBounced).Bind(5, now).Run();
        _paused.Add(campaignId);
        Tell(last, now);
    }

    private void Tell(in FollowedEvent last, long now)
    {
        if (_notify.Bind(1, last.MessageId).Bind(2, last.Id).Bind(3, now).Scalar() is not { } id)
        {
            return;
        }

        var people = new List<long>();
        while (_people.Step())
        {
            people.Add(_people.Number(0));
        }

        _people.Reset();
        foreach (var person in people)
        {
            _address.Bind(1, person).Bind(2, id).Run();
            _told.Add(person);
        }
    }

    private PauseRates Limits()
    {
        _limits.Step();
        var limits = new PauseRates(_limits.Real(0) ?? 0, (int)_limits.Number(1), _limits.Real(2) ?? 0, (int)_limits.Number(3));
        _limits.Reset();
        return limits;
    }

    // Null for a campaign that is not ours to stop, or stands already.
    private (BrakeFigures All, BrakeFigures Accepted)? Figures(long campaignId)
    {
        (BrakeFigures, BrakeFigures)? figures = _figures.Bind(1, campaignId).Step()
            ? (new BrakeFigures(_figures.Number(0), _figures.Number(1), _figures.Number(2)), new BrakeFigures(_figures.Number(3), _figures.Number(4), _figures.Number(5)))
            : null;
        _figures.Reset();
        return figures;
    }
}
