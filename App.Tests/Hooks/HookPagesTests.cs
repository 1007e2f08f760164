using System.Text.Json.Nodes;
using Microsoft.Playwright;
using ScoreTracking.Events;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;
using ScoreTracking.Webhooks;
using static Microsoft.Playwright.Assertions;

namespace ScoreTracking.Tests.Hooks;

public sealed class HookPagesTests : IAsyncLifetime
{
    private readonly TestApp _app = new(HookApi.OnLoopback);
    private HookSink _sink = null!;

    public async ValueTask InitializeAsync() => _sink = await HookSink.OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _sink.DisposeAsync();
    }

    [Fact]
    public async Task A_webhook_is_made_tried_followed_live_retried_and_deleted()
    {
        var message = await _app.GivenMessageAsync(await _app.GivenCampaignAsync());
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync("/settings/webhooks");
        await page.GetByRole(AriaRole.Button, new() { Name = "New webhook" }).First.ClickAsync();
        var form = page.GetByRole(AriaRole.Form, new() { Name = "New webhook" });
        await form.GetByLabel("URL").FillAsync("http://10.0.0.1/");
        await form.GetByRole(AriaRole.Button, new() { Name = "Create webhook" }).ClickAsync();
        await Expect(form.GetByText("must lie on the public internet")).ToBeVisibleAsync();
        await Expect(form.GetByText("Choose at least one.")).ToBeVisibleAsync();

        await form.GetByLabel("URL").FillAsync($"{_sink.Url}/crm");
        await form.GetByLabel("Name").FillAsync("CRM");
        await form.GetByLabel("First open by a person").CheckAsync();
        await form.GetByRole(AriaRole.Button, new() { Name = "Create webhook" }).ClickAsync();
        await Expect(page.GetByText("Copy the signing secret now")).ToBeVisibleAsync();
        var secret = await page.Locator(".key-created .copy-text").InnerTextAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Send a test" }).ClickAsync();
        await Expect(page.GetByText("The test arrived")).ToBeVisibleAsync();
        Assert.Equal(Authenticity.Genuine, StandardSignature.Check(Assert.Single(_sink.Received), [secret], _app.Clock.GetUtcNow()));

        _sink.Answer = HookSink.With(500);
        await _app.StoreAsync(Some.Event(message, EventType.Opened));
        var row = page.GetByRole(AriaRole.Row).Filter(new() { HasText = $"msg_{message}" });
        await Expect(row).ToContainTextAsync("Retrying");
        await Expect(row).ToContainTextAsync("Answered 500");
        await Expect(page.GetByText("Nothing has arrived since")).ToBeVisibleAsync();
        _sink.Answer = HookSink.With(200);
        await row.GetByRole(AriaRole.Button, new() { Name = $"Retry first_open of msg_{message} now" }).ClickAsync();
        await Expect(row).ToContainTextAsync("Delivered");
        await Expect(page.GetByText("Nothing has arrived since")).ToHaveCountAsync(0);

        await page.GetByRole(AriaRole.Button, new() { Name = "Edit" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByLabel("Name").FillAsync("Warehouse");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Warehouse" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Rotate" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Rotate" }).ClickAsync();
        await Expect(page.GetByText("signed with the old one, too, until")).ToBeVisibleAsync();
        Assert.NotEqual(secret, await page.Locator(".key-created .copy-text").InnerTextAsync());

        await page.GetByRole(AriaRole.Link, new() { Name = "Webhooks" }).First.ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("Webhooks");
        await Expect(page.GetByRole(AriaRole.Row, new() { Name = "Warehouse" })).ToContainTextAsync("Delivering");
        await page.GetByRole(AriaRole.Link, new() { Name = "Warehouse" }).ClickAsync();
        await Expect(page.GetByText("Copy the signing secret now")).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Disable" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Disable" }).ClickAsync();
        await Expect(page.GetByText("What happens meanwhile is not sent later")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(page.GetByText("Tell your own systems")).ToBeVisibleAsync();
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task An_address_that_names_no_webhook_is_not_found()
    {
        await using var visit = await Browser.VisitAsync(_app, Look.Light);

        Assert.Equal((404, 404), ((await visit.Page.GotoAsync("/settings/webhooks/whk_99"))!.Status, (await visit.Page.GotoAsync("/settings/webhooks/99"))!.Status));
    }

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task The_pages_fit_every_screen(string look)
    {
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));
        var findings = new List<string>();
        await ShowAsync("/settings/webhooks", "webhooks-empty");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "New webhook" }).First.ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Form, new() { Name = "New webhook" })).ToBeVisibleAsync();
        await visit.PhotographAsync("webhooks-new");
        Assert.False(await visit.IsWiderThanScreenAsync());
        findings.AddRange(await Axe.FindingsAsync(visit));

        var message = await _app.GivenMessageAsync(await _app.GivenCampaignAsync());
        var hostile = HookApi.Hook($"{_sink.Url}/a/very/long/path/that/goes/on/and/on?tenant=4711&token=<script>window.__xss=1</script>", "first_open", "opened", "clicked", "bounced", "complained");
        hostile["name"] = "<img src=x onerror=\"window.__xss=1\"> and a long name for a system of ours";
        var hook = await _app.SendAsync(HttpMethod.Post, HookApi.Path, hostile, System.Net.HttpStatusCode.Created);
        await _app.StoreAsync(Some.Event(message, EventType.Opened));
        await Eventually.TrueAsync(async () => (await _app.DeliveriesAsync(hook, "?status=delivered")).Count == 2);
        _sink.Answer = HookSink.With(503);
        await _app.StoreAsync(Some.Event(message, EventType.Clicked, TimeSpan.FromHours(1)));
        await _app.UntilAsync(hook, one => (int)one["attempts"]! == 1 && one["error"] is not null);
        await _app.PostAsync($"{HookApi.Path}/{hook["id"]}/actions/test");

        await ShowAsync("/settings/webhooks", "webhooks");
        await ShowAsync($"/settings/webhooks/{hook["id"]}", "webhook");
        await ShowAsync($"/settings/webhooks/{hook["id"]}?status=failed", "webhook-failed");
        Assert.Empty(findings);
        Assert.False(await visit.Page.EvaluateAsync<bool>("() => '__xss' in window"));
        Assert.Empty(visit.Errors);

        async Task ShowAsync(string address, string name)
        {
            await visit.OpenAsync(address);
            await Expect(visit.Page.Locator(".loading")).ToHaveCountAsync(0);
            await visit.PhotographAsync(name);
            Assert.False(await visit.IsWiderThanScreenAsync(), $"{name} is wider than its screen");
            findings.AddRange((await Axe.FindingsAsync(visit)).Select(finding => $"{name} {finding}"));
        }
    }
}
