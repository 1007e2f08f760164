using System.Text.Json;
using ScoreTracking.Connections;
using ScoreTracking.Events;
using ScoreTracking.Mail;

namespace ScoreTracking.Webhooks;

/// <summary>Resend's webhooks: one event per request, signed by Svix.</summary>
public sealed class ResendWebhook : IEspWebhook
{
    private const string Secret = "signing_secret";

    public string Provider => "resend";

    public ConnectionShape Shape { get; } = new(
        "Resend",
        [new(Secret, "Signing secret", "Starts with whsec_; on the webhook's page in Resend.", Required: true, StandardSignature.CheckSecret) { Later = true }],
        [],
        BasicAuthSuffices: false,
        [
            "In Resend, open Webhooks and choose Add webhook.",
            "Enter {url} as the endpoint and tick every email event except email.received.",
            "Open the webhook, copy its signing secret, and enter it here.",
            "Send the ids of this server as tags or as X- headers, one recipient per mail: Resend does not say which of several recipients an event is about.",
        ]);

    public Authenticity Authenticate(WebhookRequest request, EspConnection connection, DateTimeOffset now) =>
        StandardSignature.Check(request, connection.Candidates(Secret), now);

    public WebhookReading Read(WebhookRequest request, EspConnection connection, DateTimeOffset now)
    {
        using var document = JsonReading.Parse(request.Body);
        if (document is null)
        {
            return ReadEvents.Nothing("not JSON");
        }

        var root = document.RootElement;
        if (root.Text("type") is not { } name)
        {
            return ReadEvents.Nothing("no type");
        }

        if (name == "email.received")
        {
            return new WebhookReading([], Ignored: 1) { WrongHook = "This is Resend's event for incoming mail, which leaves the mail itself out. Untick email.received, and have replies forwarded to an inbound connection." };
        }

        var read = new ReadEvents();
        ReadOne(read, root, name, StandardSignature.IdOf(request), now);
        return read.ToReading();
    }

    private static void ReadOne(ReadEvents read, JsonElement root, string name, string? id, DateTimeOffset now)
    {
        var data = root.Object("data");
        var told = data.Object("bounce");
        var words = told.Text("message") ?? data.Object("failed").Text("reason") ?? data.Object("suppressed").Text("message");
        var answer = told.Texts("diagnosticCode") is [var diagnosis, ..] ? diagnosis : null;
        if (MeaningOf(name, told, answer ?? words) is not { } meaning)
        {
            read.Ignore();
            return;
        }

        // data.created_at is when the mail was made.
        if (root.TimeOr("created_at", now) is not { } occurredAt)
        {
            read.Unreadable($"{name}: created_at is no time");
            return;
        }

        var click = data.Object("click");
        var open = data.Object("open");
        var failed = meaning.Type is EventType.Bounced or EventType.Deferred or EventType.Dropped;
        read.Add(new NormalisedEvent
        {
            Type = meaning.Type,
            EventId = id ?? EventIds.Hash(name, data.Text("email_id"), root.Text("created_at"), click.Text("link"), click.Text("timestamp")),
            OccurredAt = occurredAt,

            // With several recipients it is not said whose event this is, and a guess could suppress a stranger.
            Recipient = data.Texts("to") is [var only] ? Recipients.Bare(only) : null,
            Bounce = meaning.Kind,
            Status = meaning.Type is EventType.Bounced or EventType.Deferred ? BounceClass.StatusOf(null, answer ?? words) : null,
            Reason = failed ? words ?? answer : null,
            RejectReason = meaning.RejectReason,
            EspMessageId = data.Text("email_id"),
            Correlation = CorrelationOf(data),
            MtaResponse = answer,
            Url = meaning.Type == EventType.Clicked ? click.Text("link") : null,
            UserAgent = click.Text("userAgent") ?? open.Text("userAgent"),
            IpAddress = click.Text("ipAddress") ?? open.Text("ipAddress"),
        });
    }

    private static SesVocabulary.Bounce? MeaningOf(string name, JsonElement told, string? words) => name switch
    {
        "email.sent" => new(EventType.Processed, BounceKind.None),
        "email.delivered" => new(EventType.Delivered, BounceKind.None),
        "email.delivery_delayed" => new(EventType.Deferred, BounceKind.None),
        "email.bounced" => BounceOf(told, words),
        "email.complained" => new(EventType.Complained, BounceKind.None),
        "email.opened" => new(EventType.Opened, BounceKind.None),
        "email.clicked" => new(EventType.Clicked, BounceKind.None),
        "email.failed" => new(EventType.Dropped, BounceKind.None, "other"),
        "email.suppressed" => new(EventType.Dropped, BounceKind.None, "suppressed"),

        // email.scheduled and email.queued come before email.sent and add nothing to it.
        _ => null,
    };

    // Older payloads carry words only.
    private static SesVocabulary.Bounce BounceOf(JsonElement told, string? words)
    {
        if (told.Text("type") is { } type)
        {
            return SesVocabulary.BounceOf(type, told.Text("subType"), null, words);
        }

        return true switch
        {
            _ when Says("suppressed sending") => new(EventType.Dropped, BounceKind.None, "suppressed"),
            _ when Says("hard bounce") => new(EventType.Bounced, BounceKind.Hard),
            _ when Says("general bounce") => new(EventType.Bounced, BounceKind.Soft),
            _ => SesVocabulary.BounceOf(null, null, null, words),
        };

        bool Says(string part) => words?.Contains(part, StringComparison.OrdinalIgnoreCase) == true;
    }

    private static Dictionary<string, string> CorrelationOf(JsonElement data)
    {
        var found = data.Object("tags").Fields();
        foreach (var pair in data.Array("tags").Concat(data.Array("headers").Where(header => header.Text("name")?.StartsWith("X-", StringComparison.OrdinalIgnoreCase) == true)))
        {
            if (pair.Text("name") is { } name && pair.Text("value") is { } value)
            {
                found.TryAdd(name, value);
            }
        }

        return found;
    }
}
