using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Campaigns;

/// <summary>The draft for those who got a campaign and did not open it.</summary>
public sealed class ResendTests : IAsyncDisposable
{
    private readonly TestApp _app = new();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task It_goes_to_whoever_got_the_mail_a_day_ago_and_did_not_open_it()
    {
        var (campaign, messages) = await GivenSentAsync(recipients: 12);
        await _app.StoreAsync(
            Some.Event(messages[0], EventType.Opened, TimeSpan.FromMinutes(9)),
            Some.Event(messages[1], EventType.Clicked, TimeSpan.FromMinutes(9)),
            Some.Event(messages[2], EventType.Opened, userAgent: Some.ApplePrivacy),
            Some.Event(messages[3], EventType.Opened, userAgent: Some.Scanner),
            Some.Event(messages[4], EventType.Bounced, bounce: BounceKind.Soft),
            Some.Event(messages[5], EventType.Unsubscribed),
            Some.Event(messages[6], EventType.Complained));
        await _app.SuppressAsync("person7@example.com");
        await _app.SqlAsync($"UPDATE message_state SET tracked = 0 WHERE message_id = {messages[8]}");
        await _app.SqlAsync($"UPDATE message_state SET sent_at = sent_at + 172800000 WHERE message_id = {messages[9]}");
        _app.Clock.Set(Some.Noon + TimeSpan.FromHours(25));

        var made = await _app.SendAsync(HttpMethod.Post, $"/api/v1/campaigns/{campaign}/actions/resend", null, HttpStatusCode.Created);

        Assert.Equal((4, 1, 1), ((int)made["recipients"]!, (int)made["suppressed"]!, (int)made["not_tracked"]!));
        Assert.Equal(("draft", "Spring sale (resend)"), ((string)made["status"]!, (string)made["name"]!));
        await using var db = _app.Database();
        var draft = long.Parse(((string)made["id"]!)[4..], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(
            ["person10@example.com", "person11@example.com", "person2@example.com", "person3@example.com"],
            await db.Messages.Where(message => message.CampaignId == draft).Select(message => message.Email).Order().ToListAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Until_a_day_has_passed_nobody_is_in_it_unless_less_is_asked_for()
    {
        var (campaign, _) = await GivenSentAsync(recipients: 3);
        _app.Clock.Set(Some.Noon + TimeSpan.FromHours(23));

        var early = await _app.SendAsync(HttpMethod.Post, $"/api/v1/campaigns/{campaign}/actions/resend", new JsonObject(), HttpStatusCode.Created);
        var later = await _app.SendAsync(HttpMethod.Post, $"/api/v1/campaigns/{campaign}/actions/resend", new JsonObject { ["after_hours"] = 23, ["subject"] = "Once more" }, HttpStatusCode.Created);

        Assert.Equal((0, 3), ((int)early["recipients"]!, (int)later["recipients"]!));
        Assert.Equal("Once more", (string)(await _app.GetAsync($"/api/v1/campaigns/{later["id"]}"))["content"]!["subject"]!);
    }

    [Fact]
    public async Task What_won_goes_out_again_and_a_test_nobody_won_goes_on()
    {
        var (campaign, _) = await GivenSentAsync(recipients: 12, CampaignApi.Tested());
        _app.Clock.Set(Some.Noon + TimeSpan.FromHours(30));

        var open = await MadeAsync(new JsonObject());
        var renamed = await MadeAsync(new JsonObject { ["subject"] = "Once more" });
        await _app.PostAsync($"/api/v1/campaigns/{campaign}/actions/select_winner", new JsonObject { ["variant_id"] = "s3.c2" });
        var won = await MadeAsync(new JsonObject());

        Assert.Equal(6, open["variants"]!.AsArray().Count);
        Assert.Equal(["c1", "c2"], renamed["variants"]!.AsArray().Select(variant => (string)variant!["id"]!));
        Assert.Null(won["ab_test"]);
        Assert.Equal("Your spring pick", (string)won["content"]!["subject"]!);
        Assert.StartsWith("<p>B ", (string)won["content"]!["html"]!, StringComparison.Ordinal);

        async Task<JsonNode> MadeAsync(JsonObject body)
        {
            var made = await _app.SendAsync(HttpMethod.Post, $"/api/v1/campaigns/{campaign}/actions/resend", body, HttpStatusCode.Created);
            Assert.Equal(12, (int)made["recipients"]!);
            return await _app.GetAsync($"/api/v1/campaigns/{made["id"]}");
        }
    }

    [Theory]
    [InlineData("""{"after_hours":0}""", 422)]
    [InlineData("""{"after_hours":721}""", 422)]
    [InlineData("""{"subject":""}""", 422)]
    [InlineData("""{"subject":"a\nb"}""", 422)]
    [InlineData("""{"hours":24}""", 400)]
    public async Task A_wish_that_makes_no_sense_is_refused(string body, int status)
    {
        var (campaign, _) = await GivenSentAsync(recipients: 1);

        await _app.RefusedAsync(HttpMethod.Post, $"/api/v1/campaigns/{campaign}/actions/resend", body, status);
    }

    [Fact]
    public async Task Where_opens_cannot_be_known_nobody_is_called_a_non_opener()
    {
        var blind = CampaignApi.Campaign();
        blind["track_opens"] = false;
        var (untracked, _) = await GivenSentAsync(recipients: 1, blind);
        var (campaign, _) = await GivenSentAsync(recipients: 1);
        var draft = await _app.GivenDraftAsync();

        foreach (var id in new[] { untracked, draft })
        {
            await _app.RefusedAsync(HttpMethod.Post, $"/api/v1/campaigns/{id}/actions/resend", "{}", 409);
        }

        await _app.RefusedAsync(HttpMethod.Post, "/api/v1/campaigns/cmp_999/actions/resend", "{}", 404);
        await _app.SqlAsync("UPDATE organization SET tracking_mode = 'aggregate'");
        await _app.RefusedAsync(HttpMethod.Post, $"/api/v1/campaigns/{campaign}/actions/resend", "{}", 409);
    }

    // Fetched by a CRM and sent at noon.
    private async Task<(string Campaign, List<long> Messages)> GivenSentAsync(int recipients, JsonObject? content = null)
    {
        var campaign = await _app.GivenDraftAsync(content);
        var lines = await _app.BatchAsync(campaign, Enumerable.Range(0, recipients).Select(CampaignApi.Recipient));
        var messages = lines.ConvertAll(line => long.Parse(((string)line["message_id"]!)[4..], System.Globalization.CultureInfo.InvariantCulture));
        await _app.StoreAsync([.. messages.Select(message => Some.Event(message, EventType.Sent))]);
        return (campaign, messages);
    }
}
