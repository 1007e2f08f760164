using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ScoreTracking.Counters;
using ScoreTracking.Events;
using ScoreTracking.Reports;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Reports;

public sealed class ProvidersTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    private const string Gmail = "1";
    private const string Outlook = "2";
    private const string Other = "0";

    private readonly TestApp _app = fixture.App;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_arrive_under_the_provider_of_the_address()
    {
        await using var app = new TestApp(); // Of its own: what other tests write into the counters is in no log.
        var campaign = await app.GivenCampaignAsync();
        var link = await app.GivenLinkAsync(campaign);
        var ana = await app.GivenMessageAsync(campaign, domain: "gmail.com");
        var ben = await app.GivenMessageAsync(campaign, domain: "googlemail.com");
        var eve = await app.GivenMessageAsync(campaign, domain: "acme.example");
        await app.StoreAsync(
            Some.Event(ana, EventType.Sent), Some.Event(ben, EventType.Sent), Some.Event(eve, EventType.Sent),
            Some.Event(ana, EventType.Delivered, TimeSpan.FromSeconds(5)),
            Some.Event(ben, EventType.Bounced, TimeSpan.FromSeconds(5), bounce: BounceKind.Block),
            Some.Event(eve, EventType.Delivered, TimeSpan.FromSeconds(5)),
            Some.Event(ana, EventType.Clicked, TimeSpan.FromHours(1), linkId: link, source: EventSource.Tracking),
            Some.Event(ana, EventType.Complained, TimeSpan.FromHours(2)));

        var rows = (await GetAsync(campaign, "", app))["data"]!.AsArray();

        Assert.Equal(["Gmail", "Other"], rows.Select(row => (string)row!["provider"]!));
        var gmail = rows[0]!;
        Assert.Equal(
            (2, 1, 1, 1, 1, 1),
            ((int)gmail["sent"]!, (int)gmail["delivered"]!, (int)gmail["bounced"]!["block"]!, (int)gmail["complained"]!, (int)gmail["opened"]!, (int)gmail["clicked"]!));
        Assert.Equal("""{"numerator":1,"denominator":2,"rate":0.5}""", gmail["rates"]!["complaint"]!.ToJsonString());
        Assert.Equal("""{"numerator":1,"denominator":2,"rate":0.5}""", gmail["delivery"]!.ToJsonString());
        Assert.Empty(app.Verify());
    }

    [Fact]
    public async Task The_largest_stands_first_and_Other_last()
    {
        var campaign = await CountedCampaign.InsertAsync(_app);
        await SentAsync(campaign, Other, 5000, 4900);
        await SentAsync(campaign, Outlook, 100, 97);
        await SentAsync(campaign, Gmail, 900, 880);
        await SentAsync(campaign, "987654", 10, 10);

        var rows = (await GetAsync(campaign.Id, ""))["data"]!.AsArray();

        Assert.Equal([("Gmail", 900L), ("Outlook.com", 100), ("Other", 5010)], rows.Select(row => ((string)row!["provider"]!, (long)row["sent"]!)));
    }

    [Fact]
    public async Task Trouble_at_one_provider_is_named()
    {
        var campaign = await CountedCampaign.InsertAsync(_app);
        await SentAsync(campaign, Gmail, 1000, 985);
        await SentAsync(campaign, Outlook, 400, 280);
        await SentAsync(campaign, Other, 2000, 1960);
        await campaign.CountAsync(Dimension.Provider, Outlook, EventType.Bounced, VerdictGroup.None, 120, 120);
        await campaign.CountAsync(Dimension.ProviderBounce, $"{(2 << 2) + (int)BounceKind.Block}", EventType.Bounced, VerdictGroup.None, 120, 120);
        await campaign.CountAsync(Dimension.Provider, Gmail, EventType.Complained, VerdictGroup.None, 2, 2);
        await campaign.CountAsync(Dimension.Provider, Other, EventType.Complained, VerdictGroup.None, 12, 12);

        var rows = (await GetAsync(campaign.Id, "?basis=delivered"))["data"]!.AsArray().ToDictionary(row => (string)row!["provider"]!, row => row!);

        Assert.Equal("""["low_delivery"]""", rows["Outlook.com"]["warnings"]!.ToJsonString());
        Assert.Equal("""["raised_complaints"]""", rows["Gmail"]["warnings"]!.ToJsonString());
        Assert.Equal("""["high_complaints"]""", rows["Other"]["warnings"]!.ToJsonString());
        Assert.Equal(120, (int)rows["Outlook.com"]["bounced"]!["block"]!);
        Assert.Equal(985, (int)rows["Gmail"]["rates"]!["complaint"]!["denominator"]!);
    }

    [Fact]
    public async Task Without_delivery_reports_nothing_is_judged_by_them()
    {
        var campaign = await CountedCampaign.InsertAsync(_app);
        await campaign.CountAsync(Dimension.Provider, Gmail, EventType.Sent, VerdictGroup.None, 1000, 1000);

        var gmail = Assert.Single((await GetAsync(campaign.Id, ""))["data"]!.AsArray())!;

        Assert.Null(gmail["delivered"]);
        Assert.Null(gmail["delivery"]!["rate"]);
        Assert.Equal("[]", gmail["warnings"]!.ToJsonString());
    }

    [Theory]
    [InlineData(49, 10, false, "too few to judge"), InlineData(50, 10, true, "clear"), InlineData(1000, 970, false, "within what matters"), InlineData(1000, 940, true, "a clear gap")]
    [InlineData(60, 56, false, "chance explains it"), InlineData(1000, 1000, false, "better than the rest")]
    public void A_low_delivery_is_one_that_chance_does_not_explain(long sent, long delivered, bool low, string because) =>
        Assert.True(low == ProviderRules.IsLowDelivery(delivered, sent, 9800, 10_000), because);

    [Theory]
    [InlineData(1, 100, ComplaintLevel.Usual), InlineData(2, 99, ComplaintLevel.Usual), InlineData(2, 2001, ComplaintLevel.Usual), InlineData(2, 2000, ComplaintLevel.Raised)]
    [InlineData(5, 2000, ComplaintLevel.Raised), InlineData(6, 2000, ComplaintLevel.High), InlineData(7, 0, ComplaintLevel.Usual)]
    public void Complaints_are_raised_from_a_tenth_of_a_percent_on_and_high_from_three(long complaints, long of, ComplaintLevel expected) =>
        Assert.Equal(expected, ProviderRules.Complaints(new Ratio(complaints, of)));

    [Theory, InlineData("?opens=x", "opens"), InlineData("?basis=opened", "basis")]
    public async Task A_value_that_makes_no_sense_is_named(string query, string field)
    {
        var campaign = await CountedCampaign.InsertAsync(_app);

        var answer = await _app.Api.GetAsync(Path(campaign.Id, query), Token);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal([field], (await answer.Content.ReadFromJsonAsync<JsonNode>(Token))!["errors"]!.AsObject().Select(error => error.Key));
    }

    [Fact]
    public async Task A_campaign_that_does_not_exist_is_not_found_and_one_without_events_is_empty()
    {
        var campaign = await CountedCampaign.InsertAsync(_app);

        Assert.Equal(HttpStatusCode.NotFound, (await _app.Api.GetAsync(Path(99_999, ""), Token)).StatusCode);
        Assert.Equal("""{"data":[]}""", (await GetAsync(campaign.Id, "")).ToJsonString());
    }

    private static string Path(long campaign, string query) => $"/api/v1/campaigns/cmp_{campaign}/report/providers{query}";

    private static async Task SentAsync(CountedCampaign campaign, string provider, long sent, long delivered)
    {
        await campaign.CountAsync(Dimension.Provider, provider, EventType.Sent, VerdictGroup.None, sent, sent);
        await campaign.CountAsync(Dimension.Provider, provider, EventType.Delivered, VerdictGroup.None, delivered, delivered);
    }

    private async Task<JsonNode> GetAsync(long campaign, string query, TestApp? app = null)
    {
        var answer = await (app ?? _app).Api.GetAsync(Path(campaign, query), Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonNode>(Token))!;
    }
}
