using System.Globalization;
using ScoreTracking.Counters;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Experiments;

namespace ScoreTracking.Reports;

/// <summary>How many messages of a campaign, or of one variant, every status has: from counters, whatever their number.</summary>
public sealed class RecipientCounts
{
    private const string OfCampaign = """
        SELECT dimension = $bounce, key, type, verdict, uniq FROM counters WHERE campaign_id = $campaign AND dimension IN ($bounce, $summary)
        UNION ALL SELECT 2, '', 0, 0, coalesce(sum(recipients), 0) FROM variants WHERE campaign_id = $campaign
        """;

    private const string OfVariant = """
        SELECT 0, key, type, verdict, uniq FROM counters WHERE campaign_id = $campaign AND dimension = $variants AND key = $variant
        UNION ALL SELECT 1, key, type, verdict, uniq FROM counters WHERE campaign_id = $campaign AND dimension = $bounces AND key IN ($hard, $soft, $block)
        UNION ALL SELECT 2, '', 0, 0, recipients FROM variants WHERE campaign_id = $campaign AND position = $variant
        """;

    private readonly FigureTally _tally = new();
    private readonly Dictionary<BounceKind, long> _bounced = [];

    /// <summary>Dealt to a variant so far; null in a draft, which has dealt none.</summary>
    public long? Recipients { get; private set; }

    public long Opened => Confirmed(EventType.Opened) + _tally.Unique(EventType.Opened, VerdictGroup.Privacy);

    /// <summary>At most so many are not sent yet.</summary>
    public long? NotSent => Without(_tally.Unique(EventType.Sent));

    public long Unique(EventType type) => _tally.Unique(type);

    public long Confirmed(EventType type) => _tally.Unique(type, VerdictGroup.Person);

    public long Bounced(BounceKind kind) => _bounced.GetValueOrDefault(kind);

    /// <summary>All recipients but these.</summary>
    public long? Without(long some) => Recipients >= some ? Recipients - some : null;

    /// <param name="variant">Position of the variant, or null for the campaign.</param>
    internal static async Task<RecipientCounts> ReadAsync(ScoreDb db, long campaignId, int? variant, CancellationToken cancellationToken)
    {
        var counts = new RecipientCounts();
        var position = variant ?? 0;
        await Sql.ReadAsync(
            db,
            variant is null ? OfCampaign : OfVariant,
            variant is null
                ? [("$campaign", campaignId), ("$bounce", Dimension.Bounce.Name), ("$summary", Dimension.Summary.Name)]
                :
                [
                    ("$campaign", campaignId), ("$variants", Dimension.Variant.Name), ("$bounces", Dimension.VariantBounce.Name), ("$variant", position),
                    ("$hard", Key(position, BounceKind.Hard)), ("$soft", Key(position, BounceKind.Soft)), ("$block", Key(position, BounceKind.Block)),
                ],
            row =>
            {
                switch (row.GetInt32(0))
                {
                    case 0:
                        counts._tally.Add((EventType)row.GetInt32(2), (VerdictGroup)row.GetInt32(3), 0, row.GetInt64(4));
                        break;
                    case 1:
                        var kind = (BounceKind)(int.Parse(row.GetString(1), CultureInfo.InvariantCulture) & 3);
                        counts._bounced[kind] = counts._bounced.GetValueOrDefault(kind) + row.GetInt64(4);
                        break;
                    default:
                        counts.Recipients = row.GetInt64(4) > 0 ? row.GetInt64(4) : null;
                        break;
                }
            },
            cancellationToken);
        return counts;
    }

    private static string Key(int variant, BounceKind kind) => ((variant << 2) + (int)kind).ToString(CultureInfo.InvariantCulture);
}
