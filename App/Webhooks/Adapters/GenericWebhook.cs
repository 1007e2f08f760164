using System.Text;
using System.Text.Json;
using ScoreTracking.Api;
using ScoreTracking.Connections;
using ScoreTracking.Events;

namespace ScoreTracking.Webhooks;

/// <summary>For every other sender: the body of POST /events, signed as Standard Webhooks says.</summary>
public sealed class GenericWebhook : IEspWebhook
{
    private const string Secret = "signing_secret";

    public string Provider => "generic";

    public ConnectionShape Shape { get; } = new(
        "Generic (Standard Webhooks)",
        [new(Secret, "Signing secret", "whsec_ followed by base64 of 24 to 64 random bytes, the same on both sides.", Required: true, StandardSignature.CheckSecret) { Make = StandardSignature.NewSecret }],
        [],
        BasicAuthSuffices: false,
        [
            "Make a secret: whsec_ followed by the base64 of 32 random bytes. Enter it here and at the sender.",
            "Let the sender POST JSON to {url}: one event, an array, or one event per line, as described for POST /events.",
            "Sign each request with the headers webhook-id, webhook-timestamp and webhook-signature: \"v1,\" and the base64 of HMAC-SHA256 over id, a dot, timestamp, a dot and the raw body.",
            "Sign retries anew, and keep webhook-id and event_id the same.",
        ]);

    public Authenticity Authenticate(WebhookRequest request, EspConnection connection, DateTimeOffset now) =>
        StandardSignature.Check(request, connection.Candidates(Secret), now);

    public WebhookReading Read(WebhookRequest request, EspConnection connection, DateTimeOffset now)
    {
        var read = new ReadEvents();
        var batch = StandardSignature.IdOf(request) ?? EventIds.Hash(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(request.Body.Span)));
        using var document = JsonReading.Parse(request.Body);
        if (document is not null)
        {
            var elements = document.RootElement.ValueKind == JsonValueKind.Array ? document.RootElement.EnumerateArray().AsEnumerable() : [document.RootElement];
            foreach (var (index, element) in elements.Index())
            {
                ReadOne(read, element, $"{batch}:{index}", now);
            }

            return read.ToReading();
        }

        foreach (var (index, line) in Encoding.UTF8.GetString(request.Body.Span).Split('\n').Index().Where(line => !string.IsNullOrWhiteSpace(line.Item)))
        {
            using var one = JsonReading.Parse(line);
            if (one is null)
            {
                read.Unreadable($"line {index + 1}: not JSON");
            }
            else
            {
                ReadOne(read, one.RootElement, $"{batch}:{index}", now);
            }
        }

        return read.ToReading();
    }

    private static void ReadOne(ReadEvents read, JsonElement element, string fallbackId, DateTimeOffset now)
    {
        if (!ReportedEvent.TryRead(element, now, out var reported, out var errors))
        {
            // A type of a later version is no fault of the sender's.
            if (errors is { Count: 1 } && errors.TryGetValue("event_type", out var faults) && faults is ["unknown"])
            {
                read.Ignore();
            }
            else
            {
                read.Unreadable(string.Join("; ", errors.Take(10).Select(error => $"{error.Key[..Math.Min(error.Key.Length, 100)]}: {string.Join(", ", error.Value)}")));
            }

            return;
        }

        read.Add(new NormalisedEvent
        {
            Type = reported.Type,
            EventId = element.Text("event_id") ?? fallbackId,
            OccurredAt = reported.OccurredAt,
            Recipient = reported.CustomerEmail,
            Bounce = reported.Bounce,
            Reason = reported.Reason,
            EspMessageId = reported.EspMessageId,
            Correlation = CorrelationOf(reported),
            Url = reported.Url,
            UserAgent = reported.UserAgent,
            IpAddress = reported.IpAddress,
        });
    }

    // The ids first: metadata of the same names must not point elsewhere.
    private static Dictionary<string, string> CorrelationOf(EmailEvent reported)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        if (reported.MessageId != 0)
        {
            found["message_id"] = PublicId.Message(reported.MessageId);
        }

        if (reported.CampaignId != 0)
        {
            found["campaign_id"] = PublicId.Campaign(reported.CampaignId);
        }

        if (reported.CustomerId is { } customer)
        {
            found["customer_id"] = customer;
        }

        using var metadata = JsonReading.Parse(reported.Metadata);
        foreach (var (name, value) in metadata?.RootElement.Fields() ?? [])
        {
            if (name is not ("message_id" or "campaign_id" or "customer_id"))
            {
                found[name] = value;
            }
        }

        return found;
    }
}
