using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using ScoreTracking.Data;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Contacts;
using ScoreTracking.Tests.Support;
using ScoreTracking.Tests.Suppressions;

namespace ScoreTracking.Tests.Segments;

public sealed class SegmentApiTests(AppFixture fixture) : IClassFixture<AppFixture>
{
    private const string Path = "/api/v1/segments";
    private const string Hostile = "<img src=x onerror=window.__xss=1>";

    private TestApp App => fixture.App;

    [Fact]
    public async Task The_rule_of_the_contract_is_kept_as_it_was_given_and_read_as_a_sentence()
    {
        var rule = JsonNode.Parse("""
            {"op":"and","rules":[{"event":"opened","done":true,"within_days":30},{"event":"clicked","done":false,"within_days":90,"campaign_id":null,"link_contains":null},
             {"field":"engagement_score","op":"gte","value":30}]}
            """)!;

        var made = await App.PostCreatedAsync(Path, new JsonObject { ["name"] = "Lapsed", ["rule"] = rule.DeepClone() }.ToJsonString());
        var read = await App.GetAsync($"{Path}/{made["id"]}");

        Assert.StartsWith("seg_", (string)made["id"]!, StringComparison.Ordinal);
        Assert.Equal(made.ToJsonString(), read.ToJsonString());
        Assert.Equal("opened any email in the last 30 days and has NOT clicked in the last 90 days and engagement score is at least 30", (string)read["sentence"]!);
        Assert.Equal("""{"op":"and","rules":[{"event":"opened","done":true,"within_days":30},{"event":"clicked","done":false,"within_days":90},{"field":"engagement_score","op":"gte","value":30}]}""", read["rule"]!.ToJsonString());
    }

    [Fact]
    public async Task A_segment_is_changed_listed_and_removed()
    {
        var id = (string)(await App.PostCreatedAsync(Path, """{"name":"Before","rule":{"field":"email","op":"set"}}"""))["id"]!;

        var renamed = await App.SendAsync(HttpMethod.Patch, $"{Path}/{id}", new JsonObject { ["name"] = Hostile }, HttpStatusCode.OK);
        var changed = await App.SendAsync(HttpMethod.Patch, $"{Path}/{id}", JsonNode.Parse("""{"rule":{"event":"clicked","within":"PT30M"}}"""), HttpStatusCode.OK);
        var listed = (await App.AllAsync("", limit: 1, path: Path)).Single(segment => (string)segment["id"]! == id);

        Assert.Equal("""{"field":"email","op":"set"}""", renamed["rule"]!.ToJsonString());
        Assert.Equal((Hostile, "clicked any email in the last 30 minutes"), ((string)changed["name"]!, (string)changed["sentence"]!));
        Assert.Equal(changed.ToJsonString(), listed.ToJsonString());
        Assert.Equal(HttpStatusCode.NoContent, (await App.Api.DeleteAsync($"{Path}/{id}")).StatusCode);
        await App.RefusedAsync(HttpMethod.Delete, $"{Path}/{id}", null, 404);
        await App.RefusedAsync(HttpMethod.Get, $"{Path}/{id}", null, 404);
        await App.RefusedAsync(HttpMethod.Patch, $"{Path}/{id}", """{"name":"Gone"}""", 404);
    }

    [Fact]
    public async Task Members_are_previewed_paged_and_stand_in_the_list_of_contacts()
    {
        for (var i = 0; i < 23; i++)
        {
            await App.AddAsync($"paged-{i}", $"paged{i}@members.example", new JsonObject { ["plan"] = i % 2 == 0 ? "gold" : "tin" });
        }

        await App.SuppressAsync("paged4@members.example");
        const string rule = """{"op":"and","rules":[{"field":"email","op":"ends_with","value":"@members.example"},{"field":"attributes.plan","op":"eq","value":"GOLD"}]}""";
        var id = (string)(await App.PostCreatedAsync(Path, $$"""{"name":"Gold","rule":{{rule}}}"""))["id"]!;
        var expected = Enumerable.Range(0, 12).Select(i => $"paged{i * 2}@members.example").ToArray();

        var preview = await App.PostAsync($"{Path}/preview", JsonNode.Parse($$"""{"rule":{{rule}}}"""));
        Assert.Equal((12, 10), ((int)preview["count"]!, preview["sample"]!.AsArray().Count));
        Assert.Equal(expected[..10], preview["sample"]!.AsArray().Emails());
        foreach (var limit in new[] { 1, 5, 12, 500 })
        {
            Assert.Equal(expected, (await App.AllAsync("", limit, $"{Path}/{id}/contacts")).Emails());
        }

        Assert.Equal(12, (int)(await App.ListAsync("count=true&limit=1", $"{Path}/{id}/contacts"))["count"]!);
        Assert.Equal(expected.Order(StringComparer.Ordinal), (await App.AllAsync($"segment_id={id}&sort=email", 5)).Emails());
        Assert.Equal(["paged4@members.example"], (await App.AllAsync($"segment_id={id}&suppressed=true", 5)).Emails());

        var cursor = (string)(await App.ListAsync("limit=5", $"{Path}/{id}/contacts"))["next_cursor"]!;
        var listCursor = (string)(await App.ListAsync($"segment_id={id}&limit=5"))["next_cursor"]!;
        await App.SendAsync(HttpMethod.Patch, $"{Path}/{id}", JsonNode.Parse("""{"rule":{"field":"email","op":"set"}}"""), HttpStatusCode.OK);
        await App.RefusedAsync(HttpMethod.Get, $"{Path}/{id}/contacts?cursor={cursor}", null, 422);
        await App.RefusedAsync(HttpMethod.Get, $"/api/v1/contacts?segment_id={id}&cursor={listCursor}", null, 422);
        await App.RefusedAsync(HttpMethod.Get, $"/api/v1/contacts?segment_id=seg_9999", null, 422);
        await App.RefusedAsync(HttpMethod.Get, $"{Path}/seg_9999/contacts", null, 404);
        await App.RefusedAsync(HttpMethod.Get, $"{Path}/{id}/contacts?limit=0", null, 422);
    }

