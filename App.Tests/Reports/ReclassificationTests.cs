using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace ScoreTracking.Tests.Reports;

public sealed class ReclassificationTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    private readonly TestApp _app = fixture.App;

    [Fact]
    public async Task A_verdict_by_hand_moves_every_counter_and_auto_moves_it_back()
    {
        var (campaign, message, link) = await GivenAsync();
        await _app.StoreAsync(Some.Event(message, EventType.Clicked, linkId: link, userAgent: Some.Scanner));
        var clicked = await LastAsync(message);

        Assert.Equal((clicked, "human", "by_hand scanner_name"), await OkAsync(clicked, "human"));
        Assert.Equal((1, 1), await _app.CountAsync(campaign, EventType.Clicked, VerdictGroup.Person));
        Assert.Equal((0, 1), await _app.CountAsync(campaign, EventType.Opened, VerdictGroup.Person));
        Assert.Equal((0, 0), await _app.CountAsync(campaign, EventType.Clicked, VerdictGroup.Scanner));
        Assert.Equal(MessageStatus.Clicked, (await _app.StateAsync(message)).Status);
        Assert.Empty(_app.Verify());

        Assert.Equal((clicked, "scanner", "scanner_name"), await OkAsync(clicked, "auto"));
        Assert.Equal((0, 0), await _app.CountAsync(campaign, EventType.Clicked, VerdictGroup.Person));
        Assert.Equal((0, 0), await _app.CountAsync(campaign, EventType.Opened, VerdictGroup.Person));
        Assert.Equal((1, 0), await _app.CountAsync(campaign, EventType.Clicked, VerdictGroup.Scanner));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task It_outlives_whatever_happens_to_the_message_later_and_a_rebuild()
    {
        var (campaign, message, link) = await GivenAsync();
        await _app.StoreAsync(Some.Event(message, EventType.Opened));
        await OkAsync(await LastAsync(message), "self");

        // A late event and a bounce each have the whole message judged again.
        await _app.StoreAsync(Some.Event(message, EventType.Clicked, TimeSpan.FromHours(-1), linkId: link));
        await _app.StoreAsync(Some.Event(message, EventType.Bounced, TimeSpan.FromHours(1), bounce: BounceKind.Hard));
        Rebuild();

        Assert.Equal((1, 0), await _app.CountAsync(campaign, EventType.Opened, VerdictGroup.Self));
        Assert.Equal((1, 0), await _app.CountAsync(campaign, EventType.Clicked, VerdictGroup.Scanner));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task A_person_saved_from_a_burst_leaves_the_rest_of_it_with_the_scanner()
    {
        var (campaign, message, first) = await GivenAsync();
        var second = await _app.GivenLinkAsync(campaign, "https://example.com/2", 2);
        var third = await _app.GivenLinkAsync(campaign, "https://example.com/3", 3);
        await _app.StoreAsync(
            Some.Event(message, EventType.Clicked, linkId: first, ip: "198.51.100.4"),
            Some.Event(message, EventType.Clicked, TimeSpan.FromSeconds(1), linkId: second),
            Some.Event(message, EventType.Clicked, TimeSpan.FromSeconds(2), linkId: third),
            Some.Event(message, EventType.Opened, TimeSpan.FromMinutes(3), ip: "198.51.100.4"));
        Assert.Equal((1, 0), await _app.CountAsync(campaign, EventType.Opened, VerdictGroup.Scanner));

        await OkAsync(await FirstAsync(message), "human");

        Assert.Equal((1, 1), await _app.CountAsync(campaign, EventType.Clicked, VerdictGroup.Person));
        Assert.Equal((2, 0), await _app.CountAsync(campaign, EventType.Clicked, VerdictGroup.Scanner));
        Assert.Equal((1, 1), await _app.CountAsync(campaign, EventType.Opened, VerdictGroup.Person));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task Of_two_verdicts_the_later_holds_and_the_same_again_changes_nothing()
    {
        var (campaign, message, _) = await GivenAsync();
        await _app.StoreAsync(Some.Event(message, EventType.Opened));
        var opened = await LastAsync(message);

        await OkAsync(opened, "scanner");
        await OkAsync(opened, "privacy");
        await OkAsync(opened, "privacy");

        Assert.Equal((1, 1), await _app.CountAsync(campaign, EventType.Opened, VerdictGroup.Privacy));
        Assert.Equal((0, 0), await _app.CountAsync(campaign, EventType.Opened, VerdictGroup.Scanner));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task The_log_names_the_reason_and_finds_the_event_by_its_new_verdict()
    {
        var (campaign, message, _) = await GivenAsync();
        await _app.StoreAsync(Some.Event(message, EventType.Opened));
        await OkAsync(await LastAsync(message), "prefetch");

        var log = await _app.Api.GetFromJsonAsync<JsonNode>($"/api/v1/events?campaign_id=cmp_{campaign}&verdict=prefetch");

        var shown = Assert.Single(log!["data"]!.AsArray());
        Assert.Equal("""["by_hand"]""", shown!["reasons"]!.ToJsonString());
    }

    [Theory]
    [InlineData("evt_999999999", """{"verdict":"human"}""", 404)]
    [InlineData("999", """{"verdict":"human"}""", 404)]
    [InlineData("{delivered}", """{"verdict":"human"}""", 409)]
    [InlineData("{opened}", """{"verdict":"robot"}""", 422)]
    [InlineData("{opened}", """{"verdict":null}""", 422)]
    [InlineData("{opened}", """{"verdict":""}""", 422)]
    [InlineData("{opened}", "{}", 422)]
    [InlineData("{opened}", """{"verdict":7}""", 400)]
    [InlineData("{opened}", """{"verdict":"human","why":"me"}""", 400)]
    [InlineData("{opened}", "human", 400)]
    public async Task What_cannot_be_done_is_refused_and_changes_nothing(string id, string body, int status)
    {
        var (campaign, message, _) = await GivenAsync();
        await _app.StoreAsync(Some.Event(message, EventType.Delivered));
        id = id.Replace("{delivered}", await LastAsync(message), StringComparison.Ordinal);
        await _app.StoreAsync(Some.Event(message, EventType.Opened, TimeSpan.FromHours(1)));
        id = id.Replace("{opened}", await LastAsync(message), StringComparison.Ordinal);

        using var answer = await _app.Api.PostAsync($"/api/v1/events/{id}/reclassify", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal((1, 1), await _app.CountAsync(campaign, EventType.Opened, VerdictGroup.Person));
    }

    [Fact]
    public async Task It_needs_a_key()
    {
        using var answer = await _app.Anonymous().PostAsJsonAsync("/api/v1/events/evt_1/reclassify", new { verdict = "human" });

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    private async Task<(long Campaign, long Message, long Link)> GivenAsync()
    {
        var campaign = await _app.GivenCampaignAsync();
        return (campaign, await _app.GivenMessageAsync(campaign), await _app.GivenLinkAsync(campaign));
    }

    private async Task<(string? Id, string? Verdict, string Reasons)> OkAsync(string id, string verdict)
    {
        using var answer = await _app.Api.PostAsJsonAsync($"/api/v1/events/{id}/reclassify", new { verdict });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var data = (await answer.Content.ReadFromJsonAsync<JsonNode>())!["data"]!;
        return ((string?)data["id"], (string?)data["verdict"], string.Join(' ', data["reasons"]!.AsArray()));
    }

    private Task<string> LastAsync(long message) => FindAsync(message, events => events.OrderByDescending(e => e.Id));

    private Task<string> FirstAsync(long message) => FindAsync(message, events => events.OrderBy(e => e.Id));

    private async Task<string> FindAsync(long message, Func<IQueryable<EventRow>, IQueryable<EventRow>> order)
    {
        await using var db = _app.Database();
        return $"evt_{await order(db.Events.Where(e => e.MessageId == message)).Select(e => e.Id).FirstAsync()}";
    }

    private void Rebuild()
    {
        using var connection = new WriteConnection(_app.Services.GetRequiredService<SqliteFile>().Path, "wal_autocheckpoint=0");
        Assert.Empty(CounterRebuild.Run(connection, 0, CancellationToken.None));
    }
}
