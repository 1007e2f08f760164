using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Delivery;
using ScoreTracking.Experiments;
using ScoreTracking.Live;
using ScoreTracking.Suppressions;
using ScoreTracking.Tracking;

namespace ScoreTracking.Campaigns;

/// <summary>
/// Starts a campaign: deals its recipients to the variants, queues their mail where we hand it off, stores the links of its contents
/// and locks them. Recipients are dealt in short transactions while the campaign still is a draft, always in the same order, so a
/// start that a crash interrupted ends as if nothing had happened; those who come later are dealt as they come. Where a test has a
/// phase, only its sample is dealt, and of an adaptive one nobody yet: <see cref="TestPhases"/> does the rest.
/// </summary>
public sealed class CampaignStart(
    SqliteFile file, ErasedPeople erased, IDbContextFactory<ScoreDb> databases, CampaignContents contents, CampaignLocks locks, SendingConnections connections, SendQueue queue, LiveUpdates live, TimeProvider clock)
{
    private const string Recipients = """
        JOIN contacts c ON c.id = m.contact_id JOIN message_state s ON s.message_id = m.id
        WHERE m.campaign_id = $1 AND m.id > $2 AND m.id <= $3 AND s.variant < 0
        """;

    // The first look reads the campaign's recipients, the second only what is newer than the first: two ways through the table.
    private const string EarlyRecipients = "SELECT m.id, c.customer_id, m.email FROM messages m INDEXED BY messages_recipient " + Recipients;
    private const string LateRecipients = "SELECT m.id, c.customer_id, m.email FROM messages m NOT INDEXED " + Recipients;

    /// <summary>Starts a draft, or a scheduled campaign before its time; does nothing to a campaign that is running.</summary>
    /// <returns>Why it did not start, or null.</returns>
    public Task<Refusal?> RunAsync(long campaignId, CancellationToken cancellationToken) => RunAsync(campaignId, scheduledAt: 0, cancellationToken);

    /// <param name="scheduledAt">Starts it only if it still is scheduled for this time, in Unix milliseconds; 0 starts it in any case.</param>
    /// <inheritdoc cref="RunAsync(long, CancellationToken)"/>
    internal async Task<Refusal?> RunAsync(long campaignId, long scheduledAt, CancellationToken cancellationToken)
    {
        using var held = await locks.HoldAsync(campaignId, cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var campaign = await db.Campaigns.FirstOrDefaultAsync(c => c.Id == campaignId, cancellationToken);
        switch (campaign?.Status)
        {
            case null:
                return new Refusal.Missing("campaign");
            case CampaignStatus.Running or CampaignStatus.Testing:
                return null;
            case CampaignStatus.Draft or CampaignStatus.Scheduled:
                break;
            default:
                return new Refusal.State($"The campaign is {campaign.Status}: it cannot start.");
        }

        if (scheduledAt != 0 && (campaign.Status, campaign.ScheduledAt) != (CampaignStatus.Scheduled, scheduledAt))
        {
            return null;
        }

        var variants = await db.Variants.Where(v => v.CampaignId == campaignId).OrderBy(v => v.Position).ToListAsync(cancellationToken);
        CampaignContent content;
        try
        {
            content = contents.Compile(campaign, variants);
        }
        catch (MailTemplateException refused)
        {
            // Checked when it was written; the address of this server has changed since.
            return new Refusal.Faults("content.html", refused.Message);
        }

        if (campaign.Delivery == CampaignDelivery.Smtp && await CheckAsync(db, campaign, content, cancellationToken) is { } notReady)
        {
            return notReady;
        }

        Start(campaign, content, cancellationToken);
        queue.Wake();
        live.Signal([LiveTopic.Campaign(campaignId), LiveTopic.Campaigns]);
        return null;
    }

    // What we send ourselves must be complete: nobody stands behind it who could mend it on the way.
    private async Task<Refusal?> CheckAsync(ScoreDb db, Campaign campaign, CampaignContent content, CancellationToken cancellationToken)
    {
        if (!content.HasBody)
        {
            return new Refusal.Faults("content", "the campaign has neither HTML nor text");
        }

        if (!campaign.Ongoing && !await db.Messages.AnyAsync(m => m.CampaignId == campaign.Id, cancellationToken))
        {
            return new Refusal.Faults("recipients", "there are none");
        }

        return await connections.ErrorAsync(campaign.ConnectionId, cancellationToken) is { } error ? new Refusal.Faults("connection_id", error) : null;
    }

    private void Start(Campaign campaign, CampaignContent content, CancellationToken cancellationToken)
    {
        var plan = TestPlan.Read(campaign.AbTest) is { HasPhase: true } phased ? phased : null;
        using var connection = file.Open();
        using var sql = new RecipientSql(connection, erased);

        // One time for all: they leave in the order they were added, so that mails next to each other have their rows next to each other.
        var now = clock.GetUtcNow();
        var isSplit = content.Variants.Length > 1;
        var seen = 0L;
        while (true)
        {
            sql.Enter(null);
            var from = seen;
            seen = (long)sql.Command("SELECT coalesce(max(id), 0) FROM messages").ExecuteScalar()!;
            var early = Undealt(sql, EarlyRecipients, campaign, isSplit, from, seen);
            foreach (var chunk in early.Take(SampleOf(plan, early, from == 0 ? sql.ReadSplit(campaign.Id).Recipients.Sum() : null)).Chunk(RecipientWriter.MaxRows))
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var transaction = connection.BeginTransaction();
                sql.Enter(transaction);
                Deal(sql, transaction, campaign, now, chunk);
                transaction.Commit();
            }

            // Nobody can be added while this transaction holds the lock. Few came since the look above, or it looks again.
            using var last = connection.BeginTransaction();
            sql.Enter(last);
            var late = Undealt(sql, LateRecipients, campaign, isSplit, seen, long.MaxValue);
            if (late.Count > RecipientWriter.MaxRows)
            {
                continue;
            }

            Deal(sql, last, campaign, now, [.. late.Take(SampleOf(plan, late, dealt: null))]);
            CampaignLinks.Number(connection, last, campaign.Id, content.Documents);
            Begin(sql, campaign, plan);
            last.Commit();
            return;
        }
    }

    private void Begin(RecipientSql sql, Campaign campaign, TestPlan? plan)
    {
        var now = clock.GetUtcNow();
        sql.Command(
            "UPDATE campaigns SET status = $2, started_at = $3, held_because = '', honeypot = (SELECT honeypot FROM organization) WHERE id = $1",
            campaign.Id, plan is null ? CampaignStatus.Running : CampaignStatus.Testing, now.ToUnixTimeMilliseconds()).ExecuteNonQuery();
        if (plan is not null)
        {
            // Where we send, the sample must have left before the wait begins, and an adaptive test leaves in waves.
            var external = campaign.ConnectionId == 0;
            sql.Command(
                "UPDATE campaigns SET test_open = 1, test_adaptive = $2, test_bound = $3, test_ends_at = $4 WHERE id = $1",
                campaign.Id, plan.IsAdaptive ? 1L : 0L, external || !plan.IsAdaptive ? SampleBound.Of(plan) : 0L, external ? (now + plan.After).ToUnixTimeMilliseconds() : 0L).ExecuteNonQuery();
        }
    }

    /// <summary>How many of the recipients, who are sorted, are dealt at once: of those there are at the start exactly the sample's share, of those who come meanwhile whoever belongs to it.</summary>
    /// <param name="dealt">How many an interrupted start has dealt; null for those who come meanwhile.</param>
    private static int SampleOf(TestPlan? plan, List<(ulong Order, long MessageId)> undealt, long? dealt) => (plan, dealt) switch
    {
        (null, _) => undealt.Count,
        ({ IsAdaptive: true }, _) => 0,
        (_, { } before) => (int)Math.Clamp((((before + undealt.Count) * plan.SamplePercent) + 99) / 100 - before, 0, undealt.Count),
        _ => undealt.TakeWhile(recipient => TestDeal.PlaceOf(recipient.Order) <= SampleBound.Of(plan)).Count(),
    };

    // By the campaign's order; where there is nothing to split, as they were added.
    private static List<(ulong Order, long MessageId)> Undealt(RecipientSql sql, string statement, Campaign campaign, bool isSplit, long above, long upTo)
    {
        var undealt = new List<(ulong Order, long MessageId)>();
        using var reader = sql.Command(statement, campaign.Id, above, upTo).ExecuteReader();
        while (reader.Read())
        {
            var order = isSplit ? VariantSplit.Order(campaign.Seed, reader.IsDBNull(1) ? null : reader.GetString(1), reader.GetString(2)) : 0;
            undealt.Add((order, reader.GetInt64(0)));
        }

        undealt.Sort();
        return undealt;
    }

    private static void Deal(RecipientSql sql, SqliteTransaction transaction, Campaign campaign, DateTimeOffset now, (ulong Order, long MessageId)[] recipients)
    {
        if (recipients.Length == 0)
        {
            return;
        }

        var split = sql.ReadSplit(campaign.Id);
        foreach (var variant in recipients.ToLookup(recipient => split.Next(recipient.Order, asked: false), recipient => recipient.MessageId))
        {
            sql.UpdateStateVariants([.. variant.Order()], variant.Key);
        }

        split.Save(sql, campaign.Id);
        if (campaign.ConnectionId != 0)
        {
            SendQueue.Enqueue(transaction.Connection!, transaction, campaign.Id, campaign.ConnectionId, now, recipients.Select(recipient => recipient.MessageId));
        }
    }
}
