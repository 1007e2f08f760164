using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ScoreTracking.Connections;
using ScoreTracking.Events;
using ScoreTracking.Mail;

namespace ScoreTracking.Webhooks;

/// <summary>Mailgun's webhooks: one event in JSON, or one in the older form post. The signature covers a token and not the body: see <see cref="WebhookReading.ReplayToken"/>.</summary>
public sealed class MailgunWebhook : IEspWebhook
{
    private const string Key = "signing_key";

    // Retries run for 8 hours; whether they are signed anew is not documented.
    private static readonly TimeSpan s_window = TimeSpan.FromHours(72);

    public string Provider => "mailgun";

    public ConnectionShape Shape { get; } = new(
        "Mailgun",
        [new(Key, "HTTP webhook signing key", "Under Sending, Webhooks. Not the API key.", Required: true, value => value.Length < 8 ? "This is too short for a signing key." : null)],
        [],
        BasicAuthSuffices: false,
        [
            "In Mailgun, open Send, then Sending, then Webhooks, and choose the domain you send from.",
            "Copy the HTTP webhook signing key shown there and enter it here.",
            "Choose Add webhook and enter {url} for each event type: accepted, delivered, temporary failure, permanent failure, opened, clicked, unsubscribed and complained.",
            "Send the ids of this server as v: variables, so that every event is matched at once.",
        ]);

    public Authenticity Authenticate(WebhookRequest request, EspConnection connection, DateTimeOffset now)
    {
        var signature = SignatureOf(request);
        if (signature is not { Timestamp: { } timestamp, Token: { Length: <= 256 } token, Own: { } own })
        {
            return Authenticity.Missing("The signature, its timestamp or its token is missing.");
        }

        // Plain digits only: the two are signed without anything between them, so a digit could move from one to the other.
        if (Signatures.UnixTime(timestamp) is not { } signedAt || !Signatures.IsRecent(signedAt, now, s_window))
        {
            return Authenticity.Forged("The signature is older than 72 hours, or its timestamp is no time.");
        }

        foreach (var key in connection.Candidates(Key).Where(key => key.Length > 0))
        {
            var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(timestamp + token));

            // A subaccount's events are also signed with the key of the account above it.
            if (Signatures.SameHex(expected, own) || (signature.Parent is { } parent && Signatures.SameHex(expected, parent)))
            {
                return Authenticity.Genuine;
            }
        }

