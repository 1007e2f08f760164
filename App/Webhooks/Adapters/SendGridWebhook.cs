using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ScoreTracking.Connections;
using ScoreTracking.Events;
using ScoreTracking.Mail;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Webhooks;

/// <summary>Twilio SendGrid's Event Webhook: arrays of mixed events, signed with ECDSA over timestamp and raw body.</summary>
public sealed class SendGridWebhook : IEspWebhook
{
    private const string Key = "verification_key";

    // Retries run for 24 hours and are not said to be signed anew; repeats are known by sg_event_id.
    private static readonly TimeSpan s_window = TimeSpan.FromHours(72);

    // Members of SendGrid's own; every other one at the top level is a custom argument of the sender.
    private static readonly HashSet<string> s_own = new(StringComparer.Ordinal)
    {
        "email", "timestamp", "event", "sg_event_id", "sg_message_id", "sg_machine_open", "sg_content_type", "category", "asm_group_id", "useragent", "ip", "url", "url_offset",
        "reason", "status", "type", "response", "attempt", "tls", "cert_err", "bounce_classification", "marketing_campaign_id", "marketing_campaign_name", "marketing_campaign_version",
        "marketing_campaign_split_id", "singlesend_id", "singlesend_name", "template_id", "template_hash", "template_version_id", "phase_id", "pool", "newsletter", "send_at", "sg_template_id", "sg_template_name",
    };

    public string Provider => "sendgrid";

    public ConnectionShape Shape { get; } = new(
        "SendGrid",
        [new(Key, "Verification key", "The public key SendGrid shows once signature verification is on: one long line that starts with MF.", Required: true, CheckKey) { Later = true }],
        [],
        BasicAuthSuffices: false,
        [
            "In SendGrid, open Settings, then Mail Settings, then Event Webhooks, and choose Create new webhook.",
            "Enter {url} as the Post URL and tick the actions to be reported: at least Delivered, Bounced, Dropped, Deferred, Spam Reports and Unsubscribed.",
            "Switch on Signature Verification and save.",
            "Open the webhook again, copy its verification key, and enter it here.",
            "Send the ids of this server as custom_args, so that every event is matched at once.",
        ]);

    public Authenticity Authenticate(WebhookRequest request, EspConnection connection, DateTimeOffset now)
    {
        if (request.Header("X-Twilio-Email-Event-Webhook-Signature") is not { Length: > 0 and < 512 } signature
            || request.Header("X-Twilio-Email-Event-Webhook-Timestamp") is not { Length: > 0 } timestamp)
        {
            return Authenticity.Missing("The signature or its timestamp is missing. Is signature verification on at SendGrid?");
        }

        if (Signatures.UnixTime(timestamp) is not { } signedAt || !Signatures.IsRecent(signedAt, now, s_window))
        {
            return Authenticity.Forged("The signature is older than 72 hours, or its timestamp is no time.");
        }

        var der = new byte[signature.Length];
        if (!Convert.TryFromBase64String(signature, der, out var length))
        {
            return Authenticity.Forged("The signature is not base64.");
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.ASCII.GetBytes(timestamp));
        hash.AppendData(request.Body.Span);
        var signed = hash.GetHashAndReset();
        foreach (var candidate in connection.Candidates(Key))
        {
            using var key = ImportKey(candidate);

            // SendGrid signs in DER; without naming the format .NET expects IEEE P1363 and refuses every signature.
            if (key?.VerifyHash(signed, der.AsSpan(0, length), DSASignatureFormat.Rfc3279DerSequence) == true)
            {
                return Authenticity.Genuine;
            }
        }

        return Authenticity.Forged("The signature does not match the verification key.");
    }

    public WebhookReading Read(WebhookRequest request, EspConnection connection, DateTimeOffset now)
    {
        if (request.Body.Span.StartsWith("--"u8))
        {
            return ReadInboundParse(request);
        }

        using var document = JsonReading.Parse(request.Body);
        if (document is null)
        {
            return ReadEvents.Nothing("not JSON");
        }

        var read = new ReadEvents();
        if (document.RootElement.ValueKind == JsonValueKind.Array)
        {
            foreach (var element in document.RootElement.EnumerateArray())
            {
                ReadOne(read, element, now);
            }
        }
        else
        {
            ReadOne(read, document.RootElement, now);
        }

        return read.ToReading();
    }

