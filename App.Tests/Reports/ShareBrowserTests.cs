using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using ScoreTracking.Auth;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ScoreTracking.Tests.Reports;

/// <summary>Sharing a report, and looking at one that was shared.</summary>
public sealed class ShareBrowserTests : IAsyncDisposable
{
    private readonly TestApp _app = new();

    public ShareBrowserTests() => _app.Clock.Set(Some.Noon.AddHours(3));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_link_is_made_on_the_report_opened_by_a_stranger_follows_the_figures_and_ends_when_it_is_revoked()
    {
        var (campaign, messages) = await SentAsync();
        await using var owner = await Browser.VisitAsync(_app, Look.Light);
        await owner.OpenAsync($"/campaigns/cmp_{campaign}");
        await owner.Page.GetByRole(AriaRole.Button, new() { Name = "Share" }).ClickAsync();
        await Expect(owner.Page.GetByRole(AriaRole.Heading, new() { Name = "Share this report" })).ToBeVisibleAsync();
        await owner.Page.GetByLabel("Password").FillAsync("short");
        await owner.Page.GetByRole(AriaRole.Button, new() { Name = "Create link" }).ClickAsync();
        await Expect(owner.Page.GetByText("A password must have 8 to 128 characters")).ToBeVisibleAsync();
        await owner.PhotographAsync("share-dialog");
        await owner.Page.GetByLabel("Password").FillAsync("");
        await owner.Page.GetByRole(AriaRole.Button, new() { Name = "Create link" }).ClickAsync();
        var address = await owner.Page.Locator("#share .copy-text").InnerTextAsync();
        await owner.PhotographAsync("share-made");

        await using var stranger = await Browser.VisitAsync(_app, Look.Light);
        await stranger.Page.GotoAsync(address);
        await Expect(Figure(stranger, "Opened")).ToHaveTextAsync("0");
        await stranger.Page.EvaluateAsync("() => { window.same = true; }");
        await _app.StoreAsync(Some.Event(messages[0], EventType.Opened, TimeSpan.FromHours(1), source: EventSource.Tracking));

        // As when the reader comes back to the tab, instead of waiting for the next turn. What is read may be half a second
        // old, since the owner's open page and this one share their reads.
        await Eventually.TrueAsync(async () =>
        {
            await stranger.Page.EvaluateAsync("() => document.dispatchEvent(new Event('visibilitychange'))");
            return await Figure(stranger, "Opened").InnerTextAsync() == "1";
        });
        Assert.True(await stranger.Page.EvaluateAsync<bool>("() => window.same"));

        await stranger.Page.GetByRole(AriaRole.Link, new() { Name = "Confirmed opens", Exact = true }).ClickAsync();
        await Expect(stranger.Page).ToHaveURLAsync(address + "?opens=confirmed");
        await stranger.Page.Locator(".chart-stage").First.FocusAsync();
        await stranger.Page.Keyboard.PressAsync("ArrowRight");
        await Expect(stranger.Page.Locator(".chart-tip").First).ToBeVisibleAsync();
        Assert.Empty(stranger.Errors);

        await owner.Page.GetByRole(AriaRole.Button, new() { Name = "I have copied it" }).ClickAsync();
        await Expect(owner.Page.Locator(".share-list li")).ToContainTextAsync("opened 2 times");
        await owner.Page.GetByRole(AriaRole.Button, new() { Name = "Revoke", Exact = true }).ClickAsync();
        await owner.Page.GetByRole(AriaRole.Button, new() { Name = "Revoke now" }).ClickAsync();
        await Expect(owner.Page.Locator(".share-list li")).ToHaveCountAsync(0);
        await stranger.Page.Locator("h1").ClickAsync();
        await stranger.Page.EvaluateAsync("() => document.activeElement.blur()");
        await stranger.Page.EvaluateAsync("() => document.dispatchEvent(new Event('visibilitychange'))");
        await Expect(stranger.Page.GetByRole(AriaRole.Heading, new() { Name = "This link does not lead anywhere" })).ToBeVisibleAsync();
        Assert.Empty(owner.Errors);
    }

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task A_shared_report_has_its_sections_on_every_screen_and_nobody_is_kept_out_by_it(string look)
    {
        var campaign = await TestedAsync();
        var path = await ShareAsync(campaign, password: null);
        var locked = await ShareAsync(campaign, password: "mountain trails");
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));

        await visit.Page.GotoAsync(locked);
        await visit.PhotographAsync("share-password");
        var lockedFindings = await Axe.FindingsAsync(visit);
        await visit.Page.GotoAsync(path);
        await visit.PhotographAsync("share");
        var findings = await Axe.FindingsAsync(visit);

        var headings = await visit.Page.GetByRole(AriaRole.Heading, new() { Level = 2 }).AllInnerTextsAsync();
        Assert.Equal(["Over time", "Variants", "Heatmap", "Links", "Places", "Clients and devices", "Mailbox providers"], headings);
        Assert.False(await visit.IsWiderThanScreenAsync());
        Assert.DoesNotContain(findings.Concat(lockedFindings), finding => finding.StartsWith("serious", StringComparison.Ordinal) || finding.StartsWith("critical", StringComparison.Ordinal));

        // The browser itself reports the status of the locked page.
        Assert.DoesNotContain(visit.Errors, error => !error.Contains("401", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_mail_with_its_clicks_is_shared_too()
    {
        var (campaign, messages) = await SentAsync();
        await using (var db = _app.Database())
        {
            await db.Campaigns.Where(one => one.Id == campaign).ExecuteUpdateAsync(set => set.SetProperty(one => one.Html, "<body><p>Dear reader, <a href=\"https://example.com/offer\">Offer</a> or write to <a href=\"mailto:boss@example.com\">boss@example.com</a></p></body>"));
        }

        var link = await _app.GivenLinkAsync(campaign);
        await _app.StoreAsync(Some.Event(messages[0], EventType.Clicked, TimeSpan.FromHours(1), linkId: link, source: EventSource.Tracking));
        var path = await ShareAsync(campaign, password: null);
        var locked = await ShareAsync(campaign, password: "mountain trails");
        await using var visit = await Browser.VisitAsync(_app, Look.Light);

        await visit.Page.GotoAsync(path + "?links=mail");
        await Expect(visit.Page.FrameLocator(".click-page iframe").GetByText("Dear reader")).ToBeVisibleAsync();
        await Expect(visit.Page.Locator(".click-mark").First).ToBeVisibleAsync();
        using var stranger = _app.Anonymous();
        var mail = await stranger.GetStringAsync(path + "/mail");
        using var lockedMail = await stranger.GetAsync(locked + "/mail");

        Assert.DoesNotContain("@example.com", mail, StringComparison.Ordinal);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, lockedMail.StatusCode);
        Assert.Empty(visit.Errors);
    }

    [Theory, InlineData(Roles.Viewer, false), InlineData(Roles.Marketer, true), InlineData(Roles.Admin, true)]
    public async Task Marketers_and_administrators_may_share(string role, bool may)
    {
        var (campaign, _) = await SentAsync();
        using var created = await _app.Api.PostAsJsonAsync("/api/v1/users", new { email = $"some-{role}@example.com", role, password = "five mountain trails" });
        Assert.Equal(System.Net.HttpStatusCode.Created, created.StatusCode);
        using var visitor = await Visitor.SignedInAsync(_app, $"some-{role}@example.com", "five mountain trails");

        var html = await visitor.Client.GetStringAsync($"/campaigns/cmp_{campaign}");

        Assert.Contains("Spring sale", html, StringComparison.Ordinal);
        Assert.Equal(may, html.Contains("data-dialog=\"share\"", StringComparison.Ordinal));
    }

    private static ILocator Figure(Visit visit, string label) =>
        visit.Page.GetByRole(AriaRole.Group, new() { Name = label, Exact = true }).Locator(".metric-value");

    private async Task<string> ShareAsync(long campaign, string? password)
    {
        using var answer = await _app.Api.PostAsJsonAsync("/api/v1/shares", new { campaign_id = $"cmp_{campaign}", password });
        var data = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("data");
        return new Uri(data.GetProperty("url").GetString()!).AbsolutePath;
    }

    private async Task<(long Campaign, List<long> Messages)> SentAsync()
    {
        var campaign = await _app.GivenCampaignAsync();
        var messages = new List<long>();
        for (var i = 0; i < 4; i++)
        {
            messages.Add(await _app.GivenMessageAsync(campaign));
        }

        await _app.StoreAsync([.. messages.Select(message => Some.Event(message, EventType.Sent))]);
        return (campaign, messages);
    }

    /// <summary>Two subjects and two contents with some of everything.</summary>
    private async Task<long> TestedAsync()
    {
        var campaign = await _app.GivenCampaignAsync(variants: 4);
        await using (var db = _app.Database())
        {
            const string test = """{"factors":[{"field":"subject","levels":[{"key":"s1","value":"20% off everything waterproof"},{"key":"s2","value":"Five trails"}]},{"field":"html","levels":[{"key":"c1","value":"<p>1</p>"},{"key":"c2","value":"<p>2</p>"}]}]}""";
            await db.Campaigns.Where(one => one.Id == campaign).ExecuteUpdateAsync(set => set.SetProperty(one => one.AbTest, test));
            foreach (var (position, subject, content) in new[] { (0, "s1", "c1"), (1, "s1", "c2"), (2, "s2", "c1"), (3, "s2", "c2") })
            {
                await db.Variants.Where(one => one.CampaignId == campaign && one.Position == position)
                    .ExecuteUpdateAsync(set => set.SetProperty(one => one.Key, $"{subject}.{content}").SetProperty(one => one.Levels, $$"""{"subject":"{{subject}}","html":"{{content}}"}"""));
            }
        }

        var link = await _app.GivenLinkAsync(campaign);
        var events = new List<EmailEvent>();
        for (var i = 0; i < 40; i++)
        {
            var message = await _app.GivenMessageAsync(campaign, variant: i % 4);
            events.Add(Some.Event(message, EventType.Sent));
            events.Add(Some.Event(message, EventType.Delivered, TimeSpan.FromMinutes(1)));
            if (i % 3 == 0)
            {
                events.Add(Some.Event(message, EventType.Opened, TimeSpan.FromMinutes(5 + (i * 3)), source: EventSource.Tracking));
            }

            if (i % 8 == 0)
            {
                events.Add(Some.Event(message, EventType.Clicked, TimeSpan.FromMinutes(8 + (i * 3)), linkId: link, source: EventSource.Tracking));
            }
        }

        await _app.StoreAsync(events);
        return campaign;
    }
}
