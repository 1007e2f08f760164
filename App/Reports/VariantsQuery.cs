using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Live;
using ScoreTracking.Reports.Statistics;

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
public sealed record VariantsReport(
    string Metric, IReadOnlyList<VariantRow> Variants, IReadOnlyList<MarginRow> Margins, SampleRatio SampleRatio, Winner Winner);

public static class VariantsQuery
{
    private const string Test = "SELECT ab_test FROM campaigns WHERE id = $campaign";

    private const string Variants = """
        SELECT position, key, levels, weight, recipients FROM variants WHERE campaign_id = $campaign ORDER BY position
        """;

    private const string Counts = """
        SELECT dimension, CAST(key AS INTEGER), type, verdict, total, uniq FROM counters
        WHERE campaign_id = $campaign AND dimension IN ($variant, $bounce)
        """;

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
        var (found, stored, cells) = await ReadAsync(db, campaignId, cancellationToken);
        if (!found)
        {
            return null;
        }

        var plan = TestPlan.Read(stored);
        var trials = cells.ConvertAll(cell => metric.TrialOf(cell.Tally));
        var standings = AbStatistics.Compare(trials);
        var ratio = AbStatistics.SampleRatio(cells.ConvertAll(cell => cell.Tally.Unique(EventType.Sent)), cells.ConvertAll(cell => cell.Variant.Weight));
        var knowsDeliveries = cells.Exists(cell => cell.Tally.HasDeliveries);
        return new VariantsReport(
            metric.Name(),
            [.. cells.Select((cell, i) =>
                new VariantRow(cell.Tally.ToFigures(view, knowsDeliveries), cell.Variant, cell.Levels, trials[i], standings[i]))],
            [.. (plan?.Factors ?? []).SelectMany(factor => Margins(factor, cells, trials))],
            ratio,
            WinnerRule.Decide(plan, cells.ConvertAll(cell => cell.Variant.Key), trials, standings, ratio));
    }

    private static async Task<(bool Found, string? Test, List<Cell> Cells)> ReadAsync(ScoreDb db, long campaignId, CancellationToken cancellationToken)
    {
        var found = false;
        string? test = null;
        var cells = new List<Cell>();
        await using var snapshot = await Sql.SnapshotAsync(db, cancellationToken);
        await Sql.ReadAsync(db, Test, [("$campaign", campaignId)], row =>
        {
            found = true;
            test = row.IsDBNull(0) ? null : row.GetString(0);
        }, cancellationToken);
        await Sql.ReadAsync(db, Variants, [("$campaign", campaignId)], row => cells.Add(new Cell(new Variant
        {
            CampaignId = campaignId,
            Position = row.GetInt32(0),
            Key = row.GetString(1),
            Levels = row.GetString(2),
            Weight = row.GetDouble(3),
            Recipients = row.GetInt64(4),
        })), cancellationToken);

        var byPosition = cells.ToDictionary(cell => (long)cell.Variant.Position, cell => cell.Tally);
        await Sql.ReadAsync(
            db,
            Counts,
            [("$campaign", campaignId), ("$variant", Dimension.Variant.Name), ("$bounce", Dimension.VariantBounce.Name)],
            row =>
            {
                var key = row.GetInt64(1);
                if (row.GetString(0) == Dimension.VariantBounce.Name)
                {
                    var (position, kind) = Dimension.ReadVariantBounce(key);
                    byPosition.GetValueOrDefault(position)?.AddBounced(kind, row.GetInt64(5));
                }
                else
                {
                    byPosition.GetValueOrDefault(key)?.Add((EventType)row.GetInt32(2), (VerdictGroup)row.GetInt32(3), row.GetInt64(4), row.GetInt64(5));
                }
            },
            cancellationToken);
        return (found, test, cells);
    }

    private static IEnumerable<MarginRow> Margins(TestFactor factor, List<Cell> cells, List<Trial> trials)
    {
        var pooled = factor.Levels
            .Select(level => cells.Zip(trials)
                .Where(pair => pair.First.Levels.GetValueOrDefault(factor.Field) == level)
                .Aggregate(new Trial(0, 0), (sum, pair) => sum + pair.Second))
            .ToList();
        return AbStatistics.Compare(pooled).Select((standing, i) => new MarginRow(
            factor.Field, factor.Levels[i], pooled[i].N, pooled[i].X, pooled[i].Rate, standing.PBest, standing.ExpectedLoss));
    }

    private sealed class Cell(Variant variant)
    {
        public Variant Variant { get; } = variant;

        public Dictionary<string, string> Levels { get; } = JsonSerializer.Deserialize<Dictionary<string, string>>(variant.Levels)!;

        public FigureTally Tally { get; } = new();
    }
}
