using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ScoreTracking.Counters;
using ScoreTracking.Events;
using ScoreTracking.Reports;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Reports;

public sealed class CompareTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    private readonly TestApp _app = fixture.App;

    [Fact]
    public async Task Compared_figures_are_those_of_the_summaries()
    {
        var first = await GivenAsync(sent: 1000, opened: 300, clicked: 50);
        var second = await GivenAsync(sent: 400, opened: 90, clicked: 30);
        await using var db = _app.Database();

        foreach (var view in new[] { new ReportView(OpensView.All, RateBasis.Sent), new ReportView(OpensView.Confirmed, RateBasis.Delivered) })
        {
            var compared = await CompareQuery.RunAsync(db, [second.Id, first.Id], view, _app.Clock.GetUtcNow(), TestContext.Current.CancellationToken);
            foreach (var (campaign, id) in compared.Zip([second.Id, first.Id]))
            {
                var summary = await SummaryQuery.RunAsync(db, id, view, _app.Clock.GetUtcNow(), TestContext.Current.CancellationToken);
                Assert.Equal(new Figures(summary!), new Figures(campaign));
            }
        }
    }

    [Fact]
    public async Task The_best_rate_is_marked_only_where_the_difference_is_more_than_chance()
    {
        var ahead = await GivenAsync(sent: 1000, opened: 300, clicked: 60);
        var behind = await GivenAsync(sent: 1000, opened: 240, clicked: 56);

        var compared = await RunAsync(ahead, behind);

        Assert.Equal([["open"], []], compared.Select(campaign => campaign.Best.ToArray()));
    }

    [Fact]
    public async Task Fewer_bounces_complaints_and_goodbyes_are_better()
    {
        var many = await GivenAsync(sent: 10_000, opened: 0, clicked: 0);
        await many.CountAsync(Dimension.Summary, "", EventType.Bounced, VerdictGroup.None, 300, 300);
        await many.CountAsync(Dimension.Summary, "", EventType.Complained, VerdictGroup.None, 20, 20);
        await many.CountAsync(Dimension.Summary, "", EventType.Unsubscribed, VerdictGroup.None, 40, 40);
        var few = await GivenAsync(sent: 10_000, opened: 0, clicked: 0);
        await few.CountAsync(Dimension.Summary, "", EventType.Bounced, VerdictGroup.None, 100, 100);
        await few.CountAsync(Dimension.Summary, "", EventType.Complained, VerdictGroup.None, 2, 2);
        await few.CountAsync(Dimension.Summary, "", EventType.Unsubscribed, VerdictGroup.None, 38, 38);

        Assert.Equal([[], ["bounce", "complaint"]], (await RunAsync(many, few)).Select(campaign => campaign.Best.ToArray()));
    }

    [Fact]
    public async Task Nothing_is_best_where_nothing_was_sent_or_nobody_reported_deliveries()
    {
        var sent = await GivenAsync(sent: 1000, opened: 900, clicked: 800);
        var unsent = await CountedCampaign.InsertAsync(_app);

        var compared = await RunAsync(sent, unsent);
        await using var db = _app.Database();
        var ofDelivered = await CompareQuery.RunAsync(
            db, [sent.Id, (await GivenAsync(sent: 1000, opened: 1, clicked: 1)).Id], new ReportView(OpensView.All, RateBasis.Delivered), _app.Clock.GetUtcNow(), TestContext.Current.CancellationToken);

        Assert.All(compared, campaign => Assert.Empty(campaign.Best));
        Assert.Null(compared[1].FirstSentAt);
        Assert.Empty(compared[1].SinceSend);
        Assert.All(ofDelivered, campaign => Assert.DoesNotContain("open", campaign.Best));
    }

    [Fact]
    public async Task Hours_count_from_each_campaigns_own_first_message()
    {
        var early = await CountedCampaign.InsertAsync(_app);
        await early.CountAtAsync("2026-08-20T10:45Z", EventType.Sent, VerdictGroup.None, 10, 10);
        await early.CountAtAsync("2026-08-20T11:30Z", EventType.Opened, VerdictGroup.Person, 4, 3);
        await early.CountAtAsync("2026-08-20T11:45Z", EventType.Opened, VerdictGroup.Privacy, 2, 2);
        await early.CountAtAsync("2026-08-20T12:45Z", EventType.Clicked, VerdictGroup.Person, 5, 1);
        await early.CountAtAsync("2026-08-23T10:45Z", EventType.Opened, VerdictGroup.Person, 100, 100);
        var late = await CountedCampaign.InsertAsync(_app);
        await late.CountAtAsync("2026-09-01T08:15Z", EventType.Sent, VerdictGroup.None, 10, 10);
        await late.CountAtAsync("2026-09-01T08:30Z", EventType.Opened, VerdictGroup.Person, 1, 1);

        var compared = await RunAsync(early, late);

        Assert.Equal(CompareQuery.MaxHours, compared[0].SinceSend.Count);
        Assert.Equal(
            [new(0, 10, 4, 0, 3, 0), new(1, 0, 2, 0, 2, 0), new HourSinceSend(2, 0, 0, 5, 0, 1)], compared[0].SinceSend.Take(3));
        Assert.Equal(5, compared[0].SinceSend.Sum(hour => hour.UniqueOpens));
        Assert.Equal([new(0, 10, 1, 0, 1, 0), new HourSinceSend(1, 0, 0, 0, 0, 0)], compared[1].SinceSend);
    }

    [Fact]
    public async Task Compared_campaigns_are_a_list_in_the_order_asked_for()
    {
        var first = await GivenAsync(sent: 10, opened: 5, clicked: 1);
        var second = await GivenAsync(sent: 10, opened: 5, clicked: 1);

        foreach (var query in new[] { $"ids=cmp_{second.Id},cmp_{first.Id}", $"ids=cmp_{second.Id}&ids=cmp_{first.Id}", $"ids=cmp_{second.Id},%20cmp_{first.Id},cmp_{second.Id}" })
        {
            var answer = await _app.Api.GetFromJsonAsync<JsonNode>($"/api/v1/reports/compare?{query}", TestContext.Current.CancellationToken);

            var data = answer!["data"]!.AsArray();
            Assert.Equal([$"cmp_{second.Id}", $"cmp_{first.Id}"], data.Select(campaign => (string?)campaign!["id"]));
            Assert.All((string[])["name", "status", "first_sent_at", "best", "since_send", "sent", "rates", "bounced", "filtered"], member => Assert.True(data[0]!.AsObject().ContainsKey(member), member));
        }
    }

    [Theory]
    [InlineData("", "ids"), InlineData("?ids=", "ids"), InlineData("?ids=cmp_1", "ids"), InlineData("?ids=cmp_1,cmp_1", "ids"), InlineData("?ids=cmp_1,campaign", "ids")]
    [InlineData("?ids=cmp_1,cmp_2,cmp_3,cmp_4,cmp_5,cmp_6,cmp_7,cmp_8,cmp_9,cmp_10,cmp_11", "ids"), InlineData("?ids=cmp_999998,cmp_999999", "ids")]
    [InlineData("?ids=cmp_1,%27;DROP", "ids"), InlineData("?ids=msg_1,cmp_01", "ids"), InlineData("?ids=cmp_1,cmp_2&opens=most", "opens"), InlineData("?ids=cmp_1,cmp_2&basis=x", "basis")]
    public async Task A_comparison_that_makes_no_sense_is_refused(string query, string field)
    {
        using var answer = await _app.Api.GetAsync($"/api/v1/reports/compare{query}", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = await answer.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken);
        Assert.Equal([field], problem!["errors"]!.AsObject().Select(error => error.Key));
    }

    private async Task<CountedCampaign> GivenAsync(long sent, long opened, long clicked)
    {
        var campaign = await CountedCampaign.InsertAsync(_app);
        await campaign.CountAsync(Dimension.Summary, "", EventType.Sent, VerdictGroup.None, sent, sent);
        await campaign.CountAsync(Dimension.Summary, "", EventType.Opened, VerdictGroup.Person, opened, opened);
        await campaign.CountAsync(Dimension.Summary, "", EventType.Clicked, VerdictGroup.Person, clicked, clicked);
        return campaign;
    }

    private async Task<IReadOnlyList<ComparedCampaign>> RunAsync(params CountedCampaign[] campaigns)
    {
        await using var db = _app.Database();
        return await CompareQuery.RunAsync(db, [.. campaigns.Select(campaign => campaign.Id)], default, _app.Clock.GetUtcNow(), TestContext.Current.CancellationToken);
    }

    /// <summary>Only the figures of something that has more.</summary>
    private sealed record Figures : ScoreTracking.Reports.Figures
    {
        [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
        public Figures(ScoreTracking.Reports.Figures figures) : base(figures)
        {
        }
    }
}
