using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ScoreTracking.Data;
using ScoreTracking.Engagement;
using ScoreTracking.Events;
using ScoreTracking.Geo;
using ScoreTracking.Ingest;
using ScoreTracking.Ingest.Enrichment;
using ScoreTracking.Settings;
using ScoreTracking.Suppressions;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Engagement;

/// <summary>Under load ranks are gathered over several batches: nothing of it is lost or counted twice, whatever comes in between.</summary>
public sealed class GatheredRanksTests : IAsyncLifetime
{
    private const int Contacts = 200;
    private const int MessagesPerContact = 4;
    private const int Large = 1_000;

    private readonly TestApp _app = new();
    private readonly List<long> _links = [];
    private WriteConnection? _connection;
    private EventStore? _store;
    private readonly List<long> _stored = [];
    private long _position;
    private int _minute;
    private int _second;

    public async ValueTask InitializeAsync()
    {
        var campaigns = new List<long>();
        for (var i = 0; i < MessagesPerContact; i++)
        {
            campaigns.Add(await _app.GivenCampaignAsync());
            _links.Add(await _app.GivenLinkAsync(campaigns[i], "https://example.com/a", 1));
            _links.Add(await _app.GivenLinkAsync(campaigns[i], "https://example.com/b", 2));
            _links.Add(await _app.GivenLinkAsync(campaigns[i], "https://example.com/c", 3));
        }

        await using var db = _app.Database();
        await db.Database.ExecuteSqlAsync($"""
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Contacts})
            INSERT INTO contacts (id, customer_id, email, attributes, tracking_consent, consent_at, created_at) SELECT i, 'c' || i, 'p' || i || '@example.com', JSON_OBJECT(), 0, 0, 1 FROM n
            """);
        foreach (var (i, campaign) in campaigns.Index())
        {
            await db.Database.ExecuteSqlAsync($"""
                INSERT INTO messages (id, campaign_id, contact_id, email, created_at) SELECT id * {MessagesPerContact} + {i}, {campaign}, id, email, 1 FROM contacts;
                INSERT INTO message_state (message_id, campaign_id, variant, tracked) SELECT id, campaign_id, 0, 1 FROM messages WHERE campaign_id = {campaign};
                """);
        }

        Start();
    }

    public ValueTask DisposeAsync()
    {
        _connection!.Dispose();
        return _app.DisposeAsync();
    }

    [Fact]
    public async Task Large_batches_are_ranked_later_and_verify_leaves_out_exactly_the_people_who_wait()
    {
        Store(Opens(contact: 1));
        Store([.. Enumerable.Range(0, Large).SelectMany(_ => Opens(contact: 2)), .. Opens(contact: 3)]);

        Assert.True(_store!.RanksWait);
        Assert.NotNull((await _app.ContactStateAsync(1)).Rank);
        Assert.Null((await _app.ContactStateAsync(2)).Rank);
        Assert.Empty(_app.Verify());
        await SpoilAsync(1, 2, 3, 4);
        Assert.Equal(["rank of contact 1", "rank of contact 4"], _app.Verify().Select(difference => difference.What));

        Assert.True(_store.WriteRanks());
        Assert.Equal([2L, 3L], _store.Contacts.Order());
        await SpoilAsync(2);
        Assert.Contains("rank of contact 2", _app.Verify().Select(difference => difference.What));
        Assert.False(_store.WriteRanks());
    }

    [Fact]
    public async Task A_small_batch_writes_what_larger_ones_before_it_left()
    {
        Store([.. Enumerable.Range(1, Contacts).SelectMany(contact => Enumerable.Repeat(contact, 6)).SelectMany(contact => Opens(contact))]);
        Assert.True(_store!.RanksWait);

        Store(Opens(contact: 7));

        Assert.False(_store.RanksWait);
        await AssertExactAsync();
    }

    [Fact]
    public async Task A_batch_that_is_rolled_back_takes_nothing_with_it_and_leaves_nothing()
    {
        Store(Many(contact: 1));
        Refuse(Many(contact: 2));
        Refuse(Opens(contact: 3));
        Assert.True(_store!.RanksWait);

        Assert.True(_store.WriteRanks());

        Assert.Equal([1L], _store.Contacts);
        Assert.Equal(_position, Cursor("engagement"));
        await AssertExactAsync();
        Store(Many(contact: 1));
        Execute("CREATE TRIGGER full BEFORE UPDATE ON contact_state BEGIN SELECT RAISE(ABORT, 'full'); END");
        Assert.Throws<SqliteException>(() => _store.WriteRanks());
        Execute("DROP TRIGGER full");
        Assert.True(_store.WriteRanks());
        await AssertExactAsync();
    }

