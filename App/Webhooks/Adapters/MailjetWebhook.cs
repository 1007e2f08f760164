using System.Text.Json;
using ScoreTracking.Connections;
using ScoreTracking.Events;

namespace ScoreTracking.Webhooks;

/// <summary>Mailjet: single events (version 1) or groups (version 2), told apart by the body; basic authentication alone.</summary>
public sealed class MailjetWebhook : IEspWebhook
{
    public string Provider => "mailjet";

    public ConnectionShape Shape { get; } = new(
        "Mailjet",
        Secrets: [],
        Settings: [],
        BasicAuthSuffices: true,
        Guide:
        [
            "Mailjet signs nothing: the user name and password of this connection are what tells its requests from others.",
            "In Mailjet open Account settings, Event notifications (webhooks).",
            "For sent, open, click, bounce, spam, blocked and unsub enter {url} with user:password@ before the host, and tick the event.",
            "Tick Group events to get them together: single events and groups are both read.",
            "To match events to messages, send our message id as CustomID or in EventPayload (X-MJ-CustomID or X-MJ-EventPayload over SMTP).",
            "Save, and use Send test for one of the events.",
        ]);

    public Authenticity Authenticate(WebhookRequest request, EspConnection connection, DateTimeOffset now) => AdapterParts.ByBasicAuth(connection);

    public WebhookReading Read(WebhookRequest request, EspConnection connection, DateTimeOffset now) =>
        EventBatch.Read(request.Body, (batch, element) => ReadEvent(batch, element, now));

    private static void ReadEvent(EventBatch batch, JsonElement reported, DateTimeOffset now)
    {
        if (reported.Text("event") is not { } name)
        {
            if (reported.Has("Headers") && (reported.Has("Parts") || reported.Has("Text-part")))
            {
                batch.WrongHook("Mailjet's Parse API posts to this URL; it belongs to an inbound connection.");
                return;
            }

            batch.Unreadable("no event");
            return;
        }

        var error = reported.Text("error");
        var (type, bounce) = Meaning(name, error, reported.Flag("hard_bounce"));
        if (type is not { } ours)
        {
            batch.Ignore();
            return;
        }

        if (!batch.TryTime(reported, now, out var occurredAt, "time"))
        {
            return;
        }

        // Past 2^53: as text, never as a double.
        var messageId = reported.Text("MessageID");
        var recipient = Recipients.Bare(reported.Text("email"));
        var url = reported.Text("url");
        var failed = ours is EventType.Bounced or EventType.Deferred or EventType.Dropped;
        var comment = failed ? reported.Text("comment") : null;
        batch.Add(new NormalisedEvent
        {
            Type = ours,
            EventId = EventIds.Hash(messageId, name, reported.Text("time"), recipient, url),
            OccurredAt = occurredAt,
            Recipient = recipient,
            Bounce = bounce,
            Status = failed ? SmtpReply.Parse(comment).Status : null,
            Reason = failed ? (error, comment) switch { (null, _) => comment, (_, null) => error, _ => $"{error}: {comment}" } : null,
            RejectReason = ours == EventType.Dropped ? RejectReason(error) : null,
            EspMessageId = messageId ?? reported.Text("Message_GUID"),
            Correlation = Correlation(reported),
            Tags = reported.Texts("customcampaign"),
            MtaResponse = ours == EventType.Delivered ? reported.Text("smtp_reply") : comment,
            Url = ours == EventType.Clicked ? url : null,
            UserAgent = ours.IsHit() ? reported.Text("agent") : null,
            IpAddress = ours.IsHit() ? reported.Text("ip") : null,
        });
    }

    private static (EventType? Type, BounceKind Bounce) Meaning(string name, string? error, bool? isHard) => name switch
    {
        // Mailjet says "sent" once the receiving server has taken the message.
        "sent" => (EventType.Delivered, default),
        "open" => (EventType.Opened, default),
        "click" => (EventType.Clicked, default),
        "bounce" when isHard is not true && error?.Equals("greylisted", StringComparison.OrdinalIgnoreCase) is true => (EventType.Deferred, default),
        "bounce" => (EventType.Bounced, Bounce(error, isHard)),
        "blocked" => (EventType.Dropped, default),
        "spam" => (EventType.Complained, default),
        "unsub" => (EventType.Unsubscribed, default),
        _ => (null, default),
    };

    private static BounceKind Bounce(string? error, bool? isHard) => error?.ToUpperInvariant() switch
    {
        "RELAY/ACCESS DENIED" or "SENDER BLOCKED" or "CONTENT BLOCKED" or "POLICY ISSUE" => BounceKind.Block,
        "QUOTA EXCEEDED" or "SYSTEM ISSUE" or "PROTOCOL ISSUE" or "CONNECTION ISSUE" => BounceKind.Soft,
        "USER UNKNOWN" or "MAILBOX INACTIVE" or "INVALID DOMAIN" or "NO MAIL HOST" when isHard is null => BounceKind.Hard,
        _ => isHard is true ? BounceKind.Hard : BounceKind.Soft,
    };

    private static string RejectReason(string? error) => error?.ToUpperInvariant() switch
    {
        "PREBLOCKED" or "BLACKLISTED" or "SPAM REPORTER" => "suppressed",
        "USER UNKNOWN" or "MAILBOX INACTIVE" or "INVALID DOMAIN" or "NO MAIL HOST" or "TYPOFIX" => "invalid",
        "CONTENT BLOCKED" or "POLICY ISSUE" or "SENDER BLOCKED" => "spam",
        _ => "other",
    };

    private static Dictionary<string, string> Correlation(JsonElement reported)
    {
        var carried = AdapterParts.Carried("Payload", reported.Text("Payload"));
        if (reported.Text("CustomID") is { } id)
        {
            carried["CustomID"] = id;
        }

        return carried;
    }
}
