using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ScoreTracking.Counters;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Reports;

public sealed class ClientsTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    private readonly TestApp _app = fixture.App;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Clients_stand_by_messages_with_their_share_of_all()
    {
        var campaign = await CountedCampaign.InsertAsync(_app);
        await CountAsync(campaign, Dimension.Client, "Thunderbird", EventType.Opened, 4, 3);
        await CountAsync(campaign, Dimension.Client, "Apple Mail", EventType.Opened, 9, 5);
        await CountAsync(campaign, Dimension.Client, "", EventType.Opened, 8, 8);
        await CountAsync(campaign, Dimension.Client, "Chrome", EventType.Clicked, 8, 8);

        var answer = await GetAsync(campaign, "");

        Assert.Equal(
            """{"data":[{"name":"Apple Mail","known":true,"messages":5,"events":9,"share":{"numerator":5,"denominator":16,"rate":0.3125}},{"name":"Thunderbird","known":true,"messages":3,"events":4,"share":{"numerator":3,"denominator":16,"rate":0.1875}},{"name":"Unknown","known":false,"messages":8,"events":8,"share":{"numerator":8,"denominator":16,"rate":0.5}}],"count":3}""",
            answer.ToJsonString());
        Assert.Equal("Chrome", (string?)Assert.Single((await GetAsync(campaign, "?event=click&by=client"))["data"]!.AsArray())!["name"]);
    }

    [Theory, InlineData("device", "mobile"), InlineData("browser", "Firefox"), InlineData("os", "iOS")]
    public async Task Devices_browsers_and_systems_know_what_a_proxy_hides(string by, string known)
    {
        var campaign = await CountedCampaign.InsertAsync(_app);
        var dimension = Dimension.All.Single(one => one.Name == by);
        await CountAsync(campaign, dimension, Dimension.Proxied, EventType.Opened, 70, 30);
        await CountAsync(campaign, dimension, "", EventType.Opened, 50, 40);
        await CountAsync(campaign, dimension, known, EventType.Opened, 5, 5);

        var rows = (await GetAsync(campaign, $"?by={by}"))["data"]!.AsArray();

        Assert.Equal([(known, 5L), ("Unknown", 40), ("Unknown (proxied)", 30)], rows.Select(row => ((string)row!["name"]!, (long)row["messages"]!)));
    }

    [Fact]
    public async Task A_name_that_is_markup_stays_text()
    {
        const string Name = "</td><script>alert(1)</script>";
        var campaign = await CountedCampaign.InsertAsync(_app);
        await campaign.CountAsync(Dimension.Summary, "", EventType.Sent, VerdictGroup.None, 1, 1);
        await CountAsync(campaign, Dimension.Client, Name, EventType.Opened, 1, 1);
        using var visitor = await Visitor.SignedInAsync(_app);

        var page = await visitor.Client.GetStringAsync($"/campaigns/cmp_{campaign.Id}", Token);

        Assert.Contains("&lt;/td&gt;&lt;script&gt;alert(1)&lt;/script&gt;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>alert", page, StringComparison.Ordinal);
        Assert.Equal(Name, (string?)(await GetAsync(campaign, ""))["data"]![0]!["name"]);
    }

    [Theory]
    [InlineData("?event=opened", "event"), InlineData("?by=colour", "by"), InlineData("?by=", "by"), InlineData("?by=client,os", "by")]
    public async Task A_value_that_makes_no_sense_is_named(string query, string field)
    {
        var campaign = await CountedCampaign.InsertAsync(_app);

        var answer = await _app.Api.GetAsync($"/api/v1/campaigns/cmp_{campaign.Id}/report/clients{query}", Token);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal([field], (await answer.Content.ReadFromJsonAsync<JsonNode>(Token))!["errors"]!.AsObject().Select(error => error.Key));
    }

    [Fact]
    public async Task A_campaign_that_does_not_exist_is_not_found() =>
        Assert.Equal(HttpStatusCode.NotFound, (await _app.Api.GetAsync("/api/v1/campaigns/cmp_99999/report/clients", Token)).StatusCode);

    private static Task CountAsync(CountedCampaign campaign, Dimension dimension, string key, EventType type, long total, long unique) =>
        campaign.CountAsync(dimension, key, type, VerdictGroup.Person, total, unique);

    private async Task<JsonNode> GetAsync(CountedCampaign campaign, string query)
    {
        var answer = await _app.Api.GetAsync($"/api/v1/campaigns/cmp_{campaign.Id}/report/clients{query}", Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonNode>(Token))!;
    }
}
