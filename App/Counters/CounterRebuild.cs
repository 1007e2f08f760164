using ScoreTracking.Data;
using ScoreTracking.Engagement;
using ScoreTracking.Events;

namespace ScoreTracking.Counters;

/// <summary>Mends what differs from the log: counters, states, clicks, bursts, verdicts, repeat marks, ranks. Runs in one transaction; the server must not be storing meanwhile.</summary>
public static class CounterRebuild
{
    /// <param name="campaignId">Only this campaign, or 0 for everything.</param>
    /// <returns>What was wrong.</returns>
    public static IReadOnlyList<Difference> Run(WriteConnection connection, long campaignId, CancellationToken cancellationToken)
    {
        connection.Begin();
        try
        {
            var (recount, wrong) = Count(connection, campaignId, cancellationToken);
            var differences = recount.Differences;
            if (recount.BurstsDiffer)
            {
                MendBursts(connection, campaignId, recount);
                (recount, wrong) = Count(connection, campaignId, cancellationToken);
            }

            MendMessages(connection, wrong);
            DropOrphanClicks(connection);
            ContactRecount.Mend(connection, cancellationToken);
            WriteCounters(connection, campaignId, recount.Sums);
            connection.Commit();
            return differences;
        }
        catch
        {
            connection.Rollback();
            throw;
        }
    }

    /// <summary>Counts everything again where the database has never counted a dimension of this release, or judged by other rules; nothing to do is the usual case.</summary>
    public static void BuildMissing(SqliteFile main, TimeProvider time, CancellationToken cancellationToken)
    {
        using var connection = new WriteConnection(main, "wal_autocheckpoint=0");
        var built = new HashSet<string>();
        var names = connection.Prepare("SELECT name FROM built_dimensions");
        while (names.Step())
        {
            built.Add(names.Text(0));
        }

        names.Reset();
        string[] wanted = [.. Dimension.All.Select(dimension => dimension.Name), MessageVerdicts.Edition];
        if (wanted.All(built.Contains))
        {
            return;
        }

        if (!built.Contains(Dimension.Provider.Name))
        {
            FillProviders(connection);
        }

        Run(connection, 0, cancellationToken);
        var insert = connection.Prepare("INSERT INTO built_dimensions (name, built_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING");
        foreach (var name in wanted)
        {
            insert.Bind(1, name).Bind(2, time.GetUtcNow().ToUnixTimeMilliseconds()).Run();
        }
    }

    private static (Recount Recount, List<Mended> Wrong) Count(WriteConnection connection, long campaignId, CancellationToken cancellationToken)
    {
        var wrong = new List<Mended>();
        var recount = new Recount(connection, campaignId);
        recount.Run(
            (state, events, repeats, links) => wrong.Add(new Mended(state, [.. events], [.. repeats], new Dictionary<long, LinkTally>(links))), cancellationToken);
        return (recount, wrong);
    }

    private static void MendBursts(WriteConnection connection, long campaignId, Recount recount)
    {
        var rows = new BurstRows(connection);
        rows.Clear(campaignId);
        foreach (var burst in recount.Bursts())
        {
            rows.Add(burst);
        }
    }

    // A database of an older release knows the addresses, not yet whose mailboxes they are.
    private static void FillProviders(WriteConnection connection)
    {
        connection.Begin();
        var messages = connection.Prepare("SELECT id, email FROM messages");
        var update = connection.Prepare("UPDATE message_state SET provider = ?2 WHERE message_id = ?1");
        while (messages.Step())
        {
            if (MailboxProvider.Of(messages.Text(1)) is { Number: > 0 } provider)
            {
                update.Bind(1, messages.Number(0)).Bind(2, provider.Number).Run();
            }
        }

        messages.Reset();
        connection.Commit();
    }

    private static void MendMessages(WriteConnection connection, List<Mended> wrong)
    {
        var update = connection.Prepare(MessageStateRow.Update);
        var mark = connection.Prepare("UPDATE events SET repeat = ?2, verdict = ?3, reasons = ?4 WHERE id = ?1");
        var dropClicks = connection.Prepare("DELETE FROM link_clicks WHERE message_id = ?1 AND link_id = ?2");
        var click = connection.Prepare("INSERT INTO link_clicks (link_id, message_id, clicks, first_at, last_at) VALUES (?1, ?2, ?3, ?4, ?5)");
        var activity = new ActivityProjection(connection);
        foreach (var (state, events, repeats, links) in wrong)
        {
            MessageStateRow.Bind(update, state).Run();
            activity.Note(state);
            foreach (var stored in events)
            {
                mark.Bind(1, stored.Id).Bind(2, repeats.Contains(stored.Id) ? 1 : 0)
                    .Bind(3, (long)stored.Verdict).Bind(4, (long)stored.Reasons).Run();
            }

            foreach (var (linkId, tally) in links)
            {
                dropClicks.Bind(1, state.MessageId).Bind(2, linkId).Run();
                click.Bind(1, linkId).Bind(2, state.MessageId).Bind(3, tally.Clicks).Bind(4, tally.FirstAt).Bind(5, tally.LastAt).Run();
            }
        }
    }

    private static void DropOrphanClicks(WriteConnection connection) => connection.Execute($"""
        DELETE FROM link_clicks WHERE NOT EXISTS (
            SELECT 1 FROM events e WHERE e.message_id = link_clicks.message_id AND e.link_id = link_clicks.link_id
                AND e.type = {(int)EventType.Clicked} AND e.repeat = 0 AND e.verdict IN ({(int)Verdict.Human}, {(int)Verdict.Proxy}))
        """);

    private static void WriteCounters(WriteConnection connection, long campaignId, CounterSums sums)
    {
        connection.Prepare("DELETE FROM counters WHERE ?1 = 0 OR campaign_id = ?1").Bind(1, campaignId).Run();
        var insert = connection.Prepare("INSERT INTO counters (campaign_id, dimension, key, type, verdict, total, uniq) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
        foreach (var (key, sum) in sums)
        {
            if (sum != default && (campaignId == 0 || key.CampaignId == campaignId))
            {
                insert.Bind(1, key.CampaignId).Bind(2, key.Dimension.Name).Bind(3, key.Dimension.Text(key.Key))
                    .Bind(4, (long)key.Type).Bind(5, (long)key.Group).Bind(6, sum.Total).Bind(7, sum.Unique).Run();
            }
        }
    }

    private sealed record Mended(MessageState State, List<StoredEvent> Events, HashSet<long> Repeats, Dictionary<long, LinkTally> Links);
}