        return Authenticity.Forged("The signature does not match the signing key.");
    }

    public WebhookReading Read(WebhookRequest request, EspConnection connection, DateTimeOffset now)
    {
        using var document = JsonReading.Parse(request.Body);
        if (document is null)
        {
            return MailgunLegacyForm.Read(FormReading.Fields(request.Body), now);
        }

        var root = document.RootElement;
        if (root.Object("event-data") is not { ValueKind: JsonValueKind.Object } data)
        {
            return ReadEvents.Nothing("no event-data");
        }

        var token = root.Object("signature").Text("token");
        var read = new ReadEvents();
        ReadOne(read, data, token, now);
        return read.ToReading() with { ReplayToken = token };
    }

    private static void ReadOne(ReadEvents read, JsonElement data, string? token, DateTimeOffset now)
    {
        if (data.Text("event") is not { } name)
        {
            read.Unreadable("no event");
            return;
        }

        if (data.TimeOr("timestamp", now) is not { } occurredAt)
        {
            read.Unreadable($"{name}: timestamp is no time");
            return;
        }

        var status = data.Object("delivery-status");
        var vendorReason = data.Text("reason");
        if (TypeOf(name, data.Text("severity"), vendorReason, status.Integer("code")) is not { } type)
        {
            read.Ignore();
            return;
        }

        var message = data.Object("message").Object("headers");

        // A rejected message has no recipient of its own.
        var recipient = Recipients.Bare(data.Text("recipient")) ?? Recipients.Bare(message.Text("to"));
        var answer = status.Text("message") ?? status.Text("description");
        var failed = type is EventType.Bounced or EventType.Deferred or EventType.Dropped;
        var bot = data.Object("client-info").Text("bot");
        read.Add(new NormalisedEvent
        {
            Type = type,

            // Its id is unique for a day only; the token may be another one at a retry.
            EventId = data.Text("id") is { } id ? EventIds.Hash(id, name, data.Text("timestamp"), recipient?.ToLowerInvariant(), data.Text("url"))
                : token ?? EventIds.Hash(name, data.Text("timestamp"), recipient?.ToLowerInvariant(), message.Text("message-id"), data.Text("url")),
            OccurredAt = occurredAt,
            Recipient = recipient,
            Bounce = type == EventType.Bounced ? ClassOf(vendorReason, status, answer) : BounceKind.None,
            Status = type is EventType.Bounced or EventType.Deferred ? BounceClass.StatusOf(status.Text("enhanced-code"), answer) : null,
            Reason = failed ? data.Object("reject").Text("reason") ?? answer ?? vendorReason : null,
            RejectReason = type == EventType.Dropped ? RejectReasonOf(vendorReason ?? data.Object("reject").Text("reason")) : null,
            EspMessageId = message.Text("message-id")?.Trim('<', '>'),
            Correlation = data.Object("user-variables").Fields(),
            Tags = data.Texts("tags"),
            MtaResponse = status.Text("message"),
            Url = type == EventType.Clicked ? data.Text("url") : null,
            UserAgent = data.Object("client-info").Text("user-agent"),
            IpAddress = data.Text("ip"),

            // Gmail's proxy fetches when a person opens.
            Machine = bot is not null && bot is not ("gmail" or "false" or "none"),
        });
    }

    private static EventType? TypeOf(string name, string? severity, string? reason, int? code) => name switch
    {
        "accepted" => EventType.Processed,
        "rejected" => EventType.Dropped,
        "delivered" => EventType.Delivered,
        "failed" when severity == "temporary" || (severity is null && code is >= 400 and < 500) => EventType.Deferred,
        "failed" => reason?.StartsWith("suppress-", StringComparison.Ordinal) == true ? EventType.Dropped : EventType.Bounced,
        "opened" => EventType.Opened,
        "clicked" => EventType.Clicked,
        "unsubscribed" => EventType.Unsubscribed,
        "complained" => EventType.Complained,
        _ => null,
    };

    private static BounceKind ClassOf(string? vendorReason, JsonElement status, string? answer)
    {
        if (vendorReason is "espblock" or "old")
        {
            return vendorReason == "old" ? BounceKind.Soft : BounceKind.Block; // old: gave up retrying
        }

        // Codes from 600 on are Mailgun's own.
        var code = status.Integer("code") is { } given and < 600 ? given : (int?)null;
        var kind = BounceClass.Classify(status.Text("enhanced-code"), code, answer);
        return (kind, status.Text("bounce-type")) switch
        {
            (BounceKind.Block, _) => BounceKind.Block,
            (_, "hard") => BounceKind.Hard,
            (BounceKind.None, _) or (_, "soft") => BounceKind.Soft,
            _ => kind,
        };
    }

    private static string RejectReasonOf(string? reason) => reason?.ToLowerInvariant() switch
    {
        { } text when text.Contains("unsubscribe", StringComparison.Ordinal) => "unsubscribed",
        { } text when text.StartsWith("suppress", StringComparison.Ordinal) => "suppressed",
        { } text when text.Contains("spam", StringComparison.Ordinal) => "spam",
        { } text when text.Contains("invalid", StringComparison.Ordinal) => "invalid",
        _ => "other",
    };

    private sealed record Signature(string? Timestamp, string? Token, string? Own, string? Parent);

    private static Signature SignatureOf(WebhookRequest request)
    {
        using var document = JsonReading.Parse(request.Body);
        if (document is not null)
        {
            var signature = document.RootElement.Object("signature");
            return new(signature.Text("timestamp"), signature.Text("token"), signature.Text("signature"), signature.Text("parent-signature"));
        }

        // User variables of the same names come first; Mailgun's own are the last.
        var fields = FormReading.Fields(request.Body);
        return new(fields.Last("timestamp"), fields.Last("token"), fields.Last("signature"), null);
    }
}
