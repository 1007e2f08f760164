using System.Text.Json;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Experiments.Statistics;

namespace ScoreTracking.Experiments;

/// <summary>What is counted of a campaign's variants, and the test they belong to.</summary>
/// <param name="Plan">Null without a test.</param>
/// <param name="Outcome">Null before the test has ended.</param>
/// <param name="Phase">Null where there is none to speak of.</param>
/// <param name="Variants">In factorial order.</param>
internal sealed record TestCounts(TestPlan? Plan, TestOutcome? Outcome, TestPhase? Phase, IReadOnlyList<VariantCount> Variants)
{
    private const string Test = "SELECT ab_test, test_outcome, test_open, test_ends_at, started_at FROM campaigns WHERE id = $campaign";

    private const string AllVariants = """
        SELECT position, key, levels, weight, recipients FROM variants WHERE campaign_id = $campaign ORDER BY position
        """;

    private const string Counts = """
        SELECT dimension, CAST(key AS INTEGER), type, verdict, total, uniq FROM counters
        WHERE campaign_id = $campaign AND dimension IN ($variant, $bounce, $refused)
        """;

    /// <returns>Null when there is no such campaign.</returns>
    public static async Task<TestCounts?> ReadAsync(ScoreDb db, long campaignId, CancellationToken cancellationToken)
    {
        var found = false;
        TestPlan? plan = null;
        TestOutcome? outcome = null;
        TestPhase? phase = null;
        var variants = new List<VariantCount>();
        await using var snapshot = await Sql.SnapshotAsync(db, cancellationToken);
        await Sql.ReadAsync(db, Test, [("$campaign", campaignId)], row =>
        {
            found = true;
            plan = TestPlan.Read(row.IsDBNull(0) ? null : row.GetString(0));
            outcome = TestOutcome.Read(row.GetString(1));
            phase = row.GetInt64(4) == 0 ? null : TestPhase.Of(plan, outcome, row.GetBoolean(2), row.GetInt64(3));
        }, cancellationToken);
        await Sql.ReadAsync(db, AllVariants, [("$campaign", campaignId)], row => variants.Add(new VariantCount(new Variant
        {
            CampaignId = campaignId,
            Position = row.GetInt32(0),
            Key = row.GetString(1),
            Levels = row.GetString(2),
            Weight = row.GetDouble(3),
            Recipients = row.GetInt64(4),
        })), cancellationToken);

        var byPosition = variants.ToDictionary(variant => (long)variant.Variant.Position, variant => variant.Tally);
        await Sql.ReadAsync(
            db,
            Counts,
            [("$campaign", campaignId), ("$variant", Dimension.Variant.Name), ("$bounce", Dimension.VariantBounce.Name), ("$refused", Dimension.VariantRefused.Name)],
            row =>
            {
                var key = row.GetInt64(1);
                var dimension = row.GetString(0);
                if (dimension == Dimension.VariantBounce.Name)
                {
                    var (position, kind) = Dimension.ReadVariantBounce(key);
                    byPosition.GetValueOrDefault(position)?.AddBounced(kind, row.GetInt64(5));
                }
                else if (dimension == Dimension.VariantRefused.Name)
                {
                    byPosition.GetValueOrDefault(key)?.AddRefused(row.GetInt64(5));
                }
                else
                {
                    byPosition.GetValueOrDefault(key)?.Add((EventType)row.GetInt32(2), (VerdictGroup)row.GetInt32(3), row.GetInt64(4), row.GetInt64(5));
                }
            },
            cancellationToken);
        if (!found)
        {
            return null;
        }

        if (outcome is { VariantId: not null, Counts: { } counts })
        {
            foreach (var (variant, result) in variants.Zip(counts))
            {
                variant.Result = result;
            }
        }

        return new TestCounts(plan, outcome, phase, variants);
    }

    /// <summary>How the test stands by one metric.</summary>
    public TestStanding Stand(TestMetric metric)
    {
        var trials = Variants.Select(variant => variant.TrialOf(metric)).ToList();
        var standings = AbStatistics.Compare(trials);

        // An adaptive test deals by results: no weights say what its split should be.
        var ratio = Plan is { IsAdaptive: true }
            ? new SampleRatio(0, 1, Ok: true)
            : AbStatistics.SampleRatio([.. Variants.Select(variant => variant.Result.Tried)], [.. Variants.Select(variant => variant.Variant.Weight)]);
        return new TestStanding(trials, standings, ratio, WinnerRule.Decide(Plan, [.. Variants.Select(variant => variant.Variant.Key)], trials, standings, ratio));
    }
}

/// <summary>How a test stands by one metric.</summary>
/// <param name="Trials">By variant, as are the standings.</param>
/// <param name="Winner">As the rule sees it, whatever was decided.</param>
internal sealed record TestStanding(IReadOnlyList<Trial> Trials, IReadOnlyList<Standing> Standings, SampleRatio Ratio, Winner Winner);

/// <summary>One variant and what was counted of it.</summary>
internal sealed class VariantCount(Variant variant)
{
    private VariantResult? _ended;

    public Variant Variant { get; } = variant;

    /// <summary>Factor field to level key.</summary>
    public Dictionary<string, string> Levels { get; } = JsonSerializer.Deserialize<Dictionary<string, string>>(variant.Levels)!;

    /// <summary>Everything, the rest's mail with it.</summary>
    public FigureTally Tally { get; } = new();

    /// <summary>What the test came to: as counted, or as it was counted when the test ended.</summary>
    public VariantResult Result
    {
        get => _ended ?? new VariantResult(
            Tally.Tried, Tally.Arrived, Tally.Unique(EventType.Opened, VerdictGroup.Person), Tally.Unique(EventType.Clicked, VerdictGroup.Person));
        internal set => _ended = value;
    }

    public bool Has(TestFactor factor, string level) => Levels.GetValueOrDefault(factor.Field) == level;

    /// <summary>Only people decide a test: confirmed opens and clicks, of the messages that were sent and did not bounce.</summary>
    public Trial TrialOf(TestMetric metric) => metric switch
    {
        TestMetric.OpenRate => new Trial(Result.Opened, Result.Arrived),
        TestMetric.ClickRate => new Trial(Result.Clicked, Result.Arrived),
        TestMetric.ClickToOpen => new Trial(Result.Clicked, Result.Opened),
    };
}
