using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Delivery;

/// <summary>What waits on a connection. Live on <see cref="LiveTopic.Connection"/>.</summary>
/// <param name="PerSecond">Messages handed over a second, over the last ten.</param>
public sealed record ConnectionBacklog(LineStanding Standing, long Waiting, long Uncertain, double PerSecond);

internal sealed class ConnectionBacklogQuery(SendRates rates, Dispatcher dispatcher)
{
    public async Task<ConnectionBacklog> RunAsync(ScoreDb db, long connectionId, CancellationToken cancellationToken)
    {
        // By campaign, since that is how the queue is ordered; 0 stands for single mails.
        var campaigns = await db.Campaigns.Where(campaign => campaign.ConnectionId == connectionId && campaign.Delivery == "smtp").Select(campaign => campaign.Id).ToListAsync(cancellationToken);
        var (waiting, uncertain) = (0L, 0L);
        foreach (var campaignId in campaigns.Append(0))
        {
            var of = db.Deliveries.Where(delivery => delivery.CampaignId == campaignId && delivery.ConnectionId == connectionId);
            waiting += await of.LongCountAsync(delivery => delivery.State == DeliveryState.Waiting, cancellationToken);
            uncertain += await of.LongCountAsync(delivery => delivery.State != DeliveryState.Waiting && delivery.State == DeliveryState.Uncertain, cancellationToken);
        }

        return new ConnectionBacklog(dispatcher.StandingOf(connectionId), waiting, uncertain, rates.Of(LiveTopic.Connection(connectionId)));
    }
}
