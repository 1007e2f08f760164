using ScoreTracking.Api;
using ScoreTracking.Data;

namespace ScoreTracking.Campaigns;

/// <summary>A journey that sends a campaign, and so keeps it open.</summary>
/// <param name="Address">Of its page.</param>
public sealed record KeepingJourney(string Name, string Address);

/// <summary>Which journeys keep a campaign open for whoever comes next: published and paused ones that send it in any version, since people finish on theirs.</summary>
internal static class KeptOpenQuery
{
    public static async Task<IReadOnlyList<KeepingJourney>> RunAsync(ScoreDb db, long campaignId, CancellationToken cancellationToken)
    {
        var journeys = new List<KeepingJourney>();
        await Sql.ReadAsync(
            db,
            """
            SELECT j.id, j.name FROM journeys j WHERE j.status IN ('published', 'paused') AND EXISTS (
                SELECT 1 FROM journey_versions v, json_each(v.definition, '$.steps') s
                WHERE v.journey_id = j.id AND s.value ->> 'type' = 'send' AND s.value ->> 'campaign_id' = $campaign)
            ORDER BY j.id
            """,
            [("$campaign", PublicId.Campaign(campaignId))],
            row => journeys.Add(new KeepingJourney(row.GetString(1), $"/journeys/{PublicId.Journey(row.GetInt64(0))}")),
            cancellationToken);
        return journeys;
    }
}
