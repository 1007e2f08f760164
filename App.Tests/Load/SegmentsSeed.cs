using Microsoft.Data.Sqlite;
using ScoreTracking.Data;
using ScoreTracking.Engagement;
using ScoreTracking.Events;

namespace ScoreTracking.Tests.Load;

/// <summary>A database of many contacts and the mail of some campaigns, made in SQL: as the store would leave it, without the hours the store would take.</summary>
internal static class SegmentsSeed
{
    // Of ten messages: all sent, nine delivered, four opened, one of those clicked; nearly 2.5 events each.
    private const double EventsPerMessage = 2.5;
    private const long Day = 24L * 60 * 60 * 1000;
    private const int Links = 10;

    // A prime.
    private const long Scattered = 1_000_003;

    public static void Make(string path, int contacts, int events, CancellationToken cancellationToken)
    {
        Migrator.Apply(new SqliteFile(path));

        // A journal is switched off only where nobody else has the file open.
        SqliteConnection.ClearAllPools();
        using var connection = new WriteConnection(path, "journal_mode=OFF", "synchronous=OFF", "temp_store=MEMORY", "cache_size=-400000");
        var campaigns = Math.Max(1, (int)Math.Round(events / EventsPerMessage / contacts));
        // What is sent now is delivered within a minute, and all of it has happened.
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() - 180_000;
        foreach (var sql in Statements(contacts, campaigns, now))
        {
            cancellationToken.ThrowIfCancellationRequested();
            connection.Execute(sql);
        }

        connection.Begin();
        new EngagementRecount(connection).Mend(cancellationToken);
        new ActivityRecount(connection).Mend(cancellationToken);
        connection.Commit();
        connection.Execute("PRAGMA journal_mode=WAL");
    }

    // A number per message that looks like chance, the same on every machine.
    private static string Chance(int salt) => $"((m.id * 2654435761 + {salt}) % 1000003 * 7919 % 1000)";

