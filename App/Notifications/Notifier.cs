using Microsoft.Extensions.Options;
using ScoreTracking.Auth;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Live;

namespace ScoreTracking.Notifications;

/// <summary>
/// Tells people what happened to mail: the first open and click by a person, a bounce, a complaint, a reply, each once per
/// message. Machines never notify. Where a notification turns out to be a machine's it is withdrawn, and a person's open
/// that follows is the first.
/// </summary>
internal sealed class Notifier(
    NotificationPreferences preferences, SqliteFile file, LiveUpdates updates, TimeProvider time, IOptions<NotificationOptions> options, ILogger<Notifier> logger)
    : EventFollower("notifications", file, updates, time, logger)
{
    private readonly LiveUpdates _updates = updates;
    private readonly HashSet<long> _told = [];
    private readonly List<(long UserId, NotificationChoice Choice)> _people = [];
    private Statement _mail = null!;
    private Statement _readPeople = null!;
    private Statement _earlierHit = null!;
    private Statement _earlierEvent = null!;
    private Statement _insert = null!;
    private Statement _address = null!;
    private Statement _stale = null!;
    private Statement _readers = null!;
    private Statement _forgetReaders = null!;
    private Statement _forget = null!;

    protected override TimeSpan SettleFor => options.Value.SettleFor;

    protected override void Prepare(WriteConnection connection)
    {
        _mail = connection.Prepare("""
            SELECT coalesce(m.campaign_id, 0), coalesce(o.created_by, 0), coalesce(o.notify_first_open, 0)
            FROM messages m LEFT JOIN mails o ON o.id = m.mail_id WHERE m.id = ?1
            """);
        _readPeople = connection.Prepare($"""
            SELECT u.id, p.every_mail, p.mail_kinds, p.campaign_kinds, p.requested
            FROM users u LEFT JOIN notification_preferences p ON p.user_id = u.id WHERE u.role IN ('{Roles.Marketer}', '{Roles.Admin}')
            """);
        _earlierHit = connection.Prepare(FollowedEvent.EarlierHit);
        _earlierEvent = connection.Prepare(FollowedEvent.EarlierEvent);
        _insert = connection.Prepare("""
            INSERT INTO notifications (kind, message_id, event_id, at, created_at, read_at) VALUES (?1, ?2, ?3, ?4, ?5, 0)
            ON CONFLICT (message_id, kind) DO NOTHING RETURNING id
            """);
        _address = connection.Prepare("INSERT INTO notification_readers (user_id, notification_id, read_at) VALUES (?1, ?2, 0)");
        _stale = connection.Prepare($"""
            SELECT n.id FROM notifications n WHERE n.message_id = ?1 AND n.kind IN ({(int)NotificationKinds.FirstOpen}, {(int)NotificationKinds.FirstClick})
                AND NOT EXISTS (SELECT 1 FROM events e WHERE e.id = n.event_id AND e.verdict IN ({(int)Verdict.Human}, {(int)Verdict.Proxy}))
            LIMIT 1
            """);
        _readers = connection.Prepare("SELECT user_id FROM notification_readers WHERE notification_id = ?1");
        _forgetReaders = connection.Prepare("DELETE FROM notification_readers WHERE notification_id = ?1");
        _forget = connection.Prepare("DELETE FROM notifications WHERE id = ?1");
    }

    protected override bool Wants(in FollowedEvent followed) => followed.Type switch
    {
        // Also a machine's, by which an earlier hit may have become one.
        EventType.Opened or EventType.Clicked => followed.CampaignId == 0 && !followed.Repeat,
        EventType.Bounced => followed.CampaignId == 0,
        EventType.Complained or EventType.Replied => followed.CampaignId == 0 || preferences.OfCampaigns(Time).HasFlag(KindOf(followed.Type)),
        EventType.Processed or EventType.Sent or EventType.Delivered or EventType.Deferred or EventType.Dropped or EventType.Unsubscribed => false,
    };

    protected override void Handle(IReadOnlyList<FollowedEvent> wanted)
    {
        ReadPeople();
        foreach (var followed in wanted)
        {
            if (followed.Type.IsHit())
            {
                Withdraw(followed.MessageId);
            }

            if (followed.IsConfirmedHit)
            {
                FollowHit(followed);
            }
            else if (!followed.Type.IsHit() && _earlierEvent.Bind(1, followed.MessageId).Bind(2, (long)followed.Type).Bind(3, followed.Id).Scalar() is null)
            {
                var mail = MailOf(followed.MessageId);
                Tell(KindOf(followed.Type), followed, mail, except: NotificationKinds.None);
            }
        }
    }

    protected override void Handled(bool committed)
    {
        if (committed)
        {
            foreach (var userId in _told)
            {
                _updates.Signal(LiveTopic.Notifications(userId));
            }
        }

        _told.Clear();
    }

    private static NotificationKinds KindOf(EventType type) => type switch
    {
        EventType.Opened => NotificationKinds.FirstOpen,
        EventType.Clicked => NotificationKinds.FirstClick,
        EventType.Bounced => NotificationKinds.Bounce,
        EventType.Complained => NotificationKinds.Complaint,
        EventType.Replied => NotificationKinds.Reply,
        EventType.Processed or EventType.Sent or EventType.Delivered or EventType.Deferred or EventType.Dropped or EventType.Unsubscribed => NotificationKinds.None,
    };

    private void FollowHit(in FollowedEvent hit)
    {
        if (HasEarlier(hit, EventType.Clicked))
        {
            return;
        }

        var mail = MailOf(hit.MessageId);
        if (hit.Type == EventType.Clicked)
        {
            Tell(NotificationKinds.FirstClick, hit, mail, except: NotificationKinds.None);
        }

        // A click tells of the open that was not seen; who hears of the click need not hear of both.
        if (!HasEarlier(hit, EventType.Opened))
        {
            Tell(NotificationKinds.FirstOpen, hit, mail, except: hit.Type == EventType.Clicked ? NotificationKinds.FirstClick : NotificationKinds.None);
        }
    }

    private bool HasEarlier(in FollowedEvent hit, EventType type) =>
        _earlierHit.Bind(1, hit.MessageId).Bind(2, (long)type).Bind(3, hit.Id).Scalar() is not null;

    // Kept even where nobody here is told if whoever made the mail asked for it: programs read it.
    private void Tell(NotificationKinds kind, in FollowedEvent followed, in ToldMail mail, NotificationKinds except)
    {
        var readers = new List<long>();
        foreach (var (userId, choice) in _people)
        {
            if (choice.Wants(kind, userId, mail) && !(except != NotificationKinds.None && choice.Wants(except, userId, mail)))
            {
                readers.Add(userId);
            }
        }

        if (readers.Count == 0 && !(kind == NotificationKinds.FirstOpen && mail.AsksForFirstOpen))
        {
            return;
        }

        var id = _insert.Bind(1, (long)kind).Bind(2, followed.MessageId).Bind(3, followed.Id).Bind(4, followed.OccurredAt).Bind(5, Time.GetUtcNow().ToUnixTimeMilliseconds()).Scalar();
        if (id is null)
        {
            return;
        }

        foreach (var userId in readers)
        {
            _address.Bind(1, userId).Bind(2, id.Value).Run();
            _told.Add(userId);
        }
    }

    private void Withdraw(long messageId)
    {
        while (_stale.Bind(1, messageId).Scalar() is { } id)
        {
            _readers.Bind(1, id);
            while (_readers.Step())
            {
                _told.Add(_readers.Number(0));
            }

            _readers.Reset();
            _forgetReaders.Bind(1, id).Run();
            _forget.Bind(1, id).Run();
        }
    }

    private ToldMail MailOf(long messageId)
    {
        var mail = _mail.Bind(1, messageId).Step() ? new ToldMail(_mail.Number(0), _mail.Number(1), _mail.Number(2) != 0) : default;
        _mail.Reset();
        return mail;
    }

    private void ReadPeople()
    {
        _people.Clear();
        while (_readPeople.Step())
        {
            _people.Add((_readPeople.Number(0), _readPeople.IsNull(1)
                ? NotificationChoice.Default
                : new NotificationChoice(_readPeople.Number(1) != 0, (NotificationKinds)_readPeople.Number(2), (NotificationKinds)_readPeople.Number(3), _readPeople.Number(4) != 0)));
        }

        _readPeople.Reset();
    }
}