    [Fact]
    public async Task What_changes_a_rank_without_news_of_the_person_is_never_put_off()
    {
        Store(Opens(contact: 1));
        Store(Opens(contact: 1));
        var last = _position;

        Store([ByHand(last, Verdict.Scanner), .. Many(contact: 2)]);

        Assert.True(_store!.RanksWait);
        Assert.Equal([1L], _store.Contacts);
        var state = await _app.ContactStateAsync(1);
        Assert.Equal(1, EngagementScore.ScoreAt(state.Rank, DateTimeOffset.FromUnixTimeMilliseconds(state.RankAt), 30), 12);
        Kill();
        await AssertExactAsync();
    }

    [Fact]
    public async Task After_a_kill_those_behind_are_ranked_before_anything_else_and_nobody_twice()
    {
        Store(Opens(contact: 1));
        Store([.. Many(contact: 2), .. Opens(contact: 3)]);
        var (rebuilt, before) = (2, Cursor("engagement"));
        Assert.True(before < Cursor("writer"));

        Kill();

        Assert.Equal(rebuilt, _store!.RankRebuilds);
        Assert.Equal(Cursor("writer"), Cursor("engagement"));
        await AssertExactAsync();
        Kill();
        Assert.Equal(0, _store.RankRebuilds);
    }

    [Fact]
    public async Task A_database_of_a_release_that_ranked_every_batch_is_taken_as_it_is()
    {
        Store(Opens(contact: 1));
        Execute("DELETE FROM cursors WHERE name = 'engagement'");
        await SpoilAsync(1);
        Assert.Single(_app.Verify());

        Kill();

        Assert.Equal(0, _store!.RankRebuilds);
        Assert.Equal(Cursor("writer"), Cursor("engagement"));
    }

    [Fact]
    public async Task Whoever_waits_for_a_large_batch_finds_its_ranks()
    {
        await _app.StoreAsync(Many(contact: 1));

        Assert.NotNull((await _app.ContactStateAsync(1)).Rank);
        await AssertExactAsync();
    }

    [Fact]
    public async Task Verify_is_clean_at_any_moment_under_load_and_in_the_end_everybody_is_ranked()
    {
        var random = new Random(1);
        var (intake, waited) = (_app.Services.GetRequiredService<EventIntake>(), 0);
        for (var i = 0; i < 12; i++)
        {
            await intake.StoreAsync(Storm(random, 2_500), Lane.Report, CancellationToken.None);
        }

        while (Cursor("writer") < _app.Services.GetRequiredService<Inbox>().Last)
        {
            waited += Cursor("engagement") < Cursor("writer") ? 1 : 0;
            Assert.Empty(_app.Verify());
        }

        Assert.True(waited > 0, "Nothing was ever put off: that proves nothing.");
        await Eventually.TrueAsync(() => Cursor("engagement") == Cursor("writer"));
        await AssertExactAsync();
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public async Task Storms_with_kills_failures_verdicts_by_hand_and_new_weights_end_in_the_ranks_of_the_log(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 10; round++)
        {
            var storm = Storm(random, random.Next(4) == 0 ? 40 : Large + random.Next(400));
            if (random.Next(3) == 0)
            {
                Refuse(storm);
            }

            Store(storm);
            Assert.Empty(_app.Verify());
            switch (random.Next(5))
            {
                case 0:
                    Kill();
                    break;
                case 1:
                    _store!.WriteRanks();
                    break;
                case 2:
                    await ChangeWeightsAsync(random, () => Store(Storm(random, Large)));
                    break;
                default:
                    break;
            }

            Assert.Empty(_app.Verify());
        }

        if (seed == 3)
        {
            Kill();
        }
        else
        {
            _store!.WriteRanks();
        }

        await AssertExactAsync();
    }

    // Each a minute after the one before.
    private List<EmailEvent> Opens(long contact) => [Some.Event(contact * MessagesPerContact, EventType.Opened, TimeSpan.FromMinutes(++_minute))];

    private List<EmailEvent> Many(long contact) => [.. Enumerable.Range(0, Large).SelectMany(_ => Opens(contact))];

    // Mostly in order, some late; people, scanners that sweep, and now and then somebody who looks again.
    private List<EmailEvent> Storm(Random random, int size) => [.. Enumerable.Range(0, size).Select(i =>
    {
        var message = random.Next(MessagesPerContact, (Contacts + 1) * MessagesPerContact);
        var type = random.Next(12) switch { 0 => EventType.Replied, 1 => EventType.Bounced, < 6 => EventType.Clicked, _ => EventType.Opened };
        var after = TimeSpan.FromSeconds(++_second) + TimeSpan.FromMilliseconds(random.Next(8) * 700) - (random.Next(10) == 0 ? TimeSpan.FromHours(random.Next(24)) : TimeSpan.Zero);
        string[] agents = [Some.Firefox, Some.Firefox, Some.ApplePrivacy, Some.Scanner, "GoogleImageProxy"];
        if (_stored.Count > 0 && random.Next(60) == 0)
        {
            return ByHand(random.Next(_stored.Count) + 1, random.Next(3) switch { 0 => Verdict.Self, 1 => Verdict.Human, _ => Verdict.None });
        }

        return Some.Event(
            message, type, after, linkId: type == EventType.Clicked ? _links[((message % MessagesPerContact) * 3) + random.Next(3)] : 0,
            userAgent: agents[random.Next(agents.Length)], ip: random.Next(3) == 0 ? "203.0.113.7" : $"198.51.100.{random.Next(250)}", bounce: type == EventType.Bounced ? BounceKind.Soft : BounceKind.None);
    })];

