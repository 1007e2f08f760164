using System.Net;
using System.Text.Json.Nodes;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Campaigns;

public sealed class CampaignTests : IAsyncDisposable
{
    private const string Campaigns = "/api/v1/campaigns";

    private readonly TestApp _app = new();

    [Fact]
    public async Task A_campaign_reads_back_as_it_was_made()
    {
        var id = await _app.GivenDraftAsync(CampaignApi.Tested());

        var campaign = await _app.GetAsync($"{Campaigns}/{id}");

        Assert.Equal("draft", (string)campaign["status"]!);
        Assert.Equal("Hi {{first_name}}", (string)campaign["content"]!["subject"]!);
        Assert.Equal(CampaignApi.Html, (string)campaign["content"]!["html"]!);
        Assert.True((bool)campaign["track_opens"]!);
        Assert.Equal("click_rate", (string)campaign["ab_test"]!["winner"]!["metric"]!);
        Assert.Equal("2026-09-01T10:00:00Z", (string)campaign["created_at"]!);
        Assert.Null(campaign["started_at"]);
    }

    [Fact]
    public async Task Three_subjects_and_two_contents_are_six_variants_the_last_factor_turning_fastest()
    {
        var data = await _app.SendAsync(HttpMethod.Post, Campaigns, CampaignApi.Tested(), HttpStatusCode.Created);

        var variants = data["variants"]!.AsArray();
        Assert.Equal(["s1.c1", "s1.c2", "s2.c1", "s2.c2", "s3.c1", "s3.c2"], variants.Select(v => (string)v!["id"]!));
        Assert.All(variants, v => Assert.Equal(0.1667, (double)v!["weight"]!));
        Assert.Equal("""{"subject":"s1","html":"c2"}""", variants[1]!["levels"]!.ToJsonString());
    }

    [Fact]
    public async Task The_list_pages_by_age_and_filters_by_name_and_state()
    {
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            ids.Add(await _app.GivenDraftAsync(CampaignApi.Campaign(i == 3 ? "100%_autumn" : $"Spring {i}")));
            _app.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        await _app.PostAsync($"{Campaigns}/{ids[0]}/actions/send");

        Assert.Equal(Enumerable.Reverse(ids), await PagesAsync("limit=2"));
        Assert.Equal(ids, await PagesAsync("limit=2&sort=created_at"));
        Assert.Equal([ids[3]], await PagesAsync("q=%25_AUT"));
        Assert.Equal([ids[0]], await PagesAsync("status=running"));
        var counted = JsonNode.Parse(await _app.Api.GetStringAsync($"{Campaigns}?limit=1&count=true&q=spring"))!;
        Assert.Equal(4, (int)counted["count"]!);
        Assert.Null(counted["data"]![0]!["content"]);
    }

    [Fact]
    public async Task A_patch_changes_what_it_names_and_null_clears()
    {
        var id = await _app.GivenDraftAsync(CampaignApi.Tested());

        var patched = await PatchAsync(id, """{"content":{"subject":"New"},"reply_to":"help@acme.com","track_opens":false,"topics":[" Offers ","Events & more"]}""");

        Assert.Equal("New", (string)patched["content"]!["subject"]!);
        Assert.Equal(CampaignApi.Html, (string)patched["content"]!["html"]!);
        Assert.Equal("help@acme.com", (string)patched["reply_to"]!);
        Assert.False((bool)patched["track_opens"]!);
        Assert.Equal(6, patched["variants"]!.AsArray().Count);
        Assert.Equal(["Offers", "Events & more"], patched["topics"]!.AsArray().Select(topic => (string?)topic));

        patched = await PatchAsync(id, """{"ab_test":null,"reply_to":null}""");
        Assert.Equal(2, patched["topics"]!.AsArray().Count);
        Assert.Empty((await PatchAsync(id, """{"topics":null}"""))["topics"]!.AsArray());

        Assert.Null(patched["ab_test"]);
        Assert.Null(patched["reply_to"]);
        Assert.Empty(patched["variants"]!.AsArray());
    }

    [Fact]
    public async Task Once_running_only_the_name_changes()
    {
        var id = await _app.GivenDraftAsync();
        await _app.PostAsync($"{Campaigns}/{id}/actions/send");

        var renamed = await PatchAsync(id, """{"name":"Renamed"}""");

        Assert.Equal("Renamed", (string)renamed["name"]!);
        await _app.RefusedAsync(HttpMethod.Patch, $"{Campaigns}/{id}", """{"content":{"subject":"Late"}}""", 409);
        Assert.Equal("Hi {{first_name}}", (string)(await _app.GetAsync($"{Campaigns}/{id}"))["content"]!["subject"]!);
    }

