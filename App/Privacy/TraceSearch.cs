using System.Text;
using System.Text.Json;
using ScoreTracking.Data;
using ScoreTracking.Ingest;
using ScoreTracking.Tracking;

namespace ScoreTracking.Privacy;

/// <summary>
/// Looks for an erased person in everything that is not kept by person: what ESPs sent, events that wait for their message,
/// answers kept for repeated requests, rows an import could not take, links of mail made for one reader, user agents nobody
/// else sent. Reads and deletes in small steps beside the event writer; doing it twice is as good as once.
/// </summary>
internal sealed class TraceSearch(SqliteFile file, EventWriter writer, LinkCache links)
{
    private const int Page = 1_000;
    private const string Nobody = "erased";
    private const int EventsAtATime = 50_000;

    // Clocks and lanes put events of one moment into slightly different order.
    private const long Slack = 60 * 60 * 1000;

    public async Task RunAsync(PersonTraces traces, CancellationToken cancellationToken)
    {
        var marks = new PersonMarks(traces);
        using (var connection = new WriteConnection(file, "wal_autocheckpoint=0", "secure_delete=ON", "temp_store=MEMORY", "synchronous=FULL"))
        {
            await Task.Run(
                () =>
                {
                    DropReceived(connection, traces, marks, cancellationToken);
                    DropUnmatched(connection, traces, marks, cancellationToken);
                    DropAnswers(connection, marks, cancellationToken);
                    BlankImportErrors(connection, traces, marks);
                    CleanLinks(connection, traces, marks);
                    CleanRules(connection, marks);
                },
                cancellationToken);
        }

        var agents = await Task.Run(() => AgentsOfNobodyElse(traces, cancellationToken), cancellationToken);
        if (agents.Count > 0)
        {
            // On the writer's thread, which remembers the rows of user agents.
            await writer.BetweenBatchesAsync(store =>
            {
                store.ForgetAgents(agents);
                return true;
            });
        }
    }

    private static void DropReceived(WriteConnection connection, PersonTraces traces, PersonMarks marks, CancellationToken cancellationToken)
    {
        var page = connection.Prepare("SELECT id, message_id, normalised FROM received_events WHERE id > ?1 ORDER BY id LIMIT ?2");
        var delete = connection.Prepare("DELETE FROM received_events WHERE id = ?1");
        var messages = traces.Messages.ToHashSet();
        Walk(connection, page, row => messages.Contains(row.Number(1)) || marks.IsIn(row.Text(2)), delete, cancellationToken);
    }

    private static void DropUnmatched(WriteConnection connection, PersonTraces traces, PersonMarks marks, CancellationToken cancellationToken)
    {
        var page = connection.Prepare("SELECT id, customer_id, payload FROM unmatched_events WHERE id > ?1 ORDER BY id LIMIT ?2");
        var delete = connection.Prepare("DELETE FROM unmatched_events WHERE id = ?1");
        Walk(
            connection,
            page,
            row => (!row.IsNull(1) && row.Text(1) == traces.CustomerId) || marks.IsIn(Encoding.UTF8.GetString(row.Blob(2))),
            delete,
            cancellationToken);
    }

