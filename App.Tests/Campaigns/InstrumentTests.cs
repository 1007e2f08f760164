using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ScoreTracking.Tests.Support;
using ScoreTracking.Tokens;

namespace ScoreTracking.Tests.Campaigns;

public sealed partial class InstrumentTests : IAsyncDisposable
{
    private readonly TestApp _app = new(new() { ["TrackingUrl"] = "https://t.acme.com" });

    [Fact]
    public async Task A_copy_is_the_newsletter_with_our_links_pixel_and_headers_and_nothing_else()
    {
        var id = await _app.GivenDraftAsync();

        var copy = await OneAsync(id, """{"customer_id":"42","email":"ana@example.com","data":{"first_name":"Ana <3"}}""");

        // Ids are signed with this server's own key: they differ from run to run.
        Golden.Matches("Campaigns/instrumented.json", TrackingId().Replace(Indented(copy), "<id>"));
        Assert.Equal("running", (string)(await _app.GetAsync($"/api/v1/campaigns/{id}"))["status"]!);
    }

    [Fact]
    public async Task What_is_in_a_copy_works()
    {
        var id = await _app.GivenDraftAsync();
        var copy = await OneAsync(id, """{"customer_id":"42","email":"ana@example.com"}""");
        using var reader = _app.Anonymous();
        var urls = OurUrl().Matches((string)copy["html"]! + copy["headers"]!["List-Unsubscribe"]).Select(match => match.Value["https://t.acme.com".Length..]).ToList();

        using var click = await reader.GetAsync(urls.First(url => url.StartsWith("/c/", StringComparison.Ordinal)));
        using var pixel = await reader.GetAsync(urls.Single(url => url.StartsWith("/o/", StringComparison.Ordinal)));
        using var page = await reader.GetAsync(urls.Single(url => url.StartsWith("/u/", StringComparison.Ordinal)));

        Assert.Equal("https://shop.example/a?x=1&y=2", click.Headers.Location?.OriginalString);
        Assert.Equal("image/gif", pixel.Content.Headers.ContentType?.MediaType);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [Fact]
    public async Task Asking_again_gives_the_same_bytes()
    {
        var id = await _app.GivenDraftAsync(CampaignApi.Tested());

        var first = await OneAsync(id, """{"customer_id":"42","email":"ana@example.com","data":{"first_name":"Ana"}}""");
        var second = await OneAsync(id, """{"customer_id":"42"}""");
        var batch = await _app.BatchAsync(id, [new JsonObject { ["customer_id"] = "42", ["email"] = "Ana@example.com" }]);

        Assert.Equal(first.ToJsonString(), second.ToJsonString());
        Assert.Equal(first.ToJsonString(), batch[0].ToJsonString());
    }

    [Fact]
    public async Task A_batch_answers_one_line_per_recipient_in_order()
    {
        var id = await _app.GivenDraftAsync(CampaignApi.Tested());
        await _app.SuppressAsync("person3@example.com");
        var recipients = Enumerable.Range(0, 1000).Select(CampaignApi.Recipient).ToList();
        recipients[5]["email"] = "nobody";

        var lines = await _app.BatchAsync(id, recipients);

        Assert.Equal(1000, lines.Count);
        Assert.Equal("suppressed", (string)lines[3]["error"]!);
        Assert.Equal("c3", (string)lines[3]["customer_id"]!);
        Assert.Equal("email", (string)lines[5]["error"]!);
        var sent = lines.Where(line => line["error"] is null).ToList();
        Assert.Equal(998, sent.Select(line => (string)line["message_id"]!).Distinct().Count());
        Assert.Equal([166, 166, 166, 166, 167, 167], sent.GroupBy(line => (string)line["variant_id"]!).Select(group => group.Count()).Order());
        Assert.All(sent, line => Assert.Contains((string)line["variant_id"]! is [.., 'c', '1'] ? "<p>A " : "<p>B ", (string)line["html"]!, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Merge_fields_come_from_what_is_known_and_latest()
    {
        var id = await _app.GivenDraftAsync();
        await _app.PostAsync($"/api/v1/campaigns/{id}/recipients", JsonNode.Parse("""{"recipients":[{"customer_id":"1","email":"a@example.com","data":{"first_name":"Old"}}]}"""));

        var known = await OneAsync(id, """{"customer_id":"1","email":"a@example.com"}""");
        var changed = await OneAsync(id, """{"customer_id":"1","email":"a@example.com","data":{"first_name":"New\r\nBcc: x@example.com"}}""");

        Assert.Equal("Hi Old", (string)known["subject"]!);
        Assert.Equal("Hello Old", (string)known["text"]!);
        Assert.Equal("Hi New Bcc: x@example.com", (string)changed["subject"]!);
        Assert.Equal((string)known["message_id"]!, (string)changed["message_id"]!);
    }

    [Fact]
    public async Task Without_consent_the_html_stays_as_written_and_unsubscribing_still_works()
    {
        var id = await _app.GivenDraftAsync();

        var copy = await OneAsync(id, """{"customer_id":"1","email":"a@example.com","tracking_consent":"denied","data":{"first_name":"Ana"}}""");

        Assert.False((bool)copy["tracked"]!);
        Assert.Equal(CampaignApi.Html.Replace("{{first_name}}", "Ana", StringComparison.Ordinal), (string)copy["html"]!);
        Assert.Empty(copy["links"]!.AsArray());
        Assert.StartsWith("<https://t.acme.com/u/", (string)copy["headers"]!["List-Unsubscribe"]!, StringComparison.Ordinal);
        Assert.False((await _app.StateAsync(1)).Tracked);

        copy = await OneAsync(id, """{"customer_id":"1","email":"a@example.com","tracking_consent":"granted"}""");

        Assert.True((bool)copy["tracked"]!);
        Assert.True((await _app.StateAsync(1)).Tracked);
    }

    [Theory]
    [InlineData(true, false, 1, 0)]
    [InlineData(false, true, 0, 2)]
    [InlineData(false, false, 0, 0)]
    public async Task A_campaign_tracks_only_what_it_says(bool opens, bool clicks, int pixels, int links)
    {
        var campaign = CampaignApi.Campaign();
        campaign["track_opens"] = opens;
        campaign["track_clicks"] = clicks;
        var id = await _app.GivenDraftAsync(campaign);

        var copy = await OneAsync(id, """{"customer_id":"1","email":"a@example.com"}""");

        Assert.Equal(opens || clicks, (bool)copy["tracked"]!);
        Assert.Equal(pixels, ((string)copy["html"]!).Split("/o/").Length - 1);
        Assert.Equal(links, ((string)copy["html"]!).Split("/c/").Length - 1);
        Assert.Equal(links, copy["links"]!.AsArray().Count);
    }

    [Fact]
    public async Task Own_html_is_tracked_too_and_its_links_keep_their_ids()
    {
        var id = await _app.GivenDraftAsync();
        const string body = """{"customer_id":"1","email":"a@example.com","html":"<p><a href=\"https://own.example/x\">x</a></p>","text":"Own"}""";

        var first = await OneAsync(id, body);
        var second = await OneAsync(id, body.Replace("\"1\"", "\"2\"", StringComparison.Ordinal));

        Assert.Equal("Own", (string)first["text"]!);
        Assert.Contains("/o/", (string)first["html"]!, StringComparison.Ordinal);
        Assert.Equal("https://own.example/x", (string)first["links"]![0]!["url"]!);
        Assert.Equal((string)first["links"]![0]!["id"]!, (string)second["links"]![0]!["id"]!);
        await _app.RefusedAsync(HttpMethod.Post, $"/api/v1/campaigns/{id}/instrument", """{"email":"a@example.com","html":"<a href='https://t.acme.com/c/x'>x</a>"}""", 422);
    }

    [Fact]
    public async Task Each_variant_says_its_own_sender_subject_and_preheader()
    {
        var campaign = CampaignApi.Campaign();
        campaign["ab_test"] = JsonNode.Parse("""
            {"factors":[{"field":"from_name","levels":[{"key":"a","value":"Acme"},{"key":"b","value":"Ana from Acme"}]},
                        {"field":"preheader","levels":[{"key":"x","value":"Hello {{first_name}}"},{"key":"y","value":""}]}]}
            """);
        var id = await _app.GivenDraftAsync(campaign);

        var lines = await _app.BatchAsync(id, Enumerable.Range(0, 4).Select(CampaignApi.Recipient));

        Assert.Equal(["a.x", "a.y", "b.x", "b.y"], lines.Select(line => (string)line["variant_id"]!).Order());
        Assert.All(lines, line =>
        {
            var variant = (string)line["variant_id"]!;
            Assert.Equal(variant[0] == 'a' ? "Acme" : "Ana from Acme", (string)line["from"]!["name"]!);
            Assert.Equal(variant[2] == 'x', ((string)line["preheader"]!).StartsWith("Hello Ana", StringComparison.Ordinal));
            Assert.Equal(variant[2] == 'x', ((string)line["html"]!).Contains("Hello Ana", StringComparison.Ordinal));
        });
    }

    [Fact]
    public async Task A_suppressed_address_gets_no_copy()
    {
        var id = await _app.GivenDraftAsync();
        await _app.SuppressAsync("gone@example.com", "complaint");

        var problem = await _app.RefusedAsync(HttpMethod.Post, $"/api/v1/campaigns/{id}/instrument", """{"customer_id":"1","email":"GONE@example.com"}""", 409);

        Assert.Contains("complaint", (string)problem["detail"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", 422)]
    [InlineData("""{"customer_id":"unknown"}""", 422)]
    [InlineData("""{"email":"nobody"}""", 422)]
    [InlineData("""{"email":"a@example.com","data":{"x":{}}}""", 422)]
    [InlineData("""{"email":"a@example.com","htm":""}""", 400)]
    [InlineData("""{"email":""", 400)]
    public async Task A_recipient_that_cannot_be_read_is_refused(string body, int status) =>
        await _app.RefusedAsync(HttpMethod.Post, $"/api/v1/campaigns/{await _app.GivenDraftAsync()}/instrument", body, status);

    [Fact]
    public async Task A_campaign_without_content_needs_the_callers_own()
    {
        var campaign = CampaignApi.Campaign();
        campaign.Remove("content");
        var id = await _app.GivenDraftAsync(campaign);

        await _app.RefusedAsync(HttpMethod.Post, $"/api/v1/campaigns/{id}/instrument", """{"email":"a@example.com"}""", 422);
        var copy = await OneAsync(id, """{"email":"a@example.com","html":"<p>Own</p>"}""");

        Assert.StartsWith("<p>Own</p>", (string)copy["html"]!, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private Task<JsonNode> OneAsync(string campaign, string body) => _app.PostAsync($"/api/v1/campaigns/{campaign}/instrument", JsonNode.Parse(body));

    private static string Indented(JsonNode node) => node.ToJsonString(new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n";

    [GeneratedRegex("(?<=/[ocu]/)[0-9a-z]{40}")]
    private static partial Regex TrackingId();

    [GeneratedRegex("https://t\\.acme\\.com/[ocu]/[0-9a-z]{40}(\\.gif)?")]
    private static partial Regex OurUrl();
}
