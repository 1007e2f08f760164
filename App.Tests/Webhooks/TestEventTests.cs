using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Api;
using ScoreTracking.Connections;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;
using ScoreTracking.Webhooks;

namespace ScoreTracking.Tests.Webhooks;

/// <summary>The test events an operator sends a connection: genuine to its adapter, and stored like real ones.</summary>
public sealed class TestEventTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    private static readonly SampleMark s_mark = new("test-abcdefgh23456789", Some.Noon);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private TestApp App => fixture.App;

    public static TheoryData<string> Providers => [.. EspPayloads.Adapters.Keys.Order(StringComparer.Ordinal)];

    public static TheoryData<string, SampleKind> Samples
    {
        get
        {
            var all = new TheoryData<string, SampleKind>();
            foreach (var sample in EspSamples.All.Values)
            {
                foreach (var kind in sample.Kinds)
                {
                    all.Add(sample.Provider, kind);
                }
            }

            return all;
        }
    }

    [Theory, MemberData(nameof(Providers))]
    public void Every_ESP_has_test_events(string provider) => Assert.NotEmpty(TestEvents.KindsOf(provider));

    [Theory, MemberData(nameof(Samples))]
    public void A_test_event_is_genuine_and_says_one_thing_about_nobody(string provider, SampleKind kind)
    {
        var (adapter, sample) = (EspPayloads.Adapters[provider], EspSamples.All[provider]);
        var connection = ConnectionOf(adapter);

        var request = sample.Make(kind, s_mark, connection);
        var reading = adapter.Read(request, connection, Some.Noon);

        Assert.Equal(!sample.IsUnsigned, adapter.Authenticate(request, connection, Some.Noon).Kind == AuthenticityKind.Genuine);
        Assert.Empty(reading.Unreadable ?? []);
        if (provider == InboundWebhook.Name)
        {
            Assert.Single(reading.Mails);
            return;
        }

        var said = Assert.Single(reading.Events);
        Assert.Equal(kind switch { SampleKind.Delivered => EventType.Delivered, SampleKind.HardBounce => EventType.Bounced, _ => EventType.Complained }, said.Type);
        Assert.Equal(kind == SampleKind.HardBounce ? BounceKind.Hard : BounceKind.None, said.Bounce);
        Assert.Equal(kind == SampleKind.HardBounce, said.Reason is not null);
        Assert.Equal(Some.Noon, said.OccurredAt);
        Assert.True(TestEvents.IsTest(said.Recipient, said.EspMessageId, said.EventId, said.Reason));
    }

    [Theory, MemberData(nameof(Samples))]
    public void Another_connections_key_refuses_it(string provider, SampleKind kind)
    {
        var (adapter, sample) = (EspPayloads.Adapters[provider], EspSamples.All[provider]);
        var secrets = adapter.Shape.Secrets;
        if (sample.IsUnsigned || secrets.Count == 0)
        {
            Assert.True(sample.IsUnsigned || adapter.Shape.BasicAuthSuffices);
            return;
        }

        var other = EspPayloads.With([.. secrets.Select(secret => (secret.Key, "whsec_b3RoZXItb3RoZXItb3RoZXItb3RoZXI="))], settings: [("public_url", "https://tracking.example.com")]);

        Assert.NotEqual(AuthenticityKind.Genuine, adapter.Authenticate(sample.Make(kind, s_mark, ConnectionOf(adapter)), other, Some.Noon).Kind);
    }

    [Theory, MemberData(nameof(Providers))]
    public async Task Sent_from_the_screen_it_is_received_as_a_test_and_moves_nothing(string provider)
    {
        var id = await CreateAsync(provider);
        var kind = TestEvents.KindsOf(provider)[0];

        var result = await Tests.SendAsync(id, kind, "the ESP", Token);
        await App.StoredAsync();

        Assert.True(result.Accepted, result.Words);
        await using var db = App.Database();
        var rows = (await ReceivedPageQuery.RunAsync(db, id, ReceivedView.Read(null, null, null), Token)).Rows;
        Assert.True(Assert.Single(rows) is { IsTest: true, MessageId: 0, Campaign: null });
        Assert.Empty(App.Services.GetRequiredService<RejectedWebhooks>().Of(id));
        Assert.Empty(App.Verify());
    }

    [Fact]
    public async Task While_the_key_is_missing_it_is_refused_as_a_real_one_would_be()
    {
        var id = await CreateAsync("mailersend", withSecrets: false);

        var result = await Tests.SendAsync(id, SampleKind.Delivered, "MailerSend", Token);

        Assert.Equal((false, "Refused, as a real event would be now: this connection has no signing_secret"), (result.Accepted, result.Words));
        Assert.Equal("this server", Assert.Single(App.Services.GetRequiredService<RejectedWebhooks>().Of(id)).Peer);
    }

    [Fact]
    public async Task A_disabled_connection_takes_no_test_event()
    {
        var id = await CreateAsync("postmark");
        await App.Services.GetRequiredService<ConnectionEdits>().ChangeAsync(id, new ConnectionBody { Enabled = false }, Token);

        var result = await Tests.SendAsync(id, SampleKind.Delivered, "Postmark", Token);

        Assert.False(result.Accepted);
        Assert.Contains("disabled", result.Words, StringComparison.Ordinal);
    }

    private TestEvents Tests => App.Services.GetRequiredService<TestEvents>();

    private static EspConnection ConnectionOf(IEspWebhook adapter) => EspPayloads.With(
        [.. adapter.Shape.Secrets.Select(field => (field.Key, SecretOf(adapter.Provider, field)))],
        settings: [("public_url", "https://tracking.example.com"), ("topic_arn", "arn:aws:sns:eu-west-1:123456789012:mail-events")],
        basicAuth: adapter.Shape.BasicAuthSuffices && adapter.Shape.Secrets.Count == 0);

    private static string SecretOf(string provider, ConnectionField field) => provider switch
    {
        "sendgrid" => Convert.ToBase64String(s_ecdsa),
        "postal" => Convert.ToBase64String(s_rsa),
        "resend" or "generic" => "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0",
        _ => field.Make?.Invoke() ?? "a-secret-of-this-connection",
    };

    private static readonly byte[] s_ecdsa = EcdsaKey();
    private static readonly byte[] s_rsa = RsaKey();

    private static byte[] EcdsaKey()
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        return key.ExportSubjectPublicKeyInfo();
    }

    private static byte[] RsaKey()
    {
        using var key = System.Security.Cryptography.RSA.Create(2048);
        return key.ExportSubjectPublicKeyInfo();
    }

    private async Task<long> CreateAsync(string provider, bool withSecrets = true)
    {
        var shape = EspPayloads.Adapters[provider].Shape;
        using var answer = await App.Api.PostAsJsonAsync("/api/v1/connections", new
        {
            name = provider,
            provider,
            secrets = shape.Secrets.Where(_ => withSecrets).ToDictionary(field => field.Key, field => SecretOf(provider, field)),
            basic_auth = shape is { BasicAuthSuffices: true, Secrets.Count: 0 } ? new { user = "esp", password = "correct-horse" } : null,
            settings = shape.Settings.Where(field => field.Required).ToDictionary(field => field.Key, _ => "arn:aws:sns:eu-west-1:123456789012:mail-events"),
        }, Token);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>(Token);
        Assert.True(answer.IsSuccessStatusCode, body.ToString());
        PublicId.TryConnection(body.GetProperty("data").GetProperty("id").GetString(), out var id);
        return id;
    }
}
