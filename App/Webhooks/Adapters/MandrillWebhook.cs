using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ScoreTracking.Connections;
using ScoreTracking.Events;

namespace ScoreTracking.Webhooks;

/// <summary>Mandrill (Mailchimp Transactional): a form with one field that holds a JSON array, signed over the URL and the fields.</summary>
public sealed class MandrillWebhook : IEspWebhook
{
    private const string WebhookKey = "webhook_key";
    private const string PublicUrl = "public_url";
    private const string Field = "mandrill_events";

    public string Provider => "mandrill";

    public ConnectionShape Shape { get; } = new(
        "Mandrill",
        Secrets: [new(WebhookKey, "Webhook key", "Mandrill shows it in its list of webhooks once the webhook exists: enter it here afterwards.", Required: true, AdapterParts.CheckSecret) { Later = true }],
        Settings: [new(PublicUrl, "URL as entered at Mandrill", "Only if it is not the webhook URL shown here. It is part of what is signed: to the last character, with user:password@ if you entered one.", Required: false, CheckUrl) { Later = true }],
        BasicAuthSuffices: false,
        Guide:
        [
            "Mandrill makes a key once the webhook exists; until it is entered here, only Mandrill's empty test calls are answered.",
            "In Mailchimp Transactional open Settings, Webhooks, and choose Add a webhook.",
            "Enter {url} as Post to URL, and select every message event.",
            "Back in Mandrill's list of webhooks, copy the key of the new webhook and enter it here as webhook key.",
            "If you changed the URL in any way, such as a user name or another host, enter it here exactly as you entered it there.",
            "To match events to messages, put our message id into the metadata of each message.",
            "Choose Send Test in Mandrill's list: its sample events show here as unmatched.",
        ]);

    public Authenticity Authenticate(WebhookRequest request, EspConnection connection, DateTimeOffset now)
    {
        // Mandrill asks whether the URL exists before there is a key, and sends an empty batch signed with a key nobody was told.
        if (request.Method.Equals("HEAD", StringComparison.OrdinalIgnoreCase))
        {
            return Authenticity.Genuine;
        }

        var fields = FormReading.Fields(request.Body);
        if (fields is [{ Name: Field, Value: "[]" }])
        {
            return Authenticity.Genuine;
        }

        var keys = connection.Keys(WebhookKey);
        if (keys.Count == 0)
        {
            return Authenticity.Forged("this connection has no webhook_key yet");
        }

        if (!connection.Settings.TryGetValue(PublicUrl, out var url) || string.IsNullOrWhiteSpace(url))
        {
            return Authenticity.Forged("this connection has no public_url, which is part of what Mandrill signs");
        }

        if (request.Header("X-Mandrill-Signature")?.Trim() is not { Length: > 0 } given)
        {
            return Authenticity.Missing("no X-Mandrill-Signature header");
        }

        var signed = Signed(url, fields);
        return keys.Any(key => Signatures.SameBase64(Sign(key, signed), given))
            ? Authenticity.Genuine
            : Authenticity.Forged("the signature does not match; is public_url to the last character the URL entered at Mandrill?");
    }

    public WebhookReading Read(WebhookRequest request, EspConnection connection, DateTimeOffset now)
    {
        var batch = new EventBatch();
        if (!request.Method.Equals("POST", StringComparison.OrdinalIgnoreCase))
        {
            return batch.ToReading();
        }

        var fields = FormReading.Fields(request.Body).FindAll(field => field.Name == Field);
        foreach (var field in fields)
        {
            batch.Whole(field.Raw, (all, root) => all.Each(root, (events, element) => ReadEvent(events, element, now)));
        }

        if (fields.Count == 0)
        {
            batch.Unreadable("no mandrill_events field");
        }

        return batch.ToReading();
    }

