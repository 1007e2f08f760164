using System.Globalization;
using System.Net;
using System.Text.Json;
using ScoreTracking.Api;
using ScoreTracking.Events;

namespace ScoreTracking.Webhooks;

/// <summary>Reads one event as the API takes it. Every member is checked by itself, so that one bad event names all its faults and costs only itself.</summary>
internal static class ReportedEvent
{
    private const int MaxId = 200;
    private const int MaxText = 2_000;
    private const int MaxUrl = 8_192;

    // Before any mail this server could have tracked, and a clock further ahead than any time zone mistake.
    private static readonly DateTimeOffset s_earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan s_ahead = TimeSpan.FromDays(1);

    /// <param name="errors">Member to messages; a member that has no place here says "unknown member".</param>
    public static bool TryRead(JsonElement element, DateTimeOffset now, out EmailEvent reported, out Dictionary<string, string[]> errors)
    {
        reported = null!;
        var found = new Reading();
        if (element.ValueKind != JsonValueKind.Object)
        {
            found.Fail("event", "must be an object");
            errors = found.Errors;
            return false;
        }

        try
        {
            foreach (var member in element.EnumerateObject())
            {
                if (member.Value.ValueKind != JsonValueKind.Null)
                {
                    Read(found, member, now);
                }
            }
        }
        catch (Exception exception) when (exception is InvalidOperationException or JsonException or ArgumentException)
        {
            // Half a surrogate pair in a name or a text: valid JSON, but no text.
            found.Fail("event", "is not valid Unicode");
        }

        if (found.Type == default && !found.Errors.ContainsKey("event_type"))
        {
            found.Fail("event_type", "is required");
        }

        if (found.MessageId == 0 && found.EspMessageId is null && (found.CampaignId == 0 || (found.CustomerId ?? found.CustomerEmail) is null) && found.Errors.Count == 0)
        {
            found.Fail("message_id", "give message_id, esp_message_id, or campaign_id with customer_id or customer_email");
        }

        errors = found.Errors;
        if (errors.Count > 0)
        {
            return false;
        }

        reported = found.ToEvent(now);
        return true;
    }

    private static void Read(Reading found, JsonProperty member, DateTimeOffset now)
    {
        switch (member.Name)
        {
            case "event_id":
                found.EventId = Text(found, member.Name, member.Value, MaxId);
                break;
            case "event_type":
                if (Text(found, member.Name, member.Value, MaxId) is { } type && !EventTypes.TryParse(type, out found.Type))
                {
                    found.Fail(member.Name, "unknown");
                }

                break;
            case "message_id":
                Id(found, member, PublicId.TryMessage, out found.MessageId);
                break;
            case "campaign_id":
                Id(found, member, PublicId.TryCampaign, out found.CampaignId);
                break;
            case "customer_id":
                found.CustomerId = Text(found, member.Name, member.Value, MaxId);
                break;
            case "customer_email":
                found.CustomerEmail = Text(found, member.Name, member.Value, 254);
                break;
            case "esp_message_id":
                found.EspMessageId = Text(found, member.Name, member.Value, 998);
                break;
            case "occurred_at":
                found.OccurredAt = Time(found, member, now);
                break;
            case "metadata":
                ReadMetadata(found, member.Value);
                break;
            default:
                found.Fail(member.Name, "unknown member");
                break;
        }
    }

    private static void ReadMetadata(Reading found, JsonElement metadata)
    {
        if (metadata.ValueKind != JsonValueKind.Object)
        {
            found.Fail("metadata", "must be an object");
            return;
        }

        var rest = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in metadata.EnumerateObject())
        {
            var name = $"metadata.{member.Name}";
            switch (member.Name)
            {
                case "url":
                    found.Url = Text(found, name, member.Value, MaxUrl);
                    break;
                case "reason":
                    found.Reason = Text(found, name, member.Value, MaxText);
                    break;
                case "user_agent":
                    found.UserAgent = Text(found, name, member.Value, MaxText);
                    break;
                case "ip":
                    found.IpAddress = Text(found, name, member.Value, 64);
                    if (found.IpAddress is { } address && !IPAddress.TryParse(address, out _))
                    {
                        found.Fail(name, "not an IP address");
                    }

                    break;
                case "bounce_type":
                    if (Text(found, name, member.Value, 20) is { } kind && !BounceKinds.TryParse(kind, out found.Bounce))
                    {
                        found.Fail(name, "must be hard, soft or block");
                    }

                    break;
                default:
                    rest[member.Name] = member.Value;
                    break;
            }
        }

        if (rest.Count > 0)
        {
            found.Metadata = JsonSerializer.Serialize(rest);
            if (found.Metadata.Length > MaxUrl)
            {
                found.Fail("metadata", $"more than {MaxUrl} characters");
            }
        }
    }

    private static string? Text(Reading found, string name, JsonElement value, int longest)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            found.Fail(name, "must be a string");
            return null;
        }

        var text = value.GetString()!;
        if (text.Length == 0 || text.Length > longest)
        {
            found.Fail(name, text.Length == 0 ? "must not be empty" : $"longer than {longest} characters");
            return null;
        }

        return text;
    }

    private delegate bool TryId(string? text, out long id);

    private static void Id(Reading found, JsonProperty member, TryId tryRead, out long id)
    {
        id = 0;
        if (Text(found, member.Name, member.Value, MaxId) is { } text && !tryRead(text, out id))
        {
            found.Fail(member.Name, "not an id of this kind");
        }
    }

    private static DateTimeOffset? Time(Reading found, JsonProperty member, DateTimeOffset now)
    {
        if (Text(found, member.Name, member.Value, 40) is not { } text)
        {
            return null;
        }

        // Without an offset it would mean another time on every server.
        var hasOffset = text.EndsWith('Z') || (text.LastIndexOfAny(['+', '-']) is var sign && sign > text.IndexOf('T', StringComparison.Ordinal));
        if (!hasOffset || !text.Contains('T', StringComparison.Ordinal)
            || !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var time))
        {
            found.Fail(member.Name, "must be an ISO 8601 time with an offset");
            return null;
        }

        if (time < s_earliest || time > now + s_ahead)
        {
            found.Fail(member.Name, "must lie between the year 2000 and tomorrow");
        }

        return time;
    }

    private sealed class Reading
    {
        public readonly Dictionary<string, string[]> Errors = new(StringComparer.Ordinal);
        public EventType Type;
        public long MessageId;
        public long CampaignId;
        public BounceKind Bounce;

        public string? EventId { get; set; }
        public string? CustomerId { get; set; }
        public string? CustomerEmail { get; set; }
        public string? EspMessageId { get; set; }
        public DateTimeOffset? OccurredAt { get; set; }
        public string? Url { get; set; }
        public string? Reason { get; set; }
        public string? IpAddress { get; set; }
        public string? UserAgent { get; set; }
        public string? Metadata { get; set; }

        public void Fail(string member, string error) => Errors.TryAdd(member, [error]);

        public EmailEvent ToEvent(DateTimeOffset now) => new()
        {
            Type = Type,
            Source = EventSource.Api,
            OccurredAt = OccurredAt ?? now,
            ReceivedAt = now,
            SourceKey = EventId is null ? null : $"api:{EventId}",
            MessageId = MessageId,
            CampaignId = CampaignId,
            CustomerId = CustomerId,
            CustomerEmail = CustomerEmail,
            EspMessageId = EspMessageId,
            Url = Url,
            Bounce = Bounce,
            Reason = Reason,
            IpAddress = IpAddress,
            UserAgent = UserAgent,
            Metadata = Metadata,
        };
    }
}
