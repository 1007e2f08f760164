using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Experiments;

namespace ScoreTracking.Campaigns;

/// <summary>A test under way or at its end, for those who decide about it.</summary>
/// <param name="Ours">This server sends the mail.</param>
/// <param name="SamplePercent">100 where everybody is in the test.</param>
/// <param name="Waiting">Recipients who wait for its end, as far as they are known yet.</param>
/// <param name="CanChoose">A winner may be chosen by hand now.</param>
/// <param name="Metric">What it is judged by.</param>
/// <param name="Rows">In factorial order.</param>
internal sealed record TestOverview(
    TestPhase? Phase, bool Ours, int SamplePercent, bool IsAdaptive, bool IsAutomatic, TimeSpan After, long Waiting, bool CanChoose, TestMetric Metric, IReadOnlyList<TestOverviewRow> Rows);

/// <summary>One variant of it.</summary>
/// <param name="Words">What its levels say.</param>
/// <param name="X">How many of N opened or clicked.</param>
internal sealed record TestOverviewRow(string Id, string Words, long Recipients, double Share, long X, long N, double PBest);

internal static class TestPhaseQuery
{
    /// <returns>Null without a test, and before the start.</returns>
    public static async Task<TestOverview?> RunAsync(ScoreDb db, long id, CancellationToken cancellationToken)
    {
        var row = await db.Campaigns.Where(c => c.Id == id && c.AbTest != null && c.StartedAt != 0)
            .Select(c => new { c.Status, c.ConnectionId, c.Winner, c.TestOpen }).FirstOrDefaultAsync(cancellationToken);
        if (row is null || await TestCounts.ReadAsync(db, id, cancellationToken) is not { Plan: { } plan } counts)
        {
            return null;
        }

        var words = await TestWords.ReadAsync(db, id, cancellationToken);
        var stand = counts.Stand(plan.Metric);
        var waiting = row.TestOpen ? await db.Messages.LongCountAsync(m => m.CampaignId == id, cancellationToken) - counts.Variants.Sum(variant => variant.Variant.Recipients) : 0;
        return new TestOverview(
            counts.Phase,
            row.ConnectionId != 0,
            plan.SamplePercent,
            plan.IsAdaptive,
            plan.IsAutomatic,
            plan.After,
            Math.Max(0, waiting),
            row.Winner < 0 && row.Status is (CampaignStatus.Testing or CampaignStatus.Running or CampaignStatus.Paused),
            plan.Metric,
            [.. counts.Variants.Select((variant, i) => new TestOverviewRow(
                variant.Variant.Key, Words(variant, words), variant.Variant.Recipients, variant.Variant.Weight, stand.Trials[i].X, stand.Trials[i].N, stand.Standings[i].PBest))]);
    }

    private static string Words(VariantCount variant, TestWords words) => string.Join(" · ", variant.Levels.Select(level =>
        words.Level(level.Key, level.Value) ?? $"{TestWords.Field(level.Key).ToLowerInvariant()} {level.Value}"));
}
