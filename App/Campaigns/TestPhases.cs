using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Delivery;
using ScoreTracking.Experiments;
using ScoreTracking.Live;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Campaigns;

/// <summary>
/// Leads started tests to their end: shares out adaptive ones by what is known so far, decides by the rule when the time is
/// up or asks a person, and then deals the rest. Looks every few seconds; everything it does may be interrupted and is gone
/// on with.
/// </summary>
internal sealed partial class TestPhases(
    SqliteFile file, ErasedPeople erased, IDbContextFactory<ScoreDb> databases, CampaignLocks locks, SendQueue queue, SendingHold hold, LiveUpdates live, TimeProvider clock, ILogger<TestPhases> logger)
    : BackgroundService
{
    // A share that moves by less than this is not worth a write.
    private const double SmallestStep = 0.001;

    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(2);

    private readonly RestDeal _rest = new(file, erased, queue, clock);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_every);

        // Not every host is stopped before it is disposed of: one whose start failed is not, and an end is no failure.
        using var end = stoppingToken.Register(timer.Dispose);
        do
        {
            try
            {
                // A clock that jumped ends no test, until somebody confirms it.
                if (hold.Because is null)
                {
                    await LookAsync(stoppingToken);
                }
            }
            catch (SqliteException exception)
            {
                LogRetry(logger, exception);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
        while (await timer.WaitForNextTickAsync(CancellationToken.None)); // Disposed at the end, it says false.
    }

    /// <summary>Looks once at every test under way.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        List<long> due;
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            // A restored copy decides nothing by itself.
            if (await db.Organization.AnyAsync(o => o.SendingHeld != "", cancellationToken))
            {
                return;
            }

            var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
            due = await db.Campaigns
                .Where(c => c.TestOpen && c.Status == CampaignStatus.Testing && c.HeldBecause == ""
                    && (c.Winner >= 0 || (c.TestOutcome == "" && (c.TestAdaptive || c.TestEndsAt <= now))))
                .Select(c => c.Id).ToListAsync(cancellationToken);
        }

        foreach (var id in due)
        {
            await StepAsync(id, cancellationToken);
        }
    }

    private async Task StepAsync(long id, CancellationToken cancellationToken)
    {
        bool deals;
        using (await locks.HoldAsync(id, cancellationToken))
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            if (await TestRow.ReadAsync(db, id, cancellationToken) is not { Status: CampaignStatus.Testing } row)
            {
                return;
            }

            deals = row.Winner >= 0 || await GoOnAsync(db, row, cancellationToken);
        }

        // Without the lock: whoever pauses or cancels meanwhile need not wait for a million recipients.
        if (deals && await Task.Run(() => _rest.Run(id, cancellationToken), cancellationToken))
        {
            await CloseIfDecidedAsync(id, cancellationToken);
        }

        if (deals)
        {
            Signal(id);
        }
    }

    // Returns whether there are recipients to deal now.
    private async Task<bool> GoOnAsync(ScoreDb db, TestRow row, CancellationToken cancellationToken)
    {
        var plan = TestPlan.Read(row.AbTest)!;
        var now = clock.GetUtcNow();
        if (row.EndsAt != 0 && row.EndsAt <= now.ToUnixTimeMilliseconds())
        {
            return await EndAsync(db, row, plan, now, cancellationToken);
        }

        var ours = row.ConnectionId != 0;
        if (plan.IsAdaptive)
        {
            await ShareOutAsync(db, row.Id, plan, cancellationToken);
        }

        if (!ours || row.EndsAt != 0 || !await HasLeftAsync(db, row.Id, cancellationToken))
        {
            return false;
        }

        var waves = plan.IsAdaptive ? SampleBound.WavesUpTo(plan, row.Bound) : SampleBound.Waves;
        if (waves < SampleBound.Waves)
        {
            if (now.ToUnixTimeMilliseconds() < row.StartedAt + (long)(plan.After.TotalMilliseconds / SampleBound.Waves * waves))
            {
                return false;
            }

            await db.Campaigns.Where(c => c.Id == row.Id).ExecuteUpdateAsync(set => set.SetProperty(c => c.TestBound, SampleBound.After(plan, waves + 1)), cancellationToken);
            return true;
        }

        // The sample has left; now people need time. Of an adaptive one only the last wave still does.
        var wait = plan.IsAdaptive ? plan.After / SampleBound.Waves : plan.After;
        await db.Campaigns.Where(c => c.Id == row.Id).ExecuteUpdateAsync(set => set.SetProperty(c => c.TestEndsAt, (now + wait).ToUnixTimeMilliseconds()), cancellationToken);
        Signal(row.Id);
        return false;
    }

    // What waits for another attempt may wait for days, and does not hold up the test.
    private static async Task<bool> HasLeftAsync(ScoreDb db, long id, CancellationToken cancellationToken) =>
        !await db.Deliveries.AnyAsync(d => d.CampaignId == id && d.State == DeliveryState.Waiting && d.Attempts == 0, cancellationToken);

    private async Task ShareOutAsync(ScoreDb db, long id, TestPlan plan, CancellationToken cancellationToken)
    {
        var counts = (await TestCounts.ReadAsync(db, id, cancellationToken))!;
        var standings = counts.Stand(plan.Metric).Standings;
        var whole = standings.Sum(standing => standing.PBest);
        var shares = standings.Select(standing => standing.PBest / whole).ToList();
        if (!counts.Variants.Zip(shares).Any(pair => Math.Abs(pair.First.Variant.Weight - pair.Second) >= SmallestStep))
        {
            return;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        for (var i = 0; i < shares.Count; i++)
        {
            var (position, share) = (i, shares[i]);
            await db.Variants.Where(v => v.CampaignId == id && v.Position == position).ExecuteUpdateAsync(set => set.SetProperty(v => v.Weight, share), cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        Signal(id);
    }

    private async Task<bool> EndAsync(ScoreDb db, TestRow row, TestPlan plan, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var counts = (await TestCounts.ReadAsync(db, row.Id, cancellationToken))!;
        var byRule = counts.Stand(plan.Metric).Winner;
        var (winner, outcome) = (plan, byRule) switch
        {
            ({ IsAutomatic: true }, { VariantId: { } id }) => (Position(counts, id), TestDecision.Of(counts, plan, id, TestOutcome.Rule, byRule.Reason, now)),
            ({ HoldsBack: false }, _) => (-1, null),
            ({ IsAutomatic: true }, _) => (-1, TestDecision.Of(counts, plan, null, TestOutcome.Rule, byRule.Reason, now)),
            _ => (-1, TestDecision.Of(counts, plan, null, TestOutcome.Rule, "The time is up: choose the variant everybody else gets.", now)),
        };
        if (outcome is null)
        {
            // Everybody was in it: nobody waits for an answer.
            await CloseAsync(row.Id, cancellationToken);
            return false;
        }

        IReadOnlyList<long> told = [];
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            await TestDecision.KeepAsync(db, row.Id, winner, outcome, cancellationToken);
            told = winner < 0 ? await UndecidedTest.TellAsync(db, row.Id, now, cancellationToken) : told;
            await transaction.CommitAsync(cancellationToken);
        }

        LogEnded(logger, row.Id, winner);
        Signal(row.Id);
        live.Signal([.. told.Select(LiveTopic.Notifications)]);
        return winner >= 0;
    }

    private static int Position(TestCounts counts, string id) => counts.Variants.First(variant => variant.Variant.Key == id).Variant.Position;

    private async Task CloseIfDecidedAsync(long id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Campaigns.AnyAsync(c => c.Id == id && c.Winner >= 0, cancellationToken))
        {
            await CloseAsync(id, cancellationToken);
        }
    }

    private async Task CloseAsync(long id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Campaigns.Where(c => c.Id == id && c.Status == CampaignStatus.Testing).ExecuteUpdateAsync(
            set => set.SetProperty(c => c.Status, CampaignStatus.Running).SetProperty(c => c.TestOpen, false).SetProperty(c => c.TestBound, TestDeal.Everybody), cancellationToken);
        Signal(id);
    }

    private void Signal(long id) => live.Signal([LiveTopic.Campaign(id), LiveTopic.Campaigns]);

    [LoggerMessage(Level = LogLevel.Information, Message = "The test of campaign {CampaignId} has ended; position of its winner: {Winner}")]
    private static partial void LogEnded(ILogger logger, long campaignId, int winner);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Tests could not be led on and are looked at again")]
    private static partial void LogRetry(ILogger logger, Exception exception);
}
