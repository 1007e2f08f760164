using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ScoreTracking.Auth;
using ScoreTracking.Events;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Suppressions;

public sealed class SuppressionEndpointTests : IAsyncDisposable
{
    private const string Path = "/api/v1/suppressions";

    private readonly TestApp _app = new();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task An_address_is_put_on_the_list_once_found_and_taken_off()
    {
        var added = await _app.SendAsync(HttpMethod.Post, Path, Json("""{"email":"Ana@Example.COM","reason":"manual","note":" asked by phone "}"""), HttpStatusCode.Created);
        var again = await _app.SendAsync(HttpMethod.Post, Path, Json("""{"email":"ANA@example.com"}"""), HttpStatusCode.OK);
        var one = await _app.GetAsync($"{Path}/Ana%40example.com");

        Assert.Equal("""{"email":"ana@example.com","reason":"manual","source":"api","campaign_id":null,"note":"asked by phone","created_at":"2026-09-01T10:00:00Z"}""", added.ToJsonString());
        Assert.Equal(added.ToJsonString(), again.ToJsonString());
        Assert.Equal(added.ToJsonString(), one.ToJsonString());

        Assert.Equal(HttpStatusCode.NoContent, await StatusAsync(HttpMethod.Delete, $"{Path}/ana@example.com"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(HttpMethod.Delete, $"{Path}/ana@example.com"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(HttpMethod.Get, $"{Path}/ana@example.com"));
        Assert.Empty(_app.Verify());
    }

    [Theory]
    [InlineData(EventType.Complained, "complaint")]
    [InlineData(EventType.Unsubscribed, "unsubscribed")]
    public async Task What_the_person_asked_for_is_lifted_only_with_a_note_and_comes_back_with_the_next_event(EventType type, string reason)
    {
        var campaign = await _app.GivenCampaignAsync();
        var message = await _app.GivenMessageAsync(campaign);
        var email = await EmailAsync(message);
        await _app.StoreAsync(Some.Event(message, type));

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(HttpMethod.Post, Path, $$"""{"email":"{{email}}"}"""));
        Assert.Equal(reason, (string?)(await _app.GetAsync($"{Path}/{email}"))["reason"]);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await StatusAsync(HttpMethod.Delete, $"{Path}/{email}"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await StatusAsync(HttpMethod.Delete, $"{Path}/{email}", """{"note":"  "}"""));
        Assert.Equal(reason, (string?)(await _app.GetAsync($"{Path}/{email}"))["reason"]);

        Assert.Equal(HttpStatusCode.NoContent, await StatusAsync(HttpMethod.Delete, $"{Path}/{email}?note=asked%20again"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(HttpMethod.Get, $"{Path}/{email}"));
        Assert.Empty(_app.Verify());

        await _app.StoreAsync(Some.Event(message, type, TimeSpan.FromDays(-3)));

        Assert.Equal(reason, (string?)(await _app.GetAsync($"{Path}/{email}"))["reason"]);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task After_a_lift_a_streak_of_soft_bounces_begins_anew()
    {
        var contact = await _app.GivenContactAsync();
        var messages = new List<long>();
        for (var i = 0; i < 7; i++)
        {
            messages.Add(await _app.GivenMessageAsync(await _app.GivenCampaignAsync(), contactId: contact));
        }

        var email = await EmailAsync(messages[0]);
        for (var i = 0; i < 5; i++)
        {
            await _app.StoreAsync(
                Some.Event(messages[i], EventType.Sent, TimeSpan.FromDays(i - 20)),
                Some.Event(messages[i], EventType.Bounced, TimeSpan.FromDays(i - 20) + TimeSpan.FromHours(1), bounce: BounceKind.Soft));
        }

        Assert.Equal("soft_bounce", (string?)(await _app.GetAsync($"{Path}/{email}"))["reason"]);
        Assert.Equal(HttpStatusCode.NoContent, await StatusAsync(HttpMethod.Delete, $"{Path}/{email}"));
        Assert.Empty(_app.Verify());

        await _app.StoreAsync(
            Some.Event(messages[5], EventType.Sent, TimeSpan.FromDays(1)), Some.Event(messages[5], EventType.Bounced, TimeSpan.FromDays(2), bounce: BounceKind.Soft));

        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(HttpMethod.Get, $"{Path}/{email}"));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task The_list_is_filtered_paged_and_counted()
    {
        for (var i = 0; i < 7; i++)
        {
            _app.Clock.Advance(TimeSpan.FromDays(i == 0 ? 0 : 1));
            await _app.PostCreatedAsync(Path, $$"""{"email":"person{{i}}@{{(i % 2 == 0 ? "even" : "odd")}}.example"}""");
        }

        await _app.SuppressAsync("old@odd.example", "hard_bounce");

        Assert.Equal(["person6", "person5", "person4", "person3", "person2", "person1", "person0", "old"], await NamesAsync("limit=3"));
        Assert.Equal(["person5", "person3", "person1", "old"], await NamesAsync("q=%40ODD&limit=1"));
        Assert.Equal(["person4"], await NamesAsync("q=Person4@even.example"));
        Assert.Equal(["old"], await NamesAsync("reason=hard_bounce"));
        Assert.Empty(await NamesAsync("source=csv_import"));
        Assert.Equal(["person3", "person2"], await NamesAsync("from=2026-09-03&to=2026-09-04"));
        Assert.Equal(["person3"], await NamesAsync("from=2026-09-03T10:00:00.001Z&to=2026-09-05T00:00:00%2B02:00"));
        Assert.Equal(4, (long)JsonNode.Parse(await _app.Api.GetStringAsync($"{Path}?q=odd&count=true&limit=1"))!["count"]!);
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=501", "limit")]
    [InlineData("reason=unsubscribe", "reason")]
    [InlineData("source=mail", "source")]
    [InlineData("from=yesterday", "from")]
    [InlineData("from=2026-09-01T10:00:00", "from")]
    [InlineData("from=2026-09-02&to=2026-09-01", "to")]
    [InlineData("q=%00", "q")]
    [InlineData("cursor=abc", "cursor")]
    public async Task A_list_that_makes_no_sense_is_refused_by_name(string query, string field)
    {
        using var response = await _app.Api.GetAsync($"{Path}?{query}");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.NotNull(JsonNode.Parse(await response.Content.ReadAsStringAsync())!["errors"]![field]);
    }

    [Fact]
    public async Task A_cursor_belongs_to_its_filter()
    {
        await _app.PostCreatedAsync(Path, """{"email":"a@example.com"}""");
        await _app.PostCreatedAsync(Path, """{"email":"b@example.com"}""");
        var cursor = (string)JsonNode.Parse(await _app.Api.GetStringAsync($"{Path}?limit=1"))!["next_cursor"]!;

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(HttpMethod.Get, $"{Path}?limit=1&cursor={cursor}"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await StatusAsync(HttpMethod.Get, $"{Path}?limit=1&reason=manual&cursor={cursor}"));
    }

    [Theory]
    [InlineData("""{"email":"no address"}""", 422)]
    [InlineData("""{"email":null}""", 422)]
    [InlineData("{}", 422)]
    [InlineData("""{"email":"a@example.com","reason":"complaint"}""", 422)]
    [InlineData("""{"email":"a@example.com","reason":"bogus"}""", 422)]
    [InlineData("""{"email":"a@example.com","note":"bell \u0007"}""", 422)]
    [InlineData("""{"email":"a@example.com","why":"x"}""", 400)]
    [InlineData("""{"email":7}""", 400)]
    [InlineData("[", 400)]
    [InlineData("null", 400)]
    public async Task What_cannot_be_suppressed_is_refused(string body, int status)
    {
        using var response = await _app.RawAsync(HttpMethod.Post, Path, body);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Empty(await NamesAsync(""));
    }

    [Fact]
    public async Task A_note_is_at_most_500_characters_and_hostile_text_stays_text()
    {
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await StatusAsync(HttpMethod.Post, Path, $$"""{"email":"a@example.com","note":"{{new string('x', 501)}}"}"""));

        var added = await _app.SendAsync(HttpMethod.Post, Path, new JsonObject { ["email"] = "a@example.com", ["note"] = "=cmd|' /C calc'!A0 <script>" }, HttpStatusCode.Created);

        Assert.Equal("=cmd|' /C calc'!A0 <script>", (string?)added["note"]);
    }

    [Fact]
    public async Task Ten_thousand_addresses_are_checked_at_once()
    {
        await _app.SuppressAsync("gone@example.com", "hard_bounce");
        await _app.SuppressAsync("angry@example.com", "complaint");
        var emails = Enumerable.Range(0, 9_996).Select(i => $"{new string('p', 50)}{i}@example.com").Append("GONE@example.com").Append("angry@example.com").Append("not an address").Append(null);

        var answer = await _app.PostAsync($"{Path}/check", new JsonObject { ["emails"] = new JsonArray([.. emails.Select(email => (JsonNode?)email)]) });

        Assert.Equal(
            """{"suppressed":[{"email":"GONE@example.com","reason":"hard_bounce"},{"email":"angry@example.com","reason":"complaint"}],"invalid":[{"index":9998,"error":"email"},{"index":9999,"error":"email"}]}""",
            answer.ToJsonString());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await StatusAsync(HttpMethod.Post, $"{Path}/check", new JsonObject { ["emails"] = new JsonArray([.. Enumerable.Repeat((JsonNode)"a@b.co", 1).Select(node => node)]) }.ToJsonString().Replace("\"a@b.co\"", string.Join(',', Enumerable.Repeat("\"a@b.co\"", 10_001)), StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await StatusAsync(HttpMethod.Post, $"{Path}/check", """{"emails":[]}"""));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await StatusAsync(HttpMethod.Post, $"{Path}/check", "{}"));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(HttpMethod.Post, $"{Path}/check", """{"emails":["a@b.co"],"all":true}"""));
    }

    [Fact]
    public async Task Neither_recipients_nor_imports_nor_the_api_take_anybody_off_the_list()
    {
        var campaign = await _app.GivenDraftAsync();
        await _app.SuppressAsync("angry@example.com", "complaint");

        var recipients = await _app.PostAsync($"/api/v1/campaigns/{campaign}/recipients", Json("""{"recipients":[{"email":"angry@example.com","tracking_consent":"granted"}]}"""));
        await _app.SendAsync(HttpMethod.Post, Path, Json("""{"email":"angry@example.com","reason":"manual"}"""), HttpStatusCode.OK);
        var job = await _app.FinishedAsync(await _app.ImportSuppressionsAsync("email\nangry@example.com\n"));

        Assert.Equal("complaint", (string?)recipients["suppressed"]![0]!["reason"]);
        Assert.Equal("done 1 0 1", $"{job["status"]} {job["processed"]} {job["added"]} {job["duplicates"]}");
        Assert.Equal("complaint", (string?)(await _app.GetAsync($"{Path}/angry@example.com"))["reason"]);
    }

    [Fact]
    public async Task A_suppressed_recipient_gets_no_copy_however_it_is_asked_for()
    {
        var campaign = await _app.GivenDraftAsync();
        await _app.PostAsync($"/api/v1/campaigns/{campaign}/recipients", Json("""{"recipients":[{"customer_id":"1","email":"a@example.com"},{"customer_id":"2","email":"b@example.com"}]}"""));
        await _app.PostCreatedAsync(Path, """{"email":"a@example.com"}""");

        Assert.Equal(HttpStatusCode.Conflict, await StatusAsync(HttpMethod.Post, $"/api/v1/campaigns/{campaign}/instrument", """{"customer_id":"1"}"""));
        Assert.Equal(HttpStatusCode.Conflict, await StatusAsync(HttpMethod.Post, $"/api/v1/campaigns/{campaign}/instrument", """{"customer_id":"9","email":"A@example.com"}"""));
        var lines = await _app.BatchAsync(campaign, [new() { ["customer_id"] = "1" }, new() { ["customer_id"] = "2" }]);
        Assert.Equal("suppressed", (string?)lines[0]["error"]);
        Assert.NotNull(lines[1]["message_id"]);
    }

    [Fact]
    public async Task Each_door_needs_its_scope()
    {
        var reader = await _app.GivenKeyAsync(Scopes.SuppressionRead);
        var writer = await _app.GivenKeyAsync(Scopes.SuppressionWrite);
        await _app.SuppressAsync("a@example.com", "manual");

        Assert.Equal(HttpStatusCode.Unauthorized, await AsAsync(null, HttpMethod.Get, Path));
        Assert.Equal(HttpStatusCode.OK, await AsAsync(reader, HttpMethod.Get, Path));
        Assert.Equal(HttpStatusCode.OK, await AsAsync(reader, HttpMethod.Get, $"{Path}.csv"));
        Assert.Equal(HttpStatusCode.Forbidden, await AsAsync(writer, HttpMethod.Get, Path));
        Assert.Equal(HttpStatusCode.Forbidden, await AsAsync(writer, HttpMethod.Get, $"{Path}.ndjson"));
        Assert.Equal(HttpStatusCode.Forbidden, await AsAsync(reader, HttpMethod.Post, Path, """{"email":"b@example.com"}"""));
        Assert.Equal(HttpStatusCode.Created, await AsAsync(writer, HttpMethod.Post, Path, """{"email":"b@example.com"}"""));
        Assert.Equal(HttpStatusCode.OK, await AsAsync(reader, HttpMethod.Post, $"{Path}/check", """{"emails":["b@example.com"]}"""));
        Assert.Equal(HttpStatusCode.Forbidden, await AsAsync(writer, HttpMethod.Delete, $"{Path}/a@example.com?note=x"));
        Assert.Equal(HttpStatusCode.Forbidden, await AsAsync(reader, HttpMethod.Post, $"{Path}/import", ""));
    }

    [Theory]
    [InlineData("o'hara+news@example.com")]
    [InlineData("a/b@example.com")]
    [InlineData("\"quoted @ local\"@example.com")]
    [InlineData("用户@例子.广告")]
    [InlineData("dots.in.it@sub.example.co.uk")]
    public async Task Odd_but_legal_addresses_go_on_the_list_and_come_off_again(string email)
    {
        await _app.SendAsync(HttpMethod.Post, Path, new JsonObject { ["email"] = email }, HttpStatusCode.Created);

        Assert.Single(await NamesAsync($"q={Uri.EscapeDataString(email)}"));
        Assert.Equal(HttpStatusCode.NoContent, await StatusAsync(HttpMethod.Delete, $"{Path}/{Uri.EscapeDataString(email)}"));
        Assert.Empty(await NamesAsync(""));
    }

    private static JsonNode Json(string json) => JsonNode.Parse(json)!;

    private async Task<string> EmailAsync(long message)
    {
        await using var db = _app.Database();
        return db.Messages.Single(m => m.Id == message).Email;
    }

    private async Task<HttpStatusCode> StatusAsync(HttpMethod method, string path, string? body = null)
    {
        using var response = await _app.RawAsync(method, path, body);
        return response.StatusCode;
    }

    private async Task<HttpStatusCode> AsAsync(string? key, HttpMethod method, string path, string? body = null)
    {
        using var client = _app.Anonymous();
        using var request = new HttpRequestMessage(method, path);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        if (key is not null)
        {
            request.Headers.Authorization = new("Bearer", key);
        }

        using var response = await client.SendAsync(request);
        return response.StatusCode;
    }

    private async Task<List<string>> NamesAsync(string query)
    {
        var names = new List<string>();
        var cursor = "";
        while (true)
        {
            var page = JsonNode.Parse(await _app.Api.GetStringAsync($"{Path}?{query}{cursor}"))!;
            names.AddRange(page["data"]!.AsArray().Select(row => ((string)row!["email"]!).Split('@')[0]));
            if (page["next_cursor"] is not { } next)
            {
                return names;
            }

            cursor = $"&cursor={next}";
        }
    }
}
