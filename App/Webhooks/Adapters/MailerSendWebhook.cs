using System.Text;
using System.Text.Json;
using ScoreTracking.Connections;
using ScoreTracking.Events;

namespace ScoreTracking.Webhooks;

/// <summary>MailerSend: one activity per request, signed with HMAC-SHA256 over the raw body.</summary>
public sealed class MailerSendWebhook : IEspWebhook
{
    private const string SigningSecret = "signing_secret";

    public string Provider => "mailersend";

    public ConnectionShape Shape { get; } = new(
        "MailerSend",
        Secrets: [new(SigningSecret, "Signing secret", "On the webhook's page at MailerSend.", Required: true, AdapterParts.CheckSecret) { Later = true }],
        Settings: [],
        BasicAuthSuffices: false,
        Guide:
        [
            "In MailerSend open Domains, Manage, Webhooks, and choose Create webhook.",
            "Enter {url} as the endpoint URL.",
            "Select sent, delivered, soft bounced, hard bounced, deferred, opened, clicked, unsubscribed and spam complaint. Leave the unique ones out: they fire beside the plain ones.",
            "Copy the signing secret of the webhook and enter it here.",
            "MailerSend returns no custom data, only tags: events are matched by its message id (the X-Message-Id of its answer when you send) or by campaign and address.",
            "MailerSend waits three seconds, tries again twice and pauses a webhook that fails 20 times a day: look here after an outage.",
        ]);

    // No time is signed; a repeated event is known by its id.
    public Authenticity Authenticate(WebhookRequest request, EspConnection connection, DateTimeOffset now) =>
        AdapterParts.ByBodyHmac(request, connection, SigningSecret, "Signature");

    public WebhookReading Read(WebhookRequest request, EspConnection connection, DateTimeOffset now) =>
        EventBatch.Read(request.Body, (batch, element) => ReadEvent(batch, element, now));

    private static void ReadEvent(EventBatch batch, JsonElement reported, DateTimeOffset now)
    {
        const string prefix = "activity.";
        var data = reported.Object("data");
        var outer = reported.Text("type");
        if (outer == "inbound.message")
        {
            batch.WrongHook("MailerSend's inbound routing posts to this URL; it belongs to an inbound connection.");
            if (data.Text("raw") is { } mail)
            {
                batch.Mail(Encoding.UTF8.GetBytes(mail));
            }

            return;
        }

        var name = outer?.StartsWith(prefix, StringComparison.Ordinal) is true ? outer[prefix.Length..] : outer is null ? data.Text("type") : null;
        if (name is null && outer is null)
        {
            batch.Unreadable("no type");
            return;
        }

        var (type, bounce) = Meaning(name);
        if (type is not { } ours)
        {
            batch.Ignore();
            return;
        }

        if (!batch.TryTime(data, now, out var occurredAt, "created_at"))
        {
            return;
        }

        var email = data.Object("email");
        var messageId = email.Object("message").Text("id");
        var recipient = Recipients.Bare(email.Object("recipient").Text("email"));
        var details = data.Object("morph");
        var reason = details.Text("reason");
        var failed = ours is EventType.Bounced or EventType.Deferred;
        batch.Add(new NormalisedEvent
        {
            Type = ours,
            EventId = data.Text("id") ?? EventIds.Hash(name, messageId, recipient, data.Text("created_at"), details.Text("url")),
            OccurredAt = occurredAt,
            Recipient = recipient,
            Bounce = bounce,
            Status = failed ? SmtpReply.Parse(reason).Status : null,
            Reason = failed ? details.Text("readable_reason") ?? reason : null,
            EspMessageId = messageId,
            Tags = email.Texts("tags"),
            MtaResponse = failed ? reason : null,
            Url = ours == EventType.Clicked ? details.Text("url") : null,
            IpAddress = ours.IsHit() ? details.Text("ip") : null,
        });
    }

    private static (EventType? Type, BounceKind Bounce) Meaning(string? name) => name switch
    {
        "sent" => (EventType.Processed, default),
        "delivered" => (EventType.Delivered, default),
        "soft_bounced" => (EventType.Bounced, BounceKind.Soft),
        "hard_bounced" => (EventType.Bounced, BounceKind.Hard),
        "deferred" => (EventType.Deferred, default),
        "opened" => (EventType.Opened, default),
        "clicked" => (EventType.Clicked, default),
        "unsubscribed" => (EventType.Unsubscribed, default),
        "spam_complaint" => (EventType.Complained, default),

        // opened_unique and clicked_unique fire beside the plain ones; surveys, identities and tests are none of ours.
        _ => (null, default),
    };
}
