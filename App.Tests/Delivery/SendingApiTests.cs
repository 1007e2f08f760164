using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Data;
using ScoreTracking.Delivery;
using ScoreTracking.Events;
using ScoreTracking.Operations;
using ScoreTracking.Tests.Campaigns;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Delivery;

public sealed class SendingApiTests : IAsyncLifetime
{
    private readonly ScriptedSmtpServer _server = new();
    private readonly string _elsewhere = Directory.CreateTempSubdirectory("scoretracking-test-").FullName;
    private TestApp _app = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _server.DisposeAsync();
        Directory.Delete(_elsewhere, recursive: true);
    }

    [Fact]
    public async Task A_restored_copy_sends_nothing_until_an_administrator_agrees()
    {
        var (campaign, _) = await _app.GivenQueuedAsync(2);
        var file = Path.Combine(_elsewhere, "backup.tar.gz");
        var said = new StringWriter();
        Assert.Equal(0, await BackupCommand.RunAsync(new StorageOptions { DataDirectory = _app.DataDirectory }, file, said, CancellationToken.None));
        await _app.DisposeAsync();
        var restored = Path.Combine(_elsewhere, "restored");
        Directory.CreateDirectory(restored);
        Assert.Equal(0, await RestoreCommand.RunAsync(new StorageOptions { DataDirectory = restored }, file, TimeProvider.System, said, CancellationToken.None));

        _app = new TestApp(dataDirectory: restored);
        await _app.ConnectAsync(_server.Port);
        await Eventually.TrueAsync(() => _app.Dispatcher().Count(LineStatus.Ready) == 1);
        var held = await _app.GetAsync("/api/v1/sending");
        Assert.True((bool)held["held"]!);
        Assert.Contains("restored from a backup", (string)held["reason"]!, StringComparison.Ordinal);
        Assert.Equal(2, (int)held["waiting"]!);
        Assert.Equal(0, _server.Connections);

        var released = await _app.SendAsync(HttpMethod.Post, "/api/v1/sending/actions/release", null, HttpStatusCode.OK);
        Assert.False((bool)released["held"]!);
        await _app.CompletedAsync(campaign);
        Assert.Equal(2, _server.Mails.Count);
        await _app.RefusedAsync(HttpMethod.Post, "/api/v1/sending/actions/release", null, 409);
    }

    [Fact]
    public async Task A_clock_that_jumps_stops_all_sending_until_somebody_confirms_it()
    {
        await _app.ConnectAsync(_server.Port);
        _app.Clock.Advance(TimeSpan.FromDays(3_650));
        var (campaign, _) = await _app.GivenQueuedAsync(1);

        Assert.Equal(SendingHold.ClockJumped, (string)(await _app.GetAsync("/api/v1/sending"))["reason"]!);
        await Eventually.TrueAsync(() => _app.Dispatcher().Count(LineStatus.Ready) == 1);
        Assert.Equal(0, _server.Connections);

        await _app.SendAsync(HttpMethod.Post, "/api/v1/sending/actions/release", null, HttpStatusCode.OK);
        await _app.CompletedAsync(campaign);
    }

    [Fact]
    public async Task Uncertain_hand_offs_are_listed_and_a_person_says_what_became_of_each()
    {
        var (campaign, messages) = await _app.GivenQueuedAsync(3);
        _server.Answer = line => line == "CONTENT" ? ScriptedSmtpServer.Drop : null;
        await _app.ConnectAsync(_server.Port, lanes: 1);
        await _app.CompletedAsync(campaign);

        const string path = "/api/v1/connections/con_1/uncertain";
        var listed = (await _app.GetAsync(path)).AsArray();
        Assert.Equal(messages.Select(id => $"msg_{id}"), listed.Select(one => (string)one!["message_id"]!));
        Assert.Equal($"cmp_{campaign}", (string)listed[0]!["campaign_id"]!);

        _server.Answer = _ => null;
        await DecideAsync(messages[0], "resend");
        await DecideAsync(messages[1], "mark_sent");
        await DecideAsync(messages[2], "discard");
        await Eventually.TrueAsync(async () => (await _app.GetAsync(path)).AsArray().Count == 0);
        await Eventually.TrueAsync(async () => await _app.CountAsync(campaign, EventType.Sent) == (2, 2));

        Assert.Single(_server.Mails);
        Assert.Equal((1, 1), await _app.CountAsync(campaign, EventType.Dropped));
        await Eventually.TrueAsync(async () => (await _app.DeliveryAsync(messages[2]))!.State == DeliveryState.Withdrawn);
        await _app.RefusedAsync(HttpMethod.Post, $"/api/v1/messages/msg_{messages[1]}/actions/mark_sent", null, 409);
        await _app.RefusedAsync(HttpMethod.Post, $"/api/v1/messages/msg_{messages[2]}/actions/resend", null, 409);
        await _app.RefusedAsync(HttpMethod.Post, "/api/v1/messages/msg_999/actions/resend", null, 404);
        await _app.RefusedAsync(HttpMethod.Post, "/api/v1/messages/nonsense/actions/discard", null, 404);
        await _app.RefusedAsync(HttpMethod.Get, "/api/v1/connections/con_99/uncertain", null, 404);
        await _app.RefusedAsync(HttpMethod.Get, $"{path}?cursor=nonsense", null, 422);
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task A_report_that_comes_later_settles_an_uncertain_hand_off_and_counts_it_as_sent()
    {
        var (campaign, messages) = await _app.GivenQueuedAsync(1);
        _server.Answer = line => line == "CONTENT" ? ScriptedSmtpServer.Drop : null;
        await _app.ConnectAsync(_server.Port);
        await _app.CompletedAsync(campaign);

        await _app.StoreAsync(new EmailEvent
        {
            Type = EventType.Delivered, Source = EventSource.Webhook, EspMessageId = (await _app.MessageAsync(messages[0])).EspMessageId, SourceKey = "late",
            OccurredAt = _app.Clock.GetUtcNow().AddSeconds(5), ReceivedAt = _app.Clock.GetUtcNow().AddSeconds(6),
        });

        await Eventually.TrueAsync(async () => await _app.DeliveryAsync(messages[0]) is null);
        await Eventually.TrueAsync(async () => await _app.CountAsync(campaign, EventType.Sent) == (1, 1));
        Assert.Equal((1, 1), await _app.CountAsync(campaign, EventType.Delivered));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task A_soft_bounce_reported_later_is_sent_again_twice_at_most_and_counts_only_while_it_is_the_end()
    {
        var (campaign, messages) = await _app.GivenQueuedAsync(1);
        await _app.ConnectAsync(_server.Port);
        await _app.CompletedAsync(campaign);

        foreach (var (round, hours) in new[] { (1, 4), (2, 24) })
        {
            await SettledAsync();
            await BounceAsync(messages[0], $"soft{round}");
            Assert.Equal(1, (await _app.CountAsync(campaign, EventType.Bounced)).Unique);
            await Eventually.TrueAsync(async () => await _app.DeliveryAsync(messages[0]) is { State: DeliveryState.Waiting });
            Assert.Equal(_app.Clock.GetUtcNow().AddHours(hours).ToUnixTimeMilliseconds(), (await _app.DeliveryAsync(messages[0]))!.NextAt);

            _app.Clock.Advance(TimeSpan.FromHours(hours) + TimeSpan.FromMinutes(1));
            await _app.SendAsync(HttpMethod.Post, "/api/v1/sending/actions/release", null, HttpStatusCode.OK);
            await Eventually.TrueAsync(() => _server.Mails.Count == round + 1);
            await Eventually.TrueAsync(async () => await _app.CountAsync(campaign, EventType.Sent) == (round + 1, 1));
            Assert.Equal(0, (await _app.CountAsync(campaign, EventType.Bounced)).Unique);
            Assert.Empty(_app.Verify());
        }

        await SettledAsync();
        await BounceAsync(messages[0], "soft3");
        await FollowedAsync();
        Assert.Null(await _app.DeliveryAsync(messages[0]));
        Assert.Equal(1, (await _app.CountAsync(campaign, EventType.Bounced)).Unique);
        Assert.Empty(_app.Verify());
    }

    [Theory]
    [InlineData(0, 100, 4)] // handed over for the first time
    [InlineData(1, 1, 0)] // handed over once, and about to be sent again by hand
    public async Task A_bounce_faster_than_the_queue_is_told_of_the_hand_off_queues_it_again_and_touches_no_other_row(int attempts, int expected, int hours)
    {
        var (_, messages) = await _app.GivenQueuedAsync(1);
        await _app.SqlAsync($"UPDATE deliveries SET attempts = {attempts}");
        var before = (await _app.DeliveryAsync(messages[0]))!.NextAt;
        await _app.StoreAsync(Some.Event(messages[0], EventType.Sent, key: $"handoff:{messages[0]}:1", source: EventSource.Smtp) with { OccurredAt = _app.Clock.GetUtcNow(), ReceivedAt = _app.Clock.GetUtcNow() });

        await BounceAsync(messages[0], "soft");
        await FollowedAsync();

        var row = (await _app.DeliveryAsync(messages[0]))!;
        Assert.Equal((DeliveryState.Waiting, expected, hours == 0 ? before : _app.Clock.GetUtcNow().AddHours(hours).ToUnixTimeMilliseconds()), (row.State, row.Attempts, row.NextAt));
    }

    private Task BounceAsync(long message, string key)
    {
        _app.Clock.Advance(TimeSpan.FromSeconds(10));
        return _app.StoreAsync(new EmailEvent
        {
            Type = EventType.Bounced, Source = EventSource.Webhook, Bounce = BounceKind.Soft, MessageId = message, SourceKey = key, Reason = "452 4.2.2 mailbox full",
            OccurredAt = _app.Clock.GetUtcNow(), ReceivedAt = _app.Clock.GetUtcNow(),
        });
    }

    // The log has a hand-off a moment before the queue is told.
    private Task SettledAsync() => Eventually.TrueAsync(() => _app.Services.GetRequiredService<Outbox>().Rows == 0);

    // Until the follower has passed everything stored so far.
    private async Task FollowedAsync()
    {
        var follower = (HandOffFollower)_app.Services.GetService(typeof(HandOffFollower))!;
        await _app.StoredAsync();
        await using var db = _app.Database();
        var last = await db.Events.MaxAsync(stored => stored.Id);
        await Eventually.TrueAsync(() => follower.Position >= last);
    }

    private Task<JsonNode> DecideAsync(long message, string action) =>
        _app.SendAsync(HttpMethod.Post, $"/api/v1/messages/msg_{message}/actions/{action}", null, HttpStatusCode.Accepted);
}
