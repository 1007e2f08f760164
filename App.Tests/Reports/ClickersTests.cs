using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Reports;

public sealed class ClickersTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    private readonly TestApp _app = fixture.App;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_clicked_most_stands_first_with_first_and_last_time()
    {
        var campaign = await _app.GivenCampaignAsync();
        var link = await _app.GivenLinkAsync(campaign);
        var other = await _app.GivenLinkAsync(campaign, "https://example.com/other", position: 2);
        var once = await _app.GivenMessageAsync(campaign);
        var twice = await _app.GivenMessageAsync(campaign);
        await _app.StoreAsync(
            Click(once, link, TimeSpan.FromMinutes(5)),
            Click(twice, link, TimeSpan.FromMinutes(10)),
            Click(twice, link, TimeSpan.FromMinutes(70)),
            Click(once, other, TimeSpan.FromMinutes(80)),
            Click(once, other, TimeSpan.FromMinutes(90)),
            Click(once, other, TimeSpan.FromMinutes(95)));

        var answer = await GetAsync(campaign, link, "");

        await using var db = _app.Database();
        var contact = await db.Messages.Where(m => m.Id == twice).Join(db.Contacts, m => m.ContactId, c => c.Id, (_, c) => c).SingleAsync(Token);
        Assert.Equal(2, answer["data"]!.AsArray().Count);
        Assert.Equal(
            $$"""{"message_id":"msg_{{twice}}","customer_id":"{{contact.CustomerId}}","email":"{{contact.Email}}","clicks":2,"first_at":"2026-09-01T12:10:00Z","last_at":"2026-09-01T13:10:00Z"}""",
            answer["data"]![0]!.ToJsonString());
        Assert.Equal(1, (int)answer["data"]![1]!["clicks"]!);
        Assert.Null(answer["next_cursor"]);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task Clicks_of_scanners_name_nobody()
    {
        var campaign = await _app.GivenCampaignAsync();
        var link = await _app.GivenLinkAsync(campaign);
        var message = await _app.GivenMessageAsync(campaign);
        await _app.StoreAsync(Some.Event(message, EventType.Clicked, TimeSpan.FromHours(1), linkId: link, userAgent: Some.Scanner, source: EventSource.Tracking));

        Assert.Empty((await GetAsync(campaign, link, ""))["data"]!.AsArray());
    }

    [Fact]
    public async Task Pages_by_key_list_everyone_once_in_order()
    {
        var campaign = await _app.GivenCampaignAsync();
        var link = await _app.GivenLinkAsync(campaign);
        var clicks = new List<EmailEvent>();
        for (var i = 0; i < 7; i++)
        {
            var message = await _app.GivenMessageAsync(campaign);
            clicks.AddRange(Enumerable.Range(0, (i % 3) + 1).Select(hour => Click(message, link, TimeSpan.FromHours(hour + 1))));
        }

        await _app.StoreAsync(clicks);

        var seen = new List<(long Clicks, string Id)>();
        var cursor = "";
        do
        {
            var page = await GetAsync(campaign, link, $"?limit=2&cursor={cursor}");
            Assert.InRange(page["data"]!.AsArray().Count, 1, 2);
            seen.AddRange(page["data"]!.AsArray().Select(row => ((long)row!["clicks"]!, (string)row["message_id"]!)));
            cursor = (string?)page["next_cursor"];
        }
        while (cursor is not null);

        Assert.Equal([3, 3, 2, 2, 1, 1, 1], seen.Select(row => (int)row.Clicks));
        Assert.Equal(7, seen.Select(row => row.Id).Distinct().Count());
    }

    [Fact]
    public async Task A_link_of_another_campaign_or_none_is_not_found()
    {
        var campaign = await _app.GivenCampaignAsync();
        var foreign = await _app.GivenLinkAsync(await _app.GivenCampaignAsync());

        foreach (var id in (string[])[$"lnk_{foreign}", "lnk_999999", "lnk_0", "lnk_", "7", "msg_1", "lnk_1;DROP"])
        {
            var answer = await _app.Api.GetAsync($"/api/v1/campaigns/cmp_{campaign}/report/links/{Uri.EscapeDataString(id)}/clickers", Token);

            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        }

        Assert.Equal(HttpStatusCode.NotFound, (await _app.Api.GetAsync($"/api/v1/campaigns/cmp_999999/report/links/lnk_{foreign}/clickers", Token)).StatusCode);
    }

    [Fact]
    public async Task A_cursor_of_another_list_or_a_changed_one_is_refused()
    {
        var campaign = await _app.GivenCampaignAsync();
        var link = await _app.GivenLinkAsync(campaign);
        var neighbour = await _app.GivenLinkAsync(campaign, "https://example.com/other", position: 2);
        var good = PageCursor.Write("clickers", link, 2, 5);

        foreach (var cursor in (string[])
        [
            PageCursor.Write("events", 5), PageCursor.Write("clickers", neighbour, 2, 5), PageCursor.Write("clickers", link, 2), PageCursor.Write("clickers", link, -1, 5),
            good[..^2], good + "AAAA", "x", new string('A', 300), "%00", PageCursor.Write("clickers", link, 2, 5, 6),
        ])
        {
            var answer = await _app.Api.GetAsync(Path(campaign, link, $"?cursor={Uri.EscapeDataString(cursor)}"), Token);

            Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{cursor}: {answer.StatusCode}");
            var problem = await answer.Content.ReadFromJsonAsync<JsonNode>(Token);
            Assert.NotNull(problem!["errors"]!["cursor"]);
        }

        Assert.Equal(HttpStatusCode.OK, (await _app.Api.GetAsync(Path(campaign, link, $"?cursor={good}"), Token)).StatusCode);
    }

    [Theory, InlineData("0"), InlineData("501"), InlineData("-1")]
    public async Task A_limit_out_of_range_is_named(string limit)
    {
        var campaign = await _app.GivenCampaignAsync();
        var link = await _app.GivenLinkAsync(campaign);

        var answer = await _app.Api.GetAsync(Path(campaign, link, $"?limit={limit}"), Token);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
    }

    private static EmailEvent Click(long message, long link, TimeSpan after) =>
        Some.Event(message, EventType.Clicked, after, linkId: link, source: EventSource.Tracking);

    private static string Path(long campaign, long link, string query) => $"/api/v1/campaigns/cmp_{campaign}/report/links/lnk_{link}/clickers{query}";

    private async Task<JsonNode> GetAsync(long campaign, long link, string query)
    {
        var response = await _app.Api.GetAsync(Path(campaign, link, query), Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonNode>(Token))!;
    }
}
