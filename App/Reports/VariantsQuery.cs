using System.Diagnostics.CodeAnalysis;
using ScoreTracking.Data;
using ScoreTracking.Experiments;
using ScoreTracking.Experiments.Statistics;
using ScoreTracking.Live;

namespace ScoreTracking.Reports;

/// <summary>A variant's figures, and how it stands by the chosen metric.</summary>
public sealed record VariantRow : Figures
{
    [SetsRequiredMembers]
    internal VariantRow(Figures figures, Variant variant, IReadOnlyDictionary<string, string> levels, Trial trial, Standing standing) : base(figures)
    {
        Id = variant.Key;
        Levels = levels;
        Weight = variant.Weight;
        Recipients = variant.Recipients;
        N = trial.N;
        X = trial.X;
        Rate = trial.Rate;
        PBest = standing.PBest;
        ExpectedLoss = standing.ExpectedLoss;
        Ci90 = [trial.Posterior.Quantile(0.05), trial.Posterior.Quantile(0.95)];
    }

    /// <summary>Level keys joined by dots, "" without a test.</summary>
    public string Id { get; }

    /// <summary>Factor field to level key.</summary>
    public IReadOnlyDictionary<string, string> Levels { get; }

    /// <summary>Share of recipients, 0 to 1.</summary>
    public double Weight { get; }
    public long Recipients { get; }

    /// <summary>Messages the metric is measured on.</summary>
    public long N { get; }

    /// <summary>How many of them opened or clicked.</summary>
    public long X { get; }
    public double? Rate { get; }
    public double PBest { get; }

    /// <summary>What choosing it costs on average, as a rate: 0.01 is one percentage point.</summary>
    public double ExpectedLoss { get; }

    /// <summary>The true rate lies between these with 90 % probability.</summary>
    public IReadOnlyList<double> Ci90 { get; }
}

/// <summary>All variants with one level of a factor, pooled: finds what single variants are too small to show.</summary>
public sealed record MarginRow(string Field, string Key, long N, long X, double? Rate, double PBest, double ExpectedLoss);

/// <param name="Variants">In factorial order.</param>
/// <param name="Margins">By factor, levels in their order; none without a test.</param>
/// <param name="Phase">Where a test stands that has an end; null for all others. Of one that is decided, variants and margins compare what it was decided on, without the rest's mail.</param>
public sealed record VariantsReport(
    string Metric, IReadOnlyList<VariantRow> Variants, IReadOnlyList<MarginRow> Margins, SampleRatio SampleRatio, Winner Winner, TestPhase? Phase);

public static class VariantsQuery
{
    /// <summary>The same for whoever watches, with what the levels are called: content is locked once there are figures, so that is read once.</summary>
    public static LiveQuery<(VariantsReport Report, TestWords Words)> Live(long campaignId, TestMetric metric, ReportView view)
    {
        TestWords? words = null;
        return new(LiveTopic.Campaign(campaignId), ("variants", metric, view), async (db, token) =>
        {
            words ??= await TestWords.ReadAsync(db, campaignId, token);
            return ((await RunAsync(db, campaignId, metric, view, token))!, words);
        });
    }

    /// <summary>About 2 ms for six variants.</summary>
    /// <returns>Null when there is no such campaign.</returns>
    public static async Task<VariantsReport?> RunAsync(
        ScoreDb db, long campaignId, TestMetric metric, ReportView view, CancellationToken cancellationToken)
    {
        if (await TestCounts.ReadAsync(db, campaignId, cancellationToken) is not { Plan: var plan, Variants: var cells } counts)
        {
            return null;
        }

        var stand = counts.Stand(metric);
        var knowsDeliveries = cells.Any(cell => cell.Tally.HasDeliveries);
        return new VariantsReport(
            metric.Name(),
            [.. cells.Select((cell, i) =>
                new VariantRow(cell.Tally.ToFigures(view, knowsDeliveries), cell.Variant, cell.Levels, stand.Trials[i], stand.Standings[i]))],
            [.. (plan?.Factors ?? []).SelectMany(factor => Margins(factor, cells, stand.Trials))],
            stand.Ratio,
            Decided(counts.Outcome, stand.Winner),
            counts.Phase);
    }

    // Once it is decided, what the numbers would say by this metric is beside the point.
    private static Winner Decided(TestOutcome? outcome, Winner byRule) => outcome switch
    {
        { VariantId: { } chosen } => byRule with { State = "winner", VariantId = chosen, Reason = outcome.Reason },
        { } when byRule.State != "no_test" => byRule with { State = "no_winner_yet", VariantId = null, Reason = outcome.Reason },
        _ => byRule,
    };

    private static IEnumerable<MarginRow> Margins(TestFactor factor, IReadOnlyList<VariantCount> cells, IReadOnlyList<Trial> trials)
    {
        var pooled = factor.Levels
            .Select(level => cells.Zip(trials)
                .Where(pair => pair.First.Has(factor, level))
                .Aggregate(new Trial(0, 0), (sum, pair) => sum + pair.Second))
            .ToList();
        return AbStatistics.Compare(pooled).Select((standing, i) => new MarginRow(
            factor.Field, factor.Levels[i], pooled[i].N, pooled[i].X, pooled[i].Rate, standing.PBest, standing.ExpectedLoss));
    }
}
