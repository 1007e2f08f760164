using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using ScoreTracking.Api;
using ScoreTracking.Settings;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace ScoreTracking.Tests.Reports;

/// <summary>Hours of far-away clocks, from events reported over the API to rows read over the API, on the nights when clocks change.</summary>
public sealed class ZonesEndToEndTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    private readonly TestApp _app = fixture.App;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Asia/Kolkata", "2026-03-01T17:00Z", "2026-03-01T22:00+05:30 2,2026-03-01T23:00+05:30 4,2026-03-02T00:00+05:30 4,2026-03-02T01:00+05:30 2")]
    [InlineData("Asia/Kathmandu", "2026-03-01T17:00Z", "2026-03-01T22:00+05:45 1,2026-03-01T23:00+05:45 4,2026-03-02T00:00+05:45 4,2026-03-02T01:00+05:45 3")]
    [InlineData("America/New_York", "2026-03-08T06:00Z", "2026-03-08T01:00-05:00 4,2026-03-08T03:00-04:00 4,2026-03-08T04:00-04:00 4")]
    [InlineData("America/New_York", "2026-11-01T05:00Z", "2026-11-01T01:00-04:00 4,2026-11-01T01:00-05:00 4,2026-11-01T02:00-05:00 4")]
    [InlineData("Australia/Lord_Howe", "2026-04-04T14:00Z", "2026-04-05T01:00+11:00 4,2026-04-05T01:30+10:30 2,2026-04-05T02:00+10:30 4,2026-04-05T03:00+10:30 2")]
    [InlineData("Australia/Lord_Howe", "2026-10-03T14:30Z", "2026-10-04T01:00+10:30 4,2026-10-04T02:30+11:00 2,2026-10-04T03:00+11:00 4,2026-10-04T04:00+11:00 2")]
    public async Task Twelve_quarter_hours_of_deliveries_lie_in_the_hours_of_the_zone(string zone, string start, string expected)
    {
        var campaign = await GivenDeliveredAsync(start, quarters: 12);

        var rows = await TimelineAsync(campaign, $"?interval=hour&tz={Uri.EscapeDataString(zone)}");

        Assert.Equal(expected.Split(','), rows.Select(row => $"{row["label"]} {row["delivered"]}"));
        Assert.Equal(rows.Select(row => (string?)row["start_utc"]).Distinct().Count(), rows.Count);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task Without_a_zone_the_organizations_counts_whichever_it_is_now()
    {
        var campaign = await GivenDeliveredAsync("2026-04-04T13:00Z", quarters: 24);
        var settings = _app.Services.GetRequiredService<OrganizationSettings>();
        var days = new List<string>();
        foreach (var zone in (string[])["Australia/Lord_Howe", "Asia/Kathmandu", "UTC"])
        {
            await settings.ChangeAsync(name: null, TimeZoneInfo.FindSystemTimeZoneById(zone), Token);
            days.AddRange((await TimelineAsync(campaign, "?interval=day")).Select(row => $"{row["label"]} {row["delivered"]}"));
        }

        // Six hours: wholly on 5 April on Lord Howe, and split at midnight in Kathmandu.
        Assert.Equal(["2026-04-05T00:00+11:00 24", "2026-04-04T00:00+05:45 21", "2026-04-05T00:00+05:45 3", "2026-04-04T00:00+00:00 24"], days);
    }

    /// <summary>One delivered event in each quarter hour, reported as a CRM reports them.</summary>
    private async Task<long> GivenDeliveredAsync(string start, int quarters)
    {
        // Reported when they happen: a clock that runs ahead of the server's is not believed.
        var from = DateTimeOffset.Parse(start, CultureInfo.InvariantCulture);
        _app.Clock.Set(from.AddDays(1));
        var campaign = await _app.GivenCampaignAsync();
        var events = new JsonArray();
        for (var i = 0; i < quarters; i++)
        {
            var message = await _app.GivenMessageAsync(campaign);
            events.Add(new JsonObject
            {
                ["event_id"] = $"{campaign}:{i}",
                ["event_type"] = "delivered",
                ["message_id"] = PublicId.Message(message),
                ["occurred_at"] = ApiSetup.Text(from.AddMinutes((15 * i) + 7)),
            });
        }

        using var answer = await _app.Api.PostAsJsonAsync("/api/v1/events", events, Token);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        await _app.StoredAsync();
        return campaign;
    }

    private async Task<List<JsonNode>> TimelineAsync(long campaign, string query) =>
        [.. (await _app.GetAsync($"/api/v1/campaigns/{PublicId.Campaign(campaign)}/report/timeline{query}")).AsArray().Select(row => row!)];
}
