using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Campaigns;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Campaigns;

/// <summary>Tests on a sample, as a CRM that sends itself sees them.</summary>
public sealed class TestPhaseTests : IAsyncDisposable
{
    private readonly TestApp _app = new();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Only_the_sample_is_dealt_and_the_others_wait()
    {
        var campaign = await GivenStartedAsync(recipients: 1_000, sample: 20);

        var data = await _app.GetAsync($"/api/v1/campaigns/{campaign}");
        Assert.Equal("testing", (string)data["status"]!);
        Assert.Equal(("testing", "2026-09-01T14:00:00Z"), ((string)data["test_phase"]!["state"]!, Time(data["test_phase"]!["ends_at"])));
        Assert.Equal([100, 100], Recipients(data));
        var lines = await _app.BatchAsync(campaign, Enumerable.Range(0, 1_000).Select(CampaignApi.Recipient));
        Assert.Equal(200, lines.Count(line => line["variant_id"] is not null));
        Assert.Equal(800, lines.Count(line => (string?)line["error"] == "waiting"));
        var waiting = lines.FindIndex(line => line["error"] is not null);
        await _app.RefusedAsync(HttpMethod.Post, $"/api/v1/campaigns/{campaign}/instrument", CampaignApi.Recipient(waiting).ToJsonString(), 409);
        await LookAsync();
        Assert.Equal("100, 100", string.Join(", ", await RecipientsAsync(campaign)));
    }

    [Fact]
    public async Task Of_those_who_come_while_it_runs_the_same_share_is_tested()
    {
        var campaign = await GivenStartedAsync(recipients: 0, sample: 25);

        var lines = await _app.BatchAsync(campaign, Enumerable.Range(0, 1_000).Select(CampaignApi.Recipient));
        var again = await _app.BatchAsync(campaign, Enumerable.Range(0, 1_000).Reverse().Select(CampaignApi.Recipient));

        Assert.InRange(lines.Count(line => line["variant_id"] is not null), 200, 300);
        Assert.Equal(lines.Select(line => (string?)line["variant_id"]), again.AsEnumerable().Reverse().Select(line => (string?)line["variant_id"]));
    }

