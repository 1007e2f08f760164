using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ScoreTracking.Connections;
using ScoreTracking.Events;

namespace ScoreTracking.Webhooks;

/// <summary>Postal: one event per request, signed with the server's RSA key over the raw body.</summary>
public sealed class PostalWebhook : IEspWebhook
{
    private const string PublicKey = "public_key";
    private const string Sha256Header = "X-Postal-Signature-256";
    private const string Sha1Header = "X-Postal-Signature";

    public string Provider => "postal";

    public ConnectionShape Shape { get; } = new(
        "Postal",
        Secrets: [new(PublicKey, "Public key", "Of your Postal server: the p= part of its default DKIM record (postal default-dkim-record), or the key as PEM.", Required: true, CheckKey) { Multiline = true }],
        Settings: [],
        BasicAuthSuffices: false,
        Guide:
        [
            "On your Postal server run: postal default-dkim-record. Copy what follows p= and enter it here as public key.",
            "In Postal open your mail server, Webhooks, and choose Add a webhook.",
            "Enter {url} as the URL, and choose to send all events.",
            "For opens and clicks set up a tracking domain in Postal.",
            "Postal returns no custom data: events are matched by the id of its send API, by the Message-ID header, or by campaign and address.",
        ]);

    public Authenticity Authenticate(WebhookRequest request, EspConnection connection, DateTimeOffset now)
    {
        var keys = connection.Candidates(PublicKey).Where(key => !string.IsNullOrWhiteSpace(key)).ToList();
        if (keys.Count == 0)
        {
            return Authenticity.Forged("this connection has no public_key");
        }

        // Newer servers send both: the weaker one must not be a way around the stronger.
        var (given, hash) = request.Header(Sha256Header) is { } strong
            ? (strong, HashAlgorithmName.SHA256)
            : (request.Header(Sha1Header), HashAlgorithmName.SHA1);
        if (string.IsNullOrWhiteSpace(given))
        {
            return Authenticity.Missing("no X-Postal-Signature header");
        }

        if (!AdapterParts.TryBase64(given, out var signature))
        {
            return Authenticity.Forged("the signature is not base64");
        }

        return keys.Any(key => IsSigned(request.Body.Span, signature, key, hash)) ? Authenticity.Genuine : Authenticity.Forged("the signature does not match the body");
    }

    public WebhookReading Read(WebhookRequest request, EspConnection connection, DateTimeOffset now) =>
        EventBatch.Read(request.Body, (batch, element) => ReadEvent(batch, element, now));

    private static void ReadEvent(EventBatch batch, JsonElement reported, DateTimeOffset now)
    {
        if (reported.Has("rcpt_to"))
        {
            ReadRouted(batch, reported);
            return;
        }

        var payload = reported.Has("payload") ? reported.Object("payload") : reported;
        var name = reported.Text("event");
        var isBounce = payload.Object("bounce").ValueKind == JsonValueKind.Object;
        var message = isBounce ? payload.Object("original_message") : payload.Object("message");
        if (message.ValueKind != JsonValueKind.Object)
        {
            // Problems of a domain or a limit: about no message.
            if (name is not null)
            {
                batch.Ignore();
            }
            else
            {
                batch.Unreadable("no event and no message");
            }

            return;
        }

        var response = payload.Text("output");
        var reply = SmtpReply.Parse(response ?? payload.Text("details"));
        var (type, bounce) = isBounce ? (EventType.Bounced, reply.Kind) : Meaning(name, payload, reply);
        if (type is not { } ours || message.Text("direction") == "incoming")
        {
            batch.Ignore();
            return;
        }

        if (!batch.TryTime(reported, now, out var occurredAt, "timestamp"))
        {
            return;
        }

        var failed = ours is EventType.Bounced or EventType.Deferred or EventType.Dropped;
        var url = payload.Text("url");
        batch.Add(new NormalisedEvent
        {
            Type = ours,
            EventId = reported.Text("uuid") ?? EventIds.Hash(name, message.Text("id"), payload.Text("status"), reported.Text("timestamp"), url),
            OccurredAt = occurredAt,
            Recipient = Recipients.Bare(message.Text("to")),
            Bounce = bounce,
            Status = failed ? reply.Status : null,
            Reason = failed ? payload.Text("details") ?? response : null,
            RejectReason = ours == EventType.Dropped ? AdapterParts.RejectReason(payload.Text("details")) : null,
            EspMessageId = message.Text("id"),
            Correlation = message.Text("message_id") is { } header ? new Dictionary<string, string> { ["Message-ID"] = header } : [],
            Tags = message.Texts("tag"),
            MtaResponse = failed || ours == EventType.Delivered ? response : null,
            Url = ours == EventType.Clicked ? url : null,
            UserAgent = ours.IsHit() ? payload.Text("user_agent") : null,
            IpAddress = ours.IsHit() ? payload.Text("ip_address") : null,
        });
    }

