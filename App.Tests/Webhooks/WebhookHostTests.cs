using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Events;
using ScoreTracking.Ingest;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Webhooks;

/// <summary>Webhooks as an ESP would post them, through the real host.</summary>
public sealed class WebhookHostTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    private TestApp App => fixture.App;

    [Fact]
    public async Task A_signed_batch_is_stored_once_and_shown_normalised()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (id, url) = await ConnectAsync("sendgrid", new { verification_key = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()) });
        var (campaign, message) = await GivenAsync();
        var tag = Guid.NewGuid().ToString("N");
        var batch = $$"""
            [{"event":"delivered","email":"a@example.com","timestamp":{{Seconds()}},"sg_event_id":"{{tag}}-1","sg_message_id":"{{tag}}.filter","st_message_id":"msg_{{message}}"},
             {"event":"bounce","type":"bounce","email":"b@example.com","timestamp":{{Seconds()}},"sg_event_id":"{{tag}}-2","status":"5.1.1","reason":"550 5.1.1 no such user"},
             {"event":"dance","email":"c@example.com","timestamp":{{Seconds()}},"sg_event_id":"{{tag}}-3"},
             7]
            """;

        using var answer = await PostSendGridAsync(url, key, batch);
        using var again = await PostSendGridAsync(url, key, batch);

        Assert.Equal("""{"received":2,"ignored":2}""", await answer.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        await App.StoredAsync();
        Assert.Equal((1, 1), await App.CountAsync(campaign, EventType.Delivered));
        var received = (await App.Api.GetFromJsonAsync<JsonElement>($"/api/v1/connections/{id}/received")).GetProperty("data");
        Assert.Equal(2, received.GetArrayLength());
        var bounced = received.EnumerateArray().Single(e => e.GetProperty("event_type").GetString() == "bounced");
        Assert.Equal("hard", bounced.GetProperty("bounce").GetProperty("class").GetString());
        Assert.Equal("550 5.1.1 no such user", bounced.GetProperty("bounce").GetProperty("reason").GetString());
        Assert.Equal(JsonValueKind.Null, bounced.GetProperty("message_id").ValueKind);
        Assert.Equal($"msg_{message}", received.EnumerateArray().Single(e => e.GetProperty("event_type").GetString() == "delivered").GetProperty("message_id").GetString());
        Assert.Empty(App.Verify());
    }

    [Fact]
    public async Task A_forgery_is_401_changes_nothing_and_is_listed()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (id, url) = await ConnectAsync("sendgrid", new { verification_key = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()) });
        var (campaign, message) = await GivenAsync();
        var body = $$"""[{"event":"delivered","email":"a@example.com","timestamp":{{Seconds()}},"sg_event_id":"f-{{message}}","st_message_id":"msg_{{message}}"}]""";

        using var forged = await PostSendGridAsync(url, other, body);
        using var bare = await App.Anonymous().PostAsync(url, Json(body));

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (forged.StatusCode, bare.StatusCode));
        await App.StoredAsync();
        Assert.Equal((0, 0), await App.CountAsync(campaign, EventType.Delivered));
        var rejected = (await App.Api.GetFromJsonAsync<JsonElement>($"/api/v1/connections/{id}/rejected")).GetProperty("data");
        Assert.Equal(2, rejected.GetArrayLength());
        Assert.NotEqual("", rejected[0].GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_signature_that_covers_no_body_is_good_for_one_body()
    {
        var (_, url) = await ConnectAsync("mailgun", new { signing_key = "mailgun-signing-key" });
        var (campaign, message) = await GivenAsync();
        var token = Guid.NewGuid().ToString("N");

        using var first = await App.Anonymous().PostAsync(url, Json(Mailgun(token, message, "delivered")));
        using var retry = await App.Anonymous().PostAsync(url, Json(Mailgun(token, message, "delivered")));
        using var forged = await App.Anonymous().PostAsync(url, Json(Mailgun(token, message, "complained")));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Unauthorized), (first.StatusCode, retry.StatusCode, forged.StatusCode));
        await App.StoredAsync();
        Assert.Equal((1, 1), await App.CountAsync(campaign, EventType.Delivered));
        Assert.Equal((0, 0), await App.CountAsync(campaign, EventType.Complained));
    }

    [Fact]
    public async Task Basic_authentication_is_asked_for_and_checked()
    {
        var (_, url) = await ConnectAsync("postmark", new { }, new { user = "esp", password = "a long password" });
        using var right = new HttpRequestMessage(HttpMethod.Post, url) { Content = Json("""{"RecordType":"Delivery","MessageID":"x","Recipient":"a@example.com","DeliveredAt":"2026-09-01T10:00:00Z"}""") };
        right.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String("esp:a long password"u8));
        using var wrong = new HttpRequestMessage(HttpMethod.Post, url) { Content = Json("{}") };
        wrong.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String("esp:another password"u8));

        using var missing = await App.Anonymous().PostAsync(url, Json("{}"));
        using var refused = await App.Anonymous().SendAsync(wrong);
        using var taken = await App.Anonymous().SendAsync(right);

        Assert.Equal(HttpStatusCode.Unauthorized, missing.StatusCode);
        Assert.Equal("Basic", missing.Headers.WwwAuthenticate.Single().Scheme);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
    }

    [Fact]
    public async Task Secrets_rotate_without_a_gap_and_are_never_shown()
    {
        var (id, url) = await ConnectAsync("mailersend", new { signing_secret = "the-old-secret-1" });

        using var changed = await App.Api.PatchAsJsonAsync($"/api/v1/connections/{id}", new { secrets = new { signing_secret = "the-new-secret-2" } });
        var text = await changed.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.OK, await PostMailerSendAsync(url, "the-old-secret-1"));
        Assert.Equal(HttpStatusCode.OK, await PostMailerSendAsync(url, "the-new-secret-2"));
        Assert.DoesNotContain("secret-1", text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-2", text, StringComparison.Ordinal);

        using var ended = await App.Api.PatchAsJsonAsync($"/api/v1/connections/{id}", new { secrets_previous = new { } });
        Assert.Equal(HttpStatusCode.Unauthorized, await PostMailerSendAsync(url, "the-old-secret-1"));
        Assert.Equal(HttpStatusCode.OK, await PostMailerSendAsync(url, "the-new-secret-2"));
        await using var db = App.Database();
        Assert.DoesNotContain(db.Connections.AsEnumerable(), connection => connection.Secrets.Contains("the-new", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_disabled_removed_or_misaddressed_connection_is_closed()
    {
        var (id, url) = await ConnectAsync("mailersend", new { signing_secret = "some-secret-value" });

        Assert.Equal(HttpStatusCode.NotFound, await PostMailerSendAsync(url.Replace("mailersend", "sendgrid", StringComparison.Ordinal), "some-secret-value"));
        Assert.Equal(HttpStatusCode.NotFound, await PostMailerSendAsync(url[..^1], "some-secret-value"));
        await App.Api.PatchAsJsonAsync($"/api/v1/connections/{id}", new { enabled = false });
        Assert.Equal(HttpStatusCode.NotFound, await PostMailerSendAsync(url, "some-secret-value"));
        await App.Api.PatchAsJsonAsync($"/api/v1/connections/{id}", new { enabled = true });
        Assert.Equal(HttpStatusCode.OK, await PostMailerSendAsync(url, "some-secret-value"));
        Assert.Equal(HttpStatusCode.NoContent, (await App.Api.DeleteAsync(new Uri($"/api/v1/connections/{id}", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, await PostMailerSendAsync(url, "some-secret-value"));
    }

    [Theory]
    [InlineData("""{"name":"x","provider":"pigeon"}""", "provider")]
    [InlineData("""{"name":"x","provider":"mailgun"}""", "secrets.signing_key")]
    [InlineData("""{"name":"x","provider":"generic"}""", "secrets.signing_secret")]
    [InlineData("""{"name":"x","provider":"sendgrid","secrets":{"verification_key":"garbage"}}""", "secrets.verification_key")]
    [InlineData("""{"name":"x","provider":"postmark"}""", "basic_auth")]
    [InlineData("""{"name":"x","provider":"postmark","basic_auth":{"user":"a:b","password":"long enough"}}""", "basic_auth")]
    [InlineData("""{"name":"","provider":"mailgun","secrets":{"signing_key":"some-signing-key"}}""", "name")]
    [InlineData("""{"name":"x","provider":"mailgun","secrets":{"signing_key":"some-signing-key","other":"1"}}""", "secrets.other")]
    public async Task A_connection_nobody_could_trust_is_refused(string body, string field)
    {
        using var answer = await App.Api.PostAsync("/api/v1/connections", Json(body));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.True((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").TryGetProperty(field, out _), await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_key_the_ESP_shows_only_once_it_knows_the_URL_may_come_later_and_until_then_nothing_is_accepted()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (id, url) = await ConnectAsync("sendgrid", new { });
        var body = $$"""[{"event":"delivered","email":"a@example.com","timestamp":{{Seconds()}},"sg_event_id":"{{id}}-later"}]""";

        using var early = await PostSendGridAsync(url, key, body);
        using var changed = await App.Api.PatchAsJsonAsync($"/api/v1/connections/{id}", new { secrets = new { verification_key = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()) } });
        using var late = await PostSendGridAsync(url, key, body);

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK, HttpStatusCode.OK), (early.StatusCode, changed.StatusCode, late.StatusCode));
    }

    [Fact]
    public async Task An_event_that_outruns_its_message_is_matched_when_the_ESPs_id_becomes_known()
    {
        var (id, url) = await ConnectAsync("mailgun", new { signing_key = "mailgun-signing-key" });
        var (campaign, message) = await GivenAsync();
        var espId = $"esp-{message}@example.com";

        using var early = await App.Anonymous().PostAsync(url, Json(Mailgun(Guid.NewGuid().ToString("N"), 0, "delivered", espId)));
        await App.StoredAsync();
        Assert.Equal((0, 0), await App.CountAsync(campaign, EventType.Delivered));
        await App.StoreAsync(Some.Event(message, EventType.Sent) with { EspMessageId = espId });

        await Eventually.TrueAsync(() => App.CountAsync(campaign, EventType.Delivered).Result == (1, 1));
        var received = (await App.Api.GetFromJsonAsync<JsonElement>($"/api/v1/connections/{id}/received")).GetProperty("data");
        Assert.Equal($"msg_{message}", received.EnumerateArray().Single(e => e.GetProperty("esp_message_id").GetString() == espId).GetProperty("message_id").GetString());
        Assert.Empty(App.Verify());
    }

    [Fact]
    public async Task A_thousand_events_in_one_request_are_all_stored()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (_, url) = await ConnectAsync("sendgrid", new { verification_key = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()) });
        var (campaign, message) = await GivenAsync();
        var events = Enumerable.Range(0, 1_000).Select(i => $$"""{"event":"deferred","email":"a@example.com","timestamp":{{Seconds()}},"sg_event_id":"k-{{message}}-{{i}}","st_message_id":"msg_{{message}}"}""");

        using var answer = await PostSendGridAsync(url, key, $"[{string.Join(',', events)}]");

        Assert.Equal("""{"received":1000,"ignored":0}""", await answer.Content.ReadAsStringAsync());
        await App.StoredAsync();
        Assert.Equal((1_000, 1), await App.CountAsync(campaign, EventType.Deferred));
        Assert.Empty(App.Verify());
    }

    [Fact]
    public async Task More_than_five_megabytes_are_refused()
    {
        var (_, url) = await ConnectAsync("mailersend", new { signing_secret = "some-secret-value" });

        using var answer = await App.Anonymous().PostAsync(url, Json(new string(' ', 6_000_000)));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task A_mail_deferred_for_three_days_is_blocked_until_it_arrives_after_all()
    {
        await using var app = new TestApp();
        var campaign = await app.GivenCampaignAsync();
        var message = await app.GivenMessageAsync(campaign);
        app.Clock.Set(Some.Noon);
        await app.StoreAsync(Some.Event(message, EventType.Deferred));
        var rule = app.Services.GetRequiredService<DeferralRule>();

        app.Clock.Advance(TimeSpan.FromHours(71));
        await rule.RunAsync(CancellationToken.None);
        await app.StoredAsync();
        Assert.Equal((0, 0), await app.CountAsync(campaign, EventType.Bounced));

        app.Clock.Advance(TimeSpan.FromHours(2));
        await rule.RunAsync(CancellationToken.None);
        await rule.RunAsync(CancellationToken.None);
        await app.StoredAsync();
        Assert.Equal((1, 1), await app.CountAsync(campaign, EventType.Bounced));
        Assert.Equal(BounceKind.Block, (await app.StateAsync(message)).Bounce);

        await app.StoreAsync(Some.Event(message, EventType.Delivered, TimeSpan.FromHours(80)));
        Assert.Equal((1, 0), await app.CountAsync(campaign, EventType.Bounced));
        Assert.Empty(app.Verify());
    }

    private async Task<(long Campaign, long Message)> GivenAsync()
    {
        var campaign = await App.GivenCampaignAsync();
        return (campaign, await App.GivenMessageAsync(campaign));
    }

    private async Task<(string Id, string Url)> ConnectAsync(string provider, object secrets, object? basicAuth = null)
    {
        using var answer = await App.Api.PostAsJsonAsync("/api/v1/connections", new { name = provider, provider, secrets, basic_auth = basicAuth });
        Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        var data = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data");
        return (data.GetProperty("id").GetString()!, new Uri(data.GetProperty("webhook_url").GetString()!).AbsolutePath);
    }

    private async Task<HttpResponseMessage> PostSendGridAsync(string url, ECDsa key, string body)
    {
        var timestamp = Seconds();
        var signature = key.SignData(Encoding.UTF8.GetBytes(timestamp + body), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = Json(body) };
        request.Headers.Add("X-Twilio-Email-Event-Webhook-Timestamp", timestamp);
        request.Headers.Add("X-Twilio-Email-Event-Webhook-Signature", Convert.ToBase64String(signature));
        return await App.Anonymous().SendAsync(request);
    }

    private async Task<HttpStatusCode> PostMailerSendAsync(string url, string secret)
    {
        const string body = """{"type":"activity.delivered"}""";
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = Json(body) };
        request.Headers.Add("Signature", Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(body))));
        using var answer = await App.Anonymous().SendAsync(request);
        return answer.StatusCode;
    }

    private string Mailgun(string token, long message, string type, string espId = "x@example.com")
    {
        var timestamp = Seconds();
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData("mailgun-signing-key"u8, Encoding.UTF8.GetBytes(timestamp + token)));
        return $$$"""
            {"signature":{"timestamp":"{{{timestamp}}}","token":"{{{token}}}","signature":"{{{signature}}}"},
             "event-data":{"event":"{{{type}}}","id":"{{{token}}}-{{{type}}}","timestamp":{{{timestamp}}}.5,"recipient":"a@example.com",
               "message":{"headers":{"message-id":"{{{espId}}}"}},"user-variables":{{{(message == 0 ? "{}" : $$"""{"st_message_id":"msg_{{message}}"}""")}}}}}
            """;
    }

    private string Seconds() => App.Clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}
