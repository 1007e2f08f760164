using System.Text;
using System.Text.Json.Nodes;
using ScoreTracking.Tests.Support;
using ScoreTracking.Webhooks;

namespace ScoreTracking.Tests.Webhooks;

/// <summary>What no ESP sends but somebody will: for every adapter alike.</summary>
public sealed class HostileRequestTests
{
    private static readonly string[] s_garbage =
    [
        "", " ", "null", "0", "true", "\"\"", "[]", "{}", "[[]]", "[null,1,\"a\",[],{}]", "{\"a\":", "[{]", "\uFEFF{}", "\0\0\0", "a=b&c", "&&&=", "--", "--x", "--x\r\n", "--x\r\n\r\n--x--",
        "--x\r\nContent-Disposition: form-data; name=\"\r\n\r\nv\r\n--x--", "%", "event-data=%ZZ&mandrill_events=[[[&event=%00", "{\"\\ud800\":\"\\udfff\"}",
        "[{\"event\":\"\\ud800\"}]", "{\"event_type\":\"opened\",\"message_id\":\"msg_1\",\"metadata\":{\"x\":\"\\udfff\"}}", "{\"event_type\":\"opened\",\"message_id\":\"msg_1\",\"metadata\":{\"\\udfff\":1}}", "{\"Type\":\"Notification\",\"Message\":\"{\\\"eventType\\\":\\\"Bounce\\\",\\\"bounce\\\":[]}\"}",
    ];

    public static TheoryData<string> Providers => [.. EspPayloads.Adapters.Keys.Order(StringComparer.Ordinal)];

    public static TheoryData<string> Payloads => AdapterGoldenTests.Payloads;

    [Theory, MemberData(nameof(Providers))]
    public void Garbage_is_no_event_and_no_error(string provider)
    {
        var deep = new string('[', 100_000);
        var nested = string.Concat(Enumerable.Repeat("{\"event-data\":", 500)) + "1" + new string('}', 500);
        foreach (var body in s_garbage.Append(deep).Append(nested).Select(Encoding.UTF8.GetBytes).Append([0xFF, 0xFE, 0x00]).Append([(byte)'{', (byte)'"', 0xC3, (byte)'"', (byte)':', (byte)'"', 0xFF, (byte)'"', (byte)'}']))
        {
            Assert.Empty(Both(provider, body).Events);
        }
    }

    [Theory, MemberData(nameof(Payloads))]
    public void A_payload_cut_short_is_never_an_error(string payload)
    {
        var body = EspPayloads.Body(payload);
        for (var length = 0; length < body.Length; length += 1 + (body.Length / 400))
        {
            Both(payload, body[..length]);
        }
    }

    [Theory, MemberData(nameof(Payloads))]
    public void Flipped_bytes_are_never_an_error(string payload)
    {
        var random = new Random(20260901);
        for (var round = 0; round < 300; round++)
        {
            var body = EspPayloads.Body(payload);
            for (var flips = random.Next(1, 6); flips > 0 && body.Length > 0; flips--)
            {
                body[random.Next(body.Length)] = (byte)random.Next(256);
            }

            Both(payload, body);
        }
    }

    [Theory, MemberData(nameof(Payloads))]
    public void Members_missing_null_or_of_another_type_are_never_an_error(string payload)
    {
        if (!payload.EndsWith(".json", StringComparison.Ordinal))
        {
            return;
        }

        var text = Encoding.UTF8.GetString(EspPayloads.Body(payload));
        var count = Places(JsonNode.Parse(text)).Count;
        JsonNode?[] wrong = [null, 0, -1.5e300, "", "\0", "x", true, new JsonArray(), new JsonObject(), new JsonArray(null, 1, "a"), new string('a', 3_000)];
        for (var place = 0; place < count; place++)
        {
            foreach (var value in wrong)
            {
                var root = JsonNode.Parse(text);
                Places(root)[place](value?.DeepClone());
                Both(payload, Encoding.UTF8.GetBytes(root!.ToJsonString()));
            }
        }
    }

    [Theory, MemberData(nameof(Payloads))]
    public void Without_secret_and_without_basic_auth_nothing_is_genuine(string payload)
    {
        var adapter = EspPayloads.AdapterOf(payload);
        var closed = EspPayloads.Connection with { HasBasicAuth = false };

        Assert.NotEqual(AuthenticityKind.Genuine, adapter.Authenticate(EspPayloads.Request(payload), closed, Some.Noon).Kind);
    }

    [Theory, MemberData(nameof(Providers))]
    public void Every_field_of_a_connection_is_explained_and_none_takes_nonsense_for_a_key(string provider)
    {
        var shape = EspPayloads.Adapters[provider].Shape;

        Assert.True(shape.Secrets.Count > 0 || shape.Settings.Count > 0 || shape.BasicAuthSuffices);
        Assert.Contains(shape.Guide, step => step.Contains("{url}", StringComparison.Ordinal));
        Assert.All(shape.Secrets.Concat(shape.Settings), field =>
        {
            Assert.Matches("^[a-z][a-z_]+$", field.Key);
            Assert.NotEmpty(field.Label);
            Assert.NotEmpty(field.Hint);
            foreach (var value in new[] { "", "\0", "-----BEGIN", "%%%", new string('A', 100_000) })
            {
                field.Check?.Invoke(value); // must not throw on anything
            }
        });
    }

    private static WebhookReading Both(string payload, byte[] body)
    {
        var provider = payload.Split('/')[0];
        var adapter = EspPayloads.Adapters[provider];
        var request = EspPayloads.Request(payload, body);
        var secrets = EspPayloads.With(
            [.. adapter.Shape.Secrets.Select(secret => (secret.Key, "c2VjcmV0"))],
            settings: [.. EspPayloads.Connection.Settings.Select(setting => (setting.Key, setting.Value))]);
        if (adapter.Shape.Secrets.Count > 0)
        {
            Assert.NotEqual(AuthenticityKind.Genuine, adapter.Authenticate(request, secrets, Some.Noon).Kind);
        }

        var reading = adapter.Read(request, EspPayloads.Connection, Some.Noon);
        Assert.All(reading.Events, read => Assert.NotEmpty(read.EventId));
        return reading;
    }

    // Every place of a JSON tree where a value could be replaced.
    private static List<Action<JsonNode?>> Places(JsonNode? node)
    {
        var places = new List<Action<JsonNode?>>();
        if (node is JsonObject members)
        {
            foreach (var (name, value) in members.ToList())
            {
                places.Add(wrong => members[name] = wrong);
                places.AddRange(Places(value));
            }
        }
        else if (node is JsonArray items)
        {
            for (var i = 0; i < items.Count; i++)
            {
                var at = i;
                places.Add(wrong => items[at] = wrong);
                places.AddRange(Places(items[at]));
            }
        }

        return places;
    }
}
