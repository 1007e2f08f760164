using System.Text.Json;
using ScoreTracking.Connections;
using ScoreTracking.Events;

namespace ScoreTracking.Webhooks;

/// <summary>Brevo (Sendinblue): one event per request, or a batch; basic authentication or a bearer token.</summary>
public sealed class BrevoWebhook : IEspWebhook
{
    private const string BearerToken = "bearer_token";
    private const string CustomHeader = "X-Mailin-custom";

    public string Provider => "brevo";

    public ConnectionShape Shape { get; } = new(
        "Brevo",
        Secrets: [new(BearerToken, "Bearer token", "A long random text of your own, sent by Brevo in the Authorization header. Use it or a user name and password, not both.", Required: false, AdapterParts.CheckSecret) { Make = AdapterParts.NewPassword }],
        Settings: [],
        BasicAuthSuffices: true,
        Guide:
        [
            "Brevo signs nothing: the bearer token of this connection, or its user name and password, are what tells its requests from others.",
            "In Brevo open Transactional, Settings, Webhook, and choose Add a new webhook. For campaigns sent by Brevo itself use Campaigns, Settings, Webhooks in the same way.",
            "Enter {url} as the URL to call.",
            "Choose Token as authentication and enter the bearer token; or put user:password@ before the host of the URL.",
            "Select every event except those about contacts and lists.",
            "To match events to messages, send the header X-Mailin-custom with a JSON object that carries our message id.",
            "If you create the webhook over Brevo's API you may set batched to true: batches are read as well.",
        ]);

    public Authenticity Authenticate(WebhookRequest request, EspConnection connection, DateTimeOffset now)
    {
        // The Authorization header has room for one of the two; basic authentication was checked already.
        if (connection.HasBasicAuth)
        {
            return Authenticity.Genuine;
        }

        var tokens = connection.Keys(BearerToken);
        if (tokens.Count == 0)
        {
            return Authenticity.Forged("this connection has neither a bearer token nor a user name and password");
        }

        const string scheme = "Bearer ";
        var header = request.Header("Authorization");
        if (header?.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) is not true)
        {
            return Authenticity.Missing("no bearer token");
        }

        var given = System.Text.Encoding.UTF8.GetBytes(header[scheme.Length..].Trim());
        return tokens.Any(token => Signatures.Same(token, given)) ? Authenticity.Genuine : Authenticity.Forged("another bearer token");
    }

    public WebhookReading Read(WebhookRequest request, EspConnection connection, DateTimeOffset now) =>
        EventBatch.ReadWhole(request.Body, (batch, root) => batch.Each(Events(root), (events, element) => ReadEvent(events, element, now)));

    /// <summary>The batch itself, or the array in an object around it: Brevo's pages do not show which it sends.</summary>
    private static JsonElement Events(JsonElement root)
    {
        if (root.ValueKind == JsonValueKind.Object && !root.Has("event"))
        {
            foreach (var member in root.EnumerateObject())
            {
                if (member.Value.ValueKind == JsonValueKind.Array)
                {
                    return member.Value;
                }
            }
        }

        return root;
    }

    private static void ReadEvent(EventBatch batch, JsonElement reported, DateTimeOffset now)
    {
        if (reported.Text("event") is not { } name)
        {
            if (reported.Has("RawHtmlBody") || reported.Has("MessageId"))
            {
                batch.WrongHook("Brevo's inbound parsing posts to this URL; it belongs to an inbound connection.");
                return;
            }

            batch.Unreadable("no event");
            return;
        }

        var (type, bounce, machine) = Meaning(name);
        if (type is not { } ours)
        {
            batch.Ignore();
            return;
        }

        // Milliseconds, in one documented sample seconds; complaints may have ts_event only. ts and date are in the account's own zone and of no use.
        if (!batch.TryTime(reported, now, out var occurredAt, "ts_epoch", "s_epoch", "ts_event"))
        {
            return;
        }

        var reason = reported.Text("reason");
        var reply = SmtpReply.Parse(reason);
        var messageId = reported.Text("message-id");
        var recipient = Recipients.Bare(reported.Text("email"));
        var link = reported.Text("link") ?? reported.Text("URL");
        var failed = ours is EventType.Bounced or EventType.Deferred or EventType.Dropped;
        batch.Add(new NormalisedEvent
        {
            Type = ours,
            EventId = EventIds.Hash(messageId, name, recipient, reported.Text("ts_epoch") ?? reported.Text("ts_event"), link),
            OccurredAt = occurredAt,
            Recipient = recipient,
            Bounce = bounce,
            Status = failed ? reply.Status : null,
            Reason = failed ? reason : null,
            RejectReason = ours == EventType.Dropped ? AdapterParts.RejectReason(reason) : null,
            EspMessageId = messageId,
            Correlation = Carried(reported),
            Tags = Tags(reported),
            MtaResponse = ours is EventType.Bounced or EventType.Deferred ? reason : null,
            Url = ours == EventType.Clicked ? link : null,
            UserAgent = ours.IsHit() ? reported.Text("user_agent") : null,

            // sending_ip is Brevo's own address, never the reader's.
            IpAddress = ours.IsHit() ? reported.Text("ip") : null,
            Machine = machine,
        });
    }

    /// <summary>Names of transactional and of marketing webhooks: hard_bounce, hardBounce.</summary>
    private static (EventType? Type, BounceKind Bounce, bool Machine) Meaning(string name) => AdapterParts.Folded(name) switch
    {
        "request" or "sent" => (EventType.Processed, default, false),
        "delivered" => (EventType.Delivered, default, false),
        "deferred" => (EventType.Deferred, default, false),
        "hardbounce" or "invalidemail" or "invalid" => (EventType.Bounced, BounceKind.Hard, false),
        "softbounce" => (EventType.Bounced, BounceKind.Soft, false),
        "blocked" or "error" => (EventType.Dropped, default, false),
        "spam" or "complaint" => (EventType.Complained, default, false),
        "opened" or "uniqueopened" => (EventType.Opened, default, false),
        "proxyopen" or "uniqueproxyopen" => (EventType.Opened, default, true),
        "click" or "clicked" => (EventType.Clicked, default, false),
        "unsubscribe" or "unsubscribed" => (EventType.Unsubscribed, default, false),
        _ => (null, default, false),
    };

    private static Dictionary<string, string> Carried(JsonElement reported)
    {
        var custom = reported.Object(CustomHeader);
        return custom.ValueKind == JsonValueKind.Object
            ? custom.Fields()
            : AdapterParts.Carried(CustomHeader, reported.Fields().FirstOrDefault(field => field.Key.Equals(CustomHeader, StringComparison.OrdinalIgnoreCase)).Value);
    }

    /// <summary>tag may be a text, an array, or an array inside a text; tags is an array, where there is one.</summary>
    private static List<string> Tags(JsonElement reported)
    {
        if (reported.Texts("tags") is { Count: > 0 } tags)
        {
            return tags;
        }

        var tag = reported.Texts("tag");
        if (tag is [['[', ..] array])
        {
            using var document = JsonReading.Parse(array);
            return document is null ? tag : [.. document.RootElement.Array().Select(JsonReading.AsText).OfType<string>()];
        }

        return tag;
    }
}