    [Fact]
    public async Task The_rule_names_the_winner_when_the_time_is_up_and_the_rest_gets_it()
    {
        var campaign = await GivenStartedAsync(recipients: 1_000, sample: 20, """{"mode":"automatic","metric":"click_rate","after_hours":4,"min_per_variant":100}""");
        await GivenClicksAsync(campaign, first: 10, second: 40);

        _app.Clock.Advance(TimeSpan.FromHours(3.9));
        await LookAsync();
        Assert.Equal("testing", (string)(await _app.GetAsync($"/api/v1/campaigns/{campaign}"))["status"]!);
        _app.Clock.Advance(TimeSpan.FromHours(0.2));
        await LookAsync();

        var data = await _app.GetAsync($"/api/v1/campaigns/{campaign}");
        Assert.Equal("running", (string)data["status"]!);
        Assert.Equal([100, 900], Recipients(data));
        var phase = data["test_phase"]!;
        Assert.Equal(("decided", "s2", "rule"), ((string)phase["state"]!, (string)phase["winner"]!, (string)phase["decided_by"]!));
        Assert.Contains("s2 is the best", (string)phase["reason"]!, StringComparison.Ordinal);
        var lines = await _app.BatchAsync(campaign, Enumerable.Range(10, 1_000).Select(CampaignApi.Recipient));
        Assert.All(lines.Skip(990), line => Assert.Equal("s2", (string)line["variant_id"]!));
        Assert.Equal("100, 910", string.Join(", ", await RecipientsAsync(campaign)));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task What_the_rest_does_changes_nothing_about_what_was_decided_on()
    {
        var campaign = await GivenStartedAsync(recipients: 1_000, sample: 20, """{"mode":"automatic","metric":"click_rate","after_hours":4}""");
        await GivenClicksAsync(campaign, first: 10, second: 40);
        _app.Clock.Advance(TimeSpan.FromHours(4));
        await LookAsync();
        await using var db = _app.Database();
        var rest = await db.MessageStates.Where(state => state.SentAt == 0).Select(state => state.MessageId).ToListAsync(TestContext.Current.CancellationToken);

        await _app.StoreAsync([.. rest.Select(message => Some.Event(message, EventType.Sent))]);

        var report = await _app.GetAsync($"/api/v1/campaigns/{campaign}/report/variants");
        var winner = report["variants"]![1]!;
        Assert.Equal((900, 100, 40), ((int)winner["sent"]!, (int)winner["n"]!, (int)winner["x"]!));
        Assert.True((bool)report["sample_ratio"]!["ok"]!);
        Assert.Equal(("winner", "s2"), ((string)report["winner"]!["state"]!, (string)report["winner"]!["variant_id"]!));
        Assert.Equal("decided", (string)report["phase"]!["state"]!);
    }

    [Theory]
    [InlineData(20, 20, 100, "lead")]
    [InlineData(10, 40, 101, "smallest has 100")]
    public async Task Where_the_numbers_name_nobody_a_person_is_asked_and_chooses(int first, int second, int minimum, string reason)
    {
        var campaign = await GivenStartedAsync(recipients: 1_000, sample: 20, $$"""{"mode":"automatic","after_hours":4,"min_per_variant":{{minimum}}}""");
        await GivenClicksAsync(campaign, first, second);
        _app.Clock.Advance(TimeSpan.FromHours(4));
        await LookAsync();
        await LookAsync();

        var asked = await _app.GetAsync($"/api/v1/campaigns/{campaign}");
        Assert.Equal(("testing", "undecided"), ((string)asked["status"]!, (string)asked["test_phase"]!["state"]!));
        Assert.Contains(reason, (string)asked["test_phase"]!["reason"]!, StringComparison.Ordinal);
        var chosen = await _app.PostAsync($"/api/v1/campaigns/{campaign}/actions/select_winner", new JsonObject { ["variant_id"] = "s1" });
        await LookAsync();

        Assert.Equal(("decided", "s1", "person"), ((string)chosen["test_phase"]!["state"]!, (string)chosen["test_phase"]!["winner"]!, (string)chosen["test_phase"]!["decided_by"]!));
        var data = await _app.GetAsync($"/api/v1/campaigns/{campaign}");
        Assert.Equal("running", (string)data["status"]!);
        Assert.Equal([900, 100], Recipients(data));
    }

    [Fact]
    public async Task A_test_decided_by_people_waits_for_one_however_clear_it_is()
    {
        var campaign = await GivenStartedAsync(recipients: 1_000, sample: 20);
        await GivenClicksAsync(campaign, first: 10, second: 40);
        _app.Clock.Advance(TimeSpan.FromHours(5));

        await LookAsync();

        Assert.Equal("undecided", (string)(await _app.GetAsync($"/api/v1/campaigns/{campaign}"))["test_phase"]!["state"]!);
    }

    [Fact]
    public async Task A_winner_chosen_early_ends_the_test_at_once()
    {
        var campaign = await GivenStartedAsync(recipients: 100, sample: 10);

        await _app.PostAsync($"/api/v1/campaigns/{campaign}/actions/select_winner", new JsonObject { ["variant_id"] = "s2" });
        var one = await _app.PostAsync($"/api/v1/campaigns/{campaign}/instrument", CampaignApi.Recipient(500));
        await LookAsync();

        Assert.Equal("s2", (string)one["variant_id"]!);
        Assert.Equal("5, 96", string.Join(", ", await RecipientsAsync(campaign)));
    }

    [Fact]
    public async Task A_copy_that_was_restored_decides_nothing_by_itself()
    {
        var campaign = await GivenStartedAsync(recipients: 1_000, sample: 20, """{"mode":"automatic","after_hours":4}""");
        await GivenClicksAsync(campaign, first: 10, second: 40);
        await _app.SqlAsync("UPDATE organization SET sending_held = 'A backup was restored.'");
        _app.Clock.Advance(TimeSpan.FromHours(5));

        await LookAsync();

        Assert.Equal("testing", (string)(await _app.GetAsync($"/api/v1/campaigns/{campaign}"))["test_phase"]!["state"]!);
    }

    [Theory]
    [InlineData("""{"variant_id":"s9"}""", 422)]
    [InlineData("""{}""", 422)]
    [InlineData("""{"variant":"s1"}""", 400)]
    [InlineData("""{"variant_id":7}""", 400)]
    public async Task A_choice_that_makes_no_sense_is_refused(string body, int status)
    {
        var campaign = await GivenStartedAsync(recipients: 10, sample: 50);

        await _app.RefusedAsync(HttpMethod.Post, $"/api/v1/campaigns/{campaign}/actions/select_winner", body, status);
    }

    [Fact]
    public async Task A_winner_is_chosen_once_and_only_where_there_is_a_test_under_way()
    {
        var tested = await GivenStartedAsync(recipients: 10, sample: 50);
        var plain = await _app.GivenDraftAsync();
        var draft = await _app.GivenDraftAsync(Tested(50, "null"));
        const string choice = """{"variant_id":"s1"}""";
        await _app.PostAsync($"/api/v1/campaigns/{tested}/actions/select_winner", JsonNode.Parse(choice));

        foreach (var (campaign, status) in new[] { (tested, 409), (plain, 409), (draft, 409), ("cmp_999", 404), ("nonsense", 404) })
        {
            await _app.RefusedAsync(HttpMethod.Post, $"/api/v1/campaigns/{campaign}/actions/select_winner", choice, status);
        }
    }

    [Fact]
    public async Task An_adaptive_test_gives_the_leader_more_and_deals_when_mail_is_asked_for()
    {
        var campaign = await GivenStartedAsync(recipients: 2_000, sample: 100, """{"metric":"click_rate","after_hours":4}""", "adaptive");
        Assert.Equal("0, 0", string.Join(", ", await RecipientsAsync(campaign)));
        var early = await _app.BatchAsync(campaign, Enumerable.Range(0, 1_000).Select(CampaignApi.Recipient));
        await GivenClicksAsync(campaign, first: 10, second: 90);

        await LookAsync();
        var late = await _app.BatchAsync(campaign, Enumerable.Range(1_000, 1_000).Select(CampaignApi.Recipient));

        Assert.InRange(early.Count(line => (string)line["variant_id"]! == "s2"), 430, 570);
        Assert.InRange(late.Count(line => (string)line["variant_id"]! == "s2"), 990, 1_000);
        var again = await _app.BatchAsync(campaign, Enumerable.Range(0, 1_000).Select(CampaignApi.Recipient));
        Assert.Equal(early.Select(line => (string)line["variant_id"]!), again.Select(line => (string)line["variant_id"]!));
        _app.Clock.Advance(TimeSpan.FromHours(4));
        await LookAsync();
        var data = await _app.GetAsync($"/api/v1/campaigns/{campaign}");
        Assert.Equal(("running", "ended"), ((string)data["status"]!, (string)data["test_phase"]!["state"]!));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task Everybody_who_may_send_is_told_once_that_a_test_waits_for_a_person_and_of_one_with_a_winner_nobody()
    {
        var decided = await GivenStartedAsync(recipients: 1_000, sample: 20, """{"mode":"automatic","metric":"click_rate","after_hours":4,"min_per_variant":100}""");
        await GivenClicksAsync(decided, first: 10, second: 40);
        var undecided = await GivenStartedAsync(recipients: 100, sample: 50);
        var manual = await GivenStartedAsync(recipients: 100, sample: 50, """{"mode":"manual","after_hours":4}""");

        _app.Clock.Advance(TimeSpan.FromHours(4));
        await LookAsync();
        await LookAsync();

        var told = (await _app.GetAsync("/api/v1/notifications?type=test_undecided")).AsArray();
        Assert.Equal([manual, undecided], told.Select(one => (string)one!["campaign_id"]!).Order().Reverse());
        Assert.All(told, one => Assert.Equal(("test_undecided", null, "Spring sale"), ((string)one!["type"]!, (string?)one["event_id"], (string)one["subject"]!)));
        Assert.Equal(2, (await _app.GetAsync("/api/v1/notifications?user_id=usr_1&unread=true")).AsArray().Count);
        await _app.RefusedAsync(HttpMethod.Patch, "/api/v1/notifications/preferences/usr_1", """{"campaign_types":["test_undecided"]}""", 422);
    }

    [Fact]
    public async Task Mail_refused_at_hand_off_counts_for_neither_side_of_the_rate()
    {
        var campaign = await GivenStartedAsync(recipients: 40, sample: 100);
        var messages = await MessagesAsync(variant: 0);
        await _app.StoreAsync([.. messages.Take(12).Select(message => Some.Event(message, EventType.Sent))]);
        await _app.StoreAsync([
            .. messages.Skip(12).Select(message => Some.Event(message, EventType.Bounced, TimeSpan.FromSeconds(1), bounce: BounceKind.Hard)),
            .. messages.Take(2).Select(message => Some.Event(message, EventType.Bounced, TimeSpan.FromSeconds(2), bounce: BounceKind.Soft))]);

        Assert.Equal(10, await NAsync());
        Assert.Empty(_app.Verify());

        // One of those refused was sent after all, one of those sent arrived after all.
        await _app.StoreAsync(Some.Event(messages[12], EventType.Sent, TimeSpan.FromSeconds(3)), Some.Event(messages[0], EventType.Delivered, TimeSpan.FromSeconds(3)));
        Assert.Equal(11, await NAsync());
        Assert.Empty(_app.Verify());

        async Task<int> NAsync() => (int)(await _app.GetAsync($"/api/v1/campaigns/{campaign}/report/variants"))["variants"]![0]!["n"]!;
    }

    private static JsonObject Tested(int sample, string winner, string distribution = "equal")
    {
        var campaign = CampaignApi.Campaign();
        campaign["ab_test"] = JsonNode.Parse($$"""
            {"factors":[{"field":"subject","levels":[{"key":"s1","value":"Save 20%"},{"key":"s2","value":"Only today"}]}],
             "distribution":"{{distribution}}","sample_percent":{{sample}},"winner":{{winner}}}
            """);
        return campaign;
    }

    private async Task<string> GivenStartedAsync(int recipients, int sample, string winner = """{"after_hours":4}""", string distribution = "equal")
    {
        var campaign = await _app.GivenDraftAsync(Tested(sample, winner, distribution));
        if (recipients > 0)
        {
            await _app.PostAsync($"/api/v1/campaigns/{campaign}/recipients", CampaignApi.Recipients(Enumerable.Range(0, recipients).Select(CampaignApi.Recipient)));
        }

        await _app.PostAsync($"/api/v1/campaigns/{campaign}/actions/send");
        return campaign;
    }

    // Everybody who was dealt got it, and so many of each variant clicked.
    private async Task GivenClicksAsync(string campaign, int first, int second)
    {
        var (a, b) = (await MessagesAsync(0), await MessagesAsync(1));
        await _app.StoreAsync([.. a.Concat(b).Select(message => Some.Event(message, EventType.Sent))]);
        await _app.StoreAsync([.. a.Take(first).Concat(b.Take(second)).Select(message => Some.Event(message, EventType.Clicked, TimeSpan.FromMinutes(10), source: EventSource.Tracking))]);
        Assert.Equal(first + second, (int)(await _app.GetAsync($"/api/v1/campaigns/{campaign}/report"))["clicked"]!);
    }

    private async Task<List<long>> MessagesAsync(int variant)
    {
        await using var db = _app.Database();
        return await db.MessageStates.Where(state => state.Variant == variant).OrderBy(state => state.MessageId).Select(state => state.MessageId).ToListAsync(TestContext.Current.CancellationToken);
    }

    private Task LookAsync() => _app.Services.GetRequiredService<TestPhases>().LookAsync(TestContext.Current.CancellationToken);

    private async Task<int[]> RecipientsAsync(string campaign) => Recipients(await _app.GetAsync($"/api/v1/campaigns/{campaign}"));

    private static int[] Recipients(JsonNode campaign) => [.. campaign["variants"]!.AsArray().Select(variant => (int)variant!["recipients"]!)];

    private static string Time(JsonNode? time) => ((DateTimeOffset)time!).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