    private static void ReadOne(ReadEvents read, JsonElement element, DateTimeOffset now)
    {
        if (element.Text("event") is not { } name)
        {
            read.Unreadable("no event");
            return;
        }

        if (TypeOf(name) is not { } type)
        {
            if (name == "group_resubscribe")
            {
                read.Retract(Recipients.Bare(element.Text("email")), SuppressionReason.Unsubscribed, element.Time("timestamp"));
            }
            else
            {
                read.Ignore();
            }

            return;
        }

        if (element.TimeOr("timestamp", now) is not { } occurredAt)
        {
            read.Unreadable($"{name}: timestamp is no time");
            return;
        }

        // A bounce that came back later, as a mail, has no sg_message_id.
        var smtpId = element.Text("smtp-id")?.Trim('<', '>');
        var messageId = element.Text("sg_message_id")?.Split('.', 2)[0] ?? smtpId;
        var reason = element.Text("reason") ?? element.Text("response") ?? (type == EventType.Dropped ? element.Text("type") : null);
        var tells = type is EventType.Bounced or EventType.Deferred or EventType.Dropped;
        read.Add(new NormalisedEvent
        {
            Type = type,
            EventId = element.Text("sg_event_id")
                ?? EventIds.Hash(name, element.Text("email"), element.Text("timestamp"), element.Text("sg_message_id") ?? smtpId, element.Text("url")),
            OccurredAt = occurredAt,
            Recipient = Recipients.Bare(element.Text("email")),
            Bounce = type == EventType.Bounced ? ClassOf(element) : BounceKind.None,
            Status = type is EventType.Bounced or EventType.Deferred ? BounceClass.StatusOf(element.Text("status"), reason) : null,
            Reason = tells ? reason : null,
            RejectReason = type == EventType.Dropped ? RejectReasonOf(reason) : null,
            EspMessageId = messageId,
            Correlation = CustomArguments(element),
            Tags = element.Texts("category"),
            MtaResponse = element.Text("response") ?? (type == EventType.Bounced ? element.Text("reason") : null),
            Url = type == EventType.Clicked ? element.Text("url") : null,
            UserAgent = element.Text("useragent"),
            IpAddress = element.Text("ip"),
            Machine = element.Flag("sg_machine_open") == true,
        });
    }

    private static EventType? TypeOf(string name) => name switch
    {
        "processed" => EventType.Processed,
        "dropped" => EventType.Dropped,
        "deferred" => EventType.Deferred,
        "delivered" => EventType.Delivered,
        "bounce" => EventType.Bounced,
        "open" => EventType.Opened,
        "click" => EventType.Clicked,
        "spamreport" => EventType.Complained,
        "unsubscribe" or "group_unsubscribe" => EventType.Unsubscribed,
        _ => null,
    };

    private static BounceKind ClassOf(JsonElement element)
    {
        var type = element.Text("type");
        if (type == "blocked")
        {
            return BounceKind.Block;
        }

        // Case and wording differ between SendGrid's own pages.
        var classification = element.Text("bounce_classification") ?? "";
        if (Says("invalid"))
        {
            return BounceKind.Hard;
        }

        if (Says("mailbox") || Says("technical"))
        {
            return BounceKind.Soft;
        }

        if (Says("reputation") || Says("content") || Says("frequency"))
        {
            return BounceKind.Block;
        }

        return type == "bounce" ? BounceKind.Hard : BounceClass.Classify(element.Text("status"), null, element.Text("reason"));

        bool Says(string prefix) => classification.StartsWith(prefix, StringComparison.OrdinalIgnoreCase);
    }

    private static string RejectReasonOf(string? reason) => reason?.ToLowerInvariant() switch
    {
        "unsubscribed address" => "unsubscribed",
        "bounced address" or "spam reporting address" => "suppressed",
        "invalid" or "invalid address" => "invalid",
        { } text when text.StartsWith("spam content", StringComparison.Ordinal) => "spam",
        _ => "other",
    };

    private static Dictionary<string, string> CustomArguments(JsonElement element)
    {
        var fields = element.Fields();
        foreach (var own in fields.Keys.Where(s_own.Contains).ToList())
        {
            fields.Remove(own);
        }

        return fields;
    }

    // Inbound Parse posts whole mails as a form; "email" holds the raw one when its setting says so.
    private static WebhookReading ReadInboundParse(WebhookRequest request)
    {
        var fields = FormReading.Fields(request.Body);
        if (fields.Find(field => field.Name == "email") is { } raw)
        {
            return new WebhookReading([]) { Mails = [raw.Raw], WrongHook = "This is SendGrid's Inbound Parse. Its mail was read; give it an inbound connection of its own." };
        }

        return fields.First("headers") is null
            ? ReadEvents.Nothing("not JSON")
            : new WebhookReading([], Ignored: 1) { WrongHook = "This is SendGrid's Inbound Parse without the raw mail. Tick \"POST the raw, full MIME message\" and give it an inbound connection." };
    }

    private static string? CheckKey(string value)
    {
        using var key = ImportKey(value);
        return key is null ? "This is not a public key of SendGrid's kind: base64, P-256." : null;
    }

    /// <summary>Null for anything but a P-256 public key. Copied with or without the lines of PEM around it.</summary>
    private static ECDsa? ImportKey(string text)
    {
        if (text.Length > 1_000)
        {
            return null;
        }

        var base64 = string.Concat(text.Split('\n').Select(line => line.Trim()).Where(line => !line.StartsWith('-')));
        var key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(base64), out _);
            if (key.KeySize == 256 && key.ExportParameters(false).Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value)
            {
                return key;
            }
        }
        catch (Exception exception) when (exception is FormatException or CryptographicException)
        {
            // Null says it.
        }

        key.Dispose();
        return null;
    }
}
