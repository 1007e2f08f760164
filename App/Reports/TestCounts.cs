using System.Text.Json;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;

namespace ScoreTracking.Reports;

/// <summary>What is counted of a campaign's variants, and the test they belong to.</summary>
/// <param name="Plan">Null without a test.</param>
/// <param name="Variants">In factorial order.</param>
internal sealed record TestCounts(TestPlan? Plan, IReadOnlyList<VariantCount> Variants)
{
    private const string Test = "SELECT ab_test FROM campaigns WHERE id = $campaign";

    private const string AllVariants = """
        SELECT position, key, levels, weight, recipients FROM variants WHERE campaign_id = $campaign ORDER BY position
        """;

    private const string Counts = """
        SELECT dimension, CAST(key AS INTEGER), type, verdict, total, uniq FROM counters
        WHERE campaign_id = $campaign AND dimension IN ($variant, $bounce)
        """;

    /// <returns>Null when there is no such campaign.</returns>
    public static async Task<TestCounts?> ReadAsync(ScoreDb db, long campaignId, CancellationToken cancellationToken)
    {
        var found = false;
        string? test = null;
        var variants = new List<VariantCount>();
        await using var snapshot = await Sql.SnapshotAsync(db, cancellationToken);
        await Sql.ReadAsync(db, Test, [("$campaign", campaignId)], row =>
        {
            found = true;
            test = row.IsDBNull(0) ? null : row.GetString(0);
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
        return found ? new TestCounts(TestPlan.Read(test), variants) : null;
    }
}

/// <summary>One variant and what was counted of it.</summary>
internal sealed class VariantCount(Variant variant)
{
    public Variant Variant { get; } = variant;

    /// <summary>Factor field to level key.</summary>
    public Dictionary<string, string> Levels { get; } = JsonSerializer.Deserialize<Dictionary<string, string>>(variant.Levels)!;

    public FigureTally Tally { get; } = new();

    public bool Has(TestFactor factor, string level) => Levels.GetValueOrDefault(factor.Field) == level;
}
