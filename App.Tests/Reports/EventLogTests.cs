using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Reports;

public sealed class EventLogTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    private TestApp App => fixture.App;

    [Fact]
    public async Task The_log_is_paged_newest_first_without_gap_or_repeat()
    {
        var campaign = await App.GivenCampaignAsync();
        var message = await App.GivenMessageAsync(campaign);
        await App.StoreAsync([.. Enumerable.Range(0, 25).Select(i => Some.Event(message, EventType.Deferred, TimeSpan.FromMinutes(i)))]);

        var ids = new List<string>();
        string? cursor = null;
        do
        {
            var page = await GetAsync($"campaign_id=cmp_{campaign}&limit=10&cursor={cursor}");
            ids.AddRange(page.GetProperty("data").EnumerateArray().Select(e => e.GetProperty("id").GetString()!));
            cursor = page.GetProperty("next_cursor").GetString();
        }
        while (cursor is not null);

        Assert.Equal(25, ids.Distinct().Count());
        Assert.Equal(ids.OrderByDescending(id => long.Parse(id[4..], null)), ids);
    }

    [Fact]
    public async Task Filters_choose_by_person_type_verdict_and_time()
    {
        var campaign = await App.GivenCampaignAsync();
        var message = await App.GivenMessageAsync(campaign);
        await using var db = App.Database();
        var contact = db.Messages.Where(m => m.Id == message).Join(db.Contacts, m => m.ContactId, c => c.Id, (_, c) => c).Single();
        await App.StoreAsync(
            Some.Event(message, EventType.Sent),
            Some.Event(message, EventType.Opened, TimeSpan.FromHours(1)),
            Some.Event(message, EventType.Opened, TimeSpan.FromHours(2), userAgent: Some.Scanner),
            Some.Event(await App.GivenMessageAsync(campaign), EventType.Sent));

        Assert.Equal(4, await CountAsync($"campaign_id=cmp_{campaign}"));
        Assert.Equal(3, await CountAsync($"customer_id={contact.CustomerId}"));
        Assert.Equal(3, await CountAsync($"campaign_id=cmp_{campaign}&customer_email={contact.Email}"));
        Assert.Equal(2, await CountAsync($"customer_id={contact.CustomerId}&event_type=opened"));
        Assert.Equal(1, await CountAsync($"customer_id={contact.CustomerId}&from=2026-09-01T12:30:00Z&to=2026-09-01T13:30:00Z"));
        var scanned = (await GetAsync($"customer_id={contact.CustomerId}&verdict=scanner")).GetProperty("data")[0];
        Assert.Equal("scanner_name", scanned.GetProperty("reasons")[0].GetString());
        Assert.Equal(contact.Email, scanned.GetProperty("customer_email").GetString());
        Assert.Equal(Some.Scanner, scanned.GetProperty("metadata").GetProperty("user_agent").GetString());
        Assert.DoesNotContain("203.0.113.7", scanned.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("campaign_id=msg_1", "campaign_id")]
    [InlineData("event_type=exploded", "event_type")]
    [InlineData("verdict=angel", "verdict")]
    [InlineData("from=yesterday", "from")]
    [InlineData("from=2026-09-02T00:00:00Z&to=2026-09-01T00:00:00Z", "to")]
    [InlineData("cursor=abc", "cursor")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=501", "limit")]
    public async Task A_filter_that_makes_no_sense_is_named(string query, string field)
    {
        using var answer = await App.Api.GetAsync(new Uri($"/api/v1/events?{query}", UriKind.Relative));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.True((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").TryGetProperty(field, out _));
    }

    private async Task<JsonElement> GetAsync(string query) => await App.Api.GetFromJsonAsync<JsonElement>($"/api/v1/events?{query}");

    private async Task<int> CountAsync(string query) => (await GetAsync(query)).GetProperty("data").GetArrayLength();
}
