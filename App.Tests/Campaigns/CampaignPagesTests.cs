using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Campaigns;

public sealed class CampaignPagesTests : IAsyncLifetime
{
    private readonly TestApp _app = new();

    public ValueTask InitializeAsync()
    {
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_campaign_with_a_test_is_written_filled_with_people_and_started()
    {
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync("/campaigns");
        await Expect(page.Locator(".empty-title")).ToHaveTextAsync("Create your first campaign");

        await page.Locator(".empty").GetByText("New campaign").ClickAsync();
        await page.FillAsync("#name", "Spring sale");
        await page.FillAsync("#from-email", "news@acme.com");
        await page.FillAsync("#subject", "Save 20%, {{first_name}}");
        await TestAsync(page, "subject");
        await page.FillAsync("#subject-2", "Only today");
        await page.ClickAsync("text=Add subject");
        await page.FillAsync("#subject-3", "Your spring pick");
        await page.FillAsync("#html", Letter("A"));
        await TestAsync(page, "html");
        await page.FillAsync("#html-2", Letter("B"));
        await Expect(page.Locator(".factorial")).ToHaveTextAsync("3 subjects × 2 contents = 6 variants");
        await Expect(page.Locator(".preview-found summary")).ToHaveTextAsync("2 links will be tracked, 2 left alone");
        await Expect(page.Locator(".inbox-subject")).ToHaveTextAsync("Save 20%, Ana");
        await Expect(page.FrameLocator(".preview-stage iframe").Locator("h1")).ToHaveTextAsync("Letter A for Ana");
        await page.ClickAsync("text=Save and go to recipients");

        await page.WaitForURLAsync("**/recipients");
        await visit.ChooseCsvAsync(People(2_000, bad: 20));
        await Expect(page.Locator("[data-import=done] .outcome")).ToContainTextAsync("1,980");
        Assert.Equal(["1,980", "0", "0", "20"], (await page.Locator(".outcome dd").AllInnerTextsAsync()).ToArray());
        await Expect(page.Locator("[data-recipients]")).ToHaveTextAsync("1,980 recipients");

        await page.ClickAsync("[data-dialog=confirm-start]");
        await Expect(page.Locator("#confirm-start p")).ToContainTextAsync("1,980 recipients are dealt to 6 variants.");
        await page.ClickAsync("#confirm-start .button-primary");
        await Expect(page.Locator(".page-title-row .badge")).ToHaveTextAsync("Running");
        Assert.Equal(6, (await _app.GetAsync("/api/v1/campaigns/cmp_1"))["variants"]!.AsArray().Count(variant => (long)variant!["recipients"]! == 330));

        await page.ClickAsync(".breadcrumb a");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Campaigns");
        await Expect(page.Locator("tbody tr")).ToContainTextAsync("Spring sale");
        await Expect(page.Locator("tbody .badge").First).ToHaveTextAsync("Running");
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task What_is_wrong_stands_beside_its_field_in_the_api_s_words_and_goes_when_mended()
    {
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync("/campaigns/new");
        await page.FillAsync("#from-email", "nobody");
        await TestAsync(page, "subject");
        await page.Locator(".level-key").First.FillAsync("S 1");
        await page.FillAsync("#html", "<a href=\"http://localhost:8080/c/abc\">x</a>");

        await page.ClickAsync("text=Save draft");

        var problem = await _app.RefusedAsync(HttpMethod.Post, "/api/v1/campaigns", """
            {"name":"","from":{"email":"nobody"},"ab_test":{"factors":[{"field":"subject","levels":[{"key":"S 1","value":""},{"key":"s2","value":""}]}]}}
            """, 422);
        await Expect(page.Locator(".editor-notice")).ToBeFocusedAsync();
        await Expect(page.Locator("#name-error")).ToHaveTextAsync(Error(problem, "name"));
        await Expect(page.Locator("#from-email-error")).ToHaveTextAsync(Error(problem, "from.email"));
        await Expect(page.Locator("#subject-1-error")).ToHaveTextAsync(Error(problem, "ab_test.factors[0].levels[0].value"));
        await Expect(page.Locator("#subject-2-error")).ToHaveTextAsync(Error(problem, "ab_test.factors[0].levels[1].value"));
        await Expect(page.Locator(".preview-notice")).ToContainTextAsync("has a link to this server's own tracking address");

        await page.FillAsync("#name", "Spring sale");
        await Expect(page.Locator("#name-error")).ToHaveCountAsync(0);
        await Expect(page.Locator("#from-email-error")).ToHaveCountAsync(1);
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task A_newsletter_longer_than_a_message_of_the_page_is_stored_whole()
    {
        var letter = Letter("long") + string.Concat(Enumerable.Range(0, 40_000).Select(i => $"<p>Grüße {i}</p>"));
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync("/campaigns/new");

        await page.FillAsync("#name", "Long");
        await page.FillAsync("#from-email", "news@acme.com");
        await page.SetInputFilesAsync("input[data-read-into=html]", new FilePayload { Name = "mail.html", MimeType = "text/html", Buffer = Encoding.UTF8.GetBytes(letter) });
        await Expect(page.Locator(".preview-found summary")).ToBeVisibleAsync();
        await page.ClickAsync("text=Save draft");
        await page.WaitForURLAsync("**/edit");

        var stored = await _app.GetAsync("/api/v1/campaigns/cmp_1");
        Assert.Equal(letter, (string)stored["content"]!["html"]!);
        Assert.Equal(letter, await page.InputValueAsync("#html"));
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task A_draft_is_changed_and_its_test_ends_with_the_first_level()
    {
        var id = await _app.GivenDraftAsync(CampaignApi.Tested());
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync($"/campaigns/{id}/edit");

        await page.FillAsync("#name", "Summer sale");
        foreach (var left in (int[])[1, 0])
        {
            await page.Locator("text=Stop testing").First.ClickAsync();
            await Expect(page.Locator("text=Stop testing")).ToHaveCountAsync(left);
        }

        await page.Locator("text=Save draft").ClickAsync();
        await Expect(page.Locator(".toast")).ToContainTextAsync("Saved");

        var stored = await _app.GetAsync($"/api/v1/campaigns/{id}");
        Assert.Equal("Summer sale", (string)stored["name"]!);
        Assert.Null(stored["ab_test"]);
        Assert.Equal("Save 20%", (string)stored["content"]!["subject"]!);
        Assert.StartsWith("<p>A ", (string)stored["content"]!["html"]!, StringComparison.Ordinal);
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task Topics_are_written_with_commas_and_a_wrong_one_is_said()
    {
        var id = await _app.GivenDraftAsync();
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync($"/campaigns/{id}/edit");

        await page.FillAsync("#topics", "Offers, Events, offers");
        await page.ClickAsync("text=Save draft");
        await Expect(page.Locator("#topics-error")).ToHaveTextAsync("named twice");
        await page.FillAsync("#topics", " Offers , Events,, ");
        await page.ClickAsync("text=Save draft");
        await Expect(page.Locator(".toast")).ToContainTextAsync("Saved");

        Assert.Equal(["Offers", "Events"], (await _app.GetAsync($"/api/v1/campaigns/{id}"))["topics"]!.AsArray().Select(topic => (string?)topic));
        await page.ReloadAsync();
        await Expect(page.Locator("#topics")).ToHaveValueAsync("Offers, Events");
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task People_pasted_by_hand_are_added_and_what_is_wrong_with_a_line_is_said()
    {
        var id = await _app.GivenDraftAsync();
        await _app.SuppressAsync("left@example.com");
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync($"/campaigns/{id}/recipients");

        await page.FillAsync("#hand", "ana@example.com\nnobody\nleft@example.com\nana@example.com");
        await page.Locator("button", new() { HasTextString = "Add recipients" }).ClickAsync();

        await Expect(page.Locator(".hand-result > span")).ToHaveTextAsync("1 added, 1 already there, 1 suppressed, 1 not valid.");
        await Expect(page.Locator(".hand-result li")).ToHaveTextAsync("Line 2, “nobody”: email is not an email address");
        await Expect(page.Locator("[data-recipients]")).ToHaveTextAsync("1 recipient");

        await page.FillAsync("#hand", "email,first_name,customer_id\nben@example.com,Ben,43");
        await page.Locator("button", new() { HasTextString = "Add recipients" }).ClickAsync();
        await Expect(page.Locator(".hand-result > span")).ToHaveTextAsync("1 added.");
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task A_file_that_names_no_addresses_is_refused_at_once_and_bad_rows_can_be_fetched()
    {
        var id = await _app.GivenDraftAsync();
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        await visit.OpenAsync($"/campaigns/{id}/recipients");

        await visit.ChooseCsvAsync("name\nAna\n"u8.ToArray());
        await Expect(page.Locator("#import-error")).ToContainTextAsync("one of them must be \"email\"");

        await visit.ChooseCsvAsync(People(3, bad: 1));
        var download = await page.RunAndWaitForDownloadAsync(() => page.ClickAsync("text=Download the rows that were not valid"));
        await using var file = await download.CreateReadStreamAsync();
        using var reader = new StreamReader(file);
        Assert.Equal("line,email,error\r\n2,bad0,email is not an email address\r\n", await reader.ReadToEndAsync(TestContext.Current.CancellationToken), ignoreLineEndingDifferences: true);
        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task A_running_campaign_is_paused_resumed_and_cancelled_and_its_content_stays_locked()
    {
        var id = await _app.GivenDraftAsync();
        await _app.PostAsync($"/api/v1/campaigns/{id}/actions/send");
        await using var visit = await Browser.VisitAsync(_app, Look.Light);
        var page = visit.Page;
        var badge = page.Locator(".page-title-row .badge");
        await visit.OpenAsync($"/campaigns/{id}/recipients");

        await ConfirmAsync(page, "confirm-pause");
        await Expect(badge).ToHaveTextAsync("Paused");
        await page.Locator("button", new() { HasTextString = "Resume" }).ClickAsync();
        await Expect(badge).ToHaveTextAsync("Running");
        await ConfirmAsync(page, "confirm-cancel");
        await Expect(badge).ToHaveTextAsync("Cancelled");
        await Expect(page.Locator(".drop")).ToHaveCountAsync(0);

        await page.Locator(".tabs").GetByText("Content").ClickAsync();
        await Expect(page.Locator("#subject")).ToBeDisabledAsync();
        await page.FillAsync("#name", "Renamed");
        await page.ClickAsync("text=Save name");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Renamed");
        Assert.Empty(visit.Errors);
    }

    [Theory, InlineData("light"), InlineData("dark"), InlineData("phone")]
    public async Task Every_page_fits_its_screen(string look)
    {
        var id = await _app.GivenDraftAsync(CampaignApi.Tested());
        await using var visit = await Browser.VisitAsync(_app, Look.All.Single(one => one.Name == look));

        foreach (var (path, name) in new[] { ("/campaigns", "campaigns"), ("/campaigns/new", "campaign-new"), ($"/campaigns/{id}/edit", "campaign-edit"), ($"/campaigns/{id}/recipients", "campaign-recipients") })
        {
            await visit.OpenAsync(path);
            await visit.PhotographAsync(name);
            Assert.False(await visit.IsWiderThanScreenAsync(), $"{path} is wider than the screen");
        }

        Assert.Empty(visit.Errors);
    }

    [Fact]
    public async Task The_preview_s_policy_lets_no_script_run_and_no_stranger_frame_it()
    {
        var previews = (ScoreTracking.Campaigns.ContentPreviews)_app.Services.GetService(typeof(ScoreTracking.Campaigns.ContentPreviews))!;
        using var preview = previews.Open();
        preview.Html = "<script>parent.document.title='x'</script><p>Hi";
        using var visitor = await Visitor.SignedInAsync(_app);

        using var answer = await visitor.Client.GetAsync($"/previews/{preview.Name}");
        var policy = string.Join(' ', answer.Headers.GetValues("Content-Security-Policy"));

        Assert.StartsWith("sandbox ", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("allow-scripts", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("allow-same-origin", policy, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'self'", policy, StringComparison.Ordinal);
        preview.Dispose();
        Assert.Equal(System.Net.HttpStatusCode.NotFound, await visitor.StatusAsync($"/previews/{preview.Name}"));
    }

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);

    private static Task TestAsync(IPage page, string field) => page.Locator($".testable:has(#{field}) .testable-toggle").ClickAsync();

    private static async Task ConfirmAsync(IPage page, string dialog)
    {
        await page.ClickAsync($"[data-dialog={dialog}]");
        await page.ClickAsync($"#{dialog} .dialog-actions .button >> nth=1");
    }

    private static string Error(JsonObject problem, string path) => string.Join(", ", problem["errors"]![path]!.AsArray().Select(error => (string)error!));

    private static string Letter(string name) =>
        $"<html><body style=\"margin:0\"><h1 style=\"color:#234\">Letter {name} for {{{{first_name}}}}</h1><a href=\"https://shop.example/a\">Shop</a> <a href=\"https://shop.example/b\">More</a> <a href=\"mailto:us@acme.com\">Write</a> <a href=\"{{{{unsubscribe_url}}}}\">Leave</a></body></html>";

    private static byte[] People(int rows, int bad) => Encoding.UTF8.GetBytes(
        "email,customer_id,first_name\n" + string.Concat(Enumerable.Range(0, rows).Select(i => i < bad ? $"bad{i},x{i},Ana\n" : $"p{i}@example.com,c{i},Ana\n")));
}
