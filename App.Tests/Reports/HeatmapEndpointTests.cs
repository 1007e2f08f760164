using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ScoreTracking.Api;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Reports;

public sealed class HeatmapEndpointTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    private readonly TestApp _app = fixture.App;

    [Fact]
    public async Task The_heatmap_has_every_member_of_the_contract()
    {
        var campaign = await GivenTest.GoldenAsync(_app);

        using var answer = await GetAsync(campaign, "?rows=subject&cols=html&metric=click_rate");
        var data = (await answer.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken))!["data"]!;

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("""["s1","s2","s3"]""", data["rows"]!.ToJsonString());
        Assert.Equal("""["h1","h2"]""", data["cols"]!.ToJsonString());
        Assert.Equal([3, 2], [data["cells"]!.AsArray().Count, data["cells"]![0]!.AsArray().Count]);
        Assert.Equal(["n", "x", "rate", "p_best", "mean", "is_thin"], data["cells"]![1]![0]!.AsObject().Select(member => member.Key));
        Assert.Equal((1000, 240, 0.24, 0.6844), ((int)data["cells"]![1]![0]!["n"]!, (int)data["cells"]![1]![0]!["x"]!, (double)data["cells"]![1]![0]!["rate"]!, Math.Round((double)data["cells"]![1]![0]!["p_best"]!, 4)));
        Assert.Equal(("s2", 0.9728), ((string?)data["row_margins"]![1]!["key"], Math.Round((double)data["row_margins"]![1]!["p_best"]!, 4)));
        Assert.Equal("h2", (string?)data["col_margins"]![1]!["key"]);
        Assert.Equal("""[{"field":"subject","levels":["s1","s2","s3"]},{"field":"html","levels":["h1","h2"]}]""", data["factors"]!.ToJsonString());
    }

    [Theory]
    [InlineData("?rows=colour", "rows"), InlineData("?rows=subject&cols=subject", "cols"), InlineData("?cols=preheader", "cols")]
    [InlineData("?metric=revenue", "metric"), InlineData("?metric=", "metric"), InlineData("?html=h9", "html"), InlineData("?from_name=f1", "from_name")]
    [InlineData("?subject=s1", "subject"), InlineData("?rows=%3Cscript%3E", "rows"), InlineData("?rows=SUBJECT", "rows")]
    public async Task A_value_that_makes_no_sense_is_named(string query, string field)
    {
        using var answer = await GetAsync(await GivenTest.GoldenAsync(_app), query);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = await answer.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken);
        Assert.Equal([field], problem!["errors"]!.AsObject().Select(error => error.Key));
    }

    [Fact]
    public async Task A_campaign_without_a_test_says_so()
    {
        using var answer = await GetAsync(await CountedCampaign.InsertAsync(_app, null, ("", "{}", 1, 10)), "");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains("no test", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory, InlineData("cmp_99999"), InlineData("cmp_01"), InlineData("7")]
    public async Task A_campaign_that_does_not_exist_is_not_found(string id)
    {
        using var answer = await _app.Api.GetAsync($"/api/v1/campaigns/{id}/report/heatmap", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private Task<HttpResponseMessage> GetAsync(CountedCampaign campaign, string query) =>
        _app.Api.GetAsync($"/api/v1/campaigns/{PublicId.Campaign(campaign.Id)}/report/heatmap{query}", TestContext.Current.CancellationToken);
}
