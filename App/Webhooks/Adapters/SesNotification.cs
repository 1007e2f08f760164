using System.Text;
using System.Text.Json;
using ScoreTracking.Events;
using ScoreTracking.Mail;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Webhooks;

/// <summary>What SES says inside an SNS notification: event publishing (eventType) or an identity's feedback (notificationType), fanned out by recipient.</summary>
internal static class SesNotification
{
    public static WebhookReading Read(SnsEnvelope envelope, DateTimeOffset now)
    {
        using var document = JsonReading.Parse(envelope.Message);
        if (document is not { RootElement.ValueKind: JsonValueKind.Object })
        {
            return envelope.Message?.StartsWith("Successfully validated SNS topic", StringComparison.Ordinal) == true
                ? new WebhookReading([], Ignored: 1)
                : ReadEvents.Nothing("the notification does not come from SES");
        }

        var root = document.RootElement;
        var name = root.Text("eventType") ?? root.Text("notificationType");
        if (name == "Received")
        {
            return WrongHook(root);
        }

        var read = new ReadEvents();
        if (name is null)
        {
            read.Unreadable("neither eventType nor notificationType");
            return read.ToReading();
        }

        var notice = new Notice(root, root.Object("mail"), root.Object(DetailOf(name)), envelope.MessageId, name, JsonReading.ToTime(envelope.Timestamp) ?? now);
        switch (name)
        {
            case "Send":
                notice.ForEach(read, notice.Destinations, EventType.Processed);
                break;
            case "Delivery":
                notice.ForEach(read, notice.Detail.Texts("recipients") is { Count: > 0 } recipients ? recipients : notice.Destinations, EventType.Delivered);
                break;
            case "DeliveryDelay":
                Delay(read, notice);
                break;
            case "Bounce":
                Bounce(read, notice);
                break;
            case "Complaint":
                Complaint(read, notice);
                break;
            case "Reject":
            case "Rendering Failure":
                notice.ForEach(read, notice.Destinations, EventType.Dropped, sample => sample with { RejectReason = "other", Reason = notice.Detail.Text("reason") ?? notice.Detail.Text("errorMessage") });
                break;
            case "Open":
                notice.ForSomebody(read, EventType.Opened);
                break;
            case "Click":
                notice.ForSomebody(read, EventType.Clicked);
                break;
            case "Subscription" when Leaves(notice.Detail.Object("newTopicPreferences")):
                notice.ForEach(read, notice.Destinations, EventType.Unsubscribed);
                break;
            default:
                read.Ignore();
                break;
        }

        return read.ToReading();
    }

    private static string DetailOf(string name) => name switch
    {
        "DeliveryDelay" => "deliveryDelay",
        "Rendering Failure" => "failure",
        _ => name.ToLowerInvariant(),
    };

    /// <param name="SnsTime">When SNS published it: for events without a time of their own.</param>
    private sealed record Notice(JsonElement Root, JsonElement Mail, JsonElement Detail, string? SnsMessageId, string Name, DateTimeOffset SnsTime)
    {
        private Dictionary<string, string>? _correlation;

        public List<string> Destinations => Mail.Texts("destination");

        public void ForEach(ReadEvents read, List<string> recipients, EventType type, Func<NormalisedEvent, NormalisedEvent>? more = null)
        {
            if (recipients.Count == 0)
            {
                read.Unreadable($"{Name}: no recipient");
                return;
            }

            foreach (var recipient in recipients.DistinctBy(address => address.ToLowerInvariant()))
            {
                Add(read, recipient, type, more);
            }
        }

        /// <summary>For opens and clicks, which name nobody: whose they are is known only where the mail went to one address.</summary>
        public void ForSomebody(ReadEvents read, EventType type) => Add(read, Destinations is [var only] ? only : null, type, null);

        public void Add(ReadEvents read, string? recipient, EventType type, Func<NormalisedEvent, NormalisedEvent>? more)
        {
            var own = Detail.Get("timestamp").ValueKind == JsonValueKind.String ? Detail : Mail;
            if (own.TimeOr("timestamp", SnsTime) is not { } occurredAt)
            {
                read.Unreadable($"{Name}: timestamp is no time");
                return;
            }

            var address = Recipients.Bare(recipient);
            var sample = new NormalisedEvent
            {
                Type = type,
                EventId = SnsMessageId is { Length: <= 200 } id
                    ? $"{id}:{address?.ToLowerInvariant()}"
                    : EventIds.Hash(Mail.Text("messageId"), Name, own.Text("timestamp"), address?.ToLowerInvariant(), Detail.Text("link")),
                OccurredAt = occurredAt,
                Recipient = address,
                EspMessageId = Mail.Text("messageId"),
                Correlation = _correlation ??= CorrelationOf(Mail),
                MtaResponse = Detail.Text("smtpResponse"),
                Url = type == EventType.Clicked ? Detail.Text("link") : null,
                UserAgent = type.IsHit() ? Detail.Text("userAgent") : null,
                IpAddress = type.IsHit() ? Detail.Text("ipAddress") : null,
            };
            read.Add(more is null ? sample : more(sample));
        }
    }

