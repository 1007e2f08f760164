using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Auth;
using ScoreTracking.Data;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Contacts;
using ScoreTracking.Tests.Support;
using ScoreTracking.Tests.Suppressions;

namespace ScoreTracking.Tests.Segments;

/// <summary>Campaigns take people from segments and lists: included − excluded − suppressed − not consenting.</summary>
public sealed class AudienceImportTests : IAsyncDisposable
{
    private const string Vip = """{"field":"attributes.plan","op":"eq","value":"gold"}""";

    private readonly TestApp _app = new();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Whoever_is_included_and_not_left_out_suppressed_or_unwilling_is_added_and_all_others_are_counted()
    {
        var campaign = await GivenSceneAsync();
        await _app.PostAsync($"/api/v1/campaigns/{campaign}/recipients", JsonNode.Parse("""{"recipients":[{"customer_id":"7","email":"person7@example.com"}]}"""));
        var body = JsonNode.Parse("""{"segment_id":"seg_1","list_ids":["lst_1"],"exclude_segment_ids":["seg_2"]}""");

        var estimate = await _app.PostAsync($"/api/v1/campaigns/{campaign}/recipients/estimate", body!.DeepClone());
        var job = await RunAsync(campaign, body.ToJsonString());

        // 1 to 9 have the plan, 10 is on the list; 2 and 3 live in Leeds, 4 is suppressed, 5 refused tracking, 7 is there.
        Assert.Equal("""{"included":10,"excluded":2,"suppressed":1,"not_consenting":1,"duplicates":1,"recipients":5}""", estimate.ToJsonString());
        Assert.Equal("done 10 10 5 1 1 2 1", $"{job["status"]} {job["processed"]} {job["total"]} {job["added"]} {job["duplicates"]} {job["suppressed"]} {job["excluded"]} {job["not_consenting"]}");
        Assert.Equal("recipients_audience", (string)job["kind"]!);
        Assert.Equal([1, 6, 7, 8, 9, 10], await RecipientsAsync(campaign));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task Who_refused_tracking_is_taken_where_that_is_asked_for_and_who_refused_the_topic_never()
    {
        var campaign = await GivenSceneAsync();
        await _app.SqlAsync("""UPDATE campaigns SET topics = '["Offers"]'; UPDATE contacts SET refused_topics = '["offers"]' WHERE customer_id = '6'""");

        var job = await RunAsync(campaign, """{"segment_ids":["seg_1","seg_1"],"include_not_consenting":true}""");

        Assert.Equal("done 9 7 1 1", $"{job["status"]} {job["processed"]} {job["added"]} {job["suppressed"]} {job["not_consenting"]}");
        Assert.Equal([1, 2, 3, 5, 7, 8, 9], await RecipientsAsync(campaign));
        Assert.Equal(
            """{"included":9,"excluded":0,"suppressed":1,"not_consenting":1,"duplicates":7,"recipients":0}""",
            (await _app.PostAsync($"/api/v1/campaigns/{campaign}/recipients/estimate", JsonNode.Parse("""{"segment_id":"seg_1","include_not_consenting":true}"""))).ToJsonString());
    }

    [Fact]
    public async Task The_segment_is_asked_when_the_import_runs_and_the_same_import_again_adds_nobody()
    {
        var campaign = await GivenSceneAsync();

        var first = await RunAsync(campaign, """{"segment_id":"seg_1"}""");
        await _app.AddAsync("11", "person11@example.com", new JsonObject { ["plan"] = "GOLD" });
        var second = await RunAsync(campaign, """{"segment_id":"seg_1"}""");

        Assert.Equal("9 7 0", $"{first["processed"]} {first["added"]} {first["duplicates"]}");
        Assert.Equal("10 1 7", $"{second["processed"]} {second["added"]} {second["duplicates"]}");
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task Thousands_are_added_exactly_once_even_where_the_server_stopped_halfway()
    {
        var campaign = await _app.GivenDraftAsync();
        await _app.SqlAsync("""
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000)
            INSERT INTO contacts (customer_id, email, attributes, tracking_consent, consent_at, consent_method, created_at)
            SELECT i, 'person' || i || '@example.com', json_object('plan', iif(i % 3 = 0, 'gold', 'free')), 0, 0, '', 1 FROM n;
            """);
        await GivenSegmentAsync("Gold", Vip);

        // As a stop in the middle leaves it: a part of the people added, and how far it came.
        var half = await RunAsync(campaign, """{"segment_id":"seg_1"}""");
        await _app.SqlAsync("""
            DELETE FROM message_state WHERE message_id IN (SELECT id FROM messages WHERE contact_id > 4000);
            DELETE FROM messages WHERE contact_id > 4000;
            UPDATE jobs SET status = 'running', processed = 1333, added = 1333, reached = 3999, finished_at = 0
            """);
        await _app.StopKeepingDataAsync();
        var again = new TestApp(dataDirectory: _app.DataDirectory);
        var job = await again.FinishedAsync((string)half["id"]!);

        Assert.Equal("done 3000 3000 0", $"{job["status"]} {job["processed"]} {job["added"]} {job["duplicates"]}");
        await using var db = again.Database();
        Assert.Equal(3_000, await db.Messages.CountAsync());
        Assert.Equal(3_000, await db.Messages.Select(message => message.ContactId).Distinct().CountAsync());
        Assert.Empty(again.Verify());
        await again.StopKeepingDataAsync();
    }

    [Fact]
    public async Task What_does_not_make_sense_is_refused()
    {
        var campaign = await GivenSceneAsync();
        var path = $"/api/v1/campaigns/{campaign}/recipients/import";

        foreach (var (body, status, field) in ((string, int, string?)[])
        [
            ("{}", 422, "segment_id"),
            ("""{"segment_ids":[]}""", 422, "segment_id"),
            ("""{"exclude_segment_ids":["seg_1"]}""", 422, "segment_id"),
            ("""{"segment_id":"seg_9"}""", 422, "segment_id"),
            ("""{"segment_id":"lst_1"}""", 422, "segment_id"),
            ("""{"segment_ids":["seg_1","seg_9"]}""", 422, "segment_ids"),
            ("""{"segment_id":"seg_1","exclude_segment_ids":[null]}""", 422, "exclude_segment_ids"),
            ("""{"list_id":"lst_7"}""", 422, "list_id"),
            ("""{"segment_id":"seg_1","exclude_list_ids":["lst_7"]}""", 422, "exclude_list_ids"),
            ("""{"segment_id":"seg_1","everybody":true}""", 400, null),
            ("""{"segment_id":7}""", 400, null),
            ("""{"segment_id":""", 400, null),
        ])
        {
            var problem = await _app.RefusedAsync(HttpMethod.Post, path, body, status);
            Assert.True(field is null || problem["errors"]![field] is not null, problem.ToJsonString());
            await _app.RefusedAsync(HttpMethod.Post, $"/api/v1/campaigns/{campaign}/recipients/estimate", body, status);
        }

        var many = new JsonObject { ["list_ids"] = new JsonArray([.. Enumerable.Range(1, 21).Select(i => (JsonNode)$"lst_{i}")]) };
        await _app.RefusedAsync(HttpMethod.Post, path, many.ToJsonString(), 422);
        await _app.RefusedAsync(HttpMethod.Post, "/api/v1/campaigns/cmp_99/recipients/import", """{"segment_id":"seg_1"}""", 404);
        await _app.RefusedAsync(HttpMethod.Post, "/api/v1/campaigns/cmp_99/recipients/estimate", """{"segment_id":"seg_1"}""", 404);
        await _app.SqlAsync("UPDATE campaigns SET status = 'completed'");
        await _app.RefusedAsync(HttpMethod.Post, path, """{"segment_id":"seg_1"}""", 409);
        Assert.Empty(await RecipientsAsync(campaign));
    }

    [Fact]
    public async Task A_segment_removed_before_its_turn_ends_the_import_with_words()
    {
        var campaign = await GivenSceneAsync();
        await _app.SqlAsync($"INSERT INTO jobs (kind, campaign_id, file, status, processed, total, added, duplicates, suppressed, invalid, error, created_at, finished_at, audience) VALUES ('recipients_audience', {campaign[4..]}, '', 'waiting', 0, 0, 0, 0, 0, 0, '', 1, 0, '{new ScoreTracking.Campaigns.Audience([99], [], [], [], false).Write()}')");

        await RunAsync(campaign, """{"segment_id":"seg_1"}""");

        var gone = await _app.GetAsync("/api/v1/jobs/job_1");
        Assert.Equal("failed A segment or list it goes by was removed.", $"{gone["status"]} {gone["error"]}");
    }

    [Fact]
    public async Task Another_key_may_not()
    {
        var campaign = await GivenSceneAsync();
        using var reader = _app.Anonymous();
        reader.DefaultRequestHeaders.Authorization = new("Bearer", await _app.GivenKeyAsync(Scopes.CampaignsRead));
        using var body = new StringContent("""{"segment_id":"seg_1"}""", System.Text.Encoding.UTF8, "application/json");

        using var import = await reader.PostAsync($"/api/v1/campaigns/{campaign}/recipients/import", body);
        using var estimate = await reader.PostAsync($"/api/v1/campaigns/{campaign}/recipients/estimate", body);

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.OK), (import.StatusCode, estimate.StatusCode));
    }

