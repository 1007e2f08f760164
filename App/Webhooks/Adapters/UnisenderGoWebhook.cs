using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ScoreTracking.Connections;
using ScoreTracking.Events;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Webhooks;

/// <summary>Unisender Go: events grouped by user, or one flat event; the MD5 of the body with the API key in its place stands inside the body.</summary>
public sealed class UnisenderGoWebhook : IEspWebhook
{
    private const string ApiKey = "api_key";
    private const string StatusEvent = "transactional_email_status";

    public string Provider => "unisender_go";

    public ConnectionShape Shape { get; } = new(
        "Unisender Go",
        Secrets: [new(ApiKey, "API key", "Of the account; of the project if the webhook belongs to one.", Required: true, AdapterParts.CheckSecret)],
        Settings: [],
        BasicAuthSuffices: false,
        Guide:
        [
            "In Unisender Go open Settings, Security, and copy the API key; if you use projects, the key of the project. Enter it here.",
            "Open Settings, Webhooks, and add a webhook with the URL {url}.",
            "Choose the format json_post, not json_post_compressed, and several events per request.",
            "Select every status of an email, and delivery information. Spam blocks may stay off.",
            "To match events to messages, put our message id into global_metadata or into the metadata of each recipient.",
            "Addresses Unisender Go refuses before sending have no event at all: read them from the answer to your send request.",
        ]);

    public Authenticity Authenticate(WebhookRequest request, EspConnection connection, DateTimeOffset now)
    {
        // How Unisender Go tries a new URL; a GET says nothing and Read takes nothing from it.
        if (request.Method.Equals("GET", StringComparison.OrdinalIgnoreCase))
        {
            return Authenticity.Genuine;
        }

        var keys = connection.Keys(ApiKey);
        if (keys.Count == 0)
        {
            return Authenticity.Forged("this connection has no api_key");
        }

        var body = request.Body.Span;
        if (FindAuth(body) is not { } place)
        {
            return Authenticity.Forged("no auth of 32 hex digits in the body; is the webhook's format json_post?");
        }

        var given = Encoding.ASCII.GetString(body[place]);
        foreach (var key in keys)
        {
            if (Signatures.SameHex(Sign(body[..place.Start], key, body[place.End..]), given))
            {
                return Authenticity.Genuine;
            }
        }

        return Authenticity.Forged("auth does not match the body");
    }

    public WebhookReading Read(WebhookRequest request, EspConnection connection, DateTimeOffset now)
    {
        if (!request.Method.Equals("POST", StringComparison.OrdinalIgnoreCase))
        {
            return new WebhookReading([]);
        }

        return EventBatch.ReadWhole(request.Body, (batch, root) =>
        {
            if (!root.Has("events_by_user"))
            {
                ReadEvent(batch, root, now);
                return;
            }

            foreach (var user in root.Array("events_by_user"))
            {
                batch.Each(user.Get("events"), (events, element) => ReadEvent(events, element, now));
            }
        });
    }