    private static IEnumerable<string> Statements(int contacts, int campaigns, long now)
    {
        yield return "UPDATE score_weights SET ranked_at = 1";

        // They would look at each row once more, for what is right here from the beginning; and what reports look things up by is not asked.
        yield return "DROP TRIGGER message_state_added; DROP TRIGGER message_state_consent; DROP TRIGGER message_state_watched";
        yield return "DROP INDEX events_campaign; DROP INDEX events_kind; DROP INDEX events_lone_clicks";
        yield return $$"""
            INSERT INTO contacts (customer_id, email, attributes, tracking_consent, consent_at, created_at)
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {{contacts}})
            SELECT 'c' || i, 'person' || i || '@example.com',
                '{"first_name":"Ana","last_name":"Example","city":"' || CASE i % 7 WHEN 0 THEN 'Köln' WHEN 1 THEN 'Pisa' WHEN 2 THEN 'Lyon' WHEN 3 THEN 'Graz' WHEN 4 THEN 'Porto' WHEN 5 THEN 'Brno' ELSE 'Oslo' END
                    || '","age":' || (18 + i % 60) || ',"plan":"' || CASE i % 3 WHEN 0 THEN 'gold' ELSE 'tin' END || '","born":"' || (1950 + i % 50) || '-0' || (1 + i % 9) || '-15"}',
                i % 3, 0, {{now - (700 * Day)}} + i * 1000 FROM n
            """;
        for (var campaign = 1; campaign <= campaigns; campaign++)
        {
            var (sent, lasts) = (now - (campaigns - campaign + 1) * (650 * Day / campaigns), 650 * Day / campaigns);
            yield return $"""
                INSERT INTO campaigns (name, status, from_email, from_name, track_opens, track_clicks, delivery, subject, preheader, html, plain_text, seed, created_at, started_at, completed_at)
                VALUES ('Campaign {campaign}', 'completed', 'news@example.com', 'Example', 1, 1, 'external', 'Hello', '', '<p>Hello</p>', '', x'00', {sent}, {sent}, {sent})
                """;
            for (var link = 1; link <= Links; link++)
            {
                yield return $"INSERT INTO links (campaign_id, content, position, url, label) VALUES ({campaign}, '', {link}, 'https://example.com/{(link % 3 == 0 ? "sale" : "news")}/{link}', '')";
            }

            // Each mails everybody, one person now and another then, until the next begins: so mail left, and was read, at all times up to now.
            yield return $"INSERT INTO messages (campaign_id, contact_id, email, created_at) SELECT {campaign}, id, email, {sent} + id * 2654435761 % {Scattered} * {lasts / Scattered} FROM contacts ORDER BY id";
        }

        // Half of the people open now and then, as everywhere; the others never.
        yield return $"""
            INSERT INTO message_state (message_id, campaign_id, contact_id, variant, status, tracked, sent_at, delivered_at, confirmed_at, opened_at, clicked_at, opens, confirmed_opens, clicks, last_at, last_open_at, last_click_at, complained_at)
            SELECT id, campaign_id, contact_id, 0, 4, 1, sent, CASE WHEN delivered THEN sent + 60000 ELSE 0 END, opened, opened, clicked, opened > 0, opened > 0, clicked > 0,
                max(sent + 60000, opened, clicked), opened, clicked, CASE WHEN complains AND sent + 90000000 < {now} THEN sent + 90000000 ELSE 0 END
            FROM (SELECT *, CASE WHEN opened > 0 AND clicks THEN opened + 5000 ELSE 0 END AS clicked FROM (
                SELECT m.id, m.campaign_id, m.contact_id, m.created_at + {Chance(1)} AS sent, {Chance(2)} < 960 AS delivered, {Chance(4)} < 200 AS clicks, {Chance(5)} = 7 AS complains,
                    CASE WHEN m.contact_id % 2 = 0 AND {Chance(3)} < 700 AND m.created_at + 125000 + {Chance(6)} * 500000 < {now} THEN m.created_at + 120000 + {Chance(6)} * 500000 ELSE 0 END AS opened
                FROM messages m))
            """;
        const string insert = "INSERT INTO events (message_id, campaign_id, type, occurred_at, received_at, source, origin, verdict, reasons, link_id, fingerprint, bounce, repeat, user_agent_id)";
        string Log(EventType type, string at, string link = "0", string order = "s.message_id") => $"""
            {insert} SELECT s.message_id, s.campaign_id, {(int)type}, {at}, {at}, 1, {(type.IsHit() ? 1 : 0)}, {(type.IsHit() ? 1 : 0)}, 0, {link}, 0, 0, 0, 0 FROM message_state s WHERE {at} > 0 ORDER BY {order}
            """;
        yield return Log(EventType.Sent, "s.sent_at");
        yield return Log(EventType.Delivered, "s.delivered_at");

        // People read when they like: what they do to one campaign lies all over the log.
        yield return Log(EventType.Opened, "s.confirmed_at", order: "s.confirmed_at");
        yield return Log(EventType.Clicked, "s.clicked_at", $"(s.campaign_id - 1) * {Links} + 1 + s.message_id % {Links}", "s.clicked_at");
        yield return Log(EventType.Complained, "s.complained_at");
        yield return $"INSERT INTO link_clicks (link_id, message_id, clicks, first_at, last_at) SELECT link_id, message_id, 1, occurred_at, occurred_at FROM events WHERE type = {(int)EventType.Clicked} ORDER BY link_id, message_id";
        yield return $"""
            INSERT INTO suppressions (email, reason, source, campaign_id, note, created_at)
            SELECT email, 'complaint', 'webhook', 0, '', {now} FROM contacts WHERE id IN (SELECT contact_id FROM message_state WHERE complained_at > 0)
            """;
        yield return $"INSERT INTO lists (name, created_at) VALUES ('One in a hundred', {now})";
        yield return $"INSERT INTO list_members (list_id, contact_id, added_at) SELECT 1, id, {now} FROM contacts WHERE id % 100 = 0";
    }
}