    /// <param name="page">Rows behind an id (1), as many as (2); the id comes first.</param>
    private static void Walk(WriteConnection connection, Statement page, Func<Statement, bool> isTheirs, Statement delete, CancellationToken cancellationToken)
    {
        var (after, read) = (0L, Page);
        while (read == Page)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var found = new List<long>();
            read = 0;
            page.Bind(1, after).Bind(2, Page);
            while (page.Step())
            {
                read++;
                after = page.Number(0);
                if (isTheirs(page))
                {
                    found.Add(after);
                }
            }

            page.Reset();
            if (found.Count > 0)
            {
                connection.Begin();
                found.ForEach(id => delete.Bind(1, id).Run());
                connection.Commit();
            }
        }
    }

    // A request repeated with its key after this runs again, and finds the person erased.
    private static void DropAnswers(WriteConnection connection, PersonMarks marks, CancellationToken cancellationToken)
    {
        var page = connection.Prepare("SELECT api_key_id, key, body FROM idempotency_keys WHERE (api_key_id, key) > (?1, ?2) ORDER BY api_key_id, key LIMIT 50");
        var delete = connection.Prepare("DELETE FROM idempotency_keys WHERE api_key_id = ?1 AND key = ?2");
        var (caller, key, more) = (-1L, "", true);
        while (more)
        {
            cancellationToken.ThrowIfCancellationRequested();
            more = false;
            var found = new List<(long, string)>();
            page.Bind(1, caller).Bind(2, key);
            while (page.Step())
            {
                more = true;
                (caller, key) = (page.Number(0), page.Text(1));
                if (marks.IsIn(Encoding.UTF8.GetString(page.Blob(2))))
                {
                    found.Add((caller, key));
                }
            }

            page.Reset();
            found.ForEach(answer => delete.Bind(1, answer.Item1).Bind(2, answer.Item2).Run());
        }
    }

    // The line and what was wrong stay: the file's owner still counts them.
    private static void BlankImportErrors(WriteConnection connection, PersonTraces traces, PersonMarks marks)
    {
        var find = connection.Prepare("SELECT job_id, line, email FROM job_errors WHERE instr(lower(email), lower(?1)) > 0");
        var blank = connection.Prepare("UPDATE job_errors SET email = '' WHERE job_id = ?1 AND line = ?2");
        foreach (var address in traces.Addresses)
        {
            var found = new List<(long, long)>();
            find.Bind(1, address);
            while (find.Step())
            {
                if (marks.HasAddress(find.Text(2)))
                {
                    found.Add((find.Number(0), find.Number(1)));
                }
            }

            find.Reset();
            found.ForEach(row => blank.Bind(1, row.Item1).Bind(2, row.Item2).Run());
        }
    }

    // Links never break: one that names the address goes on to the same place without it.
    private void CleanLinks(WriteConnection connection, PersonTraces traces, PersonMarks marks)
    {
        var find = connection.Prepare("""
            SELECT id, url, label, message_id IS NOT NULL FROM links
            WHERE message_id IN (SELECT value FROM json_each(?1))
                OR campaign_id IN (SELECT DISTINCT campaign_id FROM message_state WHERE message_id IN (SELECT value FROM json_each(?1)) AND campaign_id <> 0)
            """);
        var clean = connection.Prepare("UPDATE OR IGNORE links SET url = ?2, label = ?3 WHERE id = ?1");

        // Two links that differed only in whose they were: both stay, at places of their own.
        var aside = connection.Prepare("""
            UPDATE links SET url = ?2, label = ?3, position = (SELECT max(position) + 1 FROM links l WHERE l.campaign_id = links.campaign_id AND l.content = links.content)
            WHERE id = ?1
            """);
        var found = new List<(long Id, string Url, string Label)>();
        find.Bind(1, JsonSerializer.Serialize(traces.Messages));
        while (find.Step())
        {
            var (url, label, single) = (find.Text(1), find.Text(2), find.Number(3) != 0);
            if (single ? label.Length > 0 || marks.HasAddress(url) : marks.HasAddress(url) || marks.HasAddress(label))
            {
                // The words of a link in mail for one person may be about them.
                found.Add((find.Number(0), marks.Without(url), single ? "" : marks.Without(label)));
            }
        }

        find.Reset();
        foreach (var (id, url, label) in found)
        {
            clean.Bind(1, id).Bind(2, url).Bind(3, label).Run();
            if (connection.Changes == 0)
            {
                aside.Bind(1, id).Bind(2, url).Bind(3, label).Run();
            }

            links.Forget(id);
        }
    }

    // A rule that asks for one address stays a rule: it asks for a word nobody's address is.
    private static void CleanRules(WriteConnection connection, PersonMarks marks)
    {
        foreach (var (find, clean) in ((string, string)[])
        [
            ("SELECT id, 0, name, rule FROM segments", "UPDATE segments SET name = ?3, rule = ?4 WHERE id = ?1 AND ?2 = 0"),
            ("SELECT id, 0, name, '' FROM lists", "UPDATE OR IGNORE lists SET name = ?3 WHERE id = ?1 AND ?2 = 0 AND ?4 = ''"),
            ("SELECT id, 0, name, definition FROM journeys", "UPDATE journeys SET name = ?3, definition = ?4 WHERE id = ?1 AND ?2 = 0"),
            ("SELECT journey_id, version, '', definition FROM journey_versions", "UPDATE journey_versions SET definition = ?4 WHERE journey_id = ?1 AND version = ?2 AND ?3 = ''"),
        ])
        {
            var rows = connection.Prepare(find);
            var found = new List<(long Id, long Version, string Name, string Rule)>();
            while (rows.Step())
            {
                if (marks.HasAddress(rows.Text(2)) || marks.HasAddress(rows.Text(3)))
                {
                    found.Add((rows.Number(0), rows.Number(1), marks.With(rows.Text(2), Nobody), marks.With(rows.Text(3), Nobody)));
                }
            }

            rows.Reset();
            var update = connection.Prepare(clean);
            found.ForEach(row => update.Bind(1, row.Id).Bind(2, row.Version).Bind(3, row.Name).Bind(4, row.Rule).Run());
        }
    }

    // A common user agent tells nobody from anybody, and others' hits point to its row; what only this person sent is theirs.
    // Its row is of a period of days, so only the events of those are looked through, newest first: common ones are met at once.
    private List<long> AgentsOfNobodyElse(PersonTraces traces, CancellationToken cancellationToken)
    {
        if (traces.UserAgents.Count == 0)
        {
            return [];
        }

        using var connection = new WriteConnection(file.Path, "query_only=1", "wal_autocheckpoint=0");
        var agents = connection.Prepare("SELECT id, period FROM user_agents WHERE id IN (SELECT value FROM json_each(?1))");
        var lonely = new List<(long Id, long Period)>();
        agents.Bind(1, JsonSerializer.Serialize(traces.UserAgents));
        while (agents.Step())
        {
            lonely.Add((agents.Number(0), agents.Number(1)));
        }

        agents.Reset();
        var events = connection.Prepare("SELECT DISTINCT user_agent_id FROM events WHERE id > ?1 AND id <= ?2");
        var left = lonely.Select(agent => agent.Id).ToHashSet();
        foreach (var period in lonely.GroupBy(agent => agent.Period))
        {
            var mine = period.Select(agent => agent.Id).ToHashSet();
            var first = Position(connection, UserAgent.StartOf(period.Key) - Slack);
            for (var to = Position(connection, UserAgent.StartOf(period.Key + 1) + Slack); to > first && mine.Count > 0; to -= EventsAtATime)
            {
                cancellationToken.ThrowIfCancellationRequested();
                events.Bind(1, Math.Max(first, to - EventsAtATime)).Bind(2, to);
                while (events.Step())
                {
                    mine.Remove(events.Number(0));
                }

                events.Reset();
            }

            left.ExceptWith(period.Select(agent => agent.Id).Except(mine));
        }

        return [.. left];
    }

    /// <summary>The last position in the log before a moment, by halves.</summary>
    private static long Position(WriteConnection connection, long receivedAt)
    {
        using var at = connection.Prepare("SELECT received_at FROM events WHERE id >= ?1 ORDER BY id LIMIT 1");
        using var newest = connection.Prepare("SELECT coalesce(max(id), 0) FROM events");
        var (low, high) = (0L, (newest.Scalar() ?? 0) + 1);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (at.Bind(1, middle).Scalar() is { } found && found < receivedAt)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