    private static void Delay(ReadEvents read, Notice notice)
    {
        foreach (var (address, told) in Named(read, notice, "delayedRecipients"))
        {
            var answer = told.Text("diagnosticCode");
            notice.Add(read, address, EventType.Deferred, sample => sample with
            {
                Status = BounceClass.StatusOf(told.Text("status"), answer),
                Reason = answer ?? notice.Detail.Text("delayType"),
                MtaResponse = answer,
            });
        }
    }

    private static void Bounce(ReadEvents read, Notice notice)
    {
        var (type, subType) = (notice.Detail.Text("bounceType"), notice.Detail.Text("bounceSubType"));
        foreach (var (address, told) in Named(read, notice, "bouncedRecipients"))
        {
            var answer = told.Text("diagnosticCode");
            var bounce = SesVocabulary.BounceOf(type, subType, told.Text("status"), answer);
            notice.Add(read, address, bounce.Type, sample => sample with
            {
                Bounce = bounce.Kind,
                Status = bounce.Type == EventType.Bounced ? BounceClass.StatusOf(told.Text("status"), answer) : null,
                Reason = answer ?? (type is null ? null : $"{type}, {subType ?? "General"}"),
                RejectReason = bounce.RejectReason,
                MtaResponse = answer,
            });
        }
    }

    private static void Complaint(ReadEvents read, Notice notice)
    {
        // Taken back, or a mail server's remark rather than a person's complaint.
        var feedback = notice.Detail.Text("complaintFeedbackType");
        if (feedback is "not-spam" or "auth-failure" or "virus" or "other")
        {
            read.Ignore();
            foreach (var told in feedback == "not-spam" ? notice.Detail.Array("complainedRecipients") : [])
            {
                read.RetractAlso(Recipients.Bare(told.Text("emailAddress")), SuppressionReason.Complaint, notice.Detail.Time("timestamp"));
            }

            return;
        }

        var suppressed = notice.Detail.Text("complaintSubType") == "OnAccountSuppressionList";
        foreach (var (address, _) in Named(read, notice, "complainedRecipients"))
        {
            notice.Add(read, address, suppressed ? EventType.Dropped : EventType.Complained, sample => sample with
            {
                RejectReason = suppressed ? "suppressed" : null,
                Reason = suppressed ? "complained before" : null,
            });
        }
    }

    // One poisoned entry costs itself; without any entry it is said of a mail to one address whose it is.
    private static List<(string Address, JsonElement Told)> Named(ReadEvents read, Notice notice, string list)
    {
        var named = new List<(string Address, JsonElement Told)>();
        foreach (var told in notice.Detail.Array(list))
        {
            if (told.Text("emailAddress") is not { } address)
            {
                read.Unreadable($"{notice.Name}: a recipient without address");
            }
            else if (!named.Exists(entry => string.Equals(entry.Address, address, StringComparison.OrdinalIgnoreCase)))
            {
                named.Add((address, told));
            }
        }

        if (named.Count == 0 && notice.Destinations is [var only])
        {
            named.Add((only, default));
        }

        return named;
    }

    private static bool Leaves(JsonElement preferences) =>
        preferences.Flag("unsubscribeAll") == true || preferences.Array("topicSubscriptionStatus").Any(topic => topic.Text("subscriptionStatus") == "OptOut");

    // Tags come with event publishing only; headers only where "include original headers" is on, and cut at 10 KB.
    private static Dictionary<string, string> CorrelationOf(JsonElement mail)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var header in mail.Array("headers"))
        {
            if (header.Text("name") is { } name && name.StartsWith("X-", StringComparison.OrdinalIgnoreCase) && header.Text("value") is { } value)
            {
                found.TryAdd(name, value);
            }
        }

        var tags = mail.Object("tags");
        if (tags.ValueKind == JsonValueKind.Object)
        {
            foreach (var name in tags.Names().Where(name => !name.StartsWith("ses:", StringComparison.Ordinal)))
            {
                if (tags.Texts(name) is [var first, ..])
                {
                    found[name] = first;
                }
            }
        }

        return found;
    }

    private static WebhookReading WrongHook(JsonElement root)
    {
        const string Message = "This topic receives incoming mail.";
        if (root.Text("content") is not { } content)
        {
            return new WebhookReading([], Ignored: 1) { WrongHook = $"{Message} Include the mail's content in the receipt rule's SNS action and give it an inbound connection." };
        }

        var decoded = new byte[content.Length];
        ReadOnlyMemory<byte> mail = Convert.TryFromBase64String(content, decoded, out var length) ? decoded.AsMemory(0, length) : Encoding.UTF8.GetBytes(content);
        return new WebhookReading([]) { Mails = [mail], WrongHook = $"{Message} It was read; give it a topic and an inbound connection of its own." };
    }
}