    [Theory]
    [InlineData("""{"op":"xor","rules":[]}""", 422, "rule.op")]
    [InlineData("""{"op":"and","rules":[]}""", 422, "rule.rules")]
    [InlineData("""{"op":"and"}""", 422, "rule.rules")]
    [InlineData("""{"op":"not","rules":[{"list":"lst_1"},{"list":"lst_1"}]}""", 422, "rule.rules")]
    [InlineData("""{"op":"and","rules":[{"event":"opened"},{"event":"clicked","within_days":0}]}""", 422, "rule.rules[1].within_days")]
    [InlineData("""{"event":"clicked","within_days":1.5}""", 422, "rule.within_days")]
    [InlineData("""{"event":"clicked","within":"P200Y"}""", 422, "rule.within")]
    [InlineData("""{"event":"clicked","within":"soon"}""", 422, "rule.within")]
    [InlineData("""{"event":"clicked","within":"P1D","within_days":1}""", 422, "rule")]
    [InlineData("""{"event":"clicked","at_least":0}""", 422, "rule.at_least")]
    [InlineData("""{"event":"deferred"}""", 422, "rule.event")]
    [InlineData("""{"event":"opened","link_contains":"x"}""", 422, "rule.link_contains")]
    [InlineData("""{"event":"opened","campaign_id":"cmp_987654"}""", 422, "rule.campaign_id")]
    [InlineData("""{"event":"opened","campaign_id":7}""", 422, "rule.campaign_id")]
    [InlineData("""{"op":"not","rule":{"list":"lst_987654"}}""", 422, "rule.rule.list")]
    [InlineData("""{"field":"shoe_size","op":"eq","value":1}""", 422, "rule.field")]
    [InlineData("""{"field":"attributes.","op":"set"}""", 422, "rule.field")]
    [InlineData("""{"field":"email","op":"gt","value":"x"}""", 422, "rule.op")]
    [InlineData("""{"field":"email","op":"contains","value":""}""", 422, "rule.value")]
    [InlineData("""{"field":"email","op":"contains"}""", 422, "rule.value")]
    [InlineData("""{"field":"engagement_score","op":"gte","value":101}""", 422, "rule.value")]
    [InlineData("""{"field":"engagement_score","op":"between","value":[1]}""", 422, "rule.value")]
    [InlineData("""{"field":"attributes.age","op":"between","value":[1,"x"]}""", 422, "rule.value")]
    [InlineData("""{"field":"created_at","op":"gt","value":"2026-02-30"}""", 422, "rule.value")]
    [InlineData("""{"field":"suppression_reason","op":"eq","value":"boredom"}""", 422, "rule.value")]
    [InlineData("""{"field":"suppressed","op":"eq","value":"yes"}""", 422, "rule.value")]
    [InlineData("""{"field":"email","op":"set","value":"x"}""", 422, "rule.value")]
    [InlineData("""{"event":"opened","colour":"red"}""", 400, "rule.colour")]
    [InlineData("""{"event":"opened","done":"yes"}""", 400, "rule.done")]
    [InlineData("""{"field":"email","op":"set","valeu":1}""", 400, "rule.valeu")]
    [InlineData("7", 400, "rule")]
    [InlineData("{}", 422, "rule")]
    public async Task Each_fault_is_named_by_its_place(string rule, int status, string place)
    {
        var refused = await App.RefusedAsync(HttpMethod.Post, Path, $$"""{"name":"Wrong","rule":{{rule}}}""", status);
        var previewed = await App.RefusedAsync(HttpMethod.Post, $"{Path}/preview", $$"""{"rule":{{rule}}}""", status);

        Assert.Contains(place, refused["errors"]!.AsObject().Select(error => error.Key));
        Assert.Equal(refused["errors"]!.ToJsonString(), previewed["errors"]!.ToJsonString());
    }