    private static void ReadEvent(EventBatch batch, JsonElement reported, DateTimeOffset now)
    {
        if (reported.Text("event") is not { } name)
        {
            // Changes of the allow and deny lists come through the same hook.
            if (reported.Text("type") is not null || reported.Text("action") is not null)
            {
                batch.Ignore();
                return;
            }

            batch.Unreadable("no event");
            return;
        }

        var message = reported.Object("msg");
        if (name == "inbound")
        {
            if (message.Text("raw_msg") is { } mail)
            {
                batch.Mail(Encoding.UTF8.GetBytes(mail));
            }
            else
            {
                batch.Unreadable("an inbound message without raw_msg");
            }

            return;
        }

        var diagnosis = message.Text("diag");
        var (type, bounce) = Meaning(name, message.Text("bounce_description"), message.Integer("bgtools_code"));
        if (type is not { } ours)
        {
            batch.Ignore();
            return;
        }

        if (!batch.TryTime(reported, now, out var occurredAt, "ts"))
        {
            return;
        }

        var failed = ours is EventType.Bounced or EventType.Deferred or EventType.Dropped;
        var reject = reported.Object("reject").Text("reason") ?? message.Object("reject").Text("reason");
        var messageId = reported.Text("_id") ?? message.Text("_id");
        var url = reported.Text("url");
        batch.Add(new NormalisedEvent
        {
            Type = ours,
            EventId = EventIds.Hash(messageId, name, reported.Text("ts"), url),
            OccurredAt = occurredAt,
            Recipient = Recipients.Bare(message.Text("email")),
            Bounce = bounce,
            Status = failed ? SmtpReply.Parse(diagnosis).Status : null,
            Reason = failed ? reject ?? message.Text("bounce_description") ?? diagnosis : null,
            RejectReason = ours == EventType.Dropped ? RejectReason(reject) : null,
            EspMessageId = messageId,
            Correlation = message.Object("metadata").Fields(),
            Tags = message.Texts("tags"),
            MtaResponse = failed ? diagnosis : null,
            Url = ours == EventType.Clicked ? url : null,
            UserAgent = ours.IsHit() ? reported.Text("user_agent") : null,
            IpAddress = ours.IsHit() ? reported.Text("ip") : null,
        });
    }

    private static (EventType? Type, BounceKind Bounce) Meaning(string name, string? description, int? number) => name switch
    {
        "send" => (EventType.Processed, default),
        "delivered" => (EventType.Delivered, default),
        "deferral" => (EventType.Deferred, default),
        "hard_bounce" => (EventType.Bounced, Bounce(BounceKind.Hard, description, number)),
        "soft_bounce" => (EventType.Bounced, Bounce(BounceKind.Soft, description, number)),
        "reject" => (EventType.Dropped, default),
        "open" => (EventType.Opened, default),
        "click" => (EventType.Clicked, default),
        "spam" => (EventType.Complained, default),
        "unsub" => (EventType.Unsubscribed, default),
        _ => (null, default),
    };

    private static BounceKind Bounce(BounceKind label, string? description, int? number) =>
        MomentumClass.KindOf(number) == BounceKind.Block ? BounceKind.Block
        : description == "mailbox_full" ? BounceKind.Soft
        : label;

    private static string RejectReason(string? reason) => reason switch
    {
        "hard-bounce" or "soft-bounce" or "spam" or "custom" => "suppressed",
        "unsub" => "unsubscribed",
        "invalid" => "invalid",
        _ => "other",
    };

    private static byte[] Signed(string url, IEnumerable<FormField> fields)
    {
        using var signed = new MemoryStream();
        signed.Write(Encoding.UTF8.GetBytes(url));
        foreach (var field in fields.OrderBy(field => field.Name, StringComparer.Ordinal))
        {
            signed.Write(Encoding.UTF8.GetBytes(field.Name));
            signed.Write(field.Raw.Span);
        }

        return signed.ToArray();
    }

#pragma warning disable CA5350 // Mandrill signs with HMAC-SHA1 and offers nothing else; SHA-1's collisions do not reach HMAC.
    private static byte[] Sign(byte[] key, byte[] signed) => HMACSHA1.HashData(key, signed);
#pragma warning restore CA5350

    private static string? CheckUrl(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? null : "is not an http or https URL";
}
