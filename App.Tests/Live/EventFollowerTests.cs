using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Ingest;
using ScoreTracking.Live;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Live;

public sealed class EventFollowerTests : IAsyncLifetime
{
    private readonly TestApp _app = new();
    private long _message;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _message = await _app.GivenMessageAsync(await _app.GivenCampaignAsync());

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task A_new_follower_begins_at_the_end_of_the_log_and_a_known_one_where_it_was()
    {
        await StoreAsync(EventType.Processed);
        using var first = new Scribe(_app);
        await first.StartAsync(Token);
        await StoreAsync(EventType.Sent);
        await StoreAsync(EventType.Delivered);
        await first.ReachedAsync(_app);
        await first.StopAsync(Token);
        await StoreAsync(EventType.Complained);

        using var second = new Scribe(_app);
        await second.StartAsync(Token);
        await second.ReachedAsync(_app);
        await second.StopAsync(Token);

        Assert.Equal([EventType.Sent, EventType.Delivered], first.Followed);
        Assert.Equal([EventType.Complained], second.Followed);
        Assert.Equal(3, await NotesAsync());
    }

    [Fact]
    public async Task What_it_wrote_is_there_exactly_once_although_it_failed_in_between()
    {
        using var scribe = new Scribe(_app) { FailsOnce = true };
        await scribe.StartAsync(Token);
        await _app.StoreAsync([.. Enumerable.Range(1, 20).Select(i => Some.Event(_message, EventType.Opened, TimeSpan.FromHours(i)))]);
        await scribe.ReachedAsync(_app);
        await scribe.StopAsync(Token);

        Assert.Equal(20, await NotesAsync());
    }

    [Fact]
    public async Task An_event_that_cannot_be_followed_costs_only_itself()
    {
        using var scribe = new Scribe(_app) { Chokes = EventType.Bounced };
        await scribe.StartAsync(Token);
        await _app.StoreAsync(
            Some.Event(_message, EventType.Sent), Some.Event(_message, EventType.Bounced, TimeSpan.FromMinutes(1), bounce: BounceKind.Soft), Some.Event(_message, EventType.Delivered, TimeSpan.FromMinutes(2)));
        await scribe.ReachedAsync(_app);
        await scribe.StopAsync(Token);

        Assert.Equal([EventType.Sent, EventType.Delivered], scribe.Followed);
        Assert.Equal(2, await NotesAsync());
    }

    [Fact]
    public async Task While_nobody_waits_for_it_the_log_is_passed_by()
    {
        using var scribe = new Scribe(_app) { Idle = true };
        await scribe.StartAsync(Token);
        await StoreAsync(EventType.Sent);
        await scribe.ReachedAsync(_app);

        scribe.Idle = false;
        await StoreAsync(EventType.Delivered);
        await scribe.ReachedAsync(_app);
        await scribe.StopAsync(Token);

        Assert.Equal([EventType.Delivered], scribe.Followed);
    }

    [Fact]
    public async Task A_jump_of_the_wall_clock_neither_hastens_nor_holds_it()
    {
        using var scribe = new Scribe(_app) { Settles = TimeSpan.FromMilliseconds(300) };
        await scribe.StartAsync(Token);
        _app.Clock.Advance(TimeSpan.FromDays(3650));
        await StoreAsync(EventType.Sent);
        _app.Clock.Advance(TimeSpan.FromDays(-3651));
        await StoreAsync(EventType.Delivered);
        await scribe.ReachedAsync(_app);
        await scribe.StopAsync(Token);

        Assert.Equal([EventType.Sent, EventType.Delivered], scribe.Followed);
    }

    private Task StoreAsync(EventType type) => _app.StoreAsync(Some.Event(_message, type, TimeSpan.FromMinutes((int)type)));

    private async Task<long> NotesAsync()
    {
        var file = _app.Services.GetRequiredService<SqliteFile>();
        await using var connection = file.Open();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM cursors WHERE name LIKE 'note %'";
        return (long)(await command.ExecuteScalarAsync(Token))!;
    }

    /// <summary>Writes down every event it is given, in the database too.</summary>
    private sealed class Scribe(TestApp app)
        : EventFollower("scribe", app.Services.GetRequiredService<SqliteFile>(), app.Services.GetRequiredService<LiveUpdates>(), app.Clock, NullLogger.Instance)
    {
        private readonly List<EventType> _pending = [];
        private Statement _note = null!;

        public List<EventType> Followed { get; } = [];

        public bool FailsOnce { get; set; }

        public EventType? Chokes { get; init; }

        public bool Idle { get; set; }

        public TimeSpan Settles { get; init; }

        protected override bool IsIdle => Idle;

        protected override TimeSpan SettleFor => Settles;

        public Task ReachedAsync(TestApp of)
        {
            var last = of.Services.GetRequiredService<Inbox>().Last;
            return Eventually.TrueAsync(() => Position >= last);
        }

        protected override void Prepare(WriteConnection connection) => _note = connection.Prepare("INSERT INTO cursors (name, position) VALUES ('note ' || ?1, 0)");

        protected override bool Wants(in FollowedEvent followed) => true;

        protected override void Handle(IReadOnlyList<FollowedEvent> wanted)
        {
            _pending.Clear();
            foreach (var followed in wanted)
            {
                // A second note of the same event would break the key.
                _note.Bind(1, followed.Id).Run();
                _pending.Add(followed.Type);
                if (followed.Type == Chokes)
                {
                    throw new InvalidOperationException("Cannot be followed.");
                }
            }

            if (FailsOnce)
            {
                FailsOnce = false;
                throw new InvalidOperationException("Fails once.");
            }
        }

        protected override void Handled(bool committed)
        {
            if (committed)
            {
                Followed.AddRange(_pending);
            }
        }
    }
}