    private async Task<string> GivenSceneAsync()
    {
        var campaign = await _app.GivenDraftAsync();
        for (var i = 1; i <= 10; i++)
        {
            await _app.AddAsync($"{i}", $"person{i}@example.com", new JsonObject { ["plan"] = i == 10 ? "free" : "Gold", ["city"] = i is 2 or 3 ? "Leeds" : "York" });
        }

        await _app.SuppressAsync("person4@example.com");
        await _app.PutAsync("5", new JsonObject { ["tracking_consent"] = "denied" });
        await _app.PostCreatedAsync("/api/v1/lists", """{"name":"Guests"}""");
        using var put = await _app.RawAsync(HttpMethod.Put, "/api/v1/lists/lst_1/contacts/10", null);
        await GivenSegmentAsync("Gold", Vip);
        await GivenSegmentAsync("Leeds", """{"op":"and","rules":[{"field":"attributes.city","op":"eq","value":"leeds"}]}""");
        return campaign;
    }

    private Task GivenSegmentAsync(string name, string rule) => _app.SqlAsync($"INSERT INTO segments (name, rule, created_at, updated_at) VALUES ('{name}', '{rule}', 1, 1)");

    private async Task<JsonNode> RunAsync(string campaign, string body)
    {
        var queued = await _app.SendAsync(HttpMethod.Post, $"/api/v1/campaigns/{campaign}/recipients/import", JsonNode.Parse(body), HttpStatusCode.Accepted);
        return await _app.FinishedAsync((string)queued["job_id"]!);
    }

    private async Task<List<long>> RecipientsAsync(string campaign)
    {
        await using var db = _app.Database();
        var id = long.Parse(campaign[4..]);
        return await db.Messages.Where(message => message.CampaignId == id).Select(message => message.ContactId).OrderBy(contact => contact).ToListAsync();
    }
}
