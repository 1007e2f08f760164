using System.Net;
using System.Text.Json.Nodes;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Journeys;

public sealed class JourneyEndpointTests : IAsyncDisposable
{
    private const string Wait = """{"id":"n1","type":"delay","for":"P1D","next":"n2"},{"id":"n2","type":"exit"}""";

    private readonly TestApp _app = new(JourneyApi.AtOnce);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_journey_is_made_read_changed_listed_and_deleted()
    {
        var id = await _app.GivenJourneyAsync(Wait, published: false);
        var read = await _app.GetAsync($"{JourneyApi.Path}/{id}");
        Assert.Equal(("Welcome", "draft", 0, "never"), ((string)read["name"]!, (string)read["status"]!, (int)read["version"]!, (string)read["again"]!));
        Assert.Empty(read["faults"]!.AsArray());

        await _app.SendAsync(HttpMethod.Patch, $"{JourneyApi.Path}/{id}", JsonNode.Parse("""{"name":"Hello","exit":{"unsubscribed":false}}"""), HttpStatusCode.OK);

        var changed = await _app.GetAsync($"{JourneyApi.Path}/{id}");
        Assert.Equal("Hello", (string)changed["name"]!);
        Assert.False((bool)changed["exit"]!["unsubscribed"]!);
        Assert.Equal("P1D", (string)changed["steps"]![0]!["for"]!);
        Assert.Equal([id], (await _app.GetAsync($"{JourneyApi.Path}?status=draft")).AsArray().Select(journey => (string)journey!["id"]!));
        Assert.Empty((await _app.GetAsync($"{JourneyApi.Path}?status=published")).AsArray());
        using var deleted = await _app.RawAsync(HttpMethod.Delete, $"{JourneyApi.Path}/{id}", null);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await _app.RefusedAsync(HttpMethod.Get, $"{JourneyApi.Path}/{id}", null, 404);
    }

    [Theory]
    [InlineData("""{"name":"x","colour":"red","steps":[]}""", 400, "colour")]
    [InlineData("""{"name":"x","steps":{}}""", 400, "steps")]
    [InlineData("""{"name":"x","steps":[{"id":"n1","type":"exit","next":null}]}""", 400, "steps[0].next")]
    [InlineData("""{"name":"x","steps":[{"id":"n1","type":"delay","for":"P10Y"}]}""", 422, "steps[0].for")]
    [InlineData("""{"name":"x","steps":[{"id":"n1","type":"send","campaign_id":"cmp_999"}]}""", 422, "steps[0].campaign_id")]
    [InlineData("""{"name":"x","steps":[{"id":"n1","type":"add_to_list","list_id":"lst_999"}]}""", 422, "steps[0].list_id")]
    [InlineData("""{"name":"x","steps":[{"id":"n1","type":"condition","test":{"segment_id":"seg_999"}}]}""", 422, "steps[0].test.segment_id")]
    [InlineData("""{"name":"x","steps":[{"id":"n1","type":"condition","test":{"event":"opened","campaign_id":"cmp_999"}}]}""", 422, "steps[0].test.campaign_id")]
    [InlineData("""{"name":"x","steps":[{"id":"n1","type":"condition","test":{"field":"attributes.a'; DROP TABLE contacts;--","op":"like","value":1}}]}""", 422, "steps[0].test.op")]
    [InlineData("""{"name":"x","trigger":{"event":"segment_joined","segment_id":"seg_9"},"steps":[{"id":"n1","type":"exit"}]}""", 422, "trigger.segment_id")]
    [InlineData("""{"name":"x","trigger":{"event":"full_moon"},"steps":[{"id":"n1","type":"exit"}]}""", 422, "trigger.event")]
    [InlineData("""{"name":"x","again":"always","steps":[{"id":"n1","type":"exit"}]}""", 422, "again")]
    [InlineData("""{"name":"","steps":[{"id":"n1","type":"exit"}]}""", 422, "name")]
    [InlineData("""{"name":"x","steps":[]}""", 422, "steps")]
    [InlineData("""{"name":"x",""", 400, null)]
    [InlineData("""[1]""", 400, "$")]
    public async Task What_is_wrong_is_named_with_its_place(string body, int status, string? field)
    {
        var problem = await _app.RefusedAsync(HttpMethod.Post, JourneyApi.Path, body, status);

        Assert.True(field is null || problem["errors"]!.AsObject().ContainsKey(field), problem.ToJsonString());
    }

    [Fact]
    public async Task A_rule_thirty_levels_deep_is_refused_in_words()
    {
        var rule = """{"event":"opened"}""";
        for (var i = 0; i < 30; i++)
        {
            rule = $$"""{"op":"and","rules":[{{rule}}]}""";
        }

        await _app.RefusedAsync(HttpMethod.Post, JourneyApi.Path, $$"""{"name":"x","steps":[{"id":"n1","type":"condition","test":{{rule}}}]}""", 422);
    }

