using System.Globalization;
using ScoreTracking.Events;
using ScoreTracking.Mail;

namespace ScoreTracking.Webhooks;

/// <summary>Mailgun's older webhook: one event as form fields, mixed with the sender's variables.</summary>
internal static class MailgunLegacyForm
{
    // Mailgun's own fields; every other one is a variable of the sender.
    private static readonly HashSet<string> s_own = new(StringComparer.OrdinalIgnoreCase)
    {
        "event", "recipient", "domain", "message-headers", "message-id", "X-Mailgun-Sid", "X-Mailgun-Variables", "X-Mailgun-Tag", "tag", "timestamp", "token", "signature", "attachment-count",
        "ip", "country", "region", "city", "user-agent", "device-type", "client-type", "client-name", "client-os", "campaign-id", "campaign-name", "mailing-list", "url",
        "code", "error", "reason", "description", "notification", "body-plain", "sender", "from", "to", "subject",
    };

    public static WebhookReading Read(List<FormField> fields, DateTimeOffset now)
    {
        var token = fields.Last("token");
        if (fields.First("event") is not { } name)
        {
            return fields.First("sender") is null ? ReadEvents.Nothing("neither JSON nor a form with an event") : WrongHook(fields, token);
        }

        var read = new ReadEvents();
        var time = fields.Last("timestamp");
        if (TypeOf(name) is not { } type)
        {
            read.Ignore();
        }
        else if ((time is null ? now : JsonReading.ToTime(time)) is not { } occurredAt)
        {
            read.Unreadable($"{name}: timestamp is no time");
        }
        else
        {
            read.Add(ToEvent(fields, type, name, token ?? EventIds.Hash(name, time, fields.First("recipient"), fields.First("Message-Id") ?? fields.First("message-id"), fields.First("url")), occurredAt));
        }

        return read.ToReading() with { ReplayToken = token };
    }

    private static NormalisedEvent ToEvent(List<FormField> fields, EventType type, string name, string eventId, DateTimeOffset occurredAt)
    {
        // "code" is an SMTP code, one of Mailgun's own from 600 on, or an enhanced status.
        var code = fields.First("code");
        var number = int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : (int?)null;
        var enhanced = number is null ? code : null;
        var answer = fields.First("error") ?? fields.First("description") ?? fields.First("notification");
        var failed = type is EventType.Bounced or EventType.Dropped;
        var kind = type == EventType.Bounced ? BounceClass.Classify(enhanced, number < 600 ? number : null, answer) : BounceKind.None;
        return new NormalisedEvent
        {
            Type = type,
            EventId = eventId,
            OccurredAt = occurredAt,
            Recipient = Recipients.Bare(fields.First("recipient")),
            Bounce = name == "bounced" && kind == BounceKind.None ? BounceKind.Soft : kind,
            Status = failed ? BounceClass.StatusOf(enhanced, answer) : null,
            Reason = failed ? answer ?? fields.First("reason") : null,
            RejectReason = type != EventType.Dropped ? null : number switch
            {
                605 or 607 => "suppressed", // bounced or complained before
                606 => "unsubscribed",
                _ => "other",
            },
            EspMessageId = (fields.First("Message-Id") ?? fields.First("message-id"))?.Trim('<', '>'),
            Correlation = Variables(fields),
            Tags = [.. fields.Where(field => field.Name is "X-Mailgun-Tag" or "tag" && field.Raw.Length > 0).Select(field => field.Value).Distinct()],
            MtaResponse = failed ? fields.First("error") : null,
            Url = type == EventType.Clicked ? fields.First("url") : null,
            UserAgent = fields.First("user-agent"),
            IpAddress = fields.First("ip"),
        };
    }

    private static EventType? TypeOf(string name) => name switch
    {
        "delivered" => EventType.Delivered,
        "dropped" => EventType.Dropped,
        "bounced" => EventType.Bounced,
        "opened" => EventType.Opened,
        "clicked" => EventType.Clicked,
        "unsubscribed" => EventType.Unsubscribed,
        "complained" => EventType.Complained,
        _ => null,
    };

    // Merged into the fields, or together in one field as JSON, depending on the event.
    private static Dictionary<string, string> Variables(List<FormField> fields)
    {
        using var together = JsonReading.Parse(fields.First("X-Mailgun-Variables"));
        var variables = together?.RootElement.Fields() ?? new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var field in fields.Where(field => !s_own.Contains(field.Name) && !field.Name.StartsWith("attachment-", StringComparison.Ordinal) && field.Raw.Length > 0))
        {
            variables.TryAdd(field.Name, field.Value);
        }

        return variables;
    }

    private static WebhookReading WrongHook(List<FormField> fields, string? token)
    {
        const string Message = "This is a Mailgun route for incoming mail.";
        var raw = fields.Find(field => field.Name == "body-mime");
        return raw is null
            ? new WebhookReading([], Ignored: 1) { WrongHook = $"{Message} End the route's URL in /mime and give it an inbound connection.", ReplayToken = token }
            : new WebhookReading([]) { Mails = [raw.Raw], WrongHook = $"{Message} Its mail was read; give it an inbound connection of its own.", ReplayToken = token };
    }
}
