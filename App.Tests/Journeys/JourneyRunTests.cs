using System.Net;
using System.Text.Json.Nodes;
using ScoreTracking.Events;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Journeys;

public sealed class JourneyRunTests : IAsyncDisposable
{
    private TestApp _app = new(JourneyApi.AtOnce);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Whoever_clicks_goes_one_way_and_whoever_does_not_is_reminded()
    {
        var (journey, _) = await ReminderAsync();
        var (ana, ben) = (await EnrollAsync(journey, "ana"), await EnrollAsync(journey, "ben"));
        var (toAna, toBen) = (JourneyApi.MessageOf(await _app.UntilAtAsync(ana, "wait"), "send"), JourneyApi.MessageOf(await _app.UntilAtAsync(ben, "wait"), "send"));

        await _app.StoreAsync(At(toAna, EventType.Clicked, TimeSpan.FromHours(1)), At(toBen, EventType.Opened, TimeSpan.FromHours(1)));
        var clicked = await _app.UntilAtAsync(ana, "clicked", "completed");
        await _app.PassAsync(TimeSpan.FromDays(3));
        var reminded = await _app.UntilAtAsync(ben, "remind", "completed");

        Assert.Equal("send:sent wait:event clicked:next", JourneyApi.Way(clicked));
        Assert.Equal("send:sent wait:timeout remind:next", JourneyApi.Way(reminded));
        Assert.Equal("yes", (string)(await _app.GetAsync("/api/v1/contacts/ben"))["data"]!["reminded"]!);
        var numbers = await _app.GetAsync($"{JourneyApi.Path}/{journey}/numbers");
        Assert.Equal((2, 0), ((int)numbers["entered"]!, (int)numbers["steps"]![1]!["people"]!));
        Assert.Equal("""{"event":1,"timeout":1}""", numbers["steps"]![1]!["passed"]!.ToJsonString());
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task Machines_and_repeats_move_nobody_and_a_click_is_an_open_too()
    {
        var (journey, _) = await ReminderAsync("opened");
        var (ana, ben) = (await EnrollAsync(journey, "ana"), await EnrollAsync(journey, "ben"));
        var (toAna, toBen) = (JourneyApi.MessageOf(await _app.UntilAtAsync(ana, "wait"), "send"), JourneyApi.MessageOf(await _app.UntilAtAsync(ben, "wait"), "send"));

        await _app.StoreAsync(At(toAna, EventType.Opened, TimeSpan.FromHours(1), Some.Scanner), At(toAna, EventType.Opened, TimeSpan.FromHours(2), Some.ApplePrivacy), At(toBen, EventType.Clicked, TimeSpan.FromHours(1)));

        await _app.UntilAtAsync(ben, "clicked", "completed");
        await _app.FollowedForJourneysAsync();
        Assert.Equal("wait", (string)(await _app.GetAsync(ana))["step_id"]!);
    }

    [Fact]
    public async Task What_happened_in_time_counts_even_if_it_arrives_late_and_what_came_later_does_not()
    {
        var (journey, _) = await ReminderAsync();
        var (ana, ben) = (await EnrollAsync(journey, "ana"), await EnrollAsync(journey, "ben"));
        var (toAna, toBen) = (JourneyApi.MessageOf(await _app.UntilAtAsync(ana, "wait"), "send"), JourneyApi.MessageOf(await _app.UntilAtAsync(ben, "wait"), "send"));

        // Paused, so that neither is looked at before both events are there.
        await _app.PostAsync($"{JourneyApi.Path}/{journey}/actions/pause");
        await _app.PassAsync(TimeSpan.FromDays(10));
        await _app.StoreAsync(At(toAna, EventType.Clicked, TimeSpan.FromDays(2.9)), At(toBen, EventType.Clicked, TimeSpan.FromDays(3.1)));
        await _app.FollowedForJourneysAsync();
        Assert.Equal("wait", (string)(await _app.GetAsync(ana))["step_id"]!);
        await _app.PostAsync($"{JourneyApi.Path}/{journey}/actions/resume");

        await _app.UntilAtAsync(ana, "clicked", "completed");
        await _app.UntilAtAsync(ben, "remind", "completed");
    }

    [Fact]
    public async Task Time_outs_count_from_when_the_message_was_sent()
    {
        var (journey, _) = await ReminderAsync();
        var ana = await EnrollAsync(journey, "ana");
        var message = JourneyApi.MessageOf(await _app.UntilAtAsync(ana, "wait"), "send");
        await _app.StoreAsync(At(message, EventType.Sent, TimeSpan.FromDays(2)));
        await _app.UntilAsync(ana, seen => (string)seen["due_at"]! == "2026-09-06T10:00:00Z");

        await _app.PassAsync(TimeSpan.FromDays(4));
        await _app.StoreAsync(At(message, EventType.Clicked, TimeSpan.FromDays(4.5)));
        await _app.UntilAtAsync(ana, "clicked", "completed");
    }

    [Fact]
    public async Task A_wait_for_what_has_happened_and_one_of_no_time_are_over_at_once()
    {
        var campaign = await CampaignAsync();
        var steps = $$"""
            {"id":"send","type":"send","campaign_id":"{{campaign}}","next":"pause"},{"id":"pause","type":"delay","for":"P1D","next":"wait"},
            {"id":"wait","type":"wait_for","event":"clicked","message_of":"send","timeout":"P3D","on_event":"none","on_timeout":null},
            {"id":"none","type":"wait_for","event":"replied","message_of":"send","timeout":"PT0S","on_event":null,"on_timeout":"asked"},
            {"id":"asked","type":"condition","test":{"event":"opened","message_of":"send"},"yes":"end","no":null},{"id":"end","type":"exit"}
            """;
        var ana = await EnrollAsync(await _app.GivenJourneyAsync(steps), "ana");
        await _app.StoreAsync(At(JourneyApi.MessageOf(await _app.UntilAtAsync(ana, "pause"), "send"), EventType.Clicked, TimeSpan.FromHours(1)));
        await _app.FollowedForJourneysAsync();

        await _app.PassAsync(TimeSpan.FromDays(1));

        Assert.Equal("send:sent pause:next wait:event none:timeout asked:yes end:exit", JourneyApi.Way(await _app.UntilAtAsync(ana, "end", "completed")));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task Whoever_may_not_be_mailed_any_more_leaves_at_once_whoever_says_so()
    {
        var (journey, _) = await ReminderAsync();
        var (ana, ben, cem) = (await EnrollAsync(journey, "ana"), await EnrollAsync(journey, "ben"), await EnrollAsync(journey, "cem"));
        foreach (var one in new[] { ana, ben, cem })
        {
            await _app.UntilAtAsync(one, "wait");
        }

        await _app.StoreAsync(At(JourneyApi.MessageOf(await _app.GetAsync(ana), "send"), EventType.Unsubscribed, TimeSpan.FromHours(1)));
        await _app.SendAsync(HttpMethod.Post, "/api/v1/suppressions", JsonNode.Parse("""{"email":"ben@example.com","reason":"manual","note":"asked by phone"}"""), HttpStatusCode.Created);
        using var erased = await _app.RawAsync(HttpMethod.Delete, "/api/v1/contacts/cem?erase=true", null);

        Assert.Equal("unsubscribed", (string)(await _app.UntilAtAsync(ana, "wait", "exited"))["ended_because"]!);
        Assert.Equal("manual", (string)(await _app.UntilAtAsync(ben, "wait", "exited"))["ended_because"]!);
        Assert.True(erased.IsSuccessStatusCode);
        await Eventually.TrueAsync(async () => await _app.CountAsync("SELECT count(*) FROM enrollments") == 2);
        Assert.Equal(2, await _app.CountAsync("SELECT count(*) FROM enrollment_steps"));
        await _app.RefusedAsync(HttpMethod.Post, $"{JourneyApi.Path}/{journey}/enrollments", """{"customer_id":"ben"}""", 409);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task Whoever_reaches_the_goal_leaves_and_what_was_before_they_began_is_none()
    {
        var campaign = await CampaignAsync();
        var first = await EnrollAsync(await _app.GivenJourneyAsync($$"""{"id":"send","type":"send","campaign_id":"{{campaign}}","next":null}"""), "ana");
        var message = JourneyApi.MessageOf(await _app.UntilAtAsync(first, "send", "completed"), "send");
        await _app.StoreAsync(At(message, EventType.Clicked, TimeSpan.FromMinutes(-5)));
        var journey = await _app.GivenJourneyAsync("""{"id":"n1","type":"delay","for":"P9D","next":null}""", $$$"""
            "exit":{"goal":{"event":"clicked","campaign_id":"{{{campaign}}}"}}
            """);
        var ana = await EnrollAsync(journey, "ana");
        var vip = await EnrollAsync(
            await _app.GivenJourneyAsync("""{"id":"n1","type":"delay","for":"P9D","next":null}""", """
            "exit":{"goal":{"field":"attributes.plan","op":"eq","value":"pro"}}
            """), "ben");
        await _app.UntilAtAsync(ana, "n1");
        await _app.UntilAsync(vip, seen => seen["due_at"] is not null);

        _app.Clock.Pass(TimeSpan.FromMinutes(1));
        await _app.StoreAsync(At(message, EventType.Clicked, TimeSpan.FromMinutes(1)));
        await _app.GivenPersonAsync("ben", """{"plan":"pro"}""");

        Assert.Equal("goal", (string)(await _app.UntilAtAsync(ana, "n1", "exited"))["ended_because"]!);
        Assert.Equal("goal", (string)(await _app.UntilAtAsync(vip, "n1", "exited"))["ended_because"]!);
    }

    [Fact]
    public async Task A_wrong_clock_moves_nobody()
    {
        var (journey, _) = await ReminderAsync();
        var ana = await EnrollAsync(journey, "ana");
        var message = JourneyApi.MessageOf(await _app.UntilAtAsync(ana, "wait"), "send");
        var now = _app.Clock.GetUtcNow();
        foreach (var jump in new[] { TimeSpan.FromDays(3650), TimeSpan.FromDays(-1), TimeSpan.FromHours(1) })
        {
            _app.Clock.Set(now + jump);
            await _app.StoreAsync(Some.Event(message, EventType.Clicked, TimeSpan.FromHours(-1), key: $"{jump}"));
            await _app.FollowedForJourneysAsync();
            await _app.PassAsync(TimeSpan.Zero);
            await Task.Delay(TimeSpan.FromSeconds(1.2), TestContext.Current.CancellationToken);
            Assert.Equal("wait", (string)(await _app.GetAsync(ana))["step_id"]!);
        }

        _app.Clock.Set(now);

        await _app.UntilAtAsync(ana, "clicked", "completed");
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task People_finish_on_the_version_they_began_on()
    {
        var journey = await _app.GivenJourneyAsync("""{"id":"n1","type":"delay","for":"P1D","next":"old"},{"id":"old","type":"exit"}""");
        var ana = await EnrollAsync(journey, "ana");
        await _app.SendAsync(HttpMethod.Patch, $"{JourneyApi.Path}/{journey}", JsonNode.Parse("""{"steps":[{"id":"n1","type":"delay","for":"P2D","next":"new"},{"id":"new","type":"exit"}]}"""), HttpStatusCode.OK);
        Assert.True((bool)(await _app.GetAsync($"{JourneyApi.Path}/{journey}"))["is_changed"]!);
        Assert.Equal(1, (int)(await _app.GetAsync(ana))["version"]!);
        Assert.Equal(2, (int)(await _app.PostAsync($"{JourneyApi.Path}/{journey}/actions/publish"))["version"]!);
        Assert.Equal(2, (int)(await _app.PostAsync($"{JourneyApi.Path}/{journey}/actions/publish"))["version"]!);
        var ben = await EnrollAsync(journey, "ben");
        await _app.UntilAsync(ben, seen => seen["due_at"] is not null);

        await _app.PassAsync(TimeSpan.FromDays(1));
        await _app.UntilAtAsync(ana, "old", "completed");
        Assert.Equal("n1", (string)(await _app.GetAsync(ben))["step_id"]!);
        await _app.PassAsync(TimeSpan.FromDays(1));
        await _app.UntilAtAsync(ben, "new", "completed");
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task A_step_that_went_wrong_waits_for_another_try()
    {
        var list = (string)(await _app.SendAsync(HttpMethod.Post, "/api/v1/lists", JsonNode.Parse("""{"name":"VIP"}"""), HttpStatusCode.Created))["id"]!;
        var journey = await _app.GivenJourneyAsync($$"""{"id":"n1","type":"delay","for":"P1D","next":"n2"},{"id":"n2","type":"add_to_list","list_id":"{{list}}","next":null}""");
        var ana = await EnrollAsync(journey, "ana");
        await _app.UntilAsync(ana, seen => seen["due_at"] is not null);
        await _app.SqlAsync("DELETE FROM lists");
        await _app.PassAsync(TimeSpan.FromDays(1));
        Assert.Equal("The list was deleted.", (string)(await _app.UntilAtAsync(ana, "n2", "failed"))["ended_because"]!);
        Assert.Equal(1, (int)(await _app.GetAsync($"{JourneyApi.Path}/{journey}"))["people"]!["failed"]!);

        await _app.SqlAsync($"INSERT INTO lists (id, name, created_at) VALUES ({list[4..]}, 'VIP', 0)");
        await _app.PostAsync($"{ana}/actions/retry");

        Assert.Equal("n1:next n2:next", JourneyApi.Way(await _app.UntilAtAsync(ana, "n2", "completed")));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task A_restart_in_the_middle_changes_nothing()
    {
        var (journey, _) = await ReminderAsync();
        var ana = await EnrollAsync(journey, "ana");
        var message = JourneyApi.MessageOf(await _app.UntilAtAsync(ana, "wait"), "send");
        var (directory, now) = (_app.DataDirectory, _app.Clock.GetUtcNow());
        await _app.StopKeepingDataAsync();

        // As after a crash that took the cursor's last steps with it.
        _app = new TestApp(JourneyApi.AtOnce, directory);
        _app.Clock.Set(now);
        await _app.SqlAsync("UPDATE cursors SET position = 0 WHERE name = 'journeys'");
        await _app.StoreAsync(At(message, EventType.Clicked, TimeSpan.FromHours(1)));

        Assert.Equal("send:sent wait:event clicked:next", JourneyApi.Way(await _app.UntilAtAsync(ana, "clicked", "completed")));
        Assert.Empty(_app.Verify());
    }

    private static EmailEvent At(long message, EventType type, TimeSpan after, string userAgent = Some.Firefox) =>
        Some.Event(message, type, after - TimeSpan.FromHours(2), userAgent: userAgent, ip: $"203.0.113.{message % 200}", key: $"{message} {type} {after}");

    private async Task<string> CampaignAsync()
    {
        var campaign = CampaignApi.Campaign();
        campaign["content"]!["subject"] = "Hi";
        return await _app.GivenDraftAsync(campaign);
    }

    private async Task<(string Journey, string Campaign)> ReminderAsync(string waitsFor = "clicked")
    {
        var campaign = await CampaignAsync();
        var journey = await _app.GivenJourneyAsync($$"""
            {"id":"send","type":"send","campaign_id":"{{campaign}}","next":"wait"},
            {"id":"wait","type":"wait_for","event":"{{waitsFor}}","message_of":"send","timeout":"P3D","on_event":"clicked","on_timeout":"remind"},
            {"id":"clicked","type":"update_field","field":"clicked","value":true,"next":null},
            {"id":"remind","type":"update_field","field":"reminded","value":"yes","next":null}
            """);
        return (journey, campaign);
    }

    private async Task<string> EnrollAsync(string journey, string customerId) => await _app.EnrollAsync(journey, await _app.GivenPersonAsync(customerId));
}
