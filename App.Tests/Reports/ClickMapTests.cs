using System.Net;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Reports;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ScoreTracking.Tests.Reports;

/// <summary>Clicks laid over the mail they were made in.</summary>
public sealed class ClickMapTests : IAsyncLifetime
{
    private const string Letter = """
        <html><body style="margin:0;font-family:Georgia,serif"><table role="presentation" width="600" align="center" style="padding:24px"><tr><td>
        <a href="https://shop.example/"><img alt="Northridge" width="160" height="40" src="data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="></a>
        <h1>{{first_name}}, autumn is here</h1><p>The best weeks of the year to be outside.</p>
        <p><a href="https://shop.example/jackets?x=1&amp;y=2">Rain jackets</a>, tested above the tree line. <a data-st-notrack href="https://shop.example/terms">Terms</a></p>
        <p><a href="https://shop.example/sale" style="display:inline-block;background:#2b4a3f;color:#fff;padding:14px 28px">See everything</a></p>
        <script>window.top.__xss = 1; document.body.innerHTML = ''</script><p onclick="window.top.__xss = 1">Text</p><img src="x" onerror="window.top.__xss = 1">
        <p><a href="{{unsubscribe_url}}">Unsubscribe</a></p></td></tr></table></body></html>
        """;

    private readonly TestApp _app = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _app.Clock.Set(Some.Noon.AddHours(3));
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Each_tracked_link_of_the_mail_can_be_found_by_its_position_and_nothing_else_changes()
    {
        var (campaign, _) = await GivenAsync();
        using var visitor = await Visitor.SignedInAsync(_app);

        var answer = await visitor.Client.GetAsync($"/campaigns/cmp_{campaign}/click-map", Token);
        var html = await answer.Content.ReadAsStringAsync(Token);

        Assert.Equal(["#st-1", "#st-2", "https://shop.example/terms", "#st-3", "about:blank"], Regex.Matches(html, "href=\"([^\"]+)\"").Select(href => href.Groups[1].Value));
        Assert.Contains("<h1>Ana, autumn is here</h1>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("/o/", html, StringComparison.Ordinal);
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("sandbox allow-same-origin; default-src 'none';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("script", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_content_there_is_none_of_and_strangers_get_no_mail()
    {
        var (campaign, _) = await GivenAsync();
        using var visitor = await Visitor.SignedInAsync(_app);

        foreach (var address in (string[])[$"/campaigns/cmp_{campaign}/click-map?content=c9", "/campaigns/cmp_9999/click-map", "/campaigns/x/click-map"])
        {
            Assert.Equal(HttpStatusCode.NotFound, await visitor.StatusAsync(address));
        }

        using var anonymous = _app.Anonymous();
        Assert.Equal(HttpStatusCode.Redirect, (await anonymous.GetAsync($"/campaigns/cmp_{campaign}/click-map", Token)).StatusCode);
    }

    [Fact]
    public async Task Every_level_of_a_tested_content_has_a_map_of_its_own()
    {
        var id = await _app.GivenDraftAsync(CampaignApi.Tested());
        await _app.PostAsync($"/api/v1/campaigns/{id}/actions/send");
        var campaign = long.Parse(id[4..], System.Globalization.CultureInfo.InvariantCulture);
        using var visitor = await Visitor.SignedInAsync(_app);

        await using var db = _app.Database();
        var map = await ClickMapQuery.RunAsync(db, campaign, "c2", Token);
        var unknown = await ClickMapQuery.RunAsync(db, campaign, "<script>", Token);

        Assert.Equal(["c1", "c2"], map.Contents.Select(content => content.Key));
        Assert.Equal(("c2", "c1"), (map.Content!.Key, unknown.Content!.Key));
        Assert.Equal(["https://shop.example/a"], map.Links.Select(link => link.Url));
        Assert.StartsWith("<p>B <a href='#st-1'>go</a></p>", await visitor.Client.GetStringAsync($"/campaigns/{id}/click-map?content=c2", Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shares_are_of_the_clicks_of_people_in_this_content()
    {
        var campaign = await CountedCampaign.InsertAsync(_app);
        var first = await campaign.LinkAsync("c1", 1, "https://a.example.com/", "A");
        var second = await campaign.LinkAsync("c1", 2, "https://b.example.com/", "B");
        await ClicksAsync(campaign, first, 30, 20);
        await ClicksAsync(campaign, second, 90, 60);
        await ClicksAsync(campaign, await campaign.LinkAsync("c2", 1, "https://a.example.com/", "A"), 7, 7);
        await ClicksAsync(campaign, await campaign.LinkAsync("own", 1, "https://a.example.com/", "A"), 5, 5);
        await campaign.CountAsync(Dimension.Link, $"{first}", EventType.Clicked, VerdictGroup.Scanner, 999, 0);

        await using var db = _app.Database();
        var map = await ClickMapQuery.RunAsync(db, campaign.Id, null, Token);

        Assert.Equal([new MapContent("c1", 120), new("c2", 7)], map.Contents);
        Assert.Equal([(2, 90L, 60L), (1, 30, 20)], map.Links.Select(link => (link.Position, link.TotalClicks, link.UniqueClicks)));
        Assert.Equal(5, map.OwnClicks);
    }

    [Fact]
    public async Task A_campaign_whose_HTML_came_with_each_recipient_has_no_map()
    {
        var campaign = await CountedCampaign.InsertAsync(_app);
        await campaign.LinkAsync("own", 1, "https://a.example.com/", "A");

        await using var db = _app.Database();
        var map = await ClickMapQuery.RunAsync(db, campaign.Id, null, Token);

        Assert.Equal((0, null), (map.Contents.Count, map.Content));
    }

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task Marks_lie_over_their_links_on_every_screen_and_follow_new_clicks(string look)
    {
        var (campaign, links) = await GivenAsync();
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));

        await visit.OpenAsync($"/campaigns/cmp_{campaign}?links=mail");
        await visit.Page.Locator(".click-page iframe").ScrollIntoViewIfNeededAsync();
        await Expect(visit.Page.Locator(".click-mark.is-placed")).ToHaveCountAsync(3);

        Assert.True(await LiesOverAsync(visit, 3, "See everything"), "The mark of the button is elsewhere.");
        Assert.True(await LiesOverAsync(visit, 1, "Northridge"), "The mark of the picture is elsewhere.");
        await Expect(visit.Page.Locator("[data-map-mark='3'] .click-chip")).ToHaveTextAsync("66.7%");
        await visit.PhotographAsync("report-click-map");
        Assert.Empty(await Axe.FindingsAsync(visit));

        var another = await _app.GivenMessageAsync(campaign);
        await _app.StoreAsync(Some.Event(another, EventType.Clicked, TimeSpan.FromHours(2), linkId: links[1], source: EventSource.Tracking));
        await Expect(visit.Page.Locator("[data-map-mark='3'] .click-chip")).ToHaveTextAsync("50.0%");

        Assert.True(await visit.Page.EvaluateAsync<bool>("() => window.__xss === undefined"));
        Assert.False(await visit.IsWiderThanScreenAsync());
        Assert.DoesNotContain(visit.Errors, error => !error.Contains("sandboxed", StringComparison.Ordinal) && !error.Contains("Content Security Policy", StringComparison.Ordinal) && !error.Contains("404", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_keyboard_goes_through_the_list_and_the_mail_shows_where()
    {
        var (campaign, _) = await GivenAsync();
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync($"/campaigns/cmp_{campaign}?links=mail");
        await visit.Page.Locator(".click-page iframe").ScrollIntoViewIfNeededAsync();
        await Expect(visit.Page.Locator(".click-mark.is-placed")).ToHaveCountAsync(3);

        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "In the mail" }).FocusAsync();
        await visit.Page.Keyboard.PressAsync("Tab");
        await Expect(visit.Page.Locator(".click-mark.is-lit")).ToHaveAttributeAsync("data-map-mark", "3");
        await visit.Page.Keyboard.PressAsync("Tab");

        await Expect(visit.Page.Locator(".click-mark.is-lit")).ToHaveAttributeAsync("data-map-mark", "2");
        await visit.Page.Keyboard.PressAsync("Tab");
        await visit.Page.Keyboard.PressAsync("Tab");
        await Expect(visit.Page.GetByRole(AriaRole.Region, new() { Name = "The mail with its clicks" })).ToBeFocusedAsync();
    }

    [Fact]
    public async Task A_chip_sits_where_it_hides_no_other_link()
    {
        var lines = string.Concat(Enumerable.Range(1, 6).Select(i => $"<a href=\"https://shop.example/{i}\">Trail {i}</a><br>"));
        var campaign = await StartedAsync($"<html><body><p>Six trails to walk</p><p>{lines}</p></body></html>");
        await using (var db = _app.Database())
        {
            var message = await _app.GivenMessageAsync(campaign);
            var links = await db.Links.Where(link => link.CampaignId == campaign).Select(link => link.Id).ToListAsync(Token);
            await _app.StoreAsync([Some.Event(message, EventType.Sent), .. links.Select((link, i) => Some.Event(message, EventType.Clicked, TimeSpan.FromMinutes(i + 1), linkId: link, source: EventSource.Tracking))]);
        }

        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync($"/campaigns/cmp_{campaign}?links=mail");
        await visit.Page.Locator(".click-page iframe").ScrollIntoViewIfNeededAsync();
        await Expect(visit.Page.Locator(".click-mark.is-placed")).ToHaveCountAsync(6);

        var hidden = await visit.Page.EvaluateAsync<int>(
            """
            () => {
                const boxes = [...document.querySelectorAll('.click-mark')].map(mark => ({ mark: mark.getBoundingClientRect(), chip: mark.querySelector('.click-chip').getBoundingClientRect() }));
                const hits = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
                return boxes.flatMap((one, i) => boxes.filter((other, j) => i !== j && (hits(one.chip, other.mark) || hits(one.chip, other.chip)))).length;
            }
            """);
        await visit.PhotographAsync("report-click-map-dense");

        Assert.Equal(0, hidden);
    }

    [Fact]
    public async Task A_links_row_opens_its_clickers_for_marketers_and_not_for_viewers()
    {
        var (campaign, links) = await GivenAsync();
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync($"/campaigns/cmp_{campaign}");

        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "See everything" }).ClickAsync();

        var people = visit.Page.GetByRole(AriaRole.Table, new() { Name = "Who clicked See everything" });
        await Expect(people.Locator("tbody tr")).ToHaveCountAsync(2);
        await Expect(people).ToContainTextAsync("@example.com");
        await Expect(visit.Page).ToHaveURLAsync(new Regex($"link=lnk_{links[2]}$"));
        await visit.PhotographAsync("report-clickers");
        Assert.Empty(await Axe.FindingsAsync(visit));

        await _app.SqlAsync("UPDATE users SET role = 'viewer'");
        using var viewer = await Visitor.SignedInAsync(_app);
        var page = await viewer.Client.GetStringAsync($"/campaigns/cmp_{campaign}?link=lnk_{links[2]}", Token);
        Assert.Contains("See everything", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Who clicked", page, StringComparison.Ordinal);
        await using var db = _app.Database();
        Assert.All(await db.Messages.Select(message => message.Email).ToListAsync(Token), email => Assert.DoesNotContain(email, page, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Links_are_sorted_by_rate_place_or_clicks_and_the_address_says_so()
    {
        var (campaign, _) = await GivenAsync();
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync($"/campaigns/cmp_{campaign}");
        var rows = visit.Page.Locator("section:has(#links) tbody .row-title");
        await Expect(rows.First).ToHaveTextAsync("See everything");

        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Place", Exact = true }).ClickAsync();

        await Expect(rows).ToHaveTextAsync(["Northridge", "Rain jackets", "See everything"]);
        await Expect(visit.Page).ToHaveURLAsync(new Regex("links_sort=place$"));
    }

    private static Task<bool> LiesOverAsync(Visit visit, int position, string words) => visit.Page.EvaluateAsync<bool>(
        """
        ([position, words]) => {
            const frame = document.querySelector('.click-page iframe');
            const at = [...frame.contentDocument.querySelectorAll('a')].map(a => a.querySelector('img') ?? a).find(a => (a.alt || a.textContent) === words).getBoundingClientRect();
            const scale = frame.getBoundingClientRect().width / frame.clientWidth;
            const corner = frame.getBoundingClientRect();
            const mark = document.querySelector(`[data-map-mark="${position}"]`).getBoundingClientRect();
            return Math.abs(mark.right - (corner.left + at.right * scale)) < 3 && Math.abs(mark.top - (corner.top + at.top * scale)) < 20
                && mark.bottom >= corner.top + at.bottom * scale - 3 && mark.width >= at.width * scale - 3;
        }
        """,
        new object[] { position, words });

    private static Task ClicksAsync(CountedCampaign campaign, long link, long total, long unique) =>
        campaign.CountAsync(Dimension.Link, $"{link}", EventType.Clicked, VerdictGroup.Person, total, unique);

    /// <summary>A started campaign with the letter: two people clicked the button, one of them the jackets as well.</summary>
    private async Task<(long Campaign, long[] Links)> GivenAsync()
    {
        var campaign = await StartedAsync(Letter);
        await using var db = _app.Database();
        var links = await db.Links.Where(link => link.CampaignId == campaign).OrderBy(link => link.Position).Select(link => link.Id).ToArrayAsync(Token);
        var (ana, ben) = (await _app.GivenMessageAsync(campaign), await _app.GivenMessageAsync(campaign));
        await _app.StoreAsync(
            Some.Event(ana, EventType.Sent),
            Some.Event(ben, EventType.Sent),
            Some.Event(ana, EventType.Clicked, TimeSpan.FromHours(1), linkId: links[2], source: EventSource.Tracking),
            Some.Event(ben, EventType.Clicked, TimeSpan.FromMinutes(70), linkId: links[2], source: EventSource.Tracking),
            Some.Event(ben, EventType.Clicked, TimeSpan.FromMinutes(75), linkId: links[1], source: EventSource.Tracking));
        return (campaign, links);
    }

    private async Task<long> StartedAsync(string html)
    {
        var draft = CampaignApi.Campaign();
        draft["content"]!["html"] = html;
        var id = await _app.GivenDraftAsync(draft);
        await _app.PostAsync($"/api/v1/campaigns/{id}/actions/send");
        return long.Parse(id[4..], System.Globalization.CultureInfo.InvariantCulture);
    }
}
