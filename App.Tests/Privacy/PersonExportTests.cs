using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Events;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Suppressions;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Privacy;

public sealed class PersonExportTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    private TestApp App => fixture.App;

    [Fact]
    public async Task One_file_holds_all_we_know_and_nothing_of_others()
    {
        var (contact, message) = await GivenPersonAsync();

        using var answer = await App.Api.GetAsync($"/api/v1/contacts/{contact}/export");

        Assert.Equal("application/x-ndjson", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal($"{contact}.ndjson", answer.Content.Headers.ContentDisposition?.FileName);
        Assert.True(answer.Headers.CacheControl?.NoStore);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.DoesNotContain("bob-", text, StringComparison.Ordinal);
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject()).ToList();
        Assert.Equal(
            ["contact", "event", "event", "event", "event", "export", "message", "received_event", "received_event", "suppression", "waiting_event"],
            lines.Select(line => (string)line["type"]!).Order());
        var person = lines.Single(line => (string)line["type"]! == "contact");
        Assert.Equal((contact, "Ana \"A\" <3"), ((string)person["id"]!, (string)person["attributes"]!["first_name"]!));
        var events = lines.Where(line => (string)line["type"]! == "event").ToDictionary(line => (string)line["event_type"]!);
        Assert.Equal(["bounced", "clicked", "opened", "unsubscribed"], events.Keys.Order());
        Assert.Equal(Some.Firefox, (string)events["opened"]["user_agent"]!);
        Assert.Equal("Firefox", (string)events["opened"]["client"]!);
        Assert.Equal("https://example.com/offer", (string)events["clicked"]["url"]!);
        Assert.Equal("550 5.1.1 nobody", (string)events["bounced"]["detail"]!["reason"]!);
        Assert.Equal($"msg_{message}", (string)lines.Single(line => (string)line["type"]! == "message")["id"]!);
        Assert.Equal("unsubscribed", (string)lines.Single(line => (string)line["type"]! == "message")["status"]!);
    }

    [Fact]
    public async Task Who_let_the_address_back_on_the_list_stands_in_the_file_too()
    {
        var (contact, message) = await GivenPersonAsync();
        await using var db = App.Database();
        var email = await db.Messages.Where(m => m.Id == message).Select(m => m.Email).SingleAsync();
        App.Services.GetRequiredService<SuppressionList>().Lift(email, "asked by phone", "Ada");

        var text = await App.Api.GetStringAsync($"/api/v1/contacts/{contact}/export");

        var lift = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).Single(line => (string)line["type"]! == "suppression_lift");
        Assert.Equal((email, "asked by phone", "Ada"), ((string)lift["email"]!, (string)lift["note"]!, (string)lift["lifted_by"]!));
        Assert.DoesNotContain("\"type\":\"suppression\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task People_download_the_same_file_and_strangers_do_not()
    {
        var (contact, _) = await GivenPersonAsync();
        using var admin = await Visitor.SignedInAsync(App);

        using var answer = await admin.Client.GetAsync($"/contacts/{contact}/export.ndjson");
        using var anonymous = await App.Anonymous().GetAsync($"/contacts/{contact}/export.ndjson");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("\"type\":\"contact\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.NotEqual(HttpStatusCode.OK, anonymous.StatusCode);
    }

    private async Task<(string Contact, long Message)> GivenPersonAsync()
    {
        var tag = Guid.NewGuid().ToString("N")[..8];
        var campaign = await App.GivenDraftAsync();
        await App.PostAsync($"/api/v1/campaigns/{campaign}/instrument", JsonNode.Parse($$"""{"customer_id":"c-{{tag}}","email":"ana-{{tag}}@example.com","data":{"first_name":"Ana \"A\" <3"} }"""));
        await App.PostAsync($"/api/v1/campaigns/{campaign}/instrument", JsonNode.Parse($$"""{"customer_id":"bob-{{tag}}","email":"bob-{{tag}}@example.com"}"""));
        await using var db = App.Database();
        var link = await App.GivenLinkAsync(long.Parse(campaign[4..]), position: 9);
        var message = await db.Messages.SingleAsync(m => m.Email == $"ana-{tag}@example.com");
        var bob = await db.Messages.SingleAsync(m => m.Email == $"bob-{tag}@example.com");
        await App.StoreAsync(
            Some.Event(message.Id, EventType.Bounced, bounce: BounceKind.Soft) with { Reason = "550 5.1.1 nobody" },
            Some.Event(message.Id, EventType.Opened, TimeSpan.FromHours(1)),
            Some.Event(message.Id, EventType.Clicked, TimeSpan.FromHours(2), linkId: link),
            Some.Event(message.Id, EventType.Unsubscribed, TimeSpan.FromHours(3)),
            Some.Event(bob.Id, EventType.Opened),
            Webhook($"{tag}-1", 0, $"ana-{tag}@example.com"),
            Webhook($"{tag}-2", 0, $"bob-{tag}@example.com"));
        await App.StoreAsync(Webhook($"{tag}-3", message.Id, $"ana-{tag}@example.com") with { Type = EventType.Opened });
        return ($"ctc_{message.ContactId}", message.Id);
    }

    // Of an open of tracked mail only the report itself is kept.
    private static EmailEvent Webhook(string key, long message, string email) => Some.Event(message, EventType.Delivered, key: $"brevo:{key}", source: EventSource.Webhook) with
    {
        ConnectionId = 1,
        CampaignId = 999_999,
        CustomerEmail = email,
        Normalised = $$"""{"event_type":"delivered","recipient":"{{email}}"}""",
    };
}