    [Fact]
    public async Task States_follow_the_actions_and_refuse_the_others()
    {
        var id = await _app.GivenDraftAsync();

        await RefusedActionAsync("pause");
        await RefusedActionAsync("resume");
        Assert.Equal("running", await ActAsync("send"));
        await RefusedActionAsync("send");
        Assert.Equal("paused", await ActAsync("pause"));
        await _app.RefusedAsync(HttpMethod.Post, $"{Campaigns}/{id}/instrument", """{"customer_id":"1","email":"a@example.com"}""", 409);
        Assert.Equal("running", await ActAsync("resume"));
        Assert.Equal("cancelled", await ActAsync("cancel"));
        await RefusedActionAsync("send");
        await RefusedActionAsync("cancel");
        await _app.RefusedAsync(HttpMethod.Post, $"{Campaigns}/{id}/instrument", """{"customer_id":"1","email":"a@example.com"}""", 409);
        await _app.RefusedAsync(HttpMethod.Post, $"{Campaigns}/{id}/recipients", """{"recipients":[{"email":"a@example.com"}]}""", 409);
        await _app.RefusedAsync(HttpMethod.Post, $"{Campaigns}/{id}/actions/explode", null, 404);

        async Task<string> ActAsync(string action) => (string)(await _app.PostAsync($"{Campaigns}/{id}/actions/{action}"))["status"]!;
        Task RefusedActionAsync(string action) => _app.RefusedAsync(HttpMethod.Post, $"{Campaigns}/{id}/actions/{action}", null, 409);
    }

    [Fact]
    public async Task A_duplicate_is_a_draft_with_the_same_content_and_no_recipients()
    {
        var id = await _app.GivenDraftAsync(CampaignApi.Tested());
        await _app.PostAsync($"{Campaigns}/{id}/recipients", CampaignApi.Recipients([CampaignApi.Recipient(1)]));
        await _app.PostAsync($"{Campaigns}/{id}/actions/send");

        var copy = await _app.SendAsync(HttpMethod.Post, $"{Campaigns}/{id}/actions/duplicate", null, HttpStatusCode.Created);

        Assert.NotEqual(id, (string)copy["id"]!);
        Assert.Equal("Spring sale (copy)", (string)copy["name"]!);
        Assert.Equal("draft", (string)copy["status"]!);
        Assert.Equal(6, copy["variants"]!.AsArray().Count);
        Assert.All(copy["variants"]!.AsArray(), v => Assert.Equal(0, (int)v!["recipients"]!));
    }

    [Fact]
    public async Task Drafts_are_deleted_and_what_was_sent_stays()
    {
        var draft = await _app.GivenDraftAsync();
        await _app.PostAsync($"{Campaigns}/{draft}/recipients", CampaignApi.Recipients(Enumerable.Range(0, 4500).Select(CampaignApi.Recipient)));
        var sent = await _app.GivenDraftAsync();
        var copy = await _app.PostAsync($"{Campaigns}/{sent}/instrument", CampaignApi.Recipient(1));

        using var deleted = await _app.RawAsync(HttpMethod.Delete, $"{Campaigns}/{draft}", null);

        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await _app.RefusedAsync(HttpMethod.Get, $"{Campaigns}/{draft}", null, 404);
        await using (var db = _app.Database())
        {
            Assert.Equal(1, db.Messages.Count());
            Assert.Equal(1, db.MessageStates.Count());
        }

        await _app.RefusedAsync(HttpMethod.Delete, $"{Campaigns}/{sent}", null, 409);
        using (var events = await _app.RawAsync(HttpMethod.Post, "/api/v1/events", $$"""{"event_type":"sent","message_id":"{{copy["message_id"]}}"}"""))
        {
            Assert.Equal(HttpStatusCode.Accepted, events.StatusCode);
        }

        await _app.StoredAsync();
        await _app.PostAsync($"{Campaigns}/{sent}/actions/cancel");
        await _app.RefusedAsync(HttpMethod.Delete, $"{Campaigns}/{sent}", null, 409);
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("PATCH", "")]
    [InlineData("DELETE", "")]
    [InlineData("POST", "/actions/send")]
    [InlineData("POST", "/actions/pause")]
    [InlineData("POST", "/actions/duplicate")]
    [InlineData("POST", "/recipients")]
    [InlineData("POST", "/recipients/import")]
    [InlineData("POST", "/instrument")]
    [InlineData("POST", "/instrument/batch")]
    public async Task An_unknown_campaign_is_not_found(string method, string path)
    {
        var body = path switch
        {
            "/recipients" or "/instrument/batch" => """{"recipients":[{"email":"a@example.com"}]}""",
            "/instrument" => """{"email":"a@example.com"}""",
            _ => "{}",
        };

        foreach (var id in new[] { "cmp_999", "cmp_0", "cmp_01", "999", "msg_1", "cmp_99999999999999999999" })
        {
            await _app.RefusedAsync(new HttpMethod(method), $"{Campaigns}/{id}{path}", body, 404);
        }
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task<JsonNode> PatchAsync(string id, string body) => await _app.SendAsync(HttpMethod.Patch, $"{Campaigns}/{id}", JsonNode.Parse(body), HttpStatusCode.OK);

    private async Task<List<string>> PagesAsync(string query)
    {
        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = JsonNode.Parse(await _app.Api.GetStringAsync($"{Campaigns}?{query}&cursor={cursor}"))!;
            seen.AddRange(page["data"]!.AsArray().Select(row => (string)row!["id"]!));
            cursor = (string?)page["next_cursor"];
        }
        while (cursor is not null);
        return seen;
    }
}