    private static (EventType? Type, BounceKind Bounce) Meaning(string? name, JsonElement payload, SmtpReply reply) => payload.Text("status") switch
    {
        "Sent" => (EventType.Delivered, default),
        "SoftFail" => (EventType.Deferred, default),
        "HardFail" => (EventType.Bounced, GaveUp(payload) ? BounceKind.Soft : reply.KindOfPermanent),
        "Held" => (EventType.Dropped, default),
        null when payload.Has("url") => (EventType.Clicked, default),
        null when name == "MessageLoaded" => (EventType.Opened, default),
        _ => (null, default),
    };

    /// <summary>The last of many temporary failures, without an answer of its own: nothing says the address is dead.</summary>
    private static bool GaveUp(JsonElement payload) =>
        payload.Text("output") is null && payload.Text("details")?.Contains("attempts", StringComparison.OrdinalIgnoreCase) is true;

    /// <summary>A route of Postal that posts inbound mail to an HTTP endpoint.</summary>
    private static void ReadRouted(EventBatch batch, JsonElement routed)
    {
        batch.WrongHook("A route of Postal posts inbound mail to this URL; it belongs to an inbound connection.");
        if (routed.Text("message") is not { } mail)
        {
            return;
        }

        if (routed.Flag("base64") is not true)
        {
            batch.Mail(Encoding.UTF8.GetBytes(mail));
        }
        else if (AdapterParts.TryBase64(mail, out var bytes))
        {
            batch.Mail(bytes);
        }
        else
        {
            batch.Unreadable("a message that is not base64");
        }
    }

#pragma warning disable CA5350 // Older Postal servers sign with SHA-1 only.
    private static bool IsSigned(ReadOnlySpan<byte> body, byte[] signature, string key, HashAlgorithmName hash)
    {
        using var rsa = Import(key);
        return rsa?.VerifyData(body, signature, hash, RSASignaturePadding.Pkcs1) is true;
    }
#pragma warning restore CA5350

    private static string? CheckKey(string value)
    {
        using var rsa = Import(value);
        return rsa is null ? "is not an RSA public key, as PEM or as the base64 text after p=" : rsa.KeySize < 1_024 ? "is shorter than 1,024 bits" : null;
    }

    private static RSA? Import(string key)
    {
        var base64 = string.Concat(key.Split('\n').Where(line => !line.StartsWith("-----", StringComparison.Ordinal))).Trim();
        if (!AdapterParts.TryBase64(base64, out var bytes))
        {
            return null;
        }

        var rsa = RSA.Create();
        try
        {
            if (key.Contains("BEGIN RSA PUBLIC KEY", StringComparison.Ordinal))
            {
                rsa.ImportRSAPublicKey(bytes, out _);
            }
            else
            {
                rsa.ImportSubjectPublicKeyInfo(bytes, out _);
            }

            return rsa;
        }
        catch (CryptographicException)
        {
            rsa.Dispose();
            return null;
        }
    }
}
