using System.Text.Json;
using ScoreTracking.Connections;
using ScoreTracking.Events;

namespace ScoreTracking.Webhooks;

/// <summary>Mailtrap: batches of up to 500 events as JSON or JSON Lines; a signature, basic authentication, or both.</summary>
public sealed class MailtrapWebhook : IEspWebhook
{
    private const string SigningSecret = "signing_secret";

    public string Provider => "mailtrap";

    public ConnectionShape Shape { get; } = new(
        "Mailtrap",
        Secrets: [new(SigningSecret, "Signing secret", "Mailtrap shows it when the webhook is created. Use it, or a user name and password, or both.", Required: false, AdapterParts.CheckSecret) { Later = true }],
        Settings: [],
        BasicAuthSuffices: true,
        Guide:
        [
            "In Mailtrap open Settings, Webhooks, and choose Create New Webhook.",
            "Enter {url} as the webhook URL, and JSON as the payload format (JSON Lines is read as well).",
            "Choose Email Sending, your sending stream and domain, and every event.",
            "Save, copy the signing secret and enter it here; or enter a user name and password at both ends.",
            "To match events to messages, put our message id into custom_variables when you send.",
            "Choose Run Test. Transactional and bulk streams need a webhook each; both may use this URL only if they share one secret.",
        ]);

    public Authenticity Authenticate(WebhookRequest request, EspConnection connection, DateTimeOffset now) =>
        connection.HasBasicAuth && connection.Keys(SigningSecret).Count == 0
            ? Authenticity.Genuine
            : AdapterParts.ByBodyHmac(request, connection, SigningSecret, "Mailtrap-Signature");

    public WebhookReading Read(WebhookRequest request, EspConnection connection, DateTimeOffset now)
    {
        var batch = new EventBatch();
        foreach (var text in Texts(request.Body))
        {
            batch.Whole(text, (all, root) => all.Each(root.Has("events") ? root.Get("events") : root, (events, element) => ReadEvent(events, element, now)));
        }

        return batch.ToReading();
    }

    /// <summary>The body, or its lines if each stands for itself: no line of a larger JSON text ends an object that the next one begins.</summary>
    private static IEnumerable<ReadOnlyMemory<byte>> Texts(ReadOnlyMemory<byte> body)
    {
        if (body.Span.IndexOf("}\n{"u8) < 0 && body.Span.IndexOf("}\r\n{"u8) < 0)
        {
            yield return body;
            yield break;
        }

        while (!body.IsEmpty)
        {
            var end = body.Span.IndexOf((byte)'\n');
            var line = end < 0 ? body : body[..end];
            body = end < 0 ? default : body[(end + 1)..];
            if (!line.Span.Trim(" \r\t"u8).IsEmpty)
            {
                yield return line;
            }
        }
    }

    private static void ReadEvent(EventBatch batch, JsonElement reported, DateTimeOffset now)
    {
        if (reported.Text("event") is not { } name)
        {
            batch.Unreadable("no event");
            return;
        }

        var response = reported.Text("response");
        var reply = SmtpReply.Parse(response ?? reported.Text("reason"), reported.Integer("response_code"));
        var (type, bounce) = Meaning(name, reported.Text("bounce_category"), reply);
        if (type is not { } ours)
        {
            batch.Ignore();
            return;
        }

        if (!batch.TryTime(reported, now, out var occurredAt, "timestamp"))
        {
            return;
        }

        var messageId = reported.Text("message_id");
        var recipient = Recipients.Bare(reported.Text("email"));
        var failed = ours is EventType.Bounced or EventType.Deferred or EventType.Dropped;
        var reason = reported.Text("reason") ?? response ?? reported.Text("bounce_category");
        var url = reported.Text("url");
        batch.Add(new NormalisedEvent
        {
            Type = ours,
            EventId = reported.Text("event_id") ?? EventIds.Hash(name, messageId, recipient, reported.Text("timestamp"), url),
            OccurredAt = occurredAt,
            Recipient = recipient,
            Bounce = bounce,
            Status = failed ? reply.Status : null,
            Reason = failed ? reason : null,
            RejectReason = ours == EventType.Dropped ? AdapterParts.RejectReason(reason) : null,
            EspMessageId = messageId,
            Correlation = reported.Object("custom_variables").Fields(),
            Tags = reported.Texts("category"),
            MtaResponse = failed ? response : null,
            Url = ours == EventType.Clicked ? url : null,
            UserAgent = ours.IsHit() ? reported.Text("user_agent") : null,
            IpAddress = ours.IsHit() ? reported.Text("ip") : null,
        });
    }

    private static (EventType? Type, BounceKind Bounce) Meaning(string name, string? category, SmtpReply reply) => AdapterParts.Folded(name) switch
    {
        "delivery" => (EventType.Delivered, default),
        "open" => (EventType.Opened, default),
        "click" => (EventType.Clicked, default),
        "bounce" => (EventType.Bounced, Bounce(category, reply)),

        // Written "soft bounce", with a space.
        "softbounce" => (EventType.Bounced, BounceKind.Soft),
        "suspension" => (EventType.Deferred, default),
        "reject" => (EventType.Dropped, default),
        "spam" => (EventType.Complained, default),
        "unsubscribe" => (EventType.Unsubscribed, default),
        _ => (null, default),
    };

    /// <summary>A bounce is permanent; its category, where it is one of the usual names, tells dead addresses from policy.</summary>
    private static BounceKind Bounce(string? category, SmtpReply reply) => AdapterParts.Folded(category ?? "") switch
    {
        "badmailbox" or "baddomain" or "inactivemailbox" => BounceKind.Hard,
        "spam" or "spamrelated" or "policyrelated" or "contentrelated" or "virusrelated" or "relayingissues" or "invalidsender" => BounceKind.Block,
        "quotaissues" or "messageexpired" or "noanswerfromhost" or "routingerrors" or "protocolerrors" or "badconnection" => BounceKind.Soft,
        _ => reply.KindOfPermanent,
    };
}
