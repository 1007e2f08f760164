using System.Net;
using System.Text.Json.Nodes;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Journeys;

/// <summary>Journeys made to do harm, or by mistake, that can be published all the same: people go through them as they are written, and nothing else happens.</summary>
public sealed class HostileJourneyTests : IAsyncDisposable
{
    private const string Sql = "a'); DROP TABLE contacts; --";

    private readonly TestApp _app = new(JourneyApi.AtOnce);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Sql_in_names_and_values_of_attributes_is_text()
    {
        var quoted = JsonValue.Create(Sql).ToJsonString();
        var journey = await _app.GivenJourneyAsync($$"""
            {"id":"write","type":"update_field","field":{{quoted}},"value":"x' OR '1'='1","next":"ask"},
            {"id":"ask","type":"condition","test":{"op":"and","rules":[{"field":{{JsonValue.Create($"attributes.{Sql}").ToJsonString()}},"op":"eq","value":"x' OR '1'='1"},{"field":"email","op":"neq","value":"' UNION SELECT 1 --"}]},"yes":"other","no":null},
            {"id":"other","type":"condition","test":{"field":{{JsonValue.Create($"attributes.{Sql}").ToJsonString()}},"op":"contains","value":"%' OR 1=1 --"},"yes":null,"no":"date"},
            {"id":"date","type":"wait_until","field":{{quoted}},"next":"clear"},
            {"id":"clear","type":"update_field","field":{{quoted}},"value":null,"next":null}
            """, $$$"""
            "exit":{"unsubscribed":true,"goal":{"field":{{{JsonValue.Create($"attributes.{Sql}").ToJsonString()}}},"op":"eq","value":"1; DELETE FROM enrollments"}}
            """);
        var enrollment = await _app.EnrollAsync(journey, await _app.GivenPersonAsync("ana", """{"plan":"pro"}"""));

        Assert.Equal("write:next ask:yes other:no date:missing clear:next", JourneyApi.Way(await _app.UntilAtAsync(enrollment, "clear", "completed")));
        Assert.Equal("""{"plan":"pro"}""", (await _app.GetAsync("/api/v1/contacts/ana"))["data"]!.ToJsonString());
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task Sql_in_a_link_and_in_ids_is_text()
    {
        var campaign = await _app.GivenDraftAsync();
        var journey = await _app.GivenJourneyAsync($$"""
            {"id":"send","type":"send","campaign_id":"{{campaign}}","next":"wait"},
            {"id":"wait","type":"wait_for","event":"clicked","message_of":"send","link_contains":"' OR 1=1 --%","timeout":"PT0S","on_event":null,"on_timeout":"end"},{"id":"end","type":"exit"}
            """);
        var enrollment = await _app.EnrollAsync(journey, await _app.GivenPersonAsync("ana"));

        Assert.Equal("send:sent wait:timeout end:exit", JourneyApi.Way(await _app.UntilAtAsync(enrollment, "end", "completed")));
        foreach (var id in (string[])["1 OR 1=1", "jrn_1;--", "jrn_-1", "jrn_99999999999999999999", "%27", "enr_1"])
        {
            await _app.RefusedAsync(HttpMethod.Get, $"{JourneyApi.Path}/{Uri.EscapeDataString(id)}", null, 404);
            await _app.RefusedAsync(HttpMethod.Get, $"{JourneyApi.Path}/{journey}/enrollments/{Uri.EscapeDataString(id.Replace("enr_1", "enr_99", StringComparison.Ordinal))}", null, 404);
        }

        await _app.SendAsync(HttpMethod.Get, $"{JourneyApi.Path}/{journey}/enrollments?step_id={Uri.EscapeDataString(Sql)}", null, HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_rule_as_deep_as_rules_may_be_is_asked_and_one_deeper_refused()
    {
        string Nested(int groups)
        {
            var rule = """{"field":"attributes.plan","op":"eq","value":"pro"}""";
            for (var i = 0; i < groups; i++)
            {
                rule = $$"""{"op":"{{(i % 2 == 0 ? "and" : "or")}}","rules":[{{rule}}]}""";
            }

            return $$"""{"id":"ask","type":"condition","test":{{rule}},"yes":"end","no":null},{"id":"end","type":"exit"}""";
        }

        var journey = await _app.GivenJourneyAsync(Nested(10));

        Assert.Equal("ask:yes end:exit", JourneyApi.Way(await _app.UntilAtAsync(await _app.EnrollAsync(journey, await _app.GivenPersonAsync("ana", """{"plan":"pro"}""")), "end", "completed")));
        Assert.Equal("ask:no", JourneyApi.Way(await _app.UntilAtAsync(await _app.EnrollAsync(journey, await _app.GivenPersonAsync("ben", """{"plan":"free"}""")), "ask", "completed")));
        foreach (var groups in (int[])[11, 30])
        {
            var problem = await _app.RefusedAsync(HttpMethod.Post, JourneyApi.Path, $$"""{"name":"x","steps":[{{Nested(groups)}}]}""", 422);
            Assert.Contains(problem["errors"]!.AsObject(), error => error.Key.StartsWith("steps[0].test", StringComparison.Ordinal));
        }

        // Deeper than anybody reads.
        using var endless = await _app.RawAsync(HttpMethod.Post, JourneyApi.Path, $$"""{"name":"x","steps":[{{Nested(5_000)}}]}""");
        Assert.InRange((int)endless.StatusCode, 400, 422);
    }

    [Fact]
    public async Task The_longest_waits_there_are_end_on_time_and_the_shortest_at_once()
    {
        var campaign = await _app.GivenDraftAsync();
        var journey = await _app.GivenJourneyAsync($$"""
            {"id":"none","type":"delay","for":"PT0S","next":"send"},
            {"id":"send","type":"send","campaign_id":"{{campaign}}","next":"now"},
            {"id":"now","type":"wait_for","event":"opened","message_of":"send","timeout":"PT0S","on_event":null,"on_timeout":"years"},
            {"id":"years","type":"wait_for","event":"clicked","message_of":"send","timeout":"P5Y","on_event":null,"on_timeout":"more"},
            {"id":"more","type":"delay","for":"P5Y","next":"date"},
            {"id":"date","type":"wait_until","field":"ends","offset":"P5Y","next":null}
            """);
        var enrollment = await _app.EnrollAsync(journey, await _app.GivenPersonAsync("ana", """{"ends":"9999-12-31"}"""));

        Assert.Equal("2031-08-31T10:00:00Z", (string)(await _app.UntilAsync(enrollment, seen => (string)seen["step_id"]! == "years" && seen["due_at"] is not null))["due_at"]!);
        await _app.PassAsync(TimeSpan.FromDays(365 * 5));
        Assert.Equal("2036-08-29T10:00:00Z", (string)(await _app.UntilAsync(enrollment, seen => (string)seen["step_id"]! == "more" && seen["due_at"] is not null))["due_at"]!);
        await _app.PassAsync(TimeSpan.FromDays(365 * 5));

        // A day no calendar has is no day.
        Assert.Equal("none:next send:sent now:timeout years:timeout more:next date:missing", JourneyApi.Way(await _app.UntilAtAsync(enrollment, "date", "completed")));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task While_the_clock_is_wrong_nobody_begins_either()
    {
        var list = (string)(await _app.SendAsync(HttpMethod.Post, "/api/v1/lists", JsonNode.Parse("""{"name":"VIP"}"""), HttpStatusCode.Created))["id"]!;
        var journey = await _app.GivenJourneyAsync("""{"id":"n1","type":"delay","for":"P1D","next":null}""", $$"""
            "trigger":{"event":"list_joined","list_id":"{{list}}"}
            """);
        await _app.GivenPersonAsync("ana");
        await _app.GivenPersonAsync("ben");
        var now = _app.Clock.GetUtcNow();

        _app.Clock.Set(now + TimeSpan.FromDays(3650));
        await _app.RefusedAsync(HttpMethod.Post, $"{JourneyApi.Path}/{journey}/enrollments", """{"customer_id":"ana"}""", 409);
        using (var joined = await _app.RawAsync(HttpMethod.Put, $"/api/v1/lists/{list}/contacts/ben", null))
        {
            Assert.True(joined.IsSuccessStatusCode);
        }

        await _app.FollowedForJourneysAsync();
        Assert.Equal(1, await _app.CountAsync("SELECT count(*) FROM journey_arrivals"));
        Assert.Empty((await _app.GetAsync($"{JourneyApi.Path}/{journey}/enrollments")).AsArray());

        // Whoever had a reason meanwhile begins when it is right, by the right time.
        _app.Clock.Set(now);
        await Eventually.TrueAsync(async () => (await _app.GetAsync($"{JourneyApi.Path}/{journey}/enrollments")).AsArray().Count == 1);
        var ben = (await _app.GetAsync($"{JourneyApi.Path}/{journey}/enrollments"))[0]!;
        Assert.Equal(("ben", "2026-09-01T10:00:00Z"), ((string)ben["customer_id"]!, (string)ben["entered_at"]!));
    }
}
