using ScoreTracking.Data;
using ScoreTracking.Delivery;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Delivery;

/// <summary>What the next start makes of an end in the middle of a hand-off.</summary>
public sealed class RecoveryTests : IAsyncLifetime
{
    private readonly ScriptedSmtpServer _server = new();
    private TestApp _app = new();
    private long _campaign;
    private IReadOnlyList<long> _messages = [];

    public async ValueTask InitializeAsync() => (_campaign, _messages) = await _app.GivenQueuedAsync(3);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_mail_that_was_on_its_way_is_uncertain_and_only_that_one()
    {
        await EndedAsync((_messages[1], AttemptEnd.Open, 1));

        await _app.ConnectAsync(_server.Port);
        await _app.CompletedAsync(_campaign);

        Assert.Equal(2, _server.Mails.Count);
        Assert.Equal(DeliveryState.Uncertain, (await _app.DeliveryAsync(_messages[1]))!.State);
        Assert.Equal((2, 2), await _app.CountAsync(_campaign, EventType.Sent));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task An_end_that_was_known_but_not_in_the_log_is_stored_and_nothing_is_sent_again()
    {
        await EndedAsync((_messages[0], AttemptEnd.Accepted, 1), (_messages[1], AttemptEnd.Refused, 1));

        await _app.ConnectAsync(_server.Port);
        await _app.CompletedAsync(_campaign);

        Assert.Single(_server.Mails);
        Assert.Equal(((2, 2), (1, 1)), (await _app.CountAsync(_campaign, EventType.Sent), await _app.CountAsync(_campaign, EventType.Bounced)));
        Assert.Empty(_app.Verify());
    }

    [Fact]
    public async Task An_end_that_is_stored_twice_counts_once()
    {
        await _app.StoreAsync(Some.Event(_messages[0], EventType.Sent, key: $"handoff:{_messages[0]}:1", source: EventSource.Smtp));
        await EndedAsync((_messages[0], AttemptEnd.Accepted, 1));

        await _app.ConnectAsync(_server.Port);
        await _app.CompletedAsync(_campaign);

        Assert.Equal(2, _server.Mails.Count);
        Assert.Equal((3, 3), await _app.CountAsync(_campaign, EventType.Sent));
    }

    [Fact]
    public async Task A_delivery_reported_while_the_server_was_down_settles_what_was_on_its_way()
    {
        await EndedAsync((_messages[0], AttemptEnd.Open, 1));
        await _app.StoreAsync(Some.Event(_messages[0], EventType.Delivered, key: "d"));

        await _app.ConnectAsync(_server.Port);
        await _app.CompletedAsync(_campaign);

        await Eventually.TrueAsync(async () => await _app.CountAsync(_campaign, EventType.Sent) == (3, 3));
        await Eventually.TrueAsync(async () => await _app.DeliveryAsync(_messages[0]) is null);
        Assert.Equal(2, _server.Mails.Count);
        Assert.Empty(_app.Verify());
    }

    // The outbox as a process leaves it that is killed.
    private async Task EndedAsync(params (long MessageId, AttemptEnd End, int Number)[] left)
    {
        await _app.StopKeepingDataAsync();
        using (var outbox = new OutboxFile(Path.Combine(_app.DataDirectory, "outbox.db")))
        {
            outbox.Write([.. left.Select(one => new OutboxEntry([OutcomeOf(one.MessageId, one.End, one.Number)], Done: null))]);
        }

        _app = new TestApp(dataDirectory: _app.DataDirectory);
    }

    private AttemptOutcome OutcomeOf(long messageId, AttemptEnd end, int number)
    {
        var attempt = new Attempt(messageId, _campaign, Sending.Connection, number, FirstAt: 0, $"msg_{messageId}@example.com");
        var at = Some.Noon.AddHours(-3).ToUnixTimeMilliseconds();
        return end == AttemptEnd.Refused ? new AttemptOutcome(attempt, end, at, 550, "5.1.1") : new AttemptOutcome(attempt, end, at);
    }
}