    private EmailEvent ByHand(long eventId, Verdict verdict) => new()
    {
        Type = EventType.Opened,
        Source = EventSource.Rule,
        OccurredAt = Some.Noon,
        ReceivedAt = Some.Noon,
        MessageId = _stored[(int)eventId - 1],
        Reclassifies = eventId,
        KnownVerdict = verdict,
        KnownReasons = VerdictReasons.ByHand,
    };

    private void Start()
    {
        _connection = new WriteConnection(_app.Services.GetRequiredService<SqliteFile>().Path, "synchronous=OFF", "wal_autocheckpoint=0");
        _store = new EventStore(
            _connection, new Surroundings(_connection, _app.Services.GetRequiredService<GeoDatabase>()), _app.Services.GetRequiredService<TrackingPolicy>(), _app.Services.GetRequiredService<ErasedPeople>());
        while (_store.CatchUp())
        {
        }
    }

    // What was gathered is gone with the process.
    private void Kill()
    {
        _connection!.Dispose();
        Start();
    }

    private void Store(IEnumerable<EmailEvent> reported)
    {
        List<InboxEvent> batch = [.. reported.Select((e, i) => new InboxEvent(_position + i + 1, e))];
        _store!.Store(batch, batch[^1].Position, awaited: false);
        _position = batch[^1].Position;
        _stored.AddRange(batch.Select(stored => stored.Reported.MessageId));
    }

    // A disk that is full when the batch is all but committed.
    private void Refuse(IEnumerable<EmailEvent> reported)
    {
        var position = _position;
        Execute("CREATE TRIGGER full BEFORE INSERT ON cursors WHEN new.name = 'writer' BEGIN SELECT RAISE(ABORT, 'full'); END");
        Assert.Throws<SqliteException>(() => Store(reported));
        Execute("DROP TRIGGER full");
        Assert.Equal(position, _position);
    }

    private async Task ChangeWeightsAsync(Random random, Action meanwhile)
    {
        await using (var db = _app.Database())
        {
            db.ScoreWeights.Add(new ScoreWeights { HalfLifeDays = random.Next(5, 60), Opened = random.Next(1, 5), Clicked = random.Next(5), Replied = random.Next(50) });
            await db.SaveChangesAsync();
        }

        using var ranking = new Ranking(new WriteConnection(_app.Services.GetRequiredService<SqliteFile>().Path, "wal_autocheckpoint=0"));
        for (var i = 0; i < Contacts / 2; i++)
        {
            Assert.Equal(RankingStep.More, ranking.Step(TimeSpan.Zero, 1));
        }

        meanwhile();
        while (ranking.Step(TimeSpan.Zero, 1) == RankingStep.More)
        {
        }

        Assert.Empty(_app.Verify());
    }

    private async Task SpoilAsync(params long[] contacts)
    {
        await using var db = _app.Database();
        await db.ContactStates.Where(state => contacts.Contains(state.ContactId)).ExecuteUpdateAsync(set => set.SetProperty(state => state.Rank, 1000));
    }

    // To the last bit.
    private async Task AssertExactAsync()
    {
        Assert.Empty(_app.Verify());
        using var connection = new WriteConnection(_app.Services.GetRequiredService<SqliteFile>().Path, "query_only=1");
        var (rows, done) = (new EngagementRows(connection), new List<EngagingEvent>());
        var weights = rows.InEffect()!;
        await using var db = _app.Database();
        var states = await db.ContactStates.ToListAsync();
        Assert.Contains(states, state => state.Rank is not null);
        Assert.All(states, state =>
        {
            rows.Read(state.ContactId, done);
            Assert.Equal(EngagementScore.Of(done, weights), (state.Rank, state.RankAt));
        });
    }

    private long Cursor(string name)
    {
        using var connection = new WriteConnection(_app.Services.GetRequiredService<SqliteFile>().Path, "query_only=1");
        return connection.Prepare("SELECT position FROM cursors WHERE name = ?1").Bind(1, name).Scalar() ?? 0;
    }

    private void Execute(string sql) => _connection!.Execute(sql);
}
