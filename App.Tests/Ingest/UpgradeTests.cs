using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Engagement;
using ScoreTracking.Events;
using ScoreTracking.Tests.Support;

namespace ScoreTracking.Tests.Ingest;

/// <summary>A database of a release that kept user agents and addresses only.</summary>
public sealed class UpgradeTests
{
    private const int BeforeEnrichment = 3;

    [Fact]
    public async Task Clients_and_providers_of_an_older_log_are_counted_at_start()
    {
        var directory = Directory.CreateTempSubdirectory("scoretracking-upgrade-").FullName;
        await WriteOldAsync(new SqliteFile(Path.Combine(directory, "scoretracking.db")));

        await using var app = new TestApp(dataDirectory: directory);

        Assert.Equal([("Apple Mail (iOS)", 1, 1), ("Firefox", 1, 1)], await CountsAsync(app, Dimension.Client, EventType.Opened));
        Assert.Equal([("In-app browser", 1, 1)], await CountsAsync(app, Dimension.Client, EventType.Clicked));
        Assert.Equal([("", 2, 1)], await CountsAsync(app, Dimension.Country, EventType.Opened));
        Assert.Equal([("1", 2, 1)], await CountsAsync(app, Dimension.Provider, EventType.Opened));
        Assert.Empty(app.Verify());
    }

    [Fact]
    public async Task People_of_an_older_log_are_ranked_after_the_start()
    {
        var directory = Directory.CreateTempSubdirectory("scoretracking-upgrade-").FullName;
        await WriteOldAsync(new SqliteFile(Path.Combine(directory, "scoretracking.db")));

        await using var app = new TestApp(dataDirectory: directory);

        await using var db = app.Database();
        await Eventually.TrueAsync(() => db.ScoreWeights.AllAsync(weights => weights.RankedAt > 0));
        var clicked = DateTimeOffset.FromUnixTimeMilliseconds(1788266000000);
        var score = EngagementScore.ScoreAt((await db.ContactStates.SingleAsync()).Rank, clicked, 30);
        Assert.InRange(score, 6.49, 6.5);
        Assert.Empty(app.Verify());
    }

    [Fact]
    public async Task An_older_log_is_judged_by_todays_rules_at_start()
    {
        var directory = Directory.CreateTempSubdirectory("scoretracking-upgrade-").FullName;
        await WriteOldAsync(new SqliteFile(Path.Combine(directory, "scoretracking.db")), """
            INSERT INTO contacts (id, customer_id, email, attributes, tracking_consent, consent_at, created_at) VALUES (2, '2', 'ben@example.com', '{}', 0, 0, 1);
            INSERT INTO messages (id, campaign_id, contact_id, email, created_at) VALUES (2, 1, 2, 'ben@example.com', 1);
            INSERT INTO message_state (message_id, campaign_id, tracked) VALUES (2, 1, 1);
            INSERT INTO user_agents (id, value) VALUES (3, 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)');
            INSERT INTO events (id, message_id, campaign_id, type, occurred_at, received_at, source, origin, verdict, reasons, link_id, fingerprint, bounce, repeat, user_agent_id) VALUES
                (4, 2, 1, 3, 1788264000000, 1788264000000, 2, 0, 0, 0, 0, 0, 0, 0, 0),
                (5, 2, 1, 7, 1788264005000, 1788264005000, 1, 1, 1, 0, 0, 8, 0, 0, 3),
                (6, 2, 1, 8, 1788264200000, 1788264200000, 1, 1, 1, 0, 11, 7, 0, 0, 1),
                (7, 2, 1, 8, 1788264200500, 1788264200500, 1, 1, 1, 0, 12, 7, 0, 0, 1),
                (8, 2, 1, 8, 1788264200900, 1788264200900, 1, 1, 1, 0, 13, 7, 0, 0, 1),
                (9, 1, 1, 8, 1788264300000, 1788264300000, 1, 1, 1, 0, 11, 7, 0, 0, 1);
            """);

        await using var app = new TestApp(dataDirectory: directory);

        await using var db = app.Database();
        var judged = (await db.Events.Where(e => e.Id > 4).OrderBy(e => e.Id).ToListAsync()).Select(e => (e.Verdict, string.Join(' ', e.Reasons.Names())));
        Assert.Equal(
            [(Verdict.Privacy, "bare_webkit_at_delivery"), (Verdict.Scanner, "burst"), (Verdict.Scanner, "burst"), (Verdict.Scanner, "burst"), (Verdict.Scanner, "fleet")], judged);
        Assert.Empty(app.Verify());
    }

    private static async Task<List<(string, long, long)>> CountsAsync(TestApp app, Dimension dimension, EventType type)
    {
        await using var db = app.Database();
        var counters = await db.Counters.Where(c => c.Dimension == dimension.Name && c.Type == type).OrderBy(c => c.Key).ToListAsync();
        return [.. counters.Select(c => (c.Key, c.Total, c.Unique))];
    }

    private static async Task WriteOldAsync(SqliteFile file, string more = "")
    {
        using (var connection = file.Open())
        {
            foreach (var (number, sql) in Migrator.All().Where(migration => migration.Number <= BeforeEnrichment))
            {
                await ExecuteAsync(connection, sql);
                await ExecuteAsync(connection, $"PRAGMA user_version={number}");
            }

            await ExecuteAsync(connection, """
                INSERT INTO campaigns (id, name, status, from_email, from_name, track_opens, track_clicks, delivery, subject, preheader, html, plain_text, seed, created_at, started_at, completed_at)
                VALUES (1, 'Old', 'running', 'a@example.com', 'A', 1, 1, 'external', '', '', '', '', x'00', 1, 1, 0);
                INSERT INTO contacts (id, customer_id, email, attributes, tracking_consent, consent_at, created_at) VALUES (1, '1', 'ana@gmail.com', '{}', 0, 0, 1);
                INSERT INTO messages (id, campaign_id, contact_id, email, created_at) VALUES (1, 1, 1, 'ana@gmail.com', 1);
                INSERT INTO message_state (message_id, campaign_id, tracked) VALUES (1, 1, 1);
                INSERT INTO user_agents (id, value) VALUES
                    (1, 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'),
                    (2, 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148');
                INSERT INTO events (id, message_id, campaign_id, type, occurred_at, received_at, source, origin, verdict, reasons, link_id, fingerprint, bounce, repeat, user_agent_id) VALUES
                    (1, 1, 1, 7, 1788264000000, 1788264000000, 1, 1, 1, 0, 0, 5, 0, 0, 1),
                    (2, 1, 1, 7, 1788265000000, 1788265000000, 1, 1, 1, 0, 0, 6, 0, 0, 2),
                    (3, 1, 1, 8, 1788266000000, 1788266000000, 1, 1, 1, 0, 0, 6, 0, 0, 2);
                """ + more);
        }

        SqliteConnection.ClearAllPools();
    }

    private static async Task ExecuteAsync(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
