using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Reports;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Reports;

public sealed class RecipientBrowserTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    private static BusyCampaign? s_campaign;

    private TestApp App => fixture.App;

    public static TheoryData<string> Statuses => [.. RecipientStatus.All.Select(status => status.Name)];

    public static TheoryData<string> Sorts => [.. RecipientFilter.Sorts.Select(sort => sort.Name)];

    [Theory, MemberData(nameof(Statuses))]
    public async Task Every_status_lists_exactly_those_who_have_it_and_counts_them(string status)
    {
        var (campaign, all) = await SceneAsync();
        var expected = all.Where(message => Has(message, status)).Select(message => message.MessageId).ToList();

        var found = await WholeListAsync(campaign.Id, $"status={status}&limit=7");
        var count = (await GetAsync(campaign.Id, $"status={status}&count=true")).GetProperty("count");

        Assert.NotEmpty(expected);
        Assert.Equal(expected, found);
        if (count.ValueKind == JsonValueKind.Number)
        {
            Assert.Equal(expected.Count, count.GetInt64());
        }
    }

    [Theory, MemberData(nameof(Sorts))]
    public async Task Every_order_holds_with_every_filter(string sort)
    {
        var (campaign, all) = await SceneAsync();
        await using var db = App.Database();
        var emails = await db.Messages.Where(m => m.CampaignId == campaign.Id).ToDictionaryAsync(m => m.Id, m => m.Email);
        var last = await db.Events.Where(e => e.CampaignId == campaign.Id).GroupBy(e => e.MessageId).ToDictionaryAsync(g => g.Key, g => g.Max(e => e.Id));
        var clicked = await db.LinkClicks.Where(c => c.LinkId == campaign.Links[0]).Select(c => c.MessageId).ToListAsync();
        var ordered = (sort.TrimStart('-') switch
        {
            "email" => all.OrderBy(m => emails[m.MessageId], StringComparer.OrdinalIgnoreCase).ThenBy(m => m.MessageId),
            "last_event" => all.Where(m => last.ContainsKey(m.MessageId)).OrderBy(m => last[m.MessageId]),
            _ => all.OrderBy(m => m.MessageId),
        }).ToList();
        if (sort.StartsWith('-'))
        {
            ordered.Reverse();
        }

        foreach (var (query, fits) in new (string, Func<MessageState, bool>)[]
        {
            ("", _ => true),
            ("&status=has_opened", m => Has(m, "has_opened")),
            ("&status=complained", m => Has(m, "complained")),
            ("&status=sent", m => Has(m, "sent")),
            ("&status=not_clicked&variant=v1", m => Has(m, "not_clicked") && m.Variant == 1),
            ("&status=has_bounced&variant=v0", m => Has(m, "has_bounced") && m.Variant == 0),
            ($"&link_id=lnk_{campaign.Links[0]}", m => clicked.Contains(m.MessageId)),
            ($"&link_id=lnk_{campaign.Links[0]}&status=has_unsubscribed", m => clicked.Contains(m.MessageId) && Has(m, "has_unsubscribed")),
        })
        {
            var expected = ordered.Where(fits).Select(m => m.MessageId);

            Assert.Equal(expected, await WholeListAsync(campaign.Id, $"sort={sort}{query}&limit=9"));
        }
    }

    [Theory, MemberData(nameof(Sorts))]
    public async Task Pages_lead_back_the_way_they_came(string sort)
    {
        var (campaign, _) = await SceneAsync();
        await using var db = App.Database();
        var filter = RecipientFilter.Read("has_opened", null, sort, []);
        var pages = new List<RecipientsPage>();
        string? cursor = null;
        do
        {
            pages.Add(await RecipientsQuery.RunAsync(db, campaign.Id, filter, cursor, 10, TestContext.Current.CancellationToken));
            cursor = pages[^1].Next;
        }
        while (cursor is not null);

        Assert.True(pages.Count > 5);
        Assert.Null(pages[0].Previous);
        cursor = pages[^1].Previous;
        for (var i = pages.Count - 2; i >= 0; i--)
        {
            var before = await RecipientsQuery.RunAsync(db, campaign.Id, filter, cursor, 10, TestContext.Current.CancellationToken);

            Assert.Equal(pages[i].Rows, before.Rows);
            Assert.NotNull(before.Next);
            cursor = before.Previous;
        }

        Assert.Null(cursor);
    }

    [Fact]
    public async Task An_address_is_found_by_its_beginning_in_any_case_and_a_person_by_the_whole_customer_id()
    {
        var (campaign, all) = await SceneAsync();
        await using var db = App.Database();
        var people = await db.Messages.Where(m => m.CampaignId == campaign.Id).Join(db.Contacts, m => m.ContactId, c => c.Id, (m, c) => new { m.Id, m.Email, c.CustomerId }).ToListAsync();
        var person = people[40];
        var start = person.Email[..2];

        Assert.Equal([person.Id], await WholeListAsync(campaign.Id, $"q={person.Email.ToUpperInvariant()}"));
        Assert.Equal([person.Id], await WholeListAsync(campaign.Id, $"q={person.CustomerId}"));
        Assert.Equal(
            people.Where(p => p.Email.StartsWith(start, StringComparison.OrdinalIgnoreCase)).OrderBy(p => p.Email, StringComparer.OrdinalIgnoreCase).ThenBy(p => p.Id).Select(p => p.Id),
            await WholeListAsync(campaign.Id, $"q={start}&limit=2"));
        Assert.Equal(
            people.Where(p => p.Email.StartsWith('a') && Has(all.Single(m => m.MessageId == p.Id), "has_opened")).OrderByDescending(p => p.Email, StringComparer.OrdinalIgnoreCase).Select(p => p.Id),
            await WholeListAsync(campaign.Id, "q=a&status=has_opened&sort=-email&limit=2"));
        Assert.Empty(await WholeListAsync(campaign.Id, "q=%25"));
        Assert.Empty(await WholeListAsync(campaign.Id, $"q={person.CustomerId![1..]}"));
    }

    [Fact]
    public async Task A_row_tells_the_first_time_of_everything()
    {
        var campaign = await App.GivenCampaignAsync();
        var message = await App.GivenMessageAsync(campaign);
        await App.StoreAsync(
            Some.Event(message, EventType.Sent),
            Some.Event(message, EventType.Deferred, TimeSpan.FromMinutes(1)),
            Some.Event(message, EventType.Delivered, TimeSpan.FromMinutes(2)),
            Some.Event(message, EventType.Opened, TimeSpan.FromMinutes(3), userAgent: Some.ApplePrivacy),
            Some.Event(message, EventType.Clicked, TimeSpan.FromMinutes(4)));

        var row = (await GetAsync(campaign, "")).GetProperty("data")[0];

        Assert.Equal("clicked", row.GetProperty("status").GetString());
        Assert.Equal("blue", row.GetProperty("indicator").GetString());
        Assert.Equal($"msg_{message}", row.GetProperty("message_id").GetString());
        Assert.Equal(JsonValueKind.Null, row.GetProperty("variant").ValueKind);
        Assert.Equal("2026-09-01T12:00:00Z", row.GetProperty("sent_at").GetString());
        Assert.Equal("2026-09-01T12:01:00Z", row.GetProperty("deferred_at").GetString());
        Assert.Equal("2026-09-01T12:02:00Z", row.GetProperty("delivered_at").GetString());
        Assert.Equal("2026-09-01T12:03:00Z", row.GetProperty("opened_at").GetString());
        Assert.Equal("2026-09-01T12:04:00Z", row.GetProperty("confirmed_at").GetString());
        Assert.Equal("2026-09-01T12:04:00Z", row.GetProperty("clicked_at").GetString());
        Assert.Equal("2026-09-01T12:04:00Z", row.GetProperty("last_event_at").GetString());
        Assert.True(row.GetProperty("open_inferred").GetBoolean());
        Assert.Equal(JsonValueKind.Null, row.GetProperty("bounced_at").ValueKind);
        Assert.Equal((1, 1), (row.GetProperty("opens").GetInt32(), row.GetProperty("clicks").GetInt32()));
    }

    [Theory]
    [InlineData("status=exploded", "status")]
    [InlineData("variant=v9", "variant")]
    [InlineData("link_id=lnk_999999999", "link_id")]
    [InlineData("link_id=7", "link_id")]
    [InlineData("sort=opens", "sort")]
    [InlineData("q=a&sort=-last_event", "sort")]
    [InlineData("q=a%0Ab", "q")]
    [InlineData("cursor=abc", "cursor")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=501", "limit")]
    public async Task A_filter_that_makes_no_sense_is_named(string query, string field)
    {
        var (campaign, _) = await SceneAsync();
        using var answer = await App.Api.GetAsync(new Uri(Path(campaign.Id, query), UriKind.Relative));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.True((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").TryGetProperty(field, out _));
    }

    [Fact]
    public async Task A_cursor_of_another_list_campaign_or_filter_or_one_somebody_changed_is_refused()
    {
        var (campaign, _) = await SceneAsync();
        var other = await BusyCampaign.MakeAsync(App, 30);
        var cursor = (await GetAsync(campaign.Id, "limit=2")).GetProperty("next_cursor").GetString()!;
        var log = (await App.Api.GetFromJsonAsync<JsonElement>($"/api/v1/campaigns/cmp_{campaign.Id}/report/events?limit=2")).GetProperty("next_cursor").GetString()!;
        var changed = Convert.ToBase64String(Convert.FromBase64String(cursor.PadRight((cursor.Length + 3) / 4 * 4, '=').Replace('-', '+').Replace('_', '/'))
            .Select((b, i) => i == "recipients:0,".Length ? (byte)(b == '9' ? '8' : b + 1) : b).ToArray()).TrimEnd('=').Replace('+', '-').Replace('/', '_');

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(campaign.Id, $"cursor={cursor}&limit=3"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await StatusAsync(other.Id, $"cursor={cursor}"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await StatusAsync(campaign.Id, $"cursor={cursor}&status=has_opened"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await StatusAsync(campaign.Id, $"cursor={cursor}&sort=-added"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await StatusAsync(campaign.Id, $"cursor={log}"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await StatusAsync(campaign.Id, $"cursor={changed}"));
    }

    [Fact]
    public async Task A_link_of_another_campaign_is_no_filter_of_this_one_and_no_campaign_has_no_recipients()
    {
        var (campaign, _) = await SceneAsync();
        var other = await BusyCampaign.MakeAsync(App, 3, events: false);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, await StatusAsync(campaign.Id, $"link_id=lnk_{other.Links[0]}"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(999_999, ""));
    }

    [Fact]
    public async Task What_is_taken_back_and_what_a_rebuild_mends_is_found_as_before()
    {
        var campaign = await App.GivenCampaignAsync();
        var message = await App.GivenMessageAsync(campaign);
        await App.StoreAsync(Some.Event(message, EventType.Sent), Some.Event(message, EventType.Bounced, TimeSpan.FromMinutes(1), bounce: BounceKind.Soft));

        Assert.Equal([message], await WholeListAsync(campaign, "status=has_bounced"));
        await App.StoreAsync(Some.Event(message, EventType.Delivered, TimeSpan.FromMinutes(2)));

        Assert.Empty(await WholeListAsync(campaign, "status=has_bounced"));
        Assert.Equal([message], await WholeListAsync(campaign, "status=has_delivered"));
        Assert.Empty(App.Verify());
        await using var db = App.Database();
        await App.StoreAsync(Some.Event(message, EventType.Opened, TimeSpan.FromMinutes(3)));
        await db.ActivityBlocks.Where(block => block.CampaignId == campaign).ExecuteDeleteAsync();
        Assert.Contains(App.Verify(), difference => difference.What.StartsWith("mark Opened", StringComparison.Ordinal));
    }

    private static bool Has(MessageState m, string status) => status switch
    {
        "has_delivered" => m.DeliveredAt > 0,
        "has_opened" => m.OpenedAt > 0,
        "not_opened" => m.OpenedAt == 0,
        "has_confirmed" => m.ConfirmedAt > 0,
        "not_confirmed" => m.ConfirmedAt == 0,
        "has_clicked" => m.ClickedAt > 0,
        "not_clicked" => m.ClickedAt == 0,
        "has_bounced" => m.BouncedAt > 0,
        "bounced_hard" => m.Bounce == BounceKind.Hard,
        "bounced_soft" => m.Bounce == BounceKind.Soft,
        "bounced_block" => m.Bounce == BounceKind.Block,
        "has_unsubscribed" => m.UnsubscribedAt > 0,
        "has_replied" => m.RepliedAt > 0,
        _ => m.Status.Name() == status,
    };

    // One for all tests of the class: nobody changes it.
    private async Task<(BusyCampaign Campaign, List<MessageState> States)> SceneAsync()
    {
        s_campaign ??= await BusyCampaign.MakeAsync(App, 600);
        await using var db = App.Database();
        return (s_campaign, await db.MessageStates.Where(s => s.CampaignId == s_campaign.Id).OrderBy(s => s.MessageId).ToListAsync());
    }

    private async Task<List<long>> WholeListAsync(long campaign, string query)
    {
        var ids = new List<long>();
        string? cursor = null;
        do
        {
            var page = await GetAsync(campaign, $"{query}&cursor={cursor}");
            ids.AddRange(page.GetProperty("data").EnumerateArray().Select(row => long.Parse(row.GetProperty("message_id").GetString()![4..], null)));
            cursor = page.GetProperty("next_cursor").GetString();
        }
        while (cursor is not null);
        return ids;
    }

    private static string Path(long campaign, string query) => $"/api/v1/campaigns/cmp_{campaign}/report/recipients?{query}";

    private async Task<JsonElement> GetAsync(long campaign, string query) => await App.Api.GetFromJsonAsync<JsonElement>(Path(campaign, query));

    private async Task<HttpStatusCode> StatusAsync(long campaign, string query)
    {
        using var answer = await App.Api.GetAsync(new Uri(Path(campaign, query), UriKind.Relative));
        return answer.StatusCode;
    }
}