    [Fact]
    public async Task Rules_too_deep_or_too_many_are_told_so()
    {
        Assert.Contains("at most 10 deep", await DeepAsync(11), StringComparison.Ordinal);
        Assert.Contains("at most 10 deep", await DeepAsync(30), StringComparison.Ordinal);
        Assert.Contains("at most 10 deep", await DeepAsync(200), StringComparison.Ordinal);
        await App.PostCreatedAsync(Path, $$"""{"name":"Deep","rule":{{Deep(10)}}}""");
        await App.RefusedAsync(HttpMethod.Post, Path, $$"""{"name":"Deep","rule":{{Deep(2_000)}}}""", 400);

        var many = $$"""{"op":"or","rules":[{{string.Join(',', Enumerable.Repeat("""{"event":"clicked","within_days":9,"at_least":3}""", 101))}}]}""";
        Assert.Contains("at most 100 conditions", (await App.RefusedAsync(HttpMethod.Post, Path, $$"""{"name":"Many","rule":{{many}}}""", 422)).ToJsonString(), StringComparison.Ordinal);

        async Task<string> DeepAsync(int levels) => (await App.RefusedAsync(HttpMethod.Post, Path, $$"""{"name":"Deep","rule":{{Deep(levels)}}}""", 422)).ToJsonString();

        static string Deep(int levels) =>
            string.Concat(Enumerable.Repeat("""{"op":"and","rules":[""", levels)) + """{"event":"opened"}""" + string.Concat(Enumerable.Repeat("]}", levels));
    }

    [Fact]
    public async Task The_worst_the_editor_allows_is_answered()
    {
        var nested = """{"field":"attributes.a","op":"contains","value":"ö"}""";
        for (var i = 0; i < 9; i++)
        {
            var more = string.Join(',', Enumerable.Range(0, 10).Select(n => $$"""{"event":"opened","done":false,"within_days":{{n + 1}},"at_least":{{n + 2}}}"""));
            nested = $$"""{"op":"{{(i % 2 == 0 ? "or" : "and")}}","rules":[{{nested}},{{more}}]}""";
        }

        Assert.True((long)(await App.PostAsync($"{Path}/preview", JsonNode.Parse($$"""{"rule":{{nested}}}""", documentOptions: new JsonDocumentOptions { MaxDepth = 256 })))["count"]! >= 0);
    }

    [Fact]
    public async Task Bodies_that_cannot_be_read_are_refused()
    {
        await App.RefusedAsync(HttpMethod.Post, Path, """{"name":"a","rule":{"list":"lst_1"},"colour":"red"}""", 400);
        await App.RefusedAsync(HttpMethod.Post, Path, """{"name":7,"rule":{"event":"opened"}}""", 400);
        await App.RefusedAsync(HttpMethod.Post, Path, """{"name":"a",""", 400);
        await App.RefusedAsync(HttpMethod.Post, Path, "[]", 400);
        await App.RefusedAsync(HttpMethod.Post, Path, """{"name":"a"}""", 422);
        await App.RefusedAsync(HttpMethod.Post, Path, """{"name":" ","rule":{"event":"opened"}}""", 422);
        await App.RefusedAsync(HttpMethod.Post, Path, """{"name":"a\u0007","rule":{"event":"opened"}}""", 422);
        using var text = await App.Api.PostAsync(Path, new StringContent("name=a", null, "text/plain"));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, text.StatusCode);
        using var anonymous = App.Anonymous();
        Assert.Equal(HttpStatusCode.Unauthorized, (await anonymous.GetAsync(Path)).StatusCode);
    }

    [Fact]
    public async Task A_published_journey_holds_its_segment()
    {
        var id = (string)(await App.PostCreatedAsync(Path, """{"name":"Used","rule":{"field":"email","op":"set"}}"""))["id"]!;
        await using (var db = App.Database())
        {
            db.Add(new Journey { Name = "Welcome", Status = JourneyStatus.Published, Definition = $$$"""{"trigger":{"event":"segment_joined","segment_id":"{{{id}}}"},"steps":[]}""", CreatedAt = Some.Noon, UpdatedAt = Some.Noon });
            await db.SaveChangesAsync();
        }

        var refused = await App.RefusedAsync(HttpMethod.Delete, $"{Path}/{id}", null, 409);

        Assert.Contains("Welcome", (string)refused["detail"]!, StringComparison.Ordinal);
    }
}
