using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Events;
using ScoreTracking.Mail;
using ScoreTracking.Tests.Support;
using ScoreTracking.Tokens;

namespace ScoreTracking.Tests.Webhooks;

/// <summary>Bounces, complaints, unsubscribes and replies by mail, posted raw. Only an address we gave out may change anything.</summary>
public sealed class InboundHostTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    private TestApp App => fixture.App;

    [Fact]
    public async Task A_bounce_to_the_mails_own_address_bounces_that_mail()
    {
        var (campaign, message) = await GivenAsync();

        await PostAsync(Bounce(Address(VerpKind.Bounce, TrackingKind.Bounce, message)));

        Assert.Equal((1, 1), await App.CountAsync(campaign, EventType.Bounced));
        Assert.Equal(BounceKind.Hard, (await App.StateAsync(message)).Bounce);
        Assert.Empty(App.Verify());
    }

    [Fact]
    public async Task A_bounce_that_only_names_a_message_changes_nothing_and_is_listed()
    {
        var (campaign, message) = await GivenAsync();

        var connection = await PostAsync(Bounce("bounces@in.example.com", $"X-ST-Message-ID: msg_{message}\r\n"));

        Assert.Equal((0, 0), await App.CountAsync(campaign, EventType.Bounced));
        var received = (await App.Api.GetFromJsonAsync<JsonElement>($"/api/v1/connections/{connection}/received")).GetProperty("data");
        Assert.Equal(JsonValueKind.Null, received[0].GetProperty("message_id").ValueKind);
        Assert.Equal("5.1.1", received[0].GetProperty("bounce").GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_token_counts_only_for_what_its_address_was_made_for()
    {
        var (campaign, message) = await GivenAsync();

        await PostAsync(Bounce(VerpAddress.Create(VerpKind.Bounce, Id(TrackingKind.MailUnsubscribe, message), "in.example.com").Address()));
        await PostAsync(Bounce(VerpAddress.Create(VerpKind.Bounce, new string('0', 40), "in.example.com").Address()));

        Assert.Equal((0, 0), await App.CountAsync(campaign, EventType.Bounced));
    }

    [Fact]
    public async Task A_mail_to_the_unsubscribe_address_unsubscribes_and_twice_is_once()
    {
        var (campaign, message) = await GivenAsync();
        var mail = $"From: Ana <ana@example.com>\r\nTo: {Address(VerpKind.Unsubscribe, TrackingKind.MailUnsubscribe, message)}\r\nSubject: unsubscribe\r\nMessage-ID: <u{message}@example.com>\r\n\r\n";

        await PostAsync(mail);
        await PostAsync(mail);

        Assert.Equal((1, 1), await App.CountAsync(campaign, EventType.Unsubscribed));
    }

    [Fact]
    public async Task A_reply_counts_and_an_automatic_one_does_not()
    {
        var (campaign, message) = await GivenAsync();
        var to = Address(VerpKind.Reply, TrackingKind.Reply, message);

        await PostAsync($"From: ana@example.com\r\nTo: {to}\r\nSubject: Out of office\r\nAuto-Submitted: auto-replied\r\nMessage-ID: <a{message}@example.com>\r\n\r\nBack on Monday\r\n");
        Assert.Equal((0, 0), await App.CountAsync(campaign, EventType.Replied));
        await PostAsync($"From: ana@example.com\r\nTo: {to}\r\nSubject: Re: Hello\r\nMessage-ID: <r{message}@example.com>\r\n\r\nThank you!\r\n");

        Assert.Equal((1, 1), await App.CountAsync(campaign, EventType.Replied));
    }

    [Fact]
    public async Task Garbage_is_taken_and_changes_nothing()
    {
        var random = new Random(7);
        var garbage = new byte[20_000];
        random.NextBytes(garbage);

        await PostAsync(Encoding.Latin1.GetString(garbage));
        await PostAsync("\r\n\r\n");

        Assert.Empty(App.Verify());
    }

    [Fact]
    public async Task Instrumented_mail_carries_its_own_addresses_where_an_inbound_domain_is_set()
    {
        await using var app = new TestApp(new() { ["InboundDomain"] = "in.example.com" });
        using var created = await app.Api.PostAsJsonAsync("/api/v1/campaigns", new { name = "x", from = new { email = "a@example.com" }, content = new { subject = "s", html = "<p>x</p>" } });
        var campaign = (await created.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data").GetProperty("id").GetString();

        using var answer = await app.Api.PostAsJsonAsync($"/api/v1/campaigns/{campaign}/instrument", new { customer_id = "1", email = "b@example.com" });

        var data = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data");
        Assert.Matches(@"^bounce\+[0-9a-z]{40}@in\.example\.com$", data.GetProperty("envelope_from").GetString());
        Assert.Matches(@"^<http.*/u/[0-9a-z]{40}>, <mailto:u\+[0-9a-z]{40}@in\.example\.com\?subject=unsubscribe>$", data.GetProperty("headers").GetProperty("List-Unsubscribe").GetString());
    }

    private async Task<(long Campaign, long Message)> GivenAsync()
    {
        var campaign = await App.GivenCampaignAsync();
        return (campaign, await App.GivenMessageAsync(campaign));
    }

    private string Id(TrackingKind kind, long message) => App.Services.GetRequiredService<TrackingIds>().Write(kind, new TrackingId(message));

    private string Address(VerpKind kind, TrackingKind signedFor, long message) => VerpAddress.Create(kind, Id(signedFor, message), "in.example.com").Address();

    private async Task<string> PostAsync(string mail)
    {
        using var created = await App.Api.PostAsJsonAsync("/api/v1/connections", new { name = "Mail", provider = "inbound", basic_auth = new { user = "mx", password = "a long password" } });
        var data = (await created.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(data.GetProperty("webhook_url").GetString()!).AbsolutePath) { Content = new ByteArrayContent(Encoding.Latin1.GetBytes(mail)) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String("mx:a long password"u8));
        using var answer = await App.Anonymous().SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await App.StoredAsync();
        return data.GetProperty("id").GetString()!;
    }

    private static string Bounce(string to, string returned = "") => $"""
        Return-Path: <>
        From: MAILER-DAEMON@mx.example.net
        To: {to}
        Subject: Undelivered Mail
        Message-ID: <{Guid.NewGuid()}@mx.example.net>
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status; boundary="x"

        --x
        Content-Type: text/plain

        The address does not exist.
        --x
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.example.net

        Final-Recipient: rfc822; nobody@example.net
        Action: failed
        Status: 5.1.1
        Diagnostic-Code: smtp; 550 5.1.1 No such user
        --x
        Content-Type: text/rfc822-headers

        {returned}Subject: Hello
        --x--
        """.ReplaceLineEndings("\r\n");
}