    [Fact]
    public async Task Each_state_allows_what_makes_sense_in_it()
    {
        var id = await _app.GivenJourneyAsync(Wait, published: false);
        var path = $"{JourneyApi.Path}/{id}";
        await _app.GivenPersonAsync("ana");
        await _app.RefusedAsync(HttpMethod.Post, $"{path}/enrollments", """{"customer_id":"ana"}""", 409);
        await _app.RefusedAsync(HttpMethod.Post, $"{path}/actions/pause", null, 409);
        await _app.RefusedAsync(HttpMethod.Post, $"{path}/actions/resume", null, 409);
        await _app.RefusedAsync(HttpMethod.Post, $"{path}/actions/fly", null, 404);

        await _app.PostAsync($"{path}/actions/publish");
        await _app.RefusedAsync(HttpMethod.Delete, path, null, 409);
        Assert.Equal("paused", (string)(await _app.PostAsync($"{path}/actions/pause"))["status"]!);
        await _app.RefusedAsync(HttpMethod.Post, $"{path}/enrollments", """{"customer_id":"ana"}""", 409);
        Assert.Equal("published", (string)(await _app.PostAsync($"{path}/actions/resume"))["status"]!);
        var enrollment = await _app.EnrollAsync(id, "ana");
        Assert.Equal("archived", (string)(await _app.PostAsync($"{path}/actions/archive"))["status"]!);
        Assert.Equal("archived", (string)(await _app.UntilAtAsync(enrollment, "n1", "exited"))["ended_because"]!);
        await _app.RefusedAsync(HttpMethod.Post, $"{path}/actions/publish", null, 409);
        await _app.RefusedAsync(HttpMethod.Patch, path, """{"steps":[{"id":"n1","type":"exit"}]}""", 409);
        Assert.Empty(_app.Verify());
        using var deleted = await _app.RawAsync(HttpMethod.Delete, path, null);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
    }

    [Fact]
    public async Task A_contact_begins_once_by_customer_id_or_address()
    {
        var id = await _app.GivenJourneyAsync(Wait);
        var path = $"{JourneyApi.Path}/{id}/enrollments";
        await _app.GivenPersonAsync("ana");
        await _app.GivenPersonAsync("ben");

        await _app.EnrollAsync(id, "ana");
        await _app.SendAsync(HttpMethod.Post, path, JsonNode.Parse("""{"email":"BEN@example.com"}"""), HttpStatusCode.Created);

        await _app.RefusedAsync(HttpMethod.Post, path, """{"customer_id":"ana"}""", 409);
        await _app.RefusedAsync(HttpMethod.Post, path, """{"customer_id":"nobody"}""", 422);
        await _app.RefusedAsync(HttpMethod.Post, path, """{"customer_id":"ana","email":"ana@example.com"}""", 422);
        await _app.RefusedAsync(HttpMethod.Post, path, "{}", 422);
        await _app.RefusedAsync(HttpMethod.Post, path, """{"phone":"1"}""", 400);
        await _app.RefusedAsync(HttpMethod.Post, $"{JourneyApi.Path}/jrn_99/enrollments", """{"customer_id":"ana"}""", 404);
        Assert.Equal(["ben", "ana"], (await _app.GetAsync(path)).AsArray().Select(row => (string)row!["customer_id"]!));
        Assert.Single((await _app.GetAsync($"{path}?status=active&step_id=n1&limit=1")).AsArray());
        Assert.Empty((await _app.GetAsync($"{path}?status=failed")).AsArray());
        await _app.RefusedAsync(HttpMethod.Get, $"{path}?status=asleep", null, 422);
        await _app.RefusedAsync(HttpMethod.Get, $"{path}?cursor=abc", null, 422);
        await _app.RefusedAsync(HttpMethod.Get, $"{path}/enr_999", null, 404);
    }

    [Fact]
    public async Task People_are_listed_page_by_page_each_once()
    {
        var id = await _app.GivenJourneyAsync(Wait);
        for (var i = 0; i < 5; i++)
        {
            await _app.EnrollAsync(id, await _app.GivenPersonAsync($"p{i}"));
        }

        var seen = new List<string>();
        for (string? cursor = ""; cursor is not null;)
        {
            using var response = await _app.RawAsync(HttpMethod.Get, $"{JourneyApi.Path}/{id}/enrollments?limit=2&cursor={cursor}", null);
            var page = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
            seen.AddRange(page["data"]!.AsArray().Select(row => (string)row!["customer_id"]!));
            cursor = (string?)page["next_cursor"];
        }

        Assert.Equal(["p4", "p3", "p2", "p1", "p0"], seen);
    }

    [Fact]
    public async Task Somebody_is_taken_off_by_hand_and_only_what_failed_is_tried_again()
    {
        var id = await _app.GivenJourneyAsync(Wait);
        var enrollment = await _app.EnrollAsync(id, await _app.GivenPersonAsync("ana"));

        await _app.RefusedAsync(HttpMethod.Post, $"{enrollment}/actions/retry", null, 409);
        var left = await _app.PostAsync($"{enrollment}/actions/exit");

        Assert.Equal(("exited", "by_hand"), ((string)left["status"]!, (string)left["ended_because"]!));
        await _app.RefusedAsync(HttpMethod.Post, $"{enrollment}/actions/exit", null, 409);
        await _app.RefusedAsync(HttpMethod.Post, $"{JourneyApi.Path}/{id}/enrollments/enr_99/actions/exit", null, 404);
        Assert.Equal((1, 0, 1), await PeopleAsync(id));
        Assert.Empty(_app.Verify());
    }

    private async Task<(long Entered, long Active, long Exited)> PeopleAsync(string id)
    {
        var people = (await _app.GetAsync($"{JourneyApi.Path}/{id}"))["people"]!;
        return ((long)people["entered"]!, (long)people["active"]!, (long)people["exited"]!);
    }
}
