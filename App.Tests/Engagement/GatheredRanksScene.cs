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

/// <summary>A store fed batch by batch as the writer does under load, which may be killed or fail at any time.</summary>
public abstract class GatheredRanksScene : IAsyncLifetime
{
    private protected const int Contacts = 200;
    private const int MessagesPerContact = 4;
    private protected const int Large = 1_000;

    private protected readonly TestApp _app = new();
    private readonly List<long> _links = [];
    private WriteConnection? _connection;
    private protected EventStore? _store;
    private readonly List<long> _stored = [];
    private protected long _position;
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
        GC.SuppressFinalize(this);
        return _app.DisposeAsync();
    }

    // Each a minute after the one before.
    private protected List<EmailEvent> Opens(long contact) => [Some.Event(contact * MessagesPerContact, EventType.Opened, TimeSpan.FromMinutes(++_minute))];

    private protected List<EmailEvent> Many(long contact) => [.. Enumerable.Range(0, Large).SelectMany(_ => Opens(contact))];

    // Mostly in order, some late; people, scanners that sweep, and now and then somebody who looks again.
    private protected List<EmailEvent> Storm(Random random, int size) => [.. Enumerable.Range(0, size).Select(i =>
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

    private protected EmailEvent ByHand(long eventId, Verdict verdict) => new()
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
    private protected void Kill()
    {
        _connection!.Dispose();
        Start();
    }

    private protected void Store(IEnumerable<EmailEvent> reported)
    {
        List<InboxEvent> batch = [.. reported.Select((e, i) => new InboxEvent(_position + i + 1, e))];
        _store!.Store(batch, batch[^1].Position, awaited: false);
        _position = batch[^1].Position;
        _stored.AddRange(batch.Select(stored => stored.Reported.MessageId));
    }

    // A disk that is full when the batch is all but committed.
    private protected void Refuse(IEnumerable<EmailEvent> reported)
    {
        var position = _position;
        Execute("CREATE TRIGGER full BEFORE INSERT ON cursors WHEN new.name = 'writer' BEGIN SELECT RAISE(ABORT, 'full'); END");
        Assert.Throws<SqliteException>(() => Store(reported));
        Execute("DROP TRIGGER full");
        Assert.Equal(position, _position);
    }

    private protected async Task ChangeWeightsAsync(Random random, Action meanwhile)
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

    private protected async Task SpoilAsync(params long[] contacts)
    {
        await using var db = _app.Database();
        await db.ContactStates.Where(state => contacts.Contains(state.ContactId)).ExecuteUpdateAsync(set => set.SetProperty(state => state.Rank, 1000));
    }

    // To the last bit.
    private protected async Task AssertExactAsync()
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

    private protected long Cursor(string name)
    {
        using var connection = new WriteConnection(_app.Services.GetRequiredService<SqliteFile>().Path, "query_only=1");
        return connection.Prepare("SELECT position FROM cursors WHERE name = ?1").Bind(1, name).Scalar() ?? 0;
    }

    private protected void Execute(string sql) => _connection!.Execute(sql);
}