    private static void ReadEvent(EventBatch batch, JsonElement reported, DateTimeOffset now)
    {
        if (reported.Text("event_name") is { } name && name != StatusEvent)
        {
            batch.Ignore();
            return;
        }

        // A single event may be flat.
        var data = reported.Has("event_data") ? reported.Object("event_data") : reported;
        if (data.Text("status") is not { } status)
        {
            batch.Unreadable("no status");
            return;
        }

        var info = data.Object("delivery_info");
        var delivery = info.Text("delivery_status");
        var (type, bounce) = Meaning(status, delivery);
        if (type is not { } ours)
        {
            if (status == "subscribed")
            {
                batch.Retract(Recipients.Bare(data.Text("email")), SuppressionReason.Unsubscribed, data.Time("event_time"));
            }
            else
            {
                batch.Ignore();
            }

            return;
        }

        if (!batch.TryTime(data, now, out var occurredAt, "event_time"))
        {
            return;
        }

        var jobId = data.Text("job_id");
        var recipient = Recipients.Bare(data.Text("email"));
        var url = data.Text("url");
        var failed = ours is EventType.Bounced or EventType.Deferred or EventType.Dropped;
        var response = failed ? info.Text("destination_response") : null;
        batch.Add(new NormalisedEvent
        {
            Type = ours,
            EventId = EventIds.Hash(jobId, recipient, status, data.Text("event_time"), url),
            OccurredAt = occurredAt,
            Recipient = recipient,
            Bounce = bounce,
            Status = SmtpReply.Parse(response).Status,
            Reason = failed ? response ?? delivery ?? data.Text("comment") : null,
            RejectReason = ours == EventType.Dropped ? "unsubscribed" : null,
            EspMessageId = jobId,
            Correlation = data.Object("metadata").Fields(),
            Tags = data.Texts("tags"),
            MtaResponse = response,
            Url = ours == EventType.Clicked ? url : null,
            UserAgent = ours.IsHit() ? info.Text("user_agent") : null,
            IpAddress = ours.IsHit() ? info.Text("ip") : null,
        });
    }

    private static (EventType? Type, BounceKind Bounce) Meaning(string status, string? delivery) => (status, delivery) switch
    {
        ("sent", _) => (EventType.Processed, default),
        ("delivered", _) => (EventType.Delivered, default),
        ("opened", _) => (EventType.Opened, default),
        ("clicked", _) => (EventType.Clicked, default),
        ("unsubscribed", _) => (EventType.Unsubscribed, default),
        ("spam", _) => (EventType.Complained, default),
        ("soft_bounced" or "hard_bounced", "err_unsubscribed") => (EventType.Dropped, default),
        ("soft_bounced", "err_will_retry") => (EventType.Deferred, default),
        ("soft_bounced", _) => (EventType.Bounced, Bounce(delivery, BounceKind.Soft)),
        ("hard_bounced", _) => (EventType.Bounced, Bounce(delivery, BounceKind.Hard)),

        // "subscribed" takes an unsubscribe back, and is no event.
        _ => (null, default),
    };

    private static BounceKind Bounce(string? delivery, BounceKind label) => delivery switch
    {
        "err_user_unknown" or "err_user_inactive" or "err_mailbox_discarded" or "err_domain_inactive" => BounceKind.Hard,
        "err_mailbox_full" or "err_too_large" or "err_will_retry" or "err_unreachable" or "err_delivery_failed" or "err_lost" or "err_skip_letter" => BounceKind.Soft,
        "err_spam_rejected" or "err_blacklisted" or "err_spam_skipped" or "err_destination_misconfigured" => BounceKind.Block,
        _ => label,
    };

    /// <summary>Where the value of the outermost auth stands; null unless there is exactly one and it can be an MD5.</summary>
    private static Range? FindAuth(ReadOnlySpan<byte> body)
    {
        Range? found = null;
        try
        {
            var reader = new Utf8JsonReader(body);
            while (reader.Read())
            {
                if (reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName || !reader.ValueSpan.SequenceEqual("auth"u8))
                {
                    continue;
                }

                if (!reader.Read() || found is not null || reader.TokenType != JsonTokenType.String || reader.ValueIsEscaped || reader.ValueSpan.Length != MD5.HashSizeInBytes * 2)
                {
                    return null;
                }

                var start = (int)reader.TokenStartIndex + 1;
                found = start..(start + reader.ValueSpan.Length);
            }
        }
        catch (JsonException)
        {
            return null;
        }

        return found;
    }

#pragma warning disable CA5351 // Unisender Go signs with MD5 and offers nothing else.
    private static byte[] Sign(ReadOnlySpan<byte> before, ReadOnlySpan<byte> key, ReadOnlySpan<byte> after)
    {
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        md5.AppendData(before);
        md5.AppendData(key);
        md5.AppendData(after);
        return md5.GetHashAndReset();
    }
#pragma warning restore CA5351
}
