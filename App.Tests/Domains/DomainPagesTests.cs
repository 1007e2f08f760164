using Microsoft.Playwright;
using ScoreTracking.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ScoreTracking.Tests.Domains;

public sealed class DomainPagesTests : IAsyncLifetime
{
    private readonly DnsServer _dns = new();
    private TestApp _app = null!;

    public ValueTask InitializeAsync()
    {
        _app = new TestApp(new() { ["Dns:Servers:0"] = _dns.Address, ["Dns:Timeout"] = "00:00:01.500", ["TrackingUrl"] = "https://links.acme.example" });
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _dns.DisposeAsync();
    }

    [Fact]
    public async Task A_domain_is_added_published_checked_given_a_second_key_and_deleted()
    {
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync("/sending-domains");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a domain" }).First.ClickAsync();
        var form = page.GetByRole(AriaRole.Form, new() { Name = "New sending domain" });
        await form.GetByLabel("Domain").FillAsync("not a domain");
        await form.GetByRole(AriaRole.Button, new() { Name = "Add domain" }).ClickAsync();
        await Expect(form.GetByText("must be a domain such as")).ToBeVisibleAsync();
        await form.GetByLabel("Domain").FillAsync("acme.example");
        await form.GetByRole(AriaRole.Button, new() { Name = "Add domain" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "acme.example" })).ToBeVisibleAsync();
        await Expect(page.GetByText("Not looked at yet")).ToBeVisibleAsync();

        var record = await page.Locator("#keys").Locator("xpath=ancestor::section").Locator(".copy-text").Nth(1).InnerTextAsync();
        _dns.Text("st1._domainkey.acme.example", record).Text("acme.example", "v=spf1 mx -all").Text("_dmarc.acme.example", "v=DMARC1; p=reject")
            .Mail("acme.example", "mx.acme.example").Host("links.acme.example", "192.0.2.7");
        await page.GetByRole(AriaRole.Button, new() { Name = "Check now" }).ClickAsync();
        await Expect(page.GetByText("The key is published, and mail is signed with it.")).ToBeVisibleAsync();
        await Expect(page.GetByText("Signing", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(page.Locator(".page-title-row .badge")).ToHaveTextAsync("Good");

        await page.GetByRole(AriaRole.Button, new() { Name = "Add a key" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Key", new() { Exact = true }).SelectOptionAsync("import");
        await dialog.GetByLabel("Private key").FillAsync("no key");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Add key" }).ClickAsync();
        await Expect(dialog.GetByText("The DKIM key is not in PEM form.")).ToBeVisibleAsync();
        await dialog.GetByLabel("Key", new() { Exact = true }).SelectOptionAsync("ed25519");
        await dialog.GetByLabel("Selector").FillAsync("edwards");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Add key" }).ClickAsync();
        await Expect(page.GetByText("edwards._domainkey.acme.example")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign with edwards" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Let st1 rest" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Sign with st1" })).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "Sending domains" }).First.ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("Sending domains");
        await Expect(page.GetByRole(AriaRole.Row, new() { Name = "acme.example" })).ToContainTextAsync("edwards");
        await page.GetByRole(AriaRole.Link, new() { Name = "acme.example" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(page.GetByText("Let receivers know that your mail is yours")).ToBeVisibleAsync();
        Assert.Empty(visit.Errors);
    }

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task The_pages_fit_every_screen_and_say_politely_that_DNS_does_not_answer(string look)
    {
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));
        var findings = new List<string>();
        await ShowAsync("/sending-domains", "domains-empty");
        var hostile = "v=spf1 " + new string('x', 200) + "<script>window.__xss=1</script> -all";
        _dns.Text("acme.example", hostile, "v=spf1 -all");
        var made = await _app.GivenDomainAsync("acme.example", new { }, new { algorithm = "ed25519", status = "off" });
        await ShowAsync($"/sending-domains/{made.Text("id")}", "domain-new");
        using var looked = await _app.Api.PostAsync($"{DomainApi.Path}/{made.Text("id")}/actions/check", null);
        await ShowAsync($"/sending-domains/{made.Text("id")}", "domain-bad");
        _dns.Failure = -1;
        using var silent = await _app.Api.PostAsync($"{DomainApi.Path}/{made.Text("id")}/actions/check", null);

        await ShowAsync($"/sending-domains/{made.Text("id")}", "domain-silent");
        await Expect(visit.Page.GetByText("did not answer for acme.example").First).ToBeVisibleAsync();
        await ShowAsync("/sending-domains", "domains");
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

    [Fact]
    public async Task An_address_that_names_no_domain_is_not_found()
    {
        await using var visit = await Browser.VisitAsync(_app, Look.Light);

        Assert.Equal((404, 404), ((await visit.Page.GotoAsync("/sending-domains/dom_99"))!.Status, (await visit.Page.GotoAsync("/sending-domains/99"))!.Status));
    }
}
