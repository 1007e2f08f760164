using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;
using ScoreTracking.Webhooks;

namespace ScoreTracking.Tests.Webhooks;

/// <summary>Every payload under Payloads/&lt;provider&gt;/ beside what it means in our words: NAME.json or NAME.txt, and NAME.expected.json.</summary>
public sealed class AdapterGoldenTests
{
    private static readonly JsonSerializerOptions s_pretty = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static TheoryData<string> Payloads => [.. EspPayloads.All()];

    [Theory, MemberData(nameof(Payloads))]
    public void A_payload_means_what_is_written_beside_it(string payload)
    {
        var reading = EspPayloads.AdapterOf(payload).Read(EspPayloads.Request(payload), EspPayloads.Connection, Some.Noon);

        Golden.Matches($"Webhooks/Payloads/{Path.ChangeExtension(payload, null)}.expected.json", Describe(reading));
    }

    [Theory, MemberData(nameof(Payloads))]
    public void A_retry_says_the_same_with_the_same_event_ids(string payload)
    {
        var adapter = EspPayloads.AdapterOf(payload);
        var request = EspPayloads.Request(payload);

        var first = adapter.Read(request, EspPayloads.Connection, Some.Noon).Events.Select(read => read.EventId).ToList();
        var retried = adapter.Read(request, EspPayloads.Connection, Some.Noon + TimeSpan.FromHours(20)).Events.Select(read => read.EventId).ToList();

        Assert.Equal(first, retried);
        Assert.Equal(first.Count, first.Distinct().Count());
    }

    [Fact]
    public void Every_ESP_has_payloads() =>
        // What inbound mail means is written beside the samples of Mail.
        Assert.Empty(EspPayloads.Adapters.Keys.Except([InboundWebhook.Name]).Except(EspPayloads.All().Select(payload => payload.Split('/')[0])));

    private static string Describe(WebhookReading reading)
    {
        var told = new JsonObject { ["events"] = new JsonArray([.. reading.Events.Select(Describe)]), ["ignored"] = reading.Ignored };
        Say(told, "unreadable", reading.Unreadable is { Count: > 0 } unreadable ? Texts(unreadable) : null);
        Say(told, "answer", reading.Answer);
        Say(told, "confirm_at", reading.ConfirmAt?.AbsoluteUri);
        Say(told, "wrong_hook", reading.WrongHook);
        Say(told, "mails", reading.Mails.Count > 0 ? Texts(reading.Mails.Select(mail => Encoding.UTF8.GetString(mail.Span))) : null);
        return told.ToJsonString(s_pretty) + "\n";
    }

    private static JsonObject Describe(NormalisedEvent read)
    {
        var told = new JsonObject
        {
            ["event_type"] = read.Type.Name(),
            ["event_id"] = read.EventId,
            ["occurred_at"] = read.OccurredAt.UtcDateTime.ToString("O"),
        };
        Say(told, "recipient", read.Recipient);
        var bounce = new JsonObject();
        Say(bounce, "class", read.Bounce == BounceKind.None ? null : read.Bounce.Name());
        Say(bounce, "status", read.Status);
        Say(bounce, "reason", read.Reason);
        Say(told, "bounce", bounce.Count > 0 ? bounce : null);
        Say(told, "reject_reason", read.RejectReason);
        Say(told, "esp_message_id", read.EspMessageId);
        Say(told, "correlation", read.Correlation.Count > 0 ? new JsonObject(read.Correlation.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => KeyValuePair.Create(field.Key, (JsonNode?)field.Value))) : null);
        Say(told, "tags", read.Tags.Count > 0 ? Texts(read.Tags) : null);
        Say(told, "mta_response", read.MtaResponse);
        Say(told, "url", read.Url);
        Say(told, "user_agent", read.UserAgent);
        Say(told, "ip", read.IpAddress);
        Say(told, "machine", read.Machine ? true : null);
        return told;
    }

    private static void Say(JsonObject told, string name, JsonNode? value)
    {
        if (value is not null)
        {
            told[name] = value;
        }
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode?)text)]);
}
