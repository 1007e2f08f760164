using System.Security.Cryptography;
using System.Text.Json;
using ScoreTracking.Connections;
using ScoreTracking.Events;

namespace ScoreTracking.Webhooks;

/// <summary>SMTP.com: arrays of up to 1,000 callbacks, in the present and in the older form.</summary>
/// <remarks>SMTP.com's public guide names no signature, so basic authentication suffices. A signing key, where an account has one, is read as the usual HMAC-SHA256 over the raw body.</remarks>
public sealed class SmtpComWebhook : IEspWebhook
{
    private const string SigningKey = "signing_key";

    private static readonly string[] s_headers = ["X-SMTPCOM-Signature", "X-Signature"];

    // What SMTP.com itself says about a message; every other member came from unique_args.
    private static readonly HashSet<string> s_ownMembers = new(StringComparer.Ordinal)
    {
        "id", "event_label", "event_code", "sender_id", "tracking_id", "mail_from", "rcpt_to", "subject", "time_started", "time_finished", "time_received", "time_sent", "time", "timestamp",
        "tries", "status", "resp_code", "resp_class", "resp_msg", "feedback_type", "resolution", "user_agent", "ip", "ip_address", "url", "link", "geo", "msg_id", "channel",
    };

    public string Provider => "smtp_com";

    public ConnectionShape Shape { get; } = new(
        "SMTP.com",
        Secrets: [new(SigningKey, "Signing key", "Only if SMTP.com gave your account one: every callback must then carry the HMAC-SHA256 of its body. Otherwise use a user name and password.", Required: false, AdapterParts.CheckSecret)],
        Settings: [],
        BasicAuthSuffices: true,
        Guide:
        [
            "The user name and password of this connection are what tells SMTP.com's requests from others.",
            "In SMTP.com open Account, Callbacks (on older accounts: Senders, your sender, Notifications).",
            "For every event enter {url} with user:password@ before the host.",
            "To match events to messages, send the header X-SMTPAPI with {\"unique_args\":{…}} and our message id inside: SMTP.com repeats its members in every callback.",
            "Save, send yourself a message, and see its delivery arrive here.",
        ]);

    public Authenticity Authenticate(WebhookRequest request, EspConnection connection, DateTimeOffset now)
    {
        var keys = connection.Keys(SigningKey);
        if (keys.Count == 0)
        {
            return AdapterParts.ByBasicAuth(connection);
        }

        if (s_headers.Select(request.Header).FirstOrDefault(value => !string.IsNullOrWhiteSpace(value)) is not { } header)
        {
            return Authenticity.Missing("no signature header");
        }

        const string prefix = "sha256=";
        var given = header.Trim();
        given = given.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? given[prefix.Length..] : given;
        return keys.Select(key => HMACSHA256.HashData(key, request.Body.Span)).Any(expected => Signatures.SameHex(expected, given) || Signatures.SameBase64(expected, given))
            ? Authenticity.Genuine
            : Authenticity.Forged("the signature does not match the body");
    }

    public WebhookReading Read(WebhookRequest request, EspConnection connection, DateTimeOffset now) =>
        EventBatch.Read(request.Body, (batch, element) => ReadEvent(batch, element, now));

    private static void ReadEvent(EventBatch batch, JsonElement reported, DateTimeOffset now)
    {
        var label = reported.Text("event_label");
        var code = reported.Integer("event_code");
        if (label is null && code is null)
        {
            batch.Unreadable("no event_label");
            return;
        }

        var response = reported.Text("resp_msg");
        var reply = SmtpReply.Parse(response, reported.Integer("resp_code"));
        var (type, bounce) = Meaning(label ?? "", code, reported, reply);
        if (type is not { } ours)
        {
            batch.Ignore();
            return;
        }

        if (!batch.TryTime(reported, now, out var occurredAt, "time_finished", "time_received", "timestamp", "time", "time_started"))
        {
            return;
        }

        var trackingId = reported.Text("tracking_id") ?? reported.Text("msg_id");
        var recipient = Recipients.Bare(reported.Text("rcpt_to"));
        var failed = ours is EventType.Bounced or EventType.Deferred or EventType.Dropped;
        var url = reported.Text("url") ?? reported.Text("link");
        batch.Add(new NormalisedEvent
        {
            Type = ours,
            EventId = reported.Text("id") ?? EventIds.Hash(
                trackingId, label, reported.Text("event_code"), recipient,
                reported.Text("time_finished") ?? reported.Text("time_received") ?? reported.Text("timestamp") ?? reported.Text("time"), url),
            OccurredAt = occurredAt,
            Recipient = recipient,
            Bounce = bounce,
            Status = failed ? reply.Status : null,
            Reason = failed ? response : null,
            RejectReason = ours == EventType.Dropped ? AdapterParts.RejectReason(response ?? label) : null,
            EspMessageId = trackingId,
            Correlation = reported.Fields().Where(field => !s_ownMembers.Contains(field.Key)).ToDictionary(StringComparer.Ordinal),
            MtaResponse = failed || ours == EventType.Delivered ? response : null,
            Url = ours == EventType.Clicked ? url : null,
            UserAgent = ours.IsHit() ? reported.Text("user_agent") : null,
            IpAddress = ours.IsHit() ? reported.Text("ip") ?? reported.Text("ip_address") : null,
        });
    }

    /// <summary>By label; where the older form's numbers say open or click, they count, for its page shows those with the label of a bounce.</summary>
    private static (EventType? Type, BounceKind Bounce) Meaning(string label, int? code, JsonElement reported, SmtpReply reply)
    {
        const int opened = 107, clicked = 108;
        return code switch { opened => "open", clicked => "click", _ => AdapterParts.Folded(label) } switch
        {
            "received" or "accepted" => (EventType.Processed, default),
            "delivery" or "delivered" => (EventType.Delivered, default),
            "deferred" or "delayed" => (EventType.Deferred, default),
            "bounce" or "bounced" or "hardbounce" or "softbounce" or "hardbounced" or "softbounced" => Bounced(),
            "failed" or "dropped" or "suppressed" or "rejected" => (EventType.Dropped, default),
            "complaint" or "complained" or "spam" => (IsRemoval() ? EventType.Unsubscribed : EventType.Complained, default),
            "unsubscribe" or "unsubscribed" => (EventType.Unsubscribed, default),
            "open" or "opened" => (EventType.Opened, default),
            "click" or "clicked" => (EventType.Clicked, default),
            _ => (null, default),
        };

        // An unsubscribe comes as a complaint with feedback_type "remove".
        bool IsRemoval() => reported.Text("feedback_type")?.ToUpperInvariant() is "REMOVE" or "OPT-OUT" or "UNSUBSCRIBE";

        (EventType? Type, BounceKind Bounce) Bounced()
        {
            var number = reported.Integer("resp_class");
            return number switch
            {
                MomentumClass.AutoReply or MomentumClass.ChallengeResponse or MomentumClass.Subscribe => (null, default),
                MomentumClass.Unsubscribe => (EventType.Unsubscribed, default),
                _ => (EventType.Bounced, MomentumClass.KindOf(number) is var kind and not BounceKind.None ? kind : reply.Kind),
            };
        }
    }
}
