using System.Text;
using System.Text.Json;
using ScoreTracking.Connections;
using ScoreTracking.Events;

namespace ScoreTracking.Webhooks;

/// <summary>SparkPost (Bird): an array of wrapped events of several classes, authenticated by basic authentication alone.</summary>
public sealed class SparkPostWebhook : IEspWebhook
{
    public string Provider => "sparkpost";

    public ConnectionShape Shape { get; } = new(
        "SparkPost",
        Secrets: [],
        Settings: [],
        BasicAuthSuffices: true,
        Guide:
        [
            "SparkPost signs nothing: the user name and password of this connection are what tells its requests from others.",
            "In SparkPost open Configuration, Webhooks, and choose Create webhook.",
            "Enter {url} as the target URL.",
            "Under Authentication choose Basic Auth and enter the same user name and password.",
            "Select Injection, Delivery, Delay, Bounce, Out of Band, Policy Rejection, Generation Failure, Generation Rejection, Spam Complaint, Open, Click, List Unsubscribe and Link Unsubscribe. Leave Initial Open out: it fires beside Open for the same view.",
            "To match events to messages, put our message id into the metadata of each recipient when you send.",
            "Save: SparkPost sends a test batch at once, which shows here as received with no events.",
        ]);

    public Authenticity Authenticate(WebhookRequest request, EspConnection connection, DateTimeOffset now) => AdapterParts.ByBasicAuth(connection);

    public WebhookReading Read(WebhookRequest request, EspConnection connection, DateTimeOffset now) =>
        EventBatch.Read(request.Body, (batch, element) => ReadItem(batch, element, now));

    private static void ReadItem(EventBatch batch, JsonElement element, DateTimeOffset now)
    {
        var wrapper = element.Object("msys");
        if (wrapper.ValueKind != JsonValueKind.Object)
        {
            batch.Unreadable("no msys object");
            return;
        }

        if (wrapper.Object("relay_message") is { ValueKind: JsonValueKind.Object } relayed)
        {
            ReadRelayed(batch, relayed);
            return;
        }

        // One class per item, whatever its name.
        foreach (var kind in wrapper.EnumerateObject().Where(member => member.Value.ValueKind == JsonValueKind.Object))
        {
            ReadEvent(batch, kind.Value, now);
            return;
        }

        // An empty wrapper is how SparkPost tries a new webhook.
        batch.Ignore();
    }

    private static void ReadEvent(EventBatch batch, JsonElement reported, DateTimeOffset now)
    {
        if (reported.Text("type") is not { } type)
        {
            batch.Unreadable("no type");
            return;
        }

        var reason = reported.Text("raw_reason") ?? reported.Text("reason");
        var reply = SmtpReply.Parse(reason, reported.Integer("error_code"));
        var (ours, bounce) = Meaning(type, reported, reply);
        if (ours is not { } known)
        {
            batch.Ignore();
            return;
        }

        if (!batch.TryTime(reported, now, out var occurredAt, "timestamp"))
        {
            return;
        }

        var failed = known is EventType.Bounced or EventType.Deferred or EventType.Dropped;
        var messageId = reported.Text("message_id");
        var recipient = Recipients.Bare(reported.Text("raw_rcpt_to") ?? reported.Text("rcpt_to"));
        var url = reported.Text("target_link_url");
        batch.Add(new NormalisedEvent
        {
            Type = known,
            EventId = reported.Text("event_id") ?? EventIds.Hash(type, messageId, recipient, reported.Text("timestamp"), url),
            OccurredAt = occurredAt,
            Recipient = recipient,
            Bounce = bounce,
            Status = failed ? reply.Status : null,
            Reason = failed ? reason : null,

            // A failed generation is a fault of the template, whatever words it has for it.
            RejectReason = known != EventType.Dropped ? null : type == "generation_failure" ? "other" : AdapterParts.RejectReason(reason),
            EspMessageId = reported.Text("transmission_id") ?? messageId,
            Correlation = reported.Object("rcpt_meta").Fields(),
            Tags = reported.Texts("campaign_id"),
            MtaResponse = known is EventType.Bounced or EventType.Deferred ? reason : null,
            Url = known == EventType.Clicked ? url : null,
            UserAgent = known.IsHit() ? reported.Text("user_agent") : null,
            IpAddress = known.IsHit() ? reported.Text("ip_address") : null,
            Machine = known.IsHit() && reported.Flag("is_prefetched") is true,
        });
    }

    /// <summary>Null for what is no event of ours.</summary>
    private static (EventType? Type, BounceKind Bounce) Meaning(string type, JsonElement reported, SmtpReply reply)
    {
        return type switch
        {
            "injection" => (EventType.Processed, default),
            "delivery" => (EventType.Delivered, default),
            "delay" => (EventType.Deferred, default),
            "bounce" or "out_of_band" => Bounced(),
            "policy_rejection" or "generation_rejection" or "generation_failure" => (EventType.Dropped, default),
            "open" or "amp_open" => (EventType.Opened, default),
            "click" or "amp_click" => (EventType.Clicked, default),
            "list_unsubscribe" or "link_unsubscribe" => (EventType.Unsubscribed, default),
            "spam_complaint" => (Feedback(), default),

            // initial_open and amp_initial_open fire beside the plain ones for the same view: counting both would double every open.
            _ => (null, default),
        };

        (EventType? Type, BounceKind Bounce) Bounced()
        {
            var number = reported.Integer("bounce_class");
            return number switch
            {
                MomentumClass.AutoReply or MomentumClass.ChallengeResponse or MomentumClass.Subscribe => (null, default),
                MomentumClass.Unsubscribe => (EventType.Unsubscribed, default),
                _ => (EventType.Bounced, MomentumClass.KindOf(number) is var kind and not BounceKind.None ? kind : reply.Kind),
            };
        }

        EventType? Feedback() => reported.Text("fbtype")?.ToUpperInvariant() switch
        {
            "NOT-SPAM" or "AUTH-FAILURE" => null,
            "OPT-OUT" => EventType.Unsubscribed,
            _ => EventType.Complained,
        };
    }

    private static void ReadRelayed(EventBatch batch, JsonElement relayed)
    {
        batch.WrongHook("SparkPost relays inbound mail to this URL; it belongs to an inbound connection.");
        var content = relayed.Object("content");
        if (content.Text("email_rfc822") is not { } mail)
        {
            return;
        }

        if (content.Flag("email_rfc822_is_base64") is not true)
        {
            batch.Mail(Encoding.UTF8.GetBytes(mail));
        }
        else if (AdapterParts.TryBase64(mail, out var bytes))
        {
            batch.Mail(bytes);
        }
        else
        {
            batch.Unreadable("a relayed message that is not base64");
        }
    }
}
