using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using ScoreTracking.Events;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace ScoreTracking.Tests.Messages;

public sealed class MailPagesTests : IAsyncLifetime
{
    private readonly TestApp _app = new();

    public ValueTask InitializeAsync()
    {
        _app.Clock.Set(Some.Noon.AddHours(3));
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task The_four_indicators_follow_what_readers_and_servers_do_while_the_page_is_looked_at()
    {
        var copies = new Dictionary<string, JsonNode>();
        foreach (var name in new[] { "gray", "green", "blue", "red" })
        {
            var mail = MailApi.Mail($"{name}@example.com");
            mail["subject"] = $"A {name} mail";
            copies[name] = (await _app.GivenMailAsync(mail))[0]!;
        }

        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync("/messages");
        await Expect(visit.Page.Locator(".mails tbody tr")).ToHaveCountAsync(4);
        await Expect(visit.Page.Locator("[data-indicator=gray]")).ToHaveCountAsync(4);

        await ReportAsync("delivered", copies["gray"]);
        await _app.OpenAsync(copies["green"]);
        await _app.OpenAsync(copies["green"], "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Thunderbird/140.0");
        await _app.ClickAsync(copies["blue"]);
        await ReportAsync("bounced", copies["red"], ""","metadata":{"bounce_type":"hard","reason":"550 5.1.1 No such user"}""");

        foreach (var name in copies.Keys)
        {
            await Expect(Row(visit, name).Locator(".tracking")).ToHaveAttributeAsync("data-indicator", name);
        }

        await Expect(Row(visit, "green").Locator(".tracking-count")).ToHaveTextAsync("2");
        await Expect(Row(visit, "green").Locator(".tracking .visually-hidden")).ToHaveTextAsync("Opened 2 times");
        await Expect(Row(visit, "blue").Locator("td.number")).ToHaveTextAsync("1");

        foreach (var (choice, name) in new[] { ("Opened", "green"), ("Clicked", "blue"), ("Not opened", "gray"), ("Did not arrive", "red") })
        {
            await visit.Page.GetByRole(AriaRole.Link, new() { Name = choice, Exact = true }).ClickAsync();
            await Expect(visit.Page.Locator(".mails tbody tr")).ToHaveCountAsync(1);
            await Expect(Row(visit, name)).ToBeVisibleAsync();
        }

        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task A_machine_s_open_turns_nothing_green_and_the_page_says_why()
    {
        var copy = (await _app.GivenMailAsync())[0]!;
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        await visit.OpenAsync($"/messages/{copy["message_id"]}");

        await _app.OpenAsync(copy, Some.Scanner);

        await Expect(visit.Page.Locator(".happened li")).ToContainTextAsync("Scanner");
        await Expect(visit.Page.Locator(".page-title-row .tracking")).ToHaveAttributeAsync("data-indicator", "gray");
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task The_page_of_a_mail_tells_every_step_and_every_event_in_order()
    {
        var copies = await _app.GivenMailAsync(MailApi.Mail("ana@example.com", "ben@example.com"));
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync($"/messages/{copies[0]!["message_id"]}");
        await Expect(page.Locator(".delivery-waiting")).ToBeVisibleAsync();

        var id = MailApi.Number(copies[0]);
        await _app.StoreAsync(
            Some.Event(id, EventType.Processed), Some.Event(id, EventType.Sent, TimeSpan.FromSeconds(1)),
            Some.Event(id, EventType.Deferred, TimeSpan.FromSeconds(3)) with { Reason = "451 4.7.1 Greylisted" },
            Some.Event(id, EventType.Deferred, TimeSpan.FromMinutes(5)) with { Reason = "451 4.7.1 Still greylisted" },
            Some.Event(id, EventType.Delivered, TimeSpan.FromMinutes(10)));
        await _app.OpenAsync(copies[0]);
        await _app.ClickAsync(copies[0], position: 2);

        await Expect(page.Locator(".delivery-step")).ToHaveCountAsync(5);
        Assert.Equal(["Processed", "Sent", "Deferred 2 times", "Delivered"], (await page.Locator(".delivery-name").AllInnerTextsAsync()).Where(name => name != "Prepared"));
        await Expect(page.Locator("[data-step=deferred] .delivery-reason")).ToHaveTextAsync("451 4.7.1 Still greylisted");
        await Expect(page.Locator(".happened li")).ToHaveCountAsync(7);
        Assert.Equal(
            ["Processed", "Sent", "Deferred", "Deferred", "Delivered", "Opened", "Clicked"],
            (await page.Locator(".happened .badge").AllInnerTextsAsync()).Select(name => name.Trim()));
        await Expect(page.Locator(".happened li").Nth(6)).ToContainTextAsync("the terms");
        await Expect(page.Locator(".happened li").Nth(5)).ToContainTextAsync("Person");
        await Expect(page.Locator(".happened li").Nth(5)).ToContainTextAsync("Firefox");

        await page.Locator(".mails").GetByText("ben@example.com").ClickAsync();
        await Expect(page.Locator(".page-sub")).ToContainTextAsync("ben@example.com");
        await Expect(page.Locator(".happened li")).ToHaveCountAsync(0);
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task A_mail_is_written_prepared_copied_and_seen_being_read()
    {
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync("/messages");
        await page.Locator(".empty").GetByText("New mail").ClickAsync();
        await page.FillAsync("#from", "Eva Lind <eva@acme.example>");
        await page.FillAsync("#to", "Ana <ana@example.com>, nobody\neva@acme.example");
        await page.FillAsync("#subject", "The offer");
        await page.FillAsync("#html", """<p><a href="https://acme.example/offer">The offer</a></p>""");
        await page.ClickAsync("text=Prepare the mail");
        await Expect(page.Locator("#to-error")).ToHaveTextAsync("nobody: not an email address");

        await page.FillAsync("#to", "Ana <ana@example.com>, eva@acme.example");
        await page.ClickAsync("text=Prepare the mail");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Ready to send");
        var html = await page.Locator("[data-copy-html]").GetAttributeAsync("data-copy-html");
        Assert.Contains("X-ST-Message-ID: msg_", await page.Locator(".code-block").First.InnerTextAsync(), StringComparison.Ordinal);
        await page.SelectOptionAsync("#recipient", new SelectOptionValue { Label = "eva@acme.example" });
        await Expect(page.Locator(".stack-note")).ToContainTextAsync("your own copy");
        Assert.Equal("""<p><a href="https://acme.example/offer">The offer</a></p>""", await page.Locator("[data-copy-html]").GetAttributeAsync("data-copy-html"));

        await using (var db = _app.Database())
        {
            // Who wrote it is who is to be told.
            Assert.Equal((await db.Users.SingleAsync()).Id, (await db.Mails.SingleAsync()).CreatedBy);
        }

        await page.ClickAsync("text=See what happens to it");
        await Expect(page.Locator("h1")).ToHaveTextAsync("The offer");
        await _app.ClickAsync(new JsonObject { ["html"] = html });
        await Expect(page.Locator(".page-title-row .tracking")).ToHaveAttributeAsync("data-indicator", "blue");
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task Hostile_words_are_words()
    {
        const string hostile = "<img src=x onerror=window.__xss=1>\"'><script>window.__xss=1</script>";
        var mail = MailApi.Mail();
        (mail["subject"], mail["from"]!["name"]) = (hostile, hostile);
        mail["html"] = $"""<a href="https://acme.example/?q=%3Cscript%3E">{System.Net.WebUtility.HtmlEncode(hostile)}</a>""";
        var copy = (await _app.GivenMailAsync(mail))[0]!;
        await _app.ClickAsync(copy, userAgent: hostile);
        await ReportAsync("deferred", copy, $$""","metadata":{"reason":{{JsonValue.Create(hostile)!.ToJsonString()}}}""");
        await using var visit = await Browser.VisitAsync(_app, Look.Light);

        foreach (var address in new[] { "/messages", $"/messages/{copy["message_id"]}" })
        {
            await visit.OpenAsync(address);
            await Expect(visit.Page.Locator("main").GetByText("<script>window.__xss=1</script>").First).ToBeVisibleAsync(); // The bell may ring above it.
            Assert.Null(await visit.Page.EvaluateAsync<object?>("() => window.__xss ?? null"));
        }

        Assert.Empty(visit.Errors);
    }

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task Axe_finds_nothing_and_nothing_scrolls_sideways(string look)
    {
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));
        var empty = await LookAsync(visit, "/messages", "mails-empty");
        var copies = await _app.GivenMailAsync(MailApi.Mail("ana@example.com", "somebody-with-a-rather-long-address@a-department.example.com", "cleo@example.com", "dora@example.com", "emil@example.com"));
        await _app.OpenAsync(copies[0]);
        await _app.ClickAsync(copies[0]);
        await _app.OpenAsync(copies[1]);
        await ReportAsync("bounced", copies[2]!, ""","metadata":{"bounce_type":"hard","reason":"550 5.1.1 No such user"}""");
        await ReportAsync("deferred", copies[0]!, ""","metadata":{"reason":"451 4.7.1 Greylisted"}""");
        await ReportAsync("delivered", copies[0]!);

        string[] findings =
        [
            .. empty, .. await LookAsync(visit, "/messages", "mails"), .. await LookAsync(visit, $"/messages/{copies[0]!["message_id"]}", "mail"),
            .. await LookAsync(visit, $"/messages/{copies[2]!["message_id"]}", "mail-bounced"), .. await LookAsync(visit, "/messages/new", "mail-new"),
        ];

        Assert.Empty(findings);
    }

    private static async Task<IEnumerable<string>> LookAsync(Visit visit, string address, string name)
    {
        await visit.OpenAsync(address);
        await Expect(visit.Page.Locator(".loading")).ToHaveCountAsync(0);
        await visit.PhotographAsync(name);
        Assert.False(await visit.IsWiderThanScreenAsync(), $"{address} scrolls sideways");
        return (await Axe.FindingsAsync(visit)).Select(finding => $"{address} {finding}");
    }

    private static ILocator Row(Visit visit, string name) => visit.Page.Locator(".mails tbody tr", new() { HasText = $"A {name} mail" });

    private async Task ReportAsync(string type, JsonNode copy, string more = "")
    {
        using var answer = await _app.RawAsync(HttpMethod.Post, "/api/v1/events", $$"""[{"event_type":"{{type}}","message_id":"{{copy["message_id"]}}"{{more}}}]""");
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        await _app.StoredAsync();
    }
}
