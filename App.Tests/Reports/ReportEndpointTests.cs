using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ScoreTracking.Api;
using ScoreTracking.Counters;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Reports;

public sealed class ReportEndpointTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    private readonly TestApp _app = fixture.App;

    [Fact]
    public async Task The_summary_has_every_member_of_the_contract()
    {
        var campaign = await GivenCampaignAsync();

        var data = (await GetAsync(campaign, "?opens=confirmed&basis=delivered"))["data"]!;

        Assert.Equal(
            """{"sent":200,"delivered":null,"opened":50,"confirmed_opened":50,"total_opens":70,"clicked":0,"total_clicks":0,"bounced":{"total":4,"hard":0,"soft":0,"block":4},"complained":0,"unsubscribed":0,"deferred":0,"dropped":0,"replied":0,"filtered":{"scanner":0,"prefetch":0,"self":0},"rates":{"open":{"numerator":50,"denominator":null,"rate":null},"click":{"numerator":0,"denominator":null,"rate":null},"click_to_open":{"numerator":0,"denominator":50,"rate":0},"bounce":{"numerator":4,"denominator":200,"rate":0.02},"complaint":{"numerator":0,"denominator":null,"rate":null},"unsubscribe":{"numerator":0,"denominator":null,"rate":null}},"recipients":250,"not_tracked":0,"anonymous":{"opens":0,"clicks":0},"as_of":"2026-09-01T10:00:00Z"}""",
            Ordered(data, "sent", "delivered", "opened", "confirmed_opened", "total_opens", "clicked", "total_clicks", "bounced", "complained", "unsubscribed", "deferred", "dropped", "replied", "filtered", "rates", "recipients", "not_tracked", "anonymous", "as_of"));
    }

    [Fact]
    public async Task The_timeline_is_a_list_in_the_organizations_zone_or_the_one_asked_for()
    {
        var campaign = await GivenCampaignAsync();
        await campaign.CountAtAsync("2026-10-25T00:15Z", EventType.Sent, VerdictGroup.None, 200, 200);

        var own = (await GetAsync(campaign, "/timeline"))["data"]!.AsArray();
        var asked = (await GetAsync(campaign, "/timeline?tz=Europe/Berlin&interval=hour"))["data"]!.AsArray();
        var days = (await GetAsync(campaign, "/timeline?tz=Europe/Berlin&interval=day&from=2026-10-25T00:00:00%2B02:00&to=2026-10-25T23:00:00Z"))["data"]!.AsArray();

        Assert.Equal("2026-10-25T00:00+00:00", (string?)Assert.Single(own)!["label"]);
        Assert.Equal(
            """{"start_utc":"2026-10-25T00:00:00Z","label":"2026-10-25T02:00+02:00","sent":200,"opens":0,"clicks":0,"delivered":0,"unique_opens":0,"unique_clicks":0,"bounced":0,"unsubscribed":0}""",
            Assert.Single(asked)!.ToJsonString(ApiSetup.Json).Replace("\\u002B", "+", StringComparison.Ordinal));
        Assert.Equal(("2026-10-24T22:00:00Z", 200L), ((string?)Assert.Single(days)!["start_utc"], (long)days[0]!["sent"]!));
    }

    [Fact]
    public async Task Links_are_a_list_with_their_rates_and_sums_by_url_beside_it()
    {
        var campaign = await GivenCampaignAsync();
        var link = await campaign.LinkAsync("", 1, "https://a.example.com/", "A");
        await campaign.CountAsync(Dimension.Link, $"{link}", EventType.Clicked, VerdictGroup.Person, 7, 5);

        var answer = await GetAsync(campaign, "/links");

        Assert.Equal(
            $$$"""{"data":[{"id":"lnk_{{{link}}}","url":"https://a.example.com/","label":"A","position":1,"content":"","total_clicks":7,"unique_clicks":5,"ctr":{"numerator":5,"denominator":200,"rate":0.025},"anonymous_clicks":0}],"by_url":[{"url":"https://a.example.com/","links":1,"total_clicks":7}],"count":1}""",
            answer.ToJsonString());
    }

    [Fact]
    public async Task Variants_carry_figures_standing_margins_and_winner()
    {
        var campaign = await CountedCampaign.InsertAsync(
            _app,
            """{"factors":[{"field":"subject","levels":[{"key":"s1","value":"A"},{"key":"s2","value":"B"}]}]}""",
            ("s1", """{"subject":"s1"}""", 0.5, 500), ("s2", """{"subject":"s2"}""", 0.5, 500));

        var data = (await GetAsync(campaign, "/variants?metric=open_rate"))["data"]!;

        Assert.Equal("open_rate", (string?)data["metric"]);
        var variant = data["variants"]![1]!;
        Assert.Equal("s2", (string?)variant["id"]);
        Assert.Equal("""{"subject":"s2"}""", variant["levels"]!.ToJsonString());
        Assert.Equal(0.5, (double)variant["p_best"]!, 9);
        Assert.Equal([0.05, 0.95], variant["ci90"]!.AsArray().Select(bound => Math.Round((double)bound!, 6)));
        Assert.All((string[])["sent", "opened", "bounced", "rates", "expected_loss", "n", "x", "weight", "recipients"], member => Assert.NotNull(variant[member]));
        Assert.Equal("""{"field":"subject","key":"s1","n":0,"x":0,"rate":null,"p_best":0.5}""", Ordered(data["margins"]![0]!, "field", "key", "n", "x", "rate", "p_best"));
        Assert.Equal("""{"chi2":0,"p":1,"ok":true}""", data["sample_ratio"]!.ToJsonString());
        Assert.Equal("no_winner_yet", (string?)data["winner"]!["state"]);
        Assert.Null(data["winner"]!["variant_id"]);
        Assert.NotNull(data["winner"]!["reason"]);
    }

    [Theory]
    [InlineData("?opens=most", "opens"), InlineData("?basis=opened", "basis"), InlineData("?opens=&basis=sent", "opens")]
    [InlineData("/timeline?interval=week", "interval"), InlineData("/timeline?opens=x", "opens")]
    [InlineData("/timeline?tz=Mars/Olympus", "tz"), InlineData("/timeline?tz=", "tz"), InlineData("/timeline?tz=../../etc/passwd", "tz")]
    [InlineData("/timeline?from=yesterday", "from"), InlineData("/timeline?from=2026-09-01T00:00:00", "from"), InlineData("/timeline?to=0001-01-01T00:00:00Z", "to")]
    [InlineData("/timeline?to=9999-12-31T23:59:59Z", "to"), InlineData("/timeline?from=2026-09-01T00:00:00-99:00", "from")]
    [InlineData("/timeline?from=2026-09-02T00:00:00Z&to=2026-09-01T00:00:00Z", "to"), InlineData("/timeline?from=2026-09-01T00:00Z&to=2026-09-01T00:00Z", "to")]
    [InlineData("/timeline?interval=hour&from=2020-01-01T00:00:00Z&to=2026-01-01T00:00:00Z", "interval")]
    [InlineData("/timeline?from=2000-01-01T00:00:00Z&to=2200-01-01T00:00:00Z", "interval")]
    [InlineData("/variants?metric=revenue", "metric"), InlineData("/variants?basis=x", "basis")]
    public async Task A_value_that_makes_no_sense_is_named(string query, string field)
    {
        var campaign = await CountedCampaign.InsertAsync(_app);

        var response = await _app.Api.GetAsync(Path(campaign, query), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        var problem = await ProblemAsync(response);
        Assert.Equal([field], problem["errors"]!.AsObject().Select(error => error.Key));
    }

    [Theory]
    [InlineData("cmp_99999"), InlineData("99999"), InlineData("cmp_"), InlineData("cmp_01"), InlineData("msg_1"), InlineData("cmp_99999999999999999999")]
    public async Task A_campaign_that_does_not_exist_is_not_found(string id)
    {
        foreach (var section in (string[])["", "/timeline", "/links", "/variants"])
        {
            var response = await _app.Api.GetAsync($"/api/v1/campaigns/{id}/report{section}", TestContext.Current.CancellationToken);

            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
            Assert.NotNull((await ProblemAsync(response))["title"]);
        }
    }

    [Fact]
    public async Task Reports_need_a_key()
    {
        var campaign = await CountedCampaign.InsertAsync(_app);

        foreach (var section in (string[])["", "/timeline", "/links", "/variants"])
        {
            var response = await _app.Anonymous().GetAsync(Path(campaign, section), TestContext.Current.CancellationToken);

            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }
    }

    [Fact]
    public async Task A_key_sees_no_more_than_its_scopes()
    {
        var campaign = await CountedCampaign.InsertAsync(_app);
        var created = await _app.Api.PostAsJsonAsync("/api/v1/api-keys", new { name = "CRM", scopes = (string[])["events:write"] }, TestContext.Current.CancellationToken);
        var key = (await created.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken))!["data"]!["key"]!;
        using var client = _app.Anonymous();
        client.DefaultRequestHeaders.Authorization = new("Bearer", (string?)key);

        foreach (var path in (string[])[Path(campaign, ""), Path(campaign, "/timeline"), Path(campaign, "/links"), Path(campaign, "/variants"), "/api/v1/settings"])
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync(path, TestContext.Current.CancellationToken)).StatusCode);
        }
    }

    private static string Path(CountedCampaign campaign, string rest) => $"/api/v1/campaigns/{PublicId.Campaign(campaign.Id)}/report{rest}";

    private async Task<CountedCampaign> GivenCampaignAsync()
    {
        var campaign = await CountedCampaign.InsertAsync(_app, null, ("", "{}", 1, 250));
        await campaign.CountAsync(Dimension.Summary, "", EventType.Sent, VerdictGroup.None, 200, 200);
        await campaign.CountAsync(Dimension.Summary, "", EventType.Opened, VerdictGroup.Person, 70, 50);
        await campaign.CountAsync(Dimension.Summary, "", EventType.Opened, VerdictGroup.Privacy, 9, 8);
        await campaign.CountAsync(Dimension.Summary, "", EventType.Bounced, VerdictGroup.None, 4, 4);
        await campaign.CountAsync(Dimension.Bounce, "3", EventType.Bounced, VerdictGroup.None, 4, 4);
        return campaign;
    }

    private async Task<JsonNode> GetAsync(CountedCampaign campaign, string rest)
    {
        var response = await _app.Api.GetAsync(Path(campaign, rest), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken))!;
    }

    private static async Task<JsonNode> ProblemAsync(HttpResponseMessage response)
    {
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return (await response.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken))!;
    }

    /// <summary>The members in a given order, so that a text can be compared; a missing one reads as absent.</summary>
    private static string Ordered(JsonNode data, params string[] members) =>
        "{" + string.Join(',', members.Select(member =>
            $"\"{member}\":{(data.AsObject().TryGetPropertyValue(member, out var value) ? value?.ToJsonString() ?? "null" : "absent")}")) + "}";
}
