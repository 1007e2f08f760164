using System.Text;
using System.Text.Json;
using ScoreTracking.Connections;
using ScoreTracking.Events;
using ScoreTracking.Mail;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Webhooks;

/// <summary>Postmark's webhooks: one event per request, unsigned, so the connection needs basic authentication.</summary>
public sealed class PostmarkWebhook : IEspWebhook
{
    public string Provider => "postmark";

    public ConnectionShape Shape { get; } = new(
        "Postmark",
        [],
        [],
        BasicAuthSuffices: true,
        [
            "Postmark signs nothing: the user name and password of this connection are what tells its requests from others.",
            "In Postmark, open your server, then the message stream you send with, then Webhooks, and choose Add webhook.",
            "Enter {url} as the URL, and the same user name and password under Basic auth credentials.",
            "Tick Delivery, Bounce, Spam Complaint, Open, Link Click and Subscription Change, and save. Leave \"include bounce content\" off.",
            "Send the ids of this server as Metadata, so that every event is matched at once.",
        ]);

    public Authenticity Authenticate(WebhookRequest request, EspConnection connection, DateTimeOffset now) => connection.HasBasicAuth
        ? Authenticity.Genuine
        : Authenticity.Forged("The connection has no basic authentication, and Postmark signs nothing.");

    public WebhookReading Read(WebhookRequest request, EspConnection connection, DateTimeOffset now)
    {
        using var document = JsonReading.Parse(request.Body);
        if (document is null)
        {
            return ReadEvents.Nothing("not JSON");
        }

        var root = document.RootElement;
        if (root.Text("RecordType") is not { } record)
        {
            return root.Has("FromFull") ? WrongHook(root) : ReadEvents.Nothing("no RecordType");
        }

        var read = new ReadEvents();
        ReadOne(read, root, record, now);
        return read.ToReading();
    }

    private sealed record Meaning(EventType Type, BounceKind Bounce = BounceKind.None, string? RejectReason = null);

    private static void ReadOne(ReadEvents read, JsonElement root, string record, DateTimeOffset now)
    {
        if (MeaningOf(root, record) is not { } meaning)
        {
            if (record == "SubscriptionChange" && root.Flag("SuppressSending") == false)
            {
                Reactivate(read, root);
            }
            else
            {
                read.Ignore();
            }

            return;
        }

        var timeName = record switch
        {
            "Delivery" => "DeliveredAt",
            "Bounce" or "SpamComplaint" => "BouncedAt",
            "SubscriptionChange" => "ChangedAt",
            _ => "ReceivedAt",
        };
        if (root.TimeOr(timeName, now) is not { } occurredAt)
        {
            read.Unreadable($"{record}: {timeName} is no time");
            return;
        }

        var recipient = root.Text("Recipient") ?? root.Text("Email");
        var messageId = root.Text("MessageID");
        var details = root.Text("Details");
        var failed = meaning.Type is EventType.Bounced or EventType.Deferred or EventType.Dropped;
        read.Add(new NormalisedEvent
        {
            Type = meaning.Type,
            EventId = IdOf(root, record, root.Text(timeName), meaning),
            OccurredAt = occurredAt,
            Recipient = Recipients.Bare(recipient),
            Bounce = meaning.Bounce,
            Status = meaning.Type is EventType.Bounced or EventType.Deferred ? BounceClass.StatusOf(null, details) : null,
            Reason = failed ? details ?? root.Text("Description") ?? root.Text("SuppressionReason") : null,
            RejectReason = meaning.RejectReason,
            EspMessageId = messageId,
            Correlation = root.Object("Metadata").Fields(),
            Tags = root.Texts("Tag"),
            MtaResponse = meaning.Type is EventType.Bounced or EventType.Deferred or EventType.Delivered ? details : null,
            Url = meaning.Type == EventType.Clicked ? root.Text("OriginalLink") : null,
            UserAgent = root.Text("UserAgent"),
            IpAddress = root.Object("Geo").Text("IP"),
        });
    }

    // Postmark lets nobody take a complaint back, and no longer says what the reason was.
    private static void Reactivate(ReadEvents read, JsonElement root)
    {
        var recipient = Recipients.Bare(root.Text("Recipient") ?? root.Text("Email"));
        read.Retract(recipient, SuppressionReason.Unsubscribed, root.Time("ChangedAt"));
        read.RetractAlso(recipient, SuppressionReason.HardBounce, root.Time("ChangedAt"));
    }

    private static string IdOf(JsonElement root, string record, string? time, Meaning meaning)
    {
        var messageId = root.Text("MessageID");
        var recipient = (root.Text("Recipient") ?? root.Text("Email"))?.ToLowerInvariant();

        // Said twice, by a Bounce or SpamComplaint and by the SubscriptionChange it causes; final, so once per message.
        if (messageId is not null && recipient is not null && meaning is ({ Type: EventType.Complained } or { Bounce: BounceKind.Hard }))
        {
            return EventIds.Hash(meaning.Type.Name(), messageId, recipient);
        }

        return record is "Bounce" or "SpamComplaint" && root.Text("ID") is { } id
            ? $"{record}:{messageId}:{id}"
            : EventIds.Hash(record, messageId, recipient, time, root.Text("OriginalLink") ?? root.Text("SuppressionReason"));
    }

    private static Meaning? MeaningOf(JsonElement root, string record) => record switch
    {
        "Delivery" => new(EventType.Delivered),
        "Open" => new(EventType.Opened),
        "Click" => new(EventType.Clicked),
        "SpamComplaint" => new(EventType.Complained),
        "Bounce" => OfBounce(root.Text("Type")),

        // Sending allowed again is no event; the reasons to stop are spelled like the bounce types.
        "SubscriptionChange" when root.Flag("SuppressSending") == true => root.Text("SuppressionReason") is "HardBounce" or "SpamComplaint" or "ManualSuppression"
            ? OfBounce(root.Text("SuppressionReason"))
            : null,
        _ => null,
    };

    // By name: the numbers of TypeCode are not dependable, a sample complaint carries 512.
    private static Meaning? OfBounce(string? type) => type switch
    {
        "HardBounce" => new(EventType.Bounced, BounceKind.Hard),
        "SoftBounce" => new(EventType.Bounced, BounceKind.Soft),
        "Blocked" or "DMARCPolicy" or "VirusNotification" or "SpamNotification" => new(EventType.Bounced, BounceKind.Block),
        "Transient" or "DnsError" or "OpenRelayTest" => new(EventType.Deferred),
        "BadEmailAddress" => new(EventType.Dropped, RejectReason: "invalid"),
        "ManuallyDeactivated" or "Unconfirmed" => new(EventType.Dropped, RejectReason: "suppressed"),
        "SMTPApiError" or "TemplateRenderingFailed" => new(EventType.Dropped, RejectReason: "other"),
        "Unsubscribe" or "ManualSuppression" => new(EventType.Unsubscribed),
        "SpamComplaint" => new(EventType.Complained),

        // Automatic answers and changed addresses are no bounces, whatever the record is called.
        _ => null,
    };

    private static WebhookReading WrongHook(JsonElement root)
    {
        const string Message = "This is Postmark's inbound hook.";
        return root.Text("RawEmail") is { } raw
            ? new WebhookReading([]) { Mails = [Encoding.UTF8.GetBytes(raw)], WrongHook = $"{Message} Its mail was read; give it an inbound connection of its own." }
            : new WebhookReading([], Ignored: 1) { WrongHook = $"{Message} Tick \"Include raw email content\" and give it an inbound connection." };
    }
}
