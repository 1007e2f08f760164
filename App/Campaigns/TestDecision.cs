using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Experiments;

namespace ScoreTracking.Campaigns;

/// <summary>What a step of a test needs to know of its campaign, without its content.</summary>
internal sealed record TestRow(long Id, string Status, long ConnectionId, string? AbTest, int Winner, long Bound, long EndsAt, long StartedAt)
{
    public static Task<TestRow?> ReadAsync(ScoreDb db, long id, CancellationToken cancellationToken) => db.Campaigns.Where(c => c.Id == id)
        .Select(c => new TestRow(c.Id, c.Status, c.ConnectionId, c.AbTest, c.Winner, c.TestBound, c.TestEndsAt, c.StartedAt)).FirstOrDefaultAsync(cancellationToken);
}

/// <summary>Ends a test: notes what was decided, and what it was decided on.</summary>
internal static class TestDecision
{
    /// <param name="variantId">Null where nobody won.</param>
    public static TestOutcome Of(TestCounts counts, TestPlan plan, string? variantId, string by, string reason, DateTimeOffset at) => new(
        variantId, by, reason, at, plan.Metric.Name(),
        plan.HoldsBack ? [.. counts.Variants.Select(variant => variant.Result)] : null);

    /// <param name="winner">Its position; −1 where nobody won.</param>
    public static Task KeepAsync(ScoreDb db, long campaignId, int winner, TestOutcome outcome, CancellationToken cancellationToken)
    {
        var stored = outcome.Write();
        return db.Campaigns.Where(c => c.Id == campaignId && c.Winner < 0).ExecuteUpdateAsync(
            set => set.SetProperty(c => c.Winner, winner).SetProperty(c => c.TestOutcome, stored), cancellationToken);
    }
}
