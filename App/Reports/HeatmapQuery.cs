using ScoreTracking.Data;
using ScoreTracking.Experiments;
using ScoreTracking.Experiments.Statistics;
using ScoreTracking.Live;

namespace ScoreTracking.Reports;

/// <summary>All variants that share a cell's levels, pooled.</summary>
/// <param name="N">Messages the metric is measured on; <paramref name="X"/> of them opened or clicked.</param>
/// <param name="PBest">Chance to be the best of the cells beside it.</param>
/// <param name="Mean">The rate drawn towards that of all cells, as if <see cref="HeatmapQuery.ThinLimit"/> more messages had behaved like the average. Null without any messages.</param>
/// <param name="IsThin">Too few messages to mean anything.</param>
public sealed record HeatmapCell(long N, long X, double? Rate, double PBest, double? Mean, bool IsThin);

/// <summary>One level over all levels of the other axis.</summary>
/// <param name="Key">The level, or "" for the one line of a missing axis.</param>
/// <param name="PBest">Chance to be the best of its axis.</param>
public sealed record HeatmapMargin(string Key, long N, long X, double? Rate, double PBest, double? Mean, bool IsThin);

/// <summary>A factor of the test and its levels, in their order.</summary>
public sealed record HeatmapFactor(string Field, IReadOnlyList<string> Levels);

/// <param name="RowField">The factor downwards; null where one line stands for all. The same for <paramref name="ColField"/>.</param>
/// <param name="Cells">By row, then column.</param>
/// <param name="Total">Every variant shown.</param>
/// <param name="Only">Level by factor that variants were kept to.</param>
/// <param name="Factors">All factors to choose from.</param>
public sealed record HeatmapReport(
    string Metric,
    string? RowField,
    string? ColField,
    IReadOnlyList<string> Rows,
    IReadOnlyList<string> Cols,
    IReadOnlyList<IReadOnlyList<HeatmapCell>> Cells,
    IReadOnlyList<HeatmapMargin> RowMargins,
    IReadOnlyList<HeatmapMargin> ColMargins,
    HeatmapCell Total,
    IReadOnlyDictionary<string, string> Only,
    IReadOnlyList<HeatmapFactor> Factors);

/// <summary>A test over two of its factors: where variants are too small to tell, rows and columns may not be.</summary>
public static class HeatmapQuery
{
    /// <summary>Below this many messages a cell's rate says little. Also the weight of the average in <see cref="HeatmapCell.Mean"/>: a cell this large lies halfway.</summary>
    public const int ThinLimit = 50;

    /// <summary>The same for whoever watches, with what the levels are called. What an address says wrongly means the default: people mend addresses by hand.</summary>
    public static LiveQuery<(HeatmapReport? Map, TestWords Words)> Live(long campaignId, HeatmapChoice choice)
    {
        TestWords? words = null;
        return new(LiveTopic.Campaign(campaignId), ("heatmap", choice), async (db, token) =>
        {
            words ??= await TestWords.ReadAsync(db, campaignId, token);
            return (await RunAsync(db, campaignId, choice, [], token), words);
        });
    }

    /// <summary>About 3 ms for six cells.</summary>
    /// <param name="errors">Gets what was asked for and does not exist, by parameter; the answer then shows the default.</param>
    /// <returns>Null when there is no such campaign, and for one without a test, which is an error of rows.</returns>
    public static async Task<HeatmapReport?> RunAsync(
        ScoreDb db, long campaignId, HeatmapChoice choice, Dictionary<string, string[]> errors, CancellationToken cancellationToken)
    {
        if (await TestCounts.ReadAsync(db, campaignId, cancellationToken) is not { } counts)
        {
            return null;
        }

        if (counts.Plan is not { Factors.Count: > 0 } plan)
        {
            errors["rows"] = ["this campaign has no test, so there are no factors"];
            return null;
        }

        var axes = HeatmapAxes.Read(plan, choice, errors);
        var variants = counts.Variants.Where(variant => axes.Only.All(only => variant.Has(only.Factor, only.Level))).ToList();
        var rows = Levels(axes.Rows);
        var cols = Levels(axes.Cols);
        var trials = rows.Select(row => cols.Select(col => Pool(axes.Rows, row, axes.Cols, col)).ToArray()).ToArray();
        var total = Sum(trials.SelectMany(row => row));
        var standings = AbStatistics.Compare([.. trials.SelectMany(row => row)]);
        return new HeatmapReport(
            choice.Metric.Name(),
            axes.Rows?.Field,
            axes.Cols?.Field,
            rows,
            cols,
            [.. trials.Select((row, r) => row.Select((trial, c) => Cell(trial, standings[(r * cols.Count) + c].PBest, total)).ToList())],
            Margins(rows, [.. trials.Select(Sum)], total),
            Margins(cols, [.. Enumerable.Range(0, cols.Count).Select(c => Sum(trials.Select(row => row[c])))], total),
            Cell(total, 1, total),
            axes.Only.ToDictionary(only => only.Factor.Field, only => only.Level),
            [.. plan.Factors.Select(factor => new HeatmapFactor(factor.Field, factor.Levels))]);

        Trial Pool(TestFactor? first, string row, TestFactor? second, string col) => Sum(variants
            .Where(variant => (first is null || variant.Has(first, row)) && (second is null || variant.Has(second, col)))
            .Select(variant => variant.TrialOf(choice.Metric)));
    }

    private static IReadOnlyList<string> Levels(TestFactor? factor) => factor?.Levels ?? [""];

    private static Trial Sum(IEnumerable<Trial> trials) => trials.Aggregate(new Trial(0, 0), Trial.Add);

    private static List<HeatmapMargin> Margins(IReadOnlyList<string> keys, IReadOnlyList<Trial> trials, Trial total) =>
        [.. AbStatistics.Compare(trials).Select((standing, i) => Cell(trials[i], standing.PBest, total))
            .Select((cell, i) => new HeatmapMargin(keys[i], cell.N, cell.X, cell.Rate, cell.PBest, cell.Mean, cell.IsThin))];

    private static HeatmapCell Cell(Trial trial, double best, Trial total) => new(
        trial.N, trial.X, trial.Rate, best,
        total.Rate is { } average ? (trial.X + (ThinLimit * average)) / (trial.N + ThinLimit) : null,
        trial.N < ThinLimit);
}
